//! The command line, built from the tables: one flag per setting, one subcommand per role or command.

use crate::settings::{SETTINGS, Setting, Settings, resolve};
use clap::{Arg, ArgAction, ArgMatches, Command};
use std::ffi::OsString;
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  windhover                                 watch this machine at http://127.0.0.1:9463
  windhover agent --server http://mon:9463  ship this host's numbers to a server
  windhover query '.es(metric=avg:load1)'   ask from the terminal
  ./probe.sh | windhover import probe -     take in the output of a shell probe
  windhover import /var/lib/prometheus      take in another program's history";

/// The whole command line.
pub fn command() -> Command {
    with(subcommands())
}

/// As much of the command line as this process's own arguments need. Every subcommand has every setting as a flag: all
/// of them together are a megabyte, which an agent would never give back.
pub fn command_here() -> Command {
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    let mut wanted = subcommands();
    let is_named = |command: &Command| arguments.iter().any(|a| a == command.get_name());
    // Whoever asks for help, or mistakes a name, is told of all of them.
    let asks_help = arguments.iter().any(|a| a == "help");
    if !asks_help && wanted.iter().any(is_named) {
        wanted.retain(is_named);
    }
    with(wanted)
}

fn with(subcommands: Vec<Command>) -> Command {
    let mut command = Command::new("windhover")
        .version(env!("CARGO_PKG_VERSION"))
        .about("Collects, delivers, stores, answers and shows: infrastructure monitoring in one program.")
        .before_help(EXAMPLES)
        .arg(config_flag())
        .args(SETTINGS.iter().filter(available).map(flag));
    for subcommand in subcommands {
        command = command.subcommand(subcommand);
    }
    command
}

fn subcommands() -> Vec<Command> {
    let agent = Command::new("agent").about("Collects on this host and ships to a server (--server URL)");
    let doctor = Command::new("doctor").about(
        "Says step by step why there is no data: settings, collectors, services, rights, disk, names, server",
    );
    let config = Command::new("config")
        .about("Looks at the settings")
        .subcommand_required(true)
        .subcommand(
            Command::new("check")
                .about("Reads the settings, tells every problem, exits with 3 if there are any"),
        )
        .subcommand(
            Command::new("show").about("Prints every setting with its value and where it comes from"),
        );
    let completions = Command::new("completions")
        .about("Prints a completion script for a shell")
        .arg(Arg::new("shell").required(true).value_parser(clap::value_parser!(clap_complete::Shell)));
    let man = Command::new("man").about("Prints the manual page");
    let check = crate::command::check::command();
    let sniff = crate::command::sniff::command();
    let (join, service) = (crate::command::join::command(), crate::command::service::command());
    let services = crate::command::services::command();
    let (probe, monitor) = (crate::role::probe::command(), crate::role::monitor::command());
    let all =
        vec![agent, probe, monitor, join, check, service, services, doctor, config, sniff, completions, man];
    #[cfg(feature = "server")]
    let all = all.into_iter().chain(server_subcommands()).collect();
    all
}

#[cfg(feature = "server")]
fn server_subcommands() -> Vec<Command> {
    let url =
        Arg::new("url").long("url").value_name("URL").help("Server to talk to; the local one when not given");
    let up = Command::new("up")
        .about("Server and agent for this host in one process (what plain `windhover` does)");
    let server = Command::new("server").about("Doors, storage, queries and web pages");
    let relay = Command::new("relay").about(
        "Takes every protocol and passes it on to the outputs of the settings, through queues on disk",
    );
    let query = crate::command::query::command(url.clone());
    let import = crate::command::import::command(url.clone());
    let export = crate::command::export::command(url.clone());
    let agents = crate::command::agents::command(&url);
    let sheets = crate::command::sheets::command(&url);
    vec![up, server, relay, query, sheets, import, export, store(&url), agents]
}

