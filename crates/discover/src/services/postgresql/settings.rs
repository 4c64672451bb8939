//! The language of postgresql.conf: `name = 'value'`, `#` comments, three ways to include.

use crate::Inspection;
use crate::root::path;
use std::collections::BTreeMap;

/// Deepest chain of files that include each other, as PostgreSQL has it.
const INCLUDES_MAX: usize = 10;

/// Settings with where each was made last; what comes later counts.
#[derive(Debug, Default)]
pub(super) struct Settings(BTreeMap<String, (String, String)>);

impl Settings {
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(|(value, _)| value.as_str())
    }

    /// `file:line`, or that it was the command line.
    pub(super) fn origin(&self, name: &str) -> &str {
        self.0.get(name).map_or("", |(_, origin)| origin)
    }

    pub(super) fn set(&mut self, name: &str, value: &str, origin: String) {
        self.0.insert(name.to_ascii_lowercase(), (value.to_owned(), origin));
    }

    pub(super) fn extend(&mut self, later: Self) {
        self.0.extend(later.0);
    }

    /// Reads a file with all it includes.
    pub(super) fn read(&mut self, inspection: &mut Inspection<'_>, file: &str) {
        if let Some(text) = inspection.read(file) {
            self.take(inspection, file, &text, &mut Vec::new());
        }
    }

    /// Reads a file that need not be there.
    pub(super) fn read_if_there(&mut self, inspection: &mut Inspection<'_>, file: &str) {
        if let Some(text) = inspection.read_if_there(file) {
            self.take(inspection, file, &text, &mut Vec::new());
        }
    }

    fn take(&mut self, inspection: &mut Inspection<'_>, file: &str, text: &str, open: &mut Vec<String>) {
        let real = inspection.process.root.resolve(file).unwrap_or_else(|_| file.to_owned());
        if open.contains(&real) || open.len() >= INCLUDES_MAX {
            inspection.problem(format!("{file} includes itself, or files include each other too deeply"));
            return;
        }
        open.push(real);
        for (at, line) in text.lines().enumerate() {
            let place = || format!("{file}:{}", at + 1);
            match parse(line) {
                Ok(None) => {}
                Ok(Some((name, value))) => match name.to_ascii_lowercase().as_str() {
                    kind @ ("include" | "include_if_exists" | "include_dir") => {
                        let target = path::join(path::folder(file), &value);
                        self.include(inspection, kind, &target, &place(), open);
                    }
                    name => self.set(name, &value, place()),
                },
                Err(why) => inspection.problem(format!("{}: {why}", place())),
            }
        }
        open.pop();
    }

    fn include(
        &mut self,
        inspection: &mut Inspection<'_>,
        kind: &str,
        target: &str,
        place: &str,
        open: &mut Vec<String>,
    ) {
        let files = match kind {
            "include_dir" => {
                let mut files = inspection.glob(&path::join(target, "*.conf"));
                files.sort();
                files
            }
            _ => vec![target.to_owned()],
        };
        for file in files {
            let text = match kind {
                "include_if_exists" => inspection.read_if_there(&file),
                _ => inspection
                    .try_read(&file)
                    .map_err(|why| inspection.problem(format!("{place}: {why}")))
                    .ok(),
            };
            if let Some(text) = text {
                self.take(inspection, &file, &text, open);
            }
        }
    }
}

/// One line: nothing, a name with its value, or a mistake.
fn parse(line: &str) -> Result<Option<(String, String)>, String> {
    let line = line.trim();
    if line.is_empty() || line.starts_with('#') {
        return Ok(None);
    }
    let end = line.find(|c: char| c.is_whitespace() || c == '=').unwrap_or(line.len());
    let rest = line[end..].trim_start();
    let rest = rest.strip_prefix('=').unwrap_or(rest).trim_start();
    let value = match rest.strip_prefix('\'') {
        Some(quoted) => text(quoted).ok_or("a quote is not closed")?,
        None => rest.split(|c: char| c.is_whitespace() || c == '#').next().unwrap_or("").to_owned(),
    };
    if value.is_empty() && !rest.starts_with('\'') {
        return Err(format!("no value for {}", &line[..end]));
    }
    Ok(Some((line[..end].to_owned(), value)))
}

