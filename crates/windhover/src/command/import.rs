//! `windhover import FILE|FOLDER…`: takes in other programs' files, into the data folder or a running server.

mod probe;
mod tally;
mod target;
mod walk;

use super::formats;
use crate::settings::Settings;
use anyhow::Context;
use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, ArgMatches, Command};
use foreign::{Error, Format, Input, Options, Output, Parcel};
use model::LabelsBuilder;
use signal_hook::consts::{SIGINT, SIGTERM};
use std::ops::ControlFlow;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tally::Tally;
use target::Target;

/// Exit code when something was refused and the rest taken.
const PROBLEMS: u8 = 3;

/// The command line; `url` is the flag that names a server.
pub fn command(url: Arg) -> Command {
    let names: Vec<&str> = formats::readable().map(|f| f.name).collect();
    let known =
        formats::readable().map(|f| format!("  {:<16} {}", f.name, f.summary)).collect::<Vec<_>>().join("\n");
    let probe = Command::new("probe")
        .about("Lines `host:source:value:TYPE`, as the shell probes print them")
        .arg(Arg::new("file").required(true).help("File, or - for standard input"))
        .arg(url.clone());
    Command::new("import")
        .about("Takes in other programs' files, into the data folder or through the server that has it open")
        .before_help("Examples:\n  windhover import /var/lib/prometheus/metrics2\n  windhover import --check history.csv --time when --format csv\n  ./probe.sh | windhover import probe -")
        .after_help(format!("Formats:\n{known}\n\nSamples of any age are taken. Importing the same twice changes nothing. Exit code 3: something was refused."))
        .args_conflicts_with_subcommands(true)
        .arg(Arg::new("file").required(true).num_args(1..).value_name("FILE").help("Files, folders that are searched, or - for standard input"))
        .arg(Arg::new("format").long("format").value_parser(PossibleValuesParser::new(names)).help("What the files are; recognised when not given"))
        .arg(Arg::new("label").long("label").value_name("NAME=VALUE").action(ArgAction::Append).help("Label that every series is given; may be repeated. For rrd and whisper files VALUE may hold {file}, {dir}, {1} … of the path"))
        .arg(Arg::new("check").long("check").action(ArgAction::SetTrue).help("Read and count only; write nothing"))
        .arg(Arg::new("zone").long("zone").value_name("ZONE").help("Time zone of times that do not say theirs, such as Europe/Berlin [UTC]"))
        .args(formats::reading_flags())
        .arg(url)
        .subcommand(probe)
}

/// Runs the command. What cannot be read or taken is told on standard error and does not stop the rest.
pub fn run(matches: &ArgMatches, settings: &Settings) -> anyhow::Result<ExitCode> {
    if let Some(("probe", matches)) = matches.subcommand() {
        return probe::run(matches, settings).map(|()| ExitCode::SUCCESS);
    }
    let (format, options) = (formats::chosen(matches)?, formats::options(matches)?);
    if let Some(format) = format {
        formats::check(format, &options)?;
    }
    let mut import = Import {
        format,
        options,
        labels: labels(matches)?,
        target: target::open(matches, settings)?,
        tally: Tally::default(),
        stop: stop_on_signals()?,
    };
    eprintln!("{}", import.target.introduction());
    let result = import.all(matches);
    // Whatever went wrong: what was taken so far is made safe and told.
    let finished = import.target.finish();
    println!("{}", import.tally);
    if let (Some(oldest_ms), Some(kept_ms)) = (import.tally.oldest_ms(), import.target.samples_since_ms())
        && oldest_ms < kept_ms
    {
        let time = model::timetext::print(kept_ms);
        eprintln!(
            "of samples before {time} only rows may be kept, and importing them again counts them again \
             (store.retention, [[store.policy]])"
        );
    }
    result?;
    finished?;
    if import.stopped() {
        anyhow::bail!(
            "interrupted; what was taken stays, and importing it again changes nothing where samples are kept as they came"
        );
    }
    Ok(if import.tally.is_clean() { ExitCode::SUCCESS } else { ExitCode::from(PROBLEMS) })
}

struct Import {
    format: Option<&'static Format>,
    options: Options,
    labels: Vec<(String, String)>,
    target: Target,
    tally: Tally,
    stop: Arc<AtomicBool>,
}

