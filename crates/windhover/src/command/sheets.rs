//! `windhover sheets`: the sheets a server keeps, and those that come from Kibana or go there.

use super::counted;
use super::remote::Remote;
use crate::settings::Settings;
use anyhow::Context;
use clap::{Arg, ArgAction, ArgMatches, Command};
use net::url::encode;
use serde_json::Value;
use std::io::{Read, Write};

/// Longest file that is imported, in bytes.
const FILE_BYTES_MAX: u64 = 16 << 20;

/// The subcommand.
pub fn command(url: &Arg) -> Command {
    let id = Arg::new("id").required(true).value_name("ID").help("As `windhover sheets list` shows it");
    let import = Command::new("import")
        .about("Keeps the sheets, charts and dashboards of Timelion that Kibana exported")
        .before_help("Example: windhover sheets import export.ndjson")
        .arg(
            Arg::new("file")
                .required(true)
                .num_args(1..)
                .value_name("FILE")
                .help("What Kibana exported (Saved objects, Export); `-` for standard input"),
        )
        .arg(
            Arg::new("overwrite")
                .long("overwrite")
                .action(ArgAction::SetTrue)
                .help("Let a sheet take the place of the one with its title"),
        );
    let list = Command::new("list").about("The sheets that are kept");
    let show = Command::new("show").about("Prints the expressions of a sheet").arg(id.clone());
    let rename = Command::new("rename")
        .about("Gives a sheet another title; its id stays")
        .arg(id.clone())
        .arg(Arg::new("title").required(true).value_name("TITLE"));
    let remove = Command::new("remove").about("Forgets a sheet").arg(id.clone());
    let export = Command::new("export")
        .about("Prints sheets as Kibana imports them; all when none is named")
        .arg(Arg::new("id").num_args(0..).value_name("ID").help("As `windhover sheets list` shows it"));
    Command::new("sheets")
        .about("Sheets of Timelion: import from Kibana, list, rename, export")
        .subcommand_required(true)
        .subcommands([list, show, import, rename, remove, export].map(|command| command.arg(url.clone())))
}

/// Runs the subcommand.
pub fn run(matches: &ArgMatches, settings: &Settings) -> anyhow::Result<()> {
    let (name, matches) = matches.subcommand().expect("a subcommand is required");
    let mut remote = Remote::new(matches.get_one::<String>("url").map(String::as_str), settings)?;
    match name {
        "list" => list(&mut remote),
        "import" => import(&mut remote, matches),
        "export" => export(&mut remote, matches),
        "show" => show(&one(&mut remote, id(matches))?),
        "rename" => {
            let mut sheet = one(&mut remote, id(matches))?;
            sheet["title"] = Value::from(matches.get_one::<String>("title").map_or("", String::as_str));
            let body = sheet.to_string();
            remote.put(&path(id(matches)), "application/json", body.as_bytes()).map(drop)
        }
        _ => remote.delete(&path(id(matches))).map(drop),
    }
}

fn id(matches: &ArgMatches) -> &str {
    matches.get_one::<String>("id").map_or("", String::as_str)
}

fn path(id: &str) -> String {
    format!("/api/v1/sheets/{}", encode(id))
}

fn one(remote: &mut Remote, id: &str) -> anyhow::Result<Value> {
    serde_json::from_slice(&remote.get(&path(id))?).context("the answer is not JSON")
}

fn all(remote: &mut Remote) -> anyhow::Result<Vec<Value>> {
    let answer: Value =
        serde_json::from_slice(&remote.get("/api/v1/sheets")?).context("the answer is not JSON")?;
    Ok(answer["sheets"].as_array().cloned().unwrap_or_default())
}

fn text<'a>(sheet: &'a Value, name: &str) -> &'a str {
    sheet[name].as_str().unwrap_or("")
}

fn list(remote: &mut Remote) -> anyhow::Result<()> {
    let sheets = all(remote)?;
    let width = sheets.iter().map(|sheet| text(sheet, "id").len()).max().unwrap_or(0);
    for sheet in &sheets {
        let charts = counted(sheet["charts"].as_u64().unwrap_or(0), "chart");
        println!("{:width$}  {charts:>10}  {}", text(sheet, "id"), text(sheet, "title"));
    }
    Ok(())
}

// As a sheet refers to them: @1, @2.
fn show(sheet: &Value) -> anyhow::Result<()> {
    println!("{}", text(sheet, "title"));
    for (at, expr) in sheet["exprs"].as_array().into_iter().flatten().enumerate() {
        println!("@{}  {}", at + 1, expr.as_str().unwrap_or(""));
    }
    Ok(())
}

fn import(remote: &mut Remote, matches: &ArgMatches) -> anyhow::Result<()> {
    let query = if matches.get_flag("overwrite") { "?overwrite=true" } else { "" };
    for file in matches.get_many::<String>("file").into_iter().flatten() {
        let body = read(file).with_context(|| file.clone())?;
        let answer = remote.post(&format!("/api/v1/sheets{query}"), "application/x-ndjson", &body);
        let answer: Value = serde_json::from_slice(&answer.with_context(|| file.clone())?)?;
        for sheet in answer["sheets"].as_array().into_iter().flatten() {
            let charts = counted(sheet["charts"].as_u64().unwrap_or(0), "chart");
            println!("{}  {charts}: {}", text(sheet, "id"), text(sheet, "title"));
        }
    }
    Ok(())
}

fn read(file: &str) -> anyhow::Result<Vec<u8>> {
    let source: Box<dyn Read> = match file {
        "-" => Box::new(std::io::stdin().lock()),
        path => Box::new(std::fs::File::open(path)?),
    };
    let mut body = Vec::new();
    source.take(FILE_BYTES_MAX + 1).read_to_end(&mut body)?;
    anyhow::ensure!(body.len() as u64 <= FILE_BYTES_MAX, "more than {FILE_BYTES_MAX} bytes");
    Ok(body)
}

fn export(remote: &mut Remote, matches: &ArgMatches) -> anyhow::Result<()> {
    let named: Vec<String> = matches.get_many::<String>("id").into_iter().flatten().cloned().collect();
    let ids = match named.is_empty() {
        true => all(remote)?.iter().map(|sheet| text(sheet, "id").to_owned()).collect(),
        false => named,
    };
    for id in ids {
        let line = remote.get(&format!("{}/export", path(&id)))?;
        std::io::stdout().write_all(&line)?;
    }
    Ok(())
}
