//! The access log of a pool. Its format is Apache's with letters of its own, into whose language it is put.

use super::Pool;
use crate::plan::{Part, Work};
use crate::root::path;
use crate::{Inspection, Process};

/// What is written when a pool says nothing.
const USUAL: &str = "%R - %u %t \"%m %r\" %s";

/// Adds the log of a pool, or why it is not read.
pub(super) fn plan(inspection: &mut Inspection<'_>, pool: &Pool, part: &mut Part) {
    let Some(log) = pool.get("access.log").filter(|log| !log.is_empty()) else { return };
    let Some(log) = located(inspection.process, pool, log) else {
        part.problems
            .push(format!("{log} is not read: it is below the folder that was compiled into PHP-FPM"));
        return;
    };
    let format = pool.get("access.format").map_or(USUAL, String::as_str);
    match inspection.log(&log, "apache", "access.format", &as_apache(format)) {
        Ok(work) => part.parts.push(Part::new(format!("log {log}"), Work::Log(work))),
        Err(why) => part.problems.push(why),
    }
}

/// Below the pool's folder, or that of the command line.
pub(super) fn located(process: &Process, pool: &Pool, log: &str) -> Option<String> {
    if log.starts_with('/') {
        return Some(log.to_owned());
    }
    let folder = pool.get("prefix").cloned().or_else(|| process.option(&["-p", "--prefix"]))?;
    Some(path::join(&folder, log))
}

/// `%R` is Apache's `%h`, `%{mili}d` its `%{ms}T`. Whatever else is of no use to us is some variable to Apache, too.
fn as_apache(format: &str) -> String {
    let (mut out, mut rest) = (String::new(), format);
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let argument = rest.strip_prefix('{').and_then(|inner| inner.split_once('}'));
        let (argument, after) = argument.map_or(("", rest), |(argument, after)| (argument, after));
        let Some(letter) = after.chars().next() else { break };
        rest = &after[letter.len_utf8()..];
        match (letter, argument) {
            ('R', _) => out.push_str("%h"),
            ('m', _) => out.push_str("%m"),
            ('r', _) => out.push_str("%U"),
            // The query belongs to what is before it.
            ('q' | 'Q', _) if out.ends_with("%U") => {}
            ('s', _) => out.push_str("%s"),
            ('l', _) => out.push_str("%B"),
            ('d', "mili" | "milliseconds" | "miliseconds") => out.push_str("%{ms}T"),
            ('d', "micro" | "microseconds") => out.push_str("%{us}T"),
            ('d', _) => out.push_str("%T"),
            ('%', _) => out.push_str("%%"),
            _ => out.push_str("%{other}i"),
        }
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use logparse::{Format, Record};

    /// Whether a line that PHP-FPM 8.2 wrote is understood.
    fn reads(format: &str, line: &str) -> bool {
        Format::compile("apache", &as_apache(format)).unwrap().parse(line.as_bytes(), &mut Record::default())
    }

    #[test]
    fn formats_are_put_into_the_language_of_apache() {
        let long = "%R - %u %t \"%m %r%Q%q\" %s %f %{mili}d %{kilo}M %C%%";
        assert_eq!(
            as_apache(long),
            "%h - %{other}i %{other}i \"%m %U\" %s %{other}i %{ms}T %{other}i %{other}i%%"
        );
        let line = "- -  22/Nov/2026:12:22:28 +0000 \"GET /s?json\" 200 - 0.594 2048 0.00%";
        assert!(reads(long, line));
        assert!(reads(USUAL, "127.0.0.1 -  22/Nov/2026:12:22:28 +0000 \"GET /index.php\" 200"));
        assert_eq!(as_apache("%{seconds}d %l %{REQUEST_URI}e 100% %"), "%T %B %{other}i 100%{other}i");
    }
}
