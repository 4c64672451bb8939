//! Where HAProxy's requests are logged. It writes no files: what goes to its standard output is a file when somebody led it
//! there, what goes to syslog is one when the syslog of the host says so.

use super::Line;
use crate::Inspection;
use crate::plan::{Part, Work};
use std::collections::BTreeMap;

/// Rules of the syslog that all distributions with files have.
const RULES: [&str; 2] = ["/etc/rsyslog.conf", "/etc/rsyslog.d/*.conf"];

/// Adds the logs, or why they are not read.
pub(super) fn plan(inspection: &mut Inspection<'_>, lines: &[Line]) {
    let formats = formats(lines);
    let mut targets: Vec<&Line> = lines.iter().filter(|line| is_target(line)).collect();
    targets.sort_by_key(|line| line.words[1].clone());
    targets.dedup_by_key(|line| line.words[1].clone());
    for target in targets {
        match place(inspection, &target.words[1]) {
            Ok(path) => add(inspection, &path, &formats, &target.place),
            Err(why) => inspection.problem(format!("{}: {why}", target.place)),
        }
    }
}

/// What it forwards for others are no requests of its own.
fn is_target(line: &Line) -> bool {
    let is_forwarded = line.section.starts_with("log-forward");
    !is_forwarded && line.words[0] == "log" && line.words.len() > 1 && line.words[1] != "global"
}

/// The file in which the lines for a target end.
fn place(inspection: &mut Inspection<'_>, target: &str) -> Result<String, String> {
    match target {
        "stdout" | "fd@1" => return Ok("/dev/stdout".to_owned()),
        "stderr" | "fd@2" => return Ok("/dev/stderr".to_owned()),
        _ => {}
    }
    let host = target.split(':').next().unwrap_or_default();
    let is_here = target.starts_with('/') || matches!(host, "127.0.0.1" | "localhost");
    if !is_here {
        return Err(format!("requests are logged to syslog at {target}, not to a file of this host"));
    }
    by_syslog(inspection).ok_or_else(|| {
        format!(
            "requests are logged to syslog at {target}, and the agent knows of no file where that writes them"
        )
    })
}

/// The first file that a rule about HAProxy names.
fn by_syslog(inspection: &mut Inspection<'_>) -> Option<String> {
    let files: Vec<String> = RULES.iter().flat_map(|pattern| inspection.glob(pattern)).collect();
    let mut found = None;
    for file in files {
        let text = inspection.read_if_there(&file).unwrap_or_default();
        let is_own = file.contains("haproxy");
        let rules = text.lines().map(str::trim).filter(|line| !line.starts_with('#'));
        let rules = rules.filter(|line| is_own || line.contains("haproxy"));
        let words = rules.flat_map(|line| line.split([' ', '\t', '"']));
        // A rule's file may have a `-` before it: not to be synced. What is a socket is for HAProxy to write to.
        let mut paths =
            words.map(|word| word.trim_start_matches('-')).filter(|word| word.starts_with("/var/log/"));
        found = found.or_else(|| paths.next().map(|path| path.trim_end_matches([';', '}']).to_owned()));
    }
    found
}

/// How sections that take connections log, the most used first.
fn formats(lines: &[Line]) -> Vec<String> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let (mut usual, mut at) = (None, 0);
    while at < lines.len() {
        let section = &lines[at].section;
        let len = lines[at..].iter().take_while(|line| line.section == *section).count();
        let own = lines[at..at + len].iter().filter_map(format).next_back();
        match section.split(' ').next() {
            Some("defaults") => usual = own,
            Some("frontend" | "listen") => {
                if let Some(format) = own.or_else(|| usual.clone()) {
                    *counts.entry(format).or_default() += 1;
                }
            }
            _ => {}
        }
        at += len;
    }
    let mut formats: Vec<(String, usize)> = counts.into_iter().collect();
    formats.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    formats.into_iter().map(|(format, _)| format).collect()
}

fn format(line: &Line) -> Option<String> {
    let words: Vec<&str> = line.words.iter().map(String::as_str).collect();
    match words[..] {
        ["log-format", format, ..] => Some(format.to_owned()),
        ["option", "httplog", "clf", ..] => Some("clf".to_owned()),
        ["option", name @ ("httplog" | "tcplog"), ..] => Some(name.to_owned()),
        _ => None,
    }
}

fn add(inspection: &mut Inspection<'_>, path: &str, formats: &[String], place: &str) {
    let Some(format) = formats.first() else {
        inspection.problem(format!("{place}: requests are not logged: add `option httplog` to the defaults"));
        return;
    };
    match inspection.log(path, "haproxy", "log-format", format) {
        Ok(log) => {
            let mut part = Part::new(format!("log {path}"), Work::Log(log));
            for other in &formats[1..] {
                part.problems.push(format!("lines of another format in it are not understood: {other}"));
            }
            inspection.part(part);
        }
        Err(why) => inspection.problem(format!("{place}: {why}")),
    }
}
