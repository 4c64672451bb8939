//! `windhover export`: samples as files of other programs, from the data folder or a running server.

mod explain;
mod remote;
mod scope;

use super::{counted, formats};
use crate::settings::Settings;
use crate::settings::aggregation::Usual;
use anyhow::{Context, bail};
use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, ArgMatches, Command};
use foreign::pour::{self, Poured};
use foreign::{Aggregate, Error, Format, Options, Origin, Step, StoreOrigin, Writing};
use model::{Interval, Reading, tier_name, timetext};
use remote::RemoteOrigin;
use scope::Scope;
use std::fs::File;
use std::io::{BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use stdx::clock::{Clock, SystemClock};
use store::Store;

/// The command line; `url` is the flag that names a server.
pub fn command(url: Arg) -> Command {
    let names: Vec<&str> = formats::writable().map(|f| f.name).collect();
    let known: Vec<String> = formats::writable().map(|f| format!("  {:<16} {}", f.name, f.summary)).collect();
    let ways: Vec<&str> = Aggregate::ALL.iter().map(|(name, _)| *name).collect();
    let value = |name: &'static str, value: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name(value).allow_hyphen_values(true).help(help)
    };
    Command::new("export")
        .about("Writes samples as files of other programs, from the data folder or a running server")
        .before_help(
            "Examples:\n  windhover export --match '{host=\"web1\"}' --from now-7d --out web1.om\n  \
             windhover export --host web1 --day 2026-11-21 --format csv-wide --step 1m\n  \
             windhover export --format openmetrics --out all.om && promtool tsdb create-blocks-from openmetrics all.om",
        )
        .after_help(format!("Formats:\n{}", known.join("\n")))
        .arg(
            value("match", "SELECTOR", "Series to write, such as '{job=\"web\"}'; several are one or the other [all]")
                .action(ArgAction::Append),
        )
        .arg(value("from", "TIME", "Start, such as now-7d or 2026-11-21 14:00 [the beginning]"))
        .arg(value("to", "TIME", "End [the end]"))
        .arg(value("day", "DAY", "One day, such as 2026-11-21 or yesterday, instead of --from and --to; with --host one machine's"))
        .arg(value("step", "TIME", "One value for each step, such as 1m, instead of every sample"))
        .arg(
            value("aggregate", "HOW", "How the samples of a step become one value [as store.aggregation says, else avg]")
                .value_parser(PossibleValuesParser::new(ways)),
        )
        .arg(
            value("format", "FORMAT", "What to write [told by the ending of --out; else columns for a day, or openmetrics]")
                .value_parser(PossibleValuesParser::new(names)),
        )
        .arg(value("out", "FILE", "Where to write it; it is replaced when all is written [standard output]"))
        .arg(value("zone", "ZONE", "Time zone of days and of times that do not say theirs [UTC]"))
        .arg(
            Arg::new("explain")
                .long("explain")
                .action(ArgAction::SetTrue)
                .help("Print which bytes of which files hold the samples, and write nothing"),
        )
        .args(formats::writing_flags())
        .arg(url)
}

/// Runs the command.
pub fn run(matches: &ArgMatches, settings: &Settings) -> anyhow::Result<ExitCode> {
    let mut options = formats::options(matches)?;
    let scope = Scope::of(matches, options.now_ms, &options.zone)?;
    options.range = scope.range;
    let out = matches.get_one::<String>("out").map(PathBuf::from);
    let url = matches.get_one::<String>("url").cloned();
    let url = url.or_else(|| matches.get_many::<String>("agent.server")?.next().cloned());
    let store = open_store(url.as_deref(), settings, &scope)?;
    if matches.get_flag("explain") {
        let store = store.context("--explain needs the data folder (--data), not a server")?;
        return explain::run(&store, &scope);
    }
    let format = format(matches, out.as_deref())?;
    formats::check(format, &options)?;
    if format.name == "columns" && out.is_none() && std::io::stdout().is_terminal() {
        bail!("columns are not for a terminal: --out FILE, or --format csv");
    }
    let usual = Usual::of(settings).map_err(anyhow::Error::msg)?;
    let usual = |labels: &_, step_ms| usual.way(labels, step_ms);
    let how = aggregate(matches)?;
    let step = step_ms(matches)?.map(|step_ms| Step { step_ms, how, usual: &usual });
    let write = |origin: &mut dyn Origin| match &out {
        Some(path) => to_file(origin, format, &options, step.as_ref(), path),
        None => to(origin, format, &options, step.as_ref(), &mut std::io::stdout().lock()),
    };
    let (poured, reading) = match store {
        Some(store) => with_reading(&mut StoreOrigin::open(&store, &scope.selectors, scope.range)?, write),
        None => with_reading(&mut RemoteOrigin::open(url.as_deref(), settings, &scope)?, write),
    };
    let poured = match poured {
        // Whoever reads us has seen enough (`| head`).
        Err(error) if is_broken_pipe(&error) => return Ok(ExitCode::SUCCESS),
        other => other?,
    };
    eprintln!(
        "{} of {} series written",
        counted(poured.samples, if step.is_some() { "value" } else { "sample" }),
        poured.series
    );
    tell(&reading, step.is_some());
    if poured.series == 0 {
        bail!("there are no samples of {scope}");
    }
    Ok(ExitCode::SUCCESS)
}

