//! `windhover check KIND TARGET`: makes one check now and tells as monitoring plugins do: one line, and the state as exit
//! code (0 ok, 1 warning, 2 critical, 3 unknown). Needs neither settings nor a server.

use crate::settings::tables::{self, CHECK, Section};
use checks::options::{self, OPTIONS, Opt, Shape};
use checks::{Check, Network, Outcome, ROWS, Row, State, plugin};
use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, ArgMatches, Command};
use net::Interrupt;
use net::dns::Resolver;
use std::collections::BTreeMap;
use std::process::ExitCode;
use stdx::clock::SystemClock;

const EXAMPLES: &str = "\
Examples:
  windhover check http https://shop.example/ --body-has ready --time-warning 500ms
  windhover check tls mail.example:993 --certificate-warning 30d
  windhover check ping gateway.example --count 10 --loss-warning 20";

/// The command line: a subcommand for each kind, a flag for each of its options.
pub fn command() -> Command {
    Command::new("check")
        .about("Checks a page, a port, a name … once, as a monitoring plugin: one line, and the state as exit code")
        .before_help(EXAMPLES)
        .subcommand_required(true)
        .subcommands(ROWS.iter().map(|row| kind(row)))
}

fn kind(row: &'static Row) -> Command {
    let target = Arg::new("target").value_name("TARGET").help(format!("What to check: {}", row.target));
    let takes = |option: &&Opt| options::COMMON.contains(&option.name) || row.options.contains(&option.name);
    let is_flag = |option: &&Opt| {
        let is_other =
            ["target", "targets"].contains(&option.name) || checks::configured::is_schedule(option.name);
        !is_other && takes(option)
    };
    Command::new(row.name).about(row.summary).arg(target).args(OPTIONS.iter().filter(is_flag).map(flag))
}

fn flag(option: &'static Opt) -> Arg {
    let default = if option.default.is_empty() { String::new() } else { format!(" [{}]", option.default) };
    let kind = tables::check::kind(option.shape);
    let arg = Arg::new(option.name)
        .long(option.name.replace('_', "-"))
        .value_name(kind.placeholder())
        .help(format!("{}{default}", option.help))
        .allow_hyphen_values(true)
        .action(ArgAction::Set);
    match option.shape {
        Shape::Switch => arg.num_args(0..=1).default_missing_value("true").require_equals(true),
        Shape::Texts => arg.action(ArgAction::Append),
        Shape::Pairs => arg.action(ArgAction::Append).value_name("NAME=TEXT"),
        Shape::Choice(words) => arg.value_parser(PossibleValuesParser::new(words)),
        _ => arg,
    }
}

/// Makes the check, prints what it found, and gives the exit code.
pub fn run(matches: &ArgMatches) -> ExitCode {
    let (name, matches) = matches.subcommand().expect("clap asks for one");
    let row = checks::builtin::find(name).expect("the subcommands are the rows");
    let outcome = match open(row, matches) {
        Ok(check) => {
            let (resolver, interrupt) = (Resolver::system(), Interrupt::default());
            check.run(&Network { resolver: &resolver, interrupt: &interrupt, clock: &SystemClock })
        }
        Err(why) => unknown(why),
    };
    println!("{}", plugin::line(row, &outcome));
    ExitCode::from(outcome.state as u8)
}

/// Tells of a command line that makes no sense: to whoever runs plugins that is a state, too.
pub fn misused(error: &clap::Error) -> ExitCode {
    println!("UNKNOWN: {}", error.to_string().lines().next().unwrap_or_default());
    ExitCode::from(State::Unknown as u8)
}

fn unknown(why: String) -> Outcome {
    Outcome { state: State::Unknown, reason: "setup", text: why, ..Outcome::default() }
}

fn open(row: &'static Row, matches: &ArgMatches) -> Result<Box<dyn Check>, String> {
    let mut values = BTreeMap::from([("kind", vec![row.name.to_owned()])]);
    for option in &OPTIONS {
        let Ok(Some(given)) = matches.try_get_many::<String>(option.name) else { continue };
        let texts: Vec<String> = given.cloned().collect();
        let kind = tables::check::kind(option.shape);
        texts
            .iter()
            .try_for_each(|text| kind.check(text))
            .map_err(|why| format!("{}: {why}", flag_name(option)))?;
        if option.shape == Shape::Pairs
            && let Some(text) = texts.iter().find(|text| !text.contains('='))
        {
            return Err(format!("{}: `{text}` is not `NAME=TEXT`", flag_name(option)));
        }
        values.insert(option.name, texts);
    }
    let table = tables::find(CHECK).expect("there is such a table");
    let given = Section::new(table, "the command line".into(), values)?;
    match [given.text("target"), given.text("url")] {
        [target, ""] | ["", target] if !target.is_empty() => (row.open)(target, &given),
        _ => Err(format!("one target is needed: {}", row.target)),
    }
}

fn flag_name(option: &Opt) -> String {
    format!("--{}", option.name.replace('_', "-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &[&str]) -> Result<Box<dyn Check>, String> {
        let matches =
            crate::cli::command().try_get_matches_from(["windhover", "check"].iter().chain(arguments));
        let matches = matches.map_err(|e| e.to_string())?;
        let (_, matches) = matches.subcommand().unwrap();
        let (name, matches) = matches.subcommand().unwrap();
        open(checks::builtin::find(name).unwrap(), matches)
    }

    #[test]
    fn the_flags_of_all_kinds_are_sound() {
        crate::cli::command().debug_assert();
        assert!(
            parse(&["http", "--url", "http://a/", "--body-has", "-x", "--headers", "A=b", "--verify=false"])
                .is_ok()
        );
        assert!(parse(&["tcp", "a:25", "--expect", "220", "--expect", "ESMTP", "--tls"]).is_ok());
    }

    #[test]
    fn what_is_wrong_is_told() {
        for (arguments, wanted) in [
            (&["http"][..], "one target is needed: a URL"),
            (&["http", "http://a/", "--url", "http://b/"], "one target is needed"),
            (&["http", "a"], "must start with http://"),
            (&["http", "http://a/", "--timeout", "5"], "--timeout: `5` is not a time"),
            (&["http", "http://a/", "--headers", "A"], "--headers: `A` is not `NAME=TEXT`"),
            (&["ping", "a", "--body-has", "x"], "unexpected argument '--body-has'"),
            (&["dns", "a", "--type", "x"], "invalid value 'x'"),
        ] {
            let error = parse(arguments).err().unwrap_or_default();
            assert!(error.contains(wanted), "{arguments:?}: {error}");
        }
    }
}
