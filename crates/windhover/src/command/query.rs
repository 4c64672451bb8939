//! `windhover query EXPR…`: asks a running server or a data folder in any language, and prints, draws or follows the
//! answer. Without an expression it reads lines from the terminal.

mod answer;
mod ask;
mod error;
mod explain;
mod output;
mod prompt;
mod sheet;
mod sparkline;

use crate::settings::Settings;
use answer::Answer;
use anyhow::{Context, bail};
use ask::Asker;
use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, ArgMatches, Command};
use model::Zone;
use output::{Look, OUTPUTS, Output};
use serde_json::{Value, json};
use std::fs::File;
use std::io::{IsTerminal, Read, Write};
use std::path::Path;
use std::time::Duration;

const EXAMPLES: &str = "\
Examples:
  windhover query '.es(metric=avg:load1)'
  windhover query -o chart --watch 5 '.es(metric=avg:load1, split=host:5)'
  windhover query -l promql 'sum by (host) (rate(network_receive_bytes_total[5m]))'
  windhover query --rpn 'DEF:in=network_receive_bytes_total:RATE' 'CDEF:bits=in,8,*' 'VDEF:top=bits,95,PERCENT'
  windhover query --from now-1d --step 1h -o csv '.es(metric=max:load1, split=host:5)'
  windhover query -o png --out load.png '.es(metric=avg:load1)'
  windhover query --sheet export.ndjson 'Load of the shop'
  windhover query --offline --data /var/lib/windhover --explain '.es(metric=avg:load1)'
  windhover query                                  reads questions line by line, with history and completion";

/// Longest text read from standard input, in bytes.
const INPUT_BYTES_MAX: u64 = 1 << 20;
/// Points of a series for which an interval is chosen.
const POINTS: u64 = 400;

/// The command line; `url` is the flag that names a server.
pub fn command(url: Arg) -> Command {
    let languages: Vec<&str> = lang::LANGUAGES.iter().map(|language| language.name).collect();
    let outputs: Vec<&str> = OUTPUTS.iter().map(|output| output.name).collect();
    let known: Vec<String> = OUTPUTS.iter().map(|o| format!("  {:<8} {}", o.name, o.summary)).collect();
    let value = |name: &'static str, value: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name(value).allow_hyphen_values(true).help(help)
    };
    let switch = |name: &'static str, help: &'static str| {
        Arg::new(name).long(name).action(ArgAction::SetTrue).help(help)
    };
    Command::new("query")
        .about("Evaluates expressions and prints or draws the answer; without one asks line by line")
        .before_help(EXAMPLES)
        .after_help(format!("Outputs:\n{}", known.join("\n")))
        .arg(
            Arg::new("expr")
                .num_args(0..)
                .value_name("EXPR")
                .help("What to ask; - reads it from standard input"),
        )
        .arg(
            value("language", "LANGUAGE", "Language of the expressions")
                .short('l')
                .default_value("timelion")
                .value_parser(PossibleValuesParser::new(languages)),
        )
        .arg(switch("rpn", "The same as --language rpn: all arguments are statements of one text"))
        .arg(value("from", "TIME", "Start, such as now-6h or 2026-11-21 14:00").default_value("now-15m"))
        .arg(value("to", "TIME", "End").default_value("now"))
        .arg(value("step", "TIME", "Time between points, such as 10s").default_value("auto"))
        .arg(value(
            "zone",
            "ZONE",
            "Time zone of the calendar and of what is printed, such as Europe/Berlin [the machine's]",
        ))
        .arg(value("tier", "TIER", "Answer from this tier: raw, 60s, 1h, 1d or auto").default_value("auto"))
        .arg(
            value("output", "HOW", "How to show the answer")
                .short('o')
                .default_value("table")
                .value_parser(PossibleValuesParser::new(outputs)),
        )
        .arg(value("out", "FILE", "Where to write it [standard output]"))
        .arg(
            value("width", "N", "Width: characters, or pixels of a picture")
                .value_parser(clap::value_parser!(u32)),
        )
        .arg(
            value("height", "N", "Height: lines, or pixels of a picture")
                .value_parser(clap::value_parser!(u32)),
        )
        .arg(
            value("color", "WHEN", "Colours on the terminal")
                .default_value("auto")
                .value_parser(PossibleValuesParser::new(["auto", "always", "never"])),
        )
        .arg(
            value("watch", "SECONDS", "Ask again every so many seconds")
                .num_args(0..=1)
                .default_missing_value("2")
                .value_parser(clap::value_parser!(u32).range(1..)),
        )
        .arg(value("sheet", "FILE", "Ask what a sheet of Timelion asks that Kibana exported (implies --compatible); EXPR is its title"))
        .arg(switch("compatible", "Have Timelion take null for 0 where Kibana's does, for sheets made there"))
        .arg(switch("explain", "Also tell step by step what was done"))
        .arg(switch("trace", "Also tell how long everything took and what was touched"))
        .arg(switch("offline", "Read the data folder (--data) instead of asking a server; one may run on it"))
        .arg(url)
}

