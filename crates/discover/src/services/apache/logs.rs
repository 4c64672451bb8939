//! Which logs Apache writes: CustomLog, TransferLog and GlobalLog of the server and of each virtual host.

use super::syntax::Directive;
use crate::Inspection;
use crate::plan::{Part, Work};
use crate::root::path;
use crate::services::postgresql::pattern_of_time;
use crate::text::words;
use std::collections::BTreeMap;

/// What TransferLog writes when no LogFormat without a name came before.
const COMMON: &str = "%h %l %u %t \"%r\" %>s %b";

type Formats = BTreeMap<String, String>;

/// A log as it is written.
struct Log {
    target: String,
    format_name: String,
    format: String,
    condition: Option<String>,
    place: String,
}

/// Adds a part for each log.
pub(super) fn plan(inspection: &mut Inspection<'_>, all: &[Directive], root: &str) {
    let mut formats = Formats::new();
    let main = level(inspection, all, &mut formats);
    let mut found: Vec<Log> = Vec::new();
    let hosts: Vec<&Directive> = all.iter().filter(|it| it.is("<VirtualHost")).collect();
    for host in &hosts {
        // Formats of the server hold in its hosts; those of a host do not hold outside.
        found.extend(level(inspection, &host.block, &mut formats.clone()));
    }
    // The server's own logs take requests of no host, and of hosts without logs.
    found.extend(main);
    let mut known: BTreeMap<String, String> = BTreeMap::new();
    for log in found {
        let Some(path) = file(inspection, &log, root) else { continue };
        match known.get(&path) {
            Some(format) if *format == log.format => {}
            Some(_) => inspection.problem(format!(
                "{}: format {} is written to {path}, too; its lines are not understood",
                log.place, log.format_name
            )),
            None => {
                known.insert(path.clone(), log.format.clone());
                add(inspection, &path, &log);
            }
        }
    }
}

/// The logs of the server or of a host; notes its formats.
fn level(inspection: &mut Inspection<'_>, level: &[Directive], formats: &mut Formats) -> Vec<Log> {
    for directive in level.iter().filter(|it| it.is("LogFormat")) {
        if let [_, format, rest @ ..] = &directive.words[..] {
            // Without a name it is for TransferLog.
            formats.insert(rest.first().cloned().unwrap_or_default(), format.clone());
        }
    }
    let is_log = |it: &&Directive| it.is("CustomLog") || it.is("TransferLog") || it.is("GlobalLog");
    let logs = level.iter().filter(is_log).filter_map(|directive| log(inspection, directive, formats));
    logs.collect()
}

fn log(inspection: &mut Inspection<'_>, directive: &Directive, formats: &Formats) -> Option<Log> {
    let target = directive.words.get(1)?.clone();
    let place = directive.place.clone();
    if directive.is("TransferLog") {
        let format = formats.get("").map_or(COMMON, String::as_str).to_owned();
        return Some(Log {
            target,
            format_name: "of TransferLog".to_owned(),
            format,
            condition: None,
            place,
        });
    }
    let word = directive.words.get(2)?;
    let condition = directive.words.get(3).cloned();
    let (format_name, format) = match formats.get(word) {
        Some(format) => (word.clone(), format.clone()),
        None if word.contains('%') => ("in place".to_owned(), word.clone()),
        None => {
            inspection.problem(format!("{place}: there is no LogFormat {word}"));
            return None;
        }
    };
    Some(Log { target, format_name, format, condition, place })
}

/// The file that is written in the end, a pattern maybe.
fn file(inspection: &mut Inspection<'_>, log: &Log, root: &str) -> Option<String> {
    if let Some(target) = log.target.strip_prefix("syslog:") {
        inspection.problem(format!("{}: requests are logged to syslog ({target}), not to a file", log.place));
        return None;
    }
    if log.target.contains("${") {
        inspection.problem(format!("{}: {} holds a variable that is not defined", log.place, log.target));
        return None;
    }
    let Some(command) = log.target.strip_prefix('|') else { return Some(path::join(root, &log.target)) };
    let command = command.trim_start_matches(['|', '$']);
    let piped = piped(command).map(|file| path::join(root, &file));
    if piped.is_none() {
        inspection.problem(format!(
            "{}: requests are logged through `{command}`, and where that writes is not known",
            log.place
        ));
    }
    piped
}

/// What rotatelogs and cronolog write: the first word after their options; numbers and times are put into it or after it.
pub(super) fn piped(command: &str) -> Option<String> {
    let words = words(command);
    let program = path::name(words.first()?);
    let mut rest = words[1..].iter().skip_while(|word| word.starts_with('-'));
    match program {
        "rotatelogs" => {
            // `-L` names a link to the current file, `-n` and `-p` have values as well.
            let with_value = |word: &str| matches!(word, "-L" | "-p" | "-n");
            let mut values = words[1..].iter();
            let mut link = None;
            let file = loop {
                let word = values.next()?;
                match word.as_str() {
                    word if with_value(word) => {
                        let value = values.next()?;
                        link = if word == "-L" { Some(value.clone()) } else { link };
                    }
                    word if word.starts_with('-') => {}
                    word => break word.to_owned(),
                }
            };
            Some(link.unwrap_or_else(|| {
                if file.contains('%') { pattern_of_time(&file) } else { format!("{file}.*") }
            }))
        }
        "cronolog" => Some(pattern_of_time(rest.next()?)),
        "tee" => rest.next().cloned(),
        _ => None,
    }
}

fn add(inspection: &mut Inspection<'_>, path: &str, log: &Log) {
    match inspection.log(path, "apache", &log.format_name, &log.format) {
        Ok(work) => {
            let mut part = Part::new(format!("log {path}"), Work::Log(work));
            part.facts.extend(log.condition.clone().map(|condition| ("only if", condition)));
            inspection.part(part);
        }
        Err(why) => inspection.problem(why),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pipes_to_known_programs_end_in_files() {
        for (command, wanted) in [
            ("/usr/bin/rotatelogs /l/a.%Y-%m-%d 86400", Some("/l/a.*-*-*")),
            ("rotatelogs -n 5 -l logs/a 86400", Some("logs/a.*")),
            ("rotatelogs -L /l/current /l/a.%s 100M", Some("/l/current")),
            ("/usr/sbin/cronolog /l/%Y/a.log", Some("/l/*/a.log")),
            ("/usr/bin/logger -t web", None),
            ("", None),
        ] {
            assert_eq!(piped(command).as_deref(), wanted, "{command}");
        }
    }
}