/// What follows an opening quote, to the closing one: doubled quotes and backslashes stand for one.
fn text(quoted: &str) -> Option<String> {
    let (mut value, mut characters) = (String::new(), quoted.chars().peekable());
    while let Some(c) = characters.next() {
        match c {
            '\'' if characters.peek() == Some(&'\'') => {
                characters.next();
                value.push('\'');
            }
            '\'' => return Some(value),
            '\\' => match characters.next()? {
                'n' => value.push('\n'),
                't' => value.push('\t'),
                other => value.push(other),
            },
            c => value.push(c),
        }
    }
    None
}

/// What the command line says: `-c name=value`, `--name=value`, and the letters that stand for settings.
pub(super) fn given(arguments: &[String]) -> Settings {
    let mut settings = Settings::default();
    let mut words = arguments.iter().skip(1);
    let origin = || "command line".to_owned();
    while let Some(word) = words.next() {
        if let Some((name, value)) = word.strip_prefix("--").and_then(|rest| rest.split_once('=')) {
            settings.set(&name.replace('-', "_"), value, origin());
            continue;
        }
        let Some(letter @ ("-c" | "-p" | "-k" | "-h" | "-N" | "-B" | "-D")) = word.get(..2) else { continue };
        let value = if word.len() > 2 { Some(&word[2..]) } else { words.next().map(String::as_str) };
        let Some(value) = value else { continue };
        match letter {
            "-c" => {
                let (name, value) = value.split_once('=').unwrap_or((value, "on"));
                settings.set(&name.trim().replace('-', "_"), value.trim(), origin());
            }
            "-p" => settings.set("port", value, origin()),
            "-k" => settings.set("unix_socket_directories", value, origin()),
            "-h" => settings.set("listen_addresses", value, origin()),
            _ => {}
        }
    }
    settings
}

/// A name with conversions of strftime(3) as a pattern.
pub(in crate::services) fn pattern_of_time(name: &str) -> String {
    let (mut pattern, mut characters) = (String::new(), name.chars());
    while let Some(c) = characters.next() {
        match c {
            '%' => match characters.next() {
                Some('%') => pattern.push('%'),
                _ if pattern.ends_with('*') => {}
                _ => pattern.push('*'),
            },
            c => pattern.push(c),
        }
    }
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_as_postgresql_reads_them() {
        for (line, wanted) in [
            ("port = 5433 # odd", "port=5433"),
            ("port 5433", "port=5433"),
            ("log_line_prefix = '%m [%p] ''x'' # '", "log_line_prefix=%m [%p] 'x' # "),
            ("a = 'it\\'s'", "a=it's"),
            ("listen_addresses = ''", "listen_addresses="),
            ("include_dir='conf.d'", "include_dir=conf.d"),
        ] {
            let (name, value) = parse(line).unwrap().unwrap();
            assert_eq!(format!("{name}={value}"), wanted, "{line}");
        }
        assert_eq!((parse("  # a"), parse("")), (Ok(None), Ok(None)));
        assert_eq!(parse("a = 'b").unwrap_err(), "a quote is not closed");
        assert_eq!(parse("port").unwrap_err(), "no value for port");
    }

    #[test]
    fn the_command_line_overrules() {
        let line = "postgres -D /d -c config_file=/e/p.conf -p 6000 --log-line-prefix=x -k/s -c fsync";
        let given = given(&line.split(' ').map(str::to_owned).collect::<Vec<_>>());
        let got = ["config_file", "port", "log_line_prefix", "unix_socket_directories", "fsync"]
            .map(|it| given.get(it));
        assert_eq!(got, [Some("/e/p.conf"), Some("6000"), Some("x"), Some("/s"), Some("on")]);
        assert_eq!(pattern_of_time("a-%Y-%m_%%.log"), "a-*-*_%.log");
        assert_eq!(pattern_of_time("a%Y%m"), "a*");
    }
}