/// The store of the settings, opened for reading beside whoever writes it; `None` when a server is named or there is no
/// such folder. What was acknowledged is in its log or its blocks, so nothing is missing.
fn open_store(url: Option<&str>, settings: &Settings, scope: &Scope) -> anyhow::Result<Option<Store>> {
    let dir = settings.path("data").context("`data` is empty")?;
    if url.is_some() || !dir.join("store").is_dir() {
        return Ok(None);
    }
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let mut options = crate::role::serving::options::store(settings, &dir, clock)?;
    options.tell = Arc::new(|event| eprintln!("windhover: {event}"));
    Store::open_read_only(options, scope.range).map(Some).context("the store cannot be opened")
}

fn format(matches: &ArgMatches, out: Option<&Path>) -> anyhow::Result<&'static Format> {
    if let Some(format) = formats::chosen(matches)? {
        return Ok(format);
    }
    let name =
        out.and_then(Path::file_name).map(|n| n.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
    let by_ending = formats::writable().find(|f| f.endings.iter().any(|ending| name.ends_with(ending)));
    // A machine's day is taken away by programs.
    let usual = if matches.contains_id("day") { "columns" } else { "openmetrics" };
    by_ending.or_else(|| Format::named(usual)).context("a row of the table")
}

fn step_ms(matches: &ArgMatches) -> anyhow::Result<Option<i64>> {
    let Some(text) = matches.get_one::<String>("step") else { return Ok(None) };
    Interval::parse_step_ms(text)
        .map(Some)
        .with_context(|| format!("--step {text}: a time such as 10s, 5m or 1d"))
}

/// What was asked for; `None` leaves it to `store.aggregation`, here or of the server.
fn aggregate(matches: &ArgMatches) -> anyhow::Result<Option<Aggregate>> {
    let Some(name) = matches.get_one::<String>("aggregate") else { return Ok(None) };
    Aggregate::named(name).map(Some).context("--aggregate")
}

/// Writes from an origin; with what it says of where all came from.
fn with_reading(
    origin: &mut dyn Origin,
    write: impl FnOnce(&mut dyn Origin) -> anyhow::Result<Poured>,
) -> (anyhow::Result<Poured>, Reading) {
    let poured = write(origin);
    (poured, origin.reading())
}

/// Says where samples are gone: what was written lacks them, or is coarser than asked for.
fn tell(reading: &Reading, in_steps: bool) {
    for (range, tier_ms) in &reading.gone {
        let (from, to) = (timetext::print(range.start_ms), timetext::print(range.end_ms));
        let rows = tier_name(*tier_ms);
        if in_steps {
            eprintln!("{from} to {to}: only rows of {rows} are left, so steps there are no shorter");
        } else {
            eprintln!(
                "{from} to {to}: the samples are gone; `--step {rows}` writes what the rows say of them"
            );
        }
    }
}

/// Writes beside the file and puts it in its place when everything is there.
fn to_file(
    origin: &mut dyn Origin,
    format: &Format,
    options: &Options,
    step: Option<&Step<'_>>,
    path: &Path,
) -> anyhow::Result<Poured> {
    let mut unfinished = path.as_os_str().to_owned();
    unfinished.push(".tmp");
    let unfinished = PathBuf::from(unfinished);
    let written = to_new_file(origin, format, options, step, &unfinished)
        .and_then(|poured| std::fs::rename(&unfinished, path).map(|()| poured).map_err(Into::into));
    if written.is_err() {
        let _ = std::fs::remove_file(&unfinished); // it may never have been made
    }
    written.with_context(|| path.display().to_string())
}

fn to_new_file(
    origin: &mut dyn Origin,
    format: &Format,
    options: &Options,
    step: Option<&Step<'_>>,
    path: &Path,
) -> anyhow::Result<Poured> {
    let mut file = File::create(path)?;
    let poured = to(origin, format, options, step, &mut file)?;
    file.sync_all()?;
    Ok(poured)
}

fn to(
    origin: &mut dyn Origin,
    format: &Format,
    options: &Options,
    step: Option<&Step<'_>>,
    out: &mut dyn Write,
) -> anyhow::Result<Poured> {
    let mut out = BufWriter::with_capacity(1 << 20, out);
    let poured = match format.write.with_context(|| format!("{} is only read", format.name))? {
        Writing::Series(start) => pour::series(origin, options.range, step, &mut *start(&mut out, options)?),
        Writing::Rows(start) => pour::rows(origin, options.range, step, &mut *start(&mut out, options)?),
    }?;
    out.flush()?;
    Ok(poured)
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let io = error.chain().find_map(|cause| match cause.downcast_ref::<Error>() {
        Some(Error::Io { source, .. }) => Some(source.kind()),
        _ => cause.downcast_ref::<std::io::Error>().map(std::io::Error::kind),
    });
    io == Some(std::io::ErrorKind::BrokenPipe)
}