impl Import {
    fn all(&mut self, matches: &ArgMatches) -> anyhow::Result<()> {
        for name in matches.get_many::<String>("file").context("FILE is required")? {
            if self.stopped() {
                break;
            }
            if name == "-" {
                let mut input = Input::stream(Box::new(std::io::stdin()));
                self.named(&mut input)?;
            } else {
                self.path(name.as_ref())?;
            }
        }
        Ok(())
    }

    fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// A file or folder that the user named.
    fn path(&mut self, path: &std::path::Path) -> anyhow::Result<()> {
        let name = path.file_name().map_or(path, std::path::Path::new);
        let mut input = Input::at(path, name)?;
        let sight = input.sight()?;
        if sight.is_folder && Format::of(&sight).is_none() {
            return self.folder(path);
        }
        self.named(&mut input)
    }

    fn named(&mut self, input: &mut Input) -> anyhow::Result<()> {
        let found = match self.format {
            Some(format) => Some(format),
            None => Format::of(&input.sight()?),
        };
        let format = found.with_context(|| {
            let known: Vec<&str> = formats::readable().map(|f| f.name).collect();
            format!("{}: no known format; name one: --format {}", input.path().display(), known.join("|"))
        })?;
        self.read(format, input)
    }

    /// Everything below a folder that some format recognises; the rest is counted.
    fn folder(&mut self, root: &std::path::Path) -> anyhow::Result<()> {
        let mut found = 0;
        let (chosen, stop) = (self.format, Arc::clone(&self.stop));
        walk::each(root, chosen, &mut |step| {
            if stop.load(Ordering::Relaxed) {
                return Ok(ControlFlow::Break(()));
            }
            match step {
                walk::Step::Found(format, mut input) => {
                    found += 1;
                    self.read(format, &mut input)?;
                }
                walk::Step::Unknown(path) => self.tally.unknown(&path),
                walk::Step::Unreadable(error) => self.tally.unreadable(&error),
            }
            Ok(ControlFlow::Continue(()))
        })?;
        if found == 0 && !self.stopped() {
            anyhow::bail!("{}: nothing in it is of a known format", root.display());
        }
        Ok(())
    }

    fn read(&mut self, format: &'static Format, input: &mut Input) -> anyhow::Result<()> {
        let path = input.path().to_owned();
        self.tally.begin(format.name, &path);
        let (target, tally, stop) = (&mut self.target, &mut self.tally, &self.stop);
        let mut failed = None;
        let mut visit = |parcel: Parcel<'_>| {
            tally.add_read(&parcel);
            let flow = match target.push(parcel.batch) {
                Ok(report) => {
                    tally.add_taken(parcel.batch, report);
                    stop.load(Ordering::Relaxed)
                }
                Err(error) => {
                    failed = Some(error);
                    true
                }
            };
            if flow { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        let read = format.read.with_context(|| format!("{} is only written", format.name))?;
        let mut out = Output::new(self.labels.clone(), &mut visit);
        let result = read(input, &self.options, &mut out).and_then(|()| out.hand_over());
        drop(out);
        if let Some(error) = failed {
            return Err(error);
        }
        match result {
            Ok(()) | Err(Error::Stopped) => {}
            // A file that is broken as a whole must not keep the others out.
            Err(error @ Error::Malformed { .. }) => self.tally.unreadable(&error),
            Err(error) => return Err(error.into()),
        }
        self.tally.end();
        Ok(())
    }
}

fn stop_on_signals() -> anyhow::Result<Arc<AtomicBool>> {
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        // Who asks twice does not want to wait for input that never comes.
        signal_hook::flag::register_conditional_shutdown(signal, 1, Arc::clone(&stop))?;
        signal_hook::flag::register(signal, Arc::clone(&stop))?;
    }
    Ok(stop)
}

/// `--label name=value`, checked before anything is read.
fn labels(matches: &ArgMatches) -> anyhow::Result<Vec<(String, String)>> {
    let mut labels = Vec::new();
    for text in matches.get_many::<String>("label").into_iter().flatten() {
        let (name, value) = text.split_once('=').with_context(|| format!("--label {text}: NAME=VALUE"))?;
        labels.push((name.to_owned(), value.to_owned()));
    }
    let mut builder = LabelsBuilder::default();
    for (name, value) in &labels {
        builder.set(name, value);
    }
    builder.build().map_err(|error| anyhow::anyhow!("--label: {error}"))?;
    Ok(labels)
}
