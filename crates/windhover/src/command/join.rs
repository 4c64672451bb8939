//! `windhover join URL --token T`: makes this host's agent ship to a server: tries the way there, writes the settings and the
//! token, and starts the service where systemd runs.

use crate::settings::Settings;
use anyhow::{Context, bail, ensure};
use clap::{Arg, ArgAction, ArgMatches, Command};
use net::{Client, Options, Request, Tls, Url};
use std::fs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// Where the packaged service looks.
const CONFIG: &str = "/etc/windhover/agent.toml";
/// The packaged service.
const UNIT: &str = "windhover-agent";

/// The subcommand.
pub fn command() -> Command {
    Command::new("join")
        .about("Makes this host's agent ship to a server: tries the way there, writes settings and token, starts the service")
        .before_help("Example: windhover join https://mon.example.org:9463 --token 7f3b…")
        .arg(Arg::new("url").required(true).value_name("URL").help("The server: http://HOST:9463 or https://…"))
        .arg(Arg::new("token").long("token").value_name("TOKEN").help("The token the server asks for; `-` reads it from standard input"))
        .arg(Arg::new("into").long("into").value_name("FILE").default_value(CONFIG).help("The agent's file with settings"))
        .arg(Arg::new("force").long("force").action(ArgAction::SetTrue).help("Write the settings though the server does not answer"))
        .arg(Arg::new("no-start").long("no-start").action(ArgAction::SetTrue).help("Leave the service as it is"))
}

/// Runs the subcommand.
pub fn run(matches: &ArgMatches, settings: &Settings) -> anyhow::Result<()> {
    let text = matches.get_one::<String>("url").map_or("", String::as_str).trim_end_matches('/');
    let url = Url::parse(text).map_err(anyhow::Error::msg)?;
    let token = token(matches.get_one("token"))?;
    match try_way(&url, token.as_deref(), settings) {
        Ok(()) => println!("{} answers and lets us in", url.authority()),
        Err(e) if matches.get_flag("force") => println!("{e:#}; going on"),
        Err(e) => return Err(e.context("nothing was changed (--force writes the settings all the same)")),
    }
    let file = PathBuf::from(matches.get_one::<String>("into").map_or(CONFIG, String::as_str));
    write_settings(&file, text, token.as_deref(), settings)?;
    if matches.get_flag("no-start") || !start_service(&file, token.is_some())? {
        println!("start it with: windhover agent --config {}", file.display());
    }
    Ok(())
}

fn token(given: Option<&String>) -> anyhow::Result<Option<String>> {
    let token = match given.map(String::as_str) {
        Some("-") => std::io::read_to_string(std::io::stdin())?,
        Some(token) => token.to_owned(),
        None => return Ok(None),
    };
    let token = token.trim();
    ensure!(!token.is_empty() && token.bytes().all(|b| b.is_ascii_graphic()), "this is no token: `{token}`");
    Ok(Some(token.to_owned()))
}

/// Asks for something that needs the token.
fn try_way(url: &Url, token: Option<&str>, settings: &Settings) -> anyhow::Result<()> {
    let tls = Tls { ca_file: settings.path("agent.ca_file"), ..Tls::default() };
    let mut client = Client::new(Options { tls, ..Options::default() });
    let authorization = token.map(|token| format!("Bearer {token}"));
    let headers: Vec<_> = authorization.iter().map(|value| ("Authorization", value.as_str())).collect();
    let asked = url.below("/api/v1/path/trace?name=windhover");
    let request = Request { method: "GET", url: &asked, headers: &headers, body: b"" };
    match client.send(&request).with_context(|| url.authority())?.status {
        200 => Ok(()),
        401 | 403 if token.is_none() => bail!("{} asks for a token: --token TOKEN", url.authority()),
        401 | 403 => bail!("{} does not know this token", url.authority()),
        status => bail!("{} answered {status}: is it a Windhover server?", url.authority()),
    }
}

/// The agent's file and, beside it, the token, readable by its owner alone. What was there before is kept.
fn write_settings(file: &Path, server: &str, token: Option<&str>, settings: &Settings) -> anyhow::Result<()> {
    let folder = file.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    let folder = folder.canonicalize()?;
    let mut text = format!(
        "# Written by `windhover join`. `windhover config show --config {}` tells all settings.\n\n",
        file.display()
    );
    text += &line("data", "/var/lib/windhover-agent");
    if !settings.text("host").is_empty() {
        text += &line("host", settings.text("host"));
    }
    text += &format!("\n[agent]\nserver = [{}]\n", quoted(server));
    if let Some(ca_file) = settings.path("agent.ca_file") {
        text += &line("ca_file", &ca_file.canonicalize()?.display().to_string());
    }
    if let Some(token) = token {
        let path = folder.join("agent-token");
        write_secret(&path, token).with_context(|| path.display().to_string())?;
        text += &line("token_file", &path.display().to_string());
    }
    if file.exists() {
        let old = file.with_extension("toml.before-join");
        fs::rename(file, &old).with_context(|| old.display().to_string())?;
        println!("what was in {} is in {} now", file.display(), old.display());
    }
    fs::write(file, text).with_context(|| file.display().to_string())?;
    println!("wrote {}", file.display());
    Ok(())
}

fn line(key: &str, value: &str) -> String {
    format!("{key} = {}\n", quoted(value))
}

/// A basic string of TOML.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

fn write_secret(path: &Path, token: &str) -> std::io::Result<()> {
    // Removed first: a file that is there keeps its mode, whoever may read it.
    let _ = fs::remove_file(path);
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    writeln!(file, "{token}")
}

/// Starts the packaged service; false where there is none.
fn start_service(file: &Path, has_token: bool) -> anyhow::Result<bool> {
    let is_managed = Path::new("/run/systemd/system").exists() && file == Path::new(CONFIG);
    if !is_managed || !systemctl(&["cat", UNIT])? {
        return Ok(false);
    }
    if has_token {
        // The service runs as a user of its own that may not read root's files: systemd hands the token over.
        let folder = PathBuf::from(format!("/etc/systemd/system/{UNIT}.service.d"));
        fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
        let text = "[Service]\nLoadCredential=agent-token:/etc/windhover/agent-token\n";
        fs::write(folder.join("token.conf"), text).with_context(|| folder.display().to_string())?;
    }
    ensure!(systemctl(&["daemon-reload"])?, "systemctl daemon-reload failed");
    ensure!(systemctl(&["enable", UNIT])? && systemctl(&["restart", UNIT])?, "systemctl cannot start {UNIT}");
    println!("{UNIT} runs; `windhover doctor --config {CONFIG}` says how it stands");
    Ok(true)
}

fn systemctl(arguments: &[&str]) -> anyhow::Result<bool> {
    let output = std::process::Command::new("systemctl").args(arguments).output().context("systemctl")?;
    Ok(output.status.success())
}