#[cfg(feature = "server")]
fn store(url: &Arg) -> Command {
    let selector = Arg::new("match").long("match").value_name("SELECTOR").action(ArgAction::Append);
    let time = |name: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name("TIME").allow_hyphen_values(true).help(help)
    };
    let start =
        time("start", "From this time on: Unix seconds, or 2026-11-21 14:00; the beginning when not given");
    let end = time("end", "Up to and with this time; the end when not given");
    let stats = Command::new("stats")
        .about("What the series are that fill the store: by name, source and label, what is new and what is never asked for")
        .arg(Arg::new("rows").long("rows").value_name("N").default_value("10").help("Rows of each list"))
        .arg(url.clone());
    let delete = Command::new("delete")
        .about("Deletes samples of series that match")
        .before_help("Example: windhover store delete --match 'up{host=\"web1\"}' --start '2026-11-21 14:00' --end '2026-11-21 15:00'")
        .arg(selector.clone().required(true).help("Series, such as up{host=\"web1\"}; several are added up"))
        .args([start.clone(), end.clone(), url.clone()])
        .arg(Arg::new("now").long("now").action(ArgAction::SetTrue).help("Take them off the disk now and not by and by"));
    let snapshot = Command::new("snapshot")
        .about("Keeps a copy of everything in the store's folder `snapshots`, sharing the files; or lists or removes such copies")
        .arg(Arg::new("label").value_name("LABEL").help("How the name ends"))
        .arg(Arg::new("list").long("list").action(ArgAction::SetTrue).help("List what there is"))
        .arg(Arg::new("remove").long("remove").value_name("NAME").help("Remove one"))
        .arg(url.clone());
    let restore = Command::new("restore")
        .about("Takes samples from a snapshot into the running store")
        .arg(
            Arg::new("name")
                .required(true)
                .value_name("NAME")
                .help("Its name, as `store snapshot --list` tells it"),
        )
        .arg(selector.help("Series, such as up{host=\"web1\"}; all when not given"))
        .args([start, end, url.clone()]);
    let dir = Arg::new("dir")
        .required(true)
        .value_name("DIR")
        .help("The data folder of a server, or the store's own");
    let check = Command::new("check")
        .about("Reads all of a store, also while a server runs on it; tells what is damaged and exits with 1 if anything is")
        .arg(dir.clone());
    let repair = Command::new("repair")
        .about("Sets damaged blocks of a store aside, keeps what can be read of them, and makes lost files anew; no server may run on it")
        .arg(dir);
    Command::new("store")
        .about("Looks after what is stored")
        .subcommand_required(true)
        .subcommands([stats, delete, snapshot, restore, check, repair])
}

fn available(setting: &&Setting) -> bool {
    cfg!(feature = "server") || !setting.server_only
}

fn config_flag() -> Arg {
    let help = "File with settings (TOML); conf.d/*.toml beside it is read too";
    Arg::new("config").long("config").global(true).value_name("FILE").env("WINDHOVER_CONFIG").help(help)
}

/// Settings that `-h` shows as flags; `--help` shows all of them.
const COMMON: [&str; 8] =
    ["data", "listen", "log-level", "log-format", "server", "token-file", "interval", "access-token-file"];

fn flag(setting: &'static Setting) -> Arg {
    let default = if setting.default.is_empty() { String::new() } else { format!(" [{}]", setting.default) };
    let arg = Arg::new(setting.key)
        .long(setting.flag)
        .global(true)
        .value_name(setting.kind.placeholder())
        .help(format!("{}{default}", setting.help))
        .hide_short_help(!COMMON.contains(&setting.flag))
        .help_heading(if setting.server_only { "Server" } else { "Settings" });
    match setting.kind {
        crate::settings::Kind::Switch => {
            arg.num_args(0..=1).default_missing_value("true").require_equals(true).action(ArgAction::Set)
        }
        crate::settings::Kind::Urls => arg.action(ArgAction::Append),
        _ => arg.action(ArgAction::Set),
    }
}

/// Settings from file, environment and the parsed flags; on failure every problem.
pub fn settings(matches: &ArgMatches) -> Result<Settings, Vec<String>> {
    let file = matches.get_one::<String>("config").map(PathBuf::from);
    let environment = |name: &str| std::env::var(name).ok();
    let flags = |setting: &Setting| {
        let given = matches.try_get_many::<String>(setting.key).ok()??;
        Some(given.map(String::as_str).collect::<Vec<_>>().join(","))
    };
    resolve(file.as_deref(), environment, flags)
}
