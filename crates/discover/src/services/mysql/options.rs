//! Option files: groups in brackets, `name = value` or `name`, `!include` and `!includedir`; `-` and `_` are the same.

mod persisted;

use crate::root::path;
use crate::text::unquoted;
use crate::{Inspection, Process};
use std::collections::BTreeMap;

/// Deepest chain of files that include each other.
const INCLUDES_MAX: usize = 10;
const USUAL: [&str; 2] = ["/etc/my.cnf", "/etc/mysql/my.cnf"];

/// Values with where each was given last.
pub(super) type Options = BTreeMap<String, (String, String)>;

/// Everything the server was told.
pub(super) fn read(inspection: &mut Inspection<'_>) -> Options {
    let process = inspection.process;
    let environment = process.environment();
    let of = |name: &str| environment.iter().find(|(it, _)| it == name).map(|(_, value)| value.as_str());
    let suffix =
        option(process, "--defaults-group-suffix").or_else(|| Some(of("MYSQL_GROUP_SUFFIX")?.to_owned()));
    let mut reader = Reader { suffix: suffix.unwrap_or_default(), options: Options::new() };
    for (file, is_needed) in files(process, of("MYSQL_HOME"), of("HOME")) {
        let text = if is_needed { inspection.read(&file) } else { inspection.read_if_there(&file) };
        if let Some(text) = text {
            reader.take(inspection, &file, &text, 0);
        }
    }
    for word in process.arguments.iter().skip(1) {
        if let Some(given) = word.strip_prefix("--") {
            reader.set(given, "command line".to_owned());
        }
    }
    if let Some(port) = process.option(&["-P"]) {
        reader.set(&format!("port={port}"), "command line".to_owned());
    }
    persisted::take(inspection, &mut reader.options);
    reader.options
}

fn option(process: &Process, name: &str) -> Option<String> {
    process.option(&[name])
}

/// The files in the order they are read, and whether each must be there.
fn files(process: &Process, folder: Option<&str>, home: Option<&str>) -> Vec<(String, bool)> {
    let extra = option(process, "--defaults-extra-file").map(|file| (process.absolute(&file), true));
    if process.arguments.iter().any(|word| word == "--no-defaults") {
        return Vec::new();
    }
    if let Some(file) = option(process, "--defaults-file") {
        return vec![(process.absolute(&file), true)];
    }
    let mut files: Vec<_> = USUAL.iter().map(|file| ((*file).to_owned(), false)).collect();
    files.extend(folder.map(|folder| (path::join(folder, "my.cnf"), false)));
    files.extend(extra);
    files.extend(home.map(|folder| (path::join(folder, ".my.cnf"), false)));
    files
}

struct Reader {
    suffix: String,
    options: Options,
}

impl Reader {
    fn take(&mut self, inspection: &mut Inspection<'_>, file: &str, text: &str, depth: usize) {
        let mut is_ours = false;
        for (at, line) in crate::text::lines(text) {
            let place = format!("{file}:{at}");
            if let Some(directive) = line.strip_prefix('!') {
                self.include(inspection, directive, &place, depth);
            } else if let Some(group) = line.strip_prefix('[') {
                let Some((group, _)) = group.split_once(']') else {
                    inspection.problem(format!("{place}: `]` is missing"));
                    continue;
                };
                is_ours = self.reads(group.trim());
            } else if is_ours {
                self.set(line, place);
            }
        }
    }

    /// Groups of the server, those of a version, and each with the suffix of the command line.
    fn reads(&self, group: &str) -> bool {
        let group = match self.suffix.as_str() {
            "" => group,
            suffix => group.strip_suffix(suffix).unwrap_or(group),
        };
        let is_version =
            |rest: &str| rest.starts_with('-') && rest[1..].starts_with(|c: char| c.is_ascii_digit());
        let of =
            |name: &str| group.strip_prefix(name).is_some_and(|rest| rest.is_empty() || is_version(rest));
        ["mysqld", "server", "mariadb", "mariadbd", "client-server", "galera"].into_iter().any(of)
    }

    fn include(&mut self, inspection: &mut Inspection<'_>, directive: &str, place: &str, depth: usize) {
        let Some((kind, target)) = directive.split_once(char::is_whitespace) else { return };
        if depth >= INCLUDES_MAX {
            inspection.problem(format!("{place}: files include each other too deeply"));
            return;
        }
        let target = target.trim();
        let files = match kind {
            "includedir" => inspection.glob(&path::join(target, "*.cnf")),
            _ => vec![target.to_owned()],
        };
        for file in files {
            match inspection.try_read(&file) {
                Ok(text) => self.take(inspection, &file, &text, depth + 1),
                Err(why) => inspection.problem(format!("{place}: {why}")),
            }
        }
    }

    fn set(&mut self, line: &str, origin: String) {
        let (name, value) = line.split_once('=').unwrap_or((line, ""));
        let name = name.trim().replace('-', "_");
        let name = name.strip_prefix("loose_").unwrap_or(&name);
        let value = unquoted(value.split(" #").next().unwrap_or(value).trim());
        let (name, value) = match name.strip_prefix("skip_") {
            Some(rest) if value.is_empty() => (rest, "off"),
            _ => (name, if value.is_empty() { "on" } else { value }),
        };
        self.options.insert(name.to_owned(), (value.to_owned(), origin));
    }
}