/// Runs the command.
pub fn run(matches: &ArgMatches, settings: &Settings) -> anyhow::Result<()> {
    let mut question = Question::of(matches)?;
    let mut asker = match matches.get_flag("offline") {
        true => Asker::folder(settings)?,
        false => Asker::server(matches.get_one("url").map(String::as_str), settings)?,
    };
    match matches.get_one::<String>("sheet") {
        None => question.exprs = expressions(matches, question.language == "rpn")?,
        Some(file) => question.take_sheet(file, matches.get_one::<String>("expr").map(String::as_str))?,
    }
    if question.exprs.is_empty() {
        return prompt::run(asker, question);
    }
    match matches.get_one::<u32>("watch") {
        None => question.answer(&mut asker),
        Some(seconds) => watch(&question, &mut asker, Duration::from_secs(u64::from(*seconds))),
    }
}

// What is on the command line; - or a pipe stand for standard input.
fn expressions(matches: &ArgMatches, is_rpn: bool) -> anyhow::Result<Vec<String>> {
    let given: Vec<String> = matches.get_many::<String>("expr").into_iter().flatten().cloned().collect();
    let piped = given.is_empty() && !std::io::stdin().is_terminal();
    if piped || given == ["-"] {
        let mut text = String::new();
        std::io::stdin().lock().take(INPUT_BYTES_MAX).read_to_string(&mut text).context("standard input")?;
        if text.trim().is_empty() {
            bail!("there is no expression on standard input");
        }
        return Ok(vec![text.trim().to_owned()]);
    }
    Ok(if is_rpn && !given.is_empty() { vec![given.join(" ")] } else { given })
}

// Until a signal ends it.
fn watch(question: &Question, asker: &mut Asker<'_>, every: Duration) -> anyhow::Result<()> {
    let clears = std::io::stdout().is_terminal() && question.out.is_none();
    loop {
        if clears {
            print!("\x1b[H\x1b[2J");
        }
        // A server that restarts is waited for.
        if let Err(error) = question.answer(asker) {
            eprintln!("windhover: {error:#}");
        }
        std::io::stdout().flush().ok();
        std::thread::sleep(every);
    }
}

/// What is asked, and how the answer is shown.
#[derive(Clone)]
struct Question {
    language: String,
    exprs: Vec<String>,
    from: String,
    to: String,
    step: String,
    tier: String,
    zone: Zone,
    output: &'static Output,
    out: Option<String>,
    look: Look,
    compatible: bool,
    explains: bool,
    traces: bool,
}

impl Question {
    fn of(matches: &ArgMatches) -> anyhow::Result<Self> {
        let text = |name: &str| matches.get_one::<String>(name).cloned().unwrap_or_default();
        let zone = match matches.get_one::<String>("zone") {
            Some(name) => Zone::named(name).map_err(anyhow::Error::msg)?,
            None => Zone::system(),
        };
        let output = output::find(&text("output")).context("a row of the table")?;
        let number = |name: &str| matches.get_one::<u32>(name).copied();
        let look = Look::of(&text("color"), number("width"), number("height"), &zone, &text("tier"));
        Ok(Self {
            language: if matches.get_flag("rpn") { "rpn".to_owned() } else { text("language") },
            exprs: Vec::new(),
            from: text("from"),
            to: text("to"),
            step: text("step"),
            tier: text("tier"),
            zone,
            output,
            out: matches.get_one::<String>("out").cloned(),
            look,
            compatible: matches.get_flag("compatible"),
            explains: matches.get_flag("explain"),
            traces: matches.get_flag("trace"),
        })
    }

    /// Asks what a sheet asks, as it was meant to be understood.
    fn take_sheet(&mut self, file: &str, title: Option<&str>) -> anyhow::Result<()> {
        let sheet = sheet::choose(Path::new(file), title)?;
        self.exprs = sheet.exprs;
        self.compatible = true;
        if self.step == "auto" {
            self.step = sheet.interval;
        }
        Ok(())
    }

    fn request(&self) -> Value {
        json!({
            "language": self.language, "exprs": self.exprs, "from": self.from, "to": self.to,
            "interval": self.step, "points": POINTS, "tier": self.tier, "tz": self.zone.name().unwrap_or(""),
            "compatible": self.compatible, "explain": self.explains || self.traces,
        })
    }

    /// Asks and shows.
    fn answer(&self, asker: &mut Asker<'_>) -> anyhow::Result<()> {
        let json = asker.ask(&self.request())?;
        error::check(&self.exprs, &json, error::colors(&self.look))?;
        let answer = Answer::read(json);
        match &self.out {
            Some(path) => {
                let mut file = File::create(path).with_context(|| format!("{path} cannot be written"))?;
                (self.output.write)(&answer, &self.look, &mut file).with_context(|| path.clone())
            }
            None if self.output.is_binary && std::io::stdout().is_terminal() => {
                bail!("a picture is not for a terminal: --out FILE")
            }
            None => {
                let mut out = std::io::stdout().lock();
                let shown = (self.output.write)(&answer, &self.look, &mut out);
                let shown = shown.and_then(|()| self.tell(&answer, &mut out));
                match shown {
                    // Whoever reads us has seen enough (`| head`).
                    Err(e) if e.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
                    other => other.context("standard output"),
                }
            }
        }
    }

    fn tell(&self, answer: &Answer, out: &mut dyn Write) -> std::io::Result<()> {
        if self.output.is_data {
            return Ok(());
        }
        answer.prints.iter().try_for_each(|line| writeln!(out, "{line}"))?;
        if self.explains {
            explain::steps(answer, out)?;
        }
        if self.traces {
            explain::trace(answer, out)?;
        }
        Ok(())
    }
}
