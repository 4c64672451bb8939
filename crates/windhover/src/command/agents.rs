//! `windhover agents`: settings for groups of agents, given by the server.

use super::remote::Remote;
use crate::settings::Settings;
use anyhow::Context;
use clap::{Arg, ArgAction, ArgMatches, Command};
use net::url::encode;
use serde_json::Value;

/// The subcommand.
pub fn command(url: &Arg) -> Command {
    let group = Arg::new("group").required(true).value_name("GROUP");
    let stage = Arg::new("stage").value_name("PERCENT").value_parser(clap::value_parser!(u32).range(0..=100));
    let set = Command::new("set")
        .about("Gives a group of hosts other settings, as a new version")
        .before_help("Example: windhover agents set web web.toml --hosts 'web*' --stage 10")
        .arg(group.clone())
        .arg(
            Arg::new("file")
                .required(true)
                .value_name("FILE")
                .help("Settings as an agent's own file has them; `-` for standard input"),
        )
        .arg(
            Arg::new("hosts")
                .long("hosts")
                .value_name("PATTERN")
                .action(ArgAction::Append)
                .help("Names of hosts, `*` for any text; as before when not given"),
        )
        .arg(
            stage
                .clone()
                .long("stage")
                .default_value("100")
                .help("Share of the hosts that get it at first, in percent"),
        );
    let list = Command::new("list").about("The groups, and how the hosts get along with their settings");
    let show = Command::new("show").about("Prints the newest settings of a group").arg(group.clone());
    let widen = Command::new("stage")
        .about("Gives the newest version to a larger share of the hosts")
        .arg(group.clone())
        .arg(stage.required(true));
    let back =
        Command::new("rollback").about("Gives all hosts the version that all had before").arg(group.clone());
    let remove = Command::new("remove").about("Forgets a group: its hosts use their own settings").arg(group);
    Command::new("agents")
        .about("Settings for groups of agents: versions, stages, and how the hosts get along")
        .subcommand_required(true)
        .subcommands([list, show, set, widen, back, remove].map(|command| command.arg(url.clone())))
}

/// Runs the subcommand.
pub fn run(matches: &ArgMatches, settings: &Settings) -> anyhow::Result<()> {
    let (name, matches) = matches.subcommand().expect("a subcommand is required");
    let mut remote = Remote::new(matches.get_one::<String>("url").map(String::as_str), settings)?;
    let group = || matches.get_one::<String>("group").map_or("", String::as_str);
    let path = |more: &str| format!("/api/v1/agents/{}{more}", encode(group()));
    match name {
        "list" => list(&mut remote),
        "show" => show(&mut remote, group()),
        "set" => set(&mut remote, matches, &path("")),
        "stage" => {
            let stage = matches.get_one::<u32>("stage").copied().unwrap_or(0);
            remote.post(&path(&format!("/stage?stage={stage}")), "text/plain", b"").map(drop)
        }
        "rollback" => {
            let answer = remote.post(&path("/rollback"), "text/plain", b"")?;
            println!("all hosts of {} get version {} again", group(), number(&answer, "version"));
            Ok(())
        }
        _ => remote.delete(&path("")).map(drop),
    }
}

fn set(remote: &mut Remote, matches: &ArgMatches, path: &str) -> anyhow::Result<()> {
    let file = matches.get_one::<String>("file").map_or("-", String::as_str);
    let text = match file {
        "-" => std::io::read_to_string(std::io::stdin())?,
        path => std::fs::read_to_string(path).with_context(|| path.to_owned())?,
    };
    let stage = matches.get_one::<u32>("stage").copied().unwrap_or(100);
    let hosts = matches.get_many::<String>("hosts").into_iter().flatten();
    let hosts: String = hosts.map(|pattern| format!("&hosts={}", encode(pattern))).collect();
    let answer = remote.put(&format!("{path}?stage={stage}{hosts}"), "text/plain", text.as_bytes())?;
    println!("version {}, for {stage} % of the hosts", number(&answer, "version"));
    Ok(())
}

fn number(answer: &[u8], name: &str) -> u64 {
    serde_json::from_slice::<Value>(answer).ok().and_then(|answer| answer[name].as_u64()).unwrap_or(0)
}

fn all(remote: &mut Remote) -> anyhow::Result<Value> {
    serde_json::from_slice(&remote.get("/api/v1/agents")?).context("the answer is not JSON")
}

fn show(remote: &mut Remote, group: &str) -> anyhow::Result<()> {
    let all = all(remote)?;
    let groups = all["groups"].as_array().into_iter().flatten();
    let found = groups
        .into_iter()
        .find(|g| g["name"] == group)
        .with_context(|| format!("there is no group `{group}`"))?;
    let newest = found["versions"].as_array().and_then(|versions| versions.last());
    print!("{}", newest.and_then(|version| version["text"].as_str()).unwrap_or(""));
    Ok(())
}

fn list(remote: &mut Remote) -> anyhow::Result<()> {
    let all = all(remote)?;
    for group in all["groups"].as_array().into_iter().flatten() {
        let patterns: Vec<&str> =
            group["hosts"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let text = |name: &str| group[name].as_str().unwrap_or("").to_owned();
        println!(
            "{}  version {} for {} % of {}",
            text("name"),
            group["newest"],
            group["stage"],
            patterns.join(" ")
        );
        if let Some(stable) = group["stable"].as_u64() {
            println!("  stable: version {stable}");
        }
        if !text("halted").is_empty() {
            println!("  HALTED: {}", text("halted"));
        }
    }
    for host in all["hosts"].as_array().into_iter().flatten().filter(|host| host["group"] != "") {
        let text = |name: &str| host[name].as_str().unwrap_or("").to_owned();
        let why = if text("why").is_empty() { String::new() } else { format!(": {}", text("why")) };
        println!("  {:<24} {} {} {}{why}", text("host"), text("group"), host["version"], text("state"));
    }
    Ok(())
}
