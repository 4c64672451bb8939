//! What plugins print, one row each, in the order in which a first line is asked whether it is of this format.

use wire::protocols::{Protocol, falcon, graphite, influx, perfdata, probe, prometheus_text, putval};

/// A format as settings, documentation and the runner see it.
#[derive(Debug)]
pub struct Format {
    /// What it is called in the settings.
    pub name: &'static str,
    /// One sentence for people.
    pub summary: &'static str,
    /// How its text is read.
    pub(crate) protocol: Protocol,
    /// What else there is to it.
    pub(crate) manner: Manner,
    /// Whether a line looks like its first one.
    recognises: fn(&str) -> bool,
}

/// What else there is to a format than its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manner {
    /// Each line says all there is to say; a program may go on printing them.
    Lines,
    /// As Open-Falcon has it: one document, worth nothing when the program fails.
    Document,
    /// The exit code is a state, and the first line says it in words.
    Monitoring,
    /// Lines, and notifications among them.
    Notices,
}

impl PartialEq for Format {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Format {}

/// Every format.
pub static FORMATS: &[Format] = &[
    Format {
        name: "falcon",
        summary: "A JSON array of Open-Falcon's metric values, each with its own endpoint",
        protocol: falcon::PROTOCOL,
        manner: Manner::Document,
        recognises: |line| line.starts_with('[') || line == "null",
    },
    Format {
        name: "putval",
        summary: "`PUTVAL` and `PUTNOTIF` lines of collectd's exec plugin",
        protocol: putval::PROTOCOL,
        manner: Manner::Notices,
        recognises: |line| {
            let command = line.split([' ', '\t']).next().unwrap_or_default();
            command.eq_ignore_ascii_case("PUTVAL") || command.eq_ignore_ascii_case("PUTNOTIF")
        },
    },
    Format {
        name: "prometheus",
        summary: "Prometheus text or OpenMetrics",
        protocol: prometheus_text::PROTOCOL,
        manner: Manner::Lines,
        recognises: is_prometheus,
    },
    Format {
        name: "monitoring",
        summary: "A monitoring plugin (Nagios, Icinga): exit code, text and performance data",
        protocol: perfdata::PROTOCOL,
        manner: Manner::Monitoring,
        recognises: is_monitoring,
    },
    Format {
        name: "probe",
        summary: "Lines `host:source:value:TYPE`",
        protocol: probe::PROTOCOL,
        manner: Manner::Lines,
        recognises: |line| {
            let mut parts = line.rsplit(':');
            let is_type = |kind: &str| {
                model::Kind::parse(kind.trim_ascii()).is_some_and(|kind| kind != model::Kind::Unknown)
            };
            parts.next().is_some_and(is_type) && parts.count() >= 3
        },
    },
    Format {
        name: "influx",
        summary: "Influx lines, times in nanoseconds",
        protocol: influx::PROTOCOL,
        manner: Manner::Lines,
        recognises: is_influx,
    },
    Format {
        name: "graphite",
        summary: "Graphite's lines `path value time`, with tags",
        protocol: graphite::PROTOCOL,
        manner: Manner::Lines,
        recognises: is_graphite,
    },
];

impl Format {
    /// The row of this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        FORMATS.iter().find(|format| format.name == name)
    }

    /// Whether a program that stays may print it.
    pub fn is_of_lines(&self) -> bool {
        matches!(self.manner, Manner::Lines | Manner::Notices)
    }

    /// The format that a program's name promises: monitoring plugins are called `check_…`, and some of them print a text that
    /// could be anything.
    pub(crate) fn of_program(program: &std::path::Path) -> Option<&'static Self> {
        let is_check = program.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"check_"));
        is_check.then(|| Self::named("monitoring")).flatten()
    }

    /// The format of an output, told by its first line that says something.
    pub fn of(output: &str) -> Option<&'static Self> {
        let lines = output.lines().map(str::trim_ascii).filter(|line| !line.is_empty());
        let mut telling = lines.filter(|line| !line.starts_with('#') || is_prometheus(line));
        let first = telling.next()?;
        FORMATS.iter().find(|format| (format.recognises)(first))
    }
}

fn is_prometheus(line: &str) -> bool {
    if let Some(comment) = line.strip_prefix("# ") {
        let word = comment.split(' ').next().unwrap_or_default();
        return matches!(word, "HELP" | "TYPE" | "UNIT" | "EOF");
    }
    let labels = line.split_once('{').is_some_and(|(name, rest)| {
        let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | ':');
        name.chars().all(is_name) && rest.contains('}')
    });
    // Without labels only a time in milliseconds tells it from Graphite's lines.
    let words: Vec<&str> = line.split_ascii_whitespace().collect();
    let in_milliseconds = || {
        matches!(words[..], [_, value, time]
        if is_number(value) && time.parse::<i64>().is_ok_and(|time| time > 100_000_000_000))
    };
    (labels && words.last().is_some_and(|word| is_number(word))) || in_milliseconds()
}

/// A state as a word of its own, or performance data.
fn is_monitoring(line: &str) -> bool {
    let mut words = line.split(|c: char| !c.is_ascii_alphanumeric());
    let has_state = words.any(|word| matches!(word, "OK" | "WARNING" | "CRITICAL" | "UNKNOWN"));
    has_state || line.split_once('|').is_some_and(|(_, items)| items.contains('='))
}

fn is_influx(line: &str) -> bool {
    let Some((head, fields)) = line.split_once(' ') else { return false };
    let measurement = head.split(',').next().unwrap_or_default();
    let field = fields.split_once('=').map(|(name, _)| name);
    !measurement.is_empty() && field.is_some_and(|name| !name.is_empty() && !name.contains(' '))
}

fn is_graphite(line: &str) -> bool {
    let mut words = line.split_ascii_whitespace().skip(1);
    words.next().is_some_and(is_number) && words.next().is_none_or(|time| time == "N" || is_number(time))
}

fn is_number(text: &str) -> bool {
    text.parse::<f64>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_examples_are_recognised() {
        for (at, format) in FORMATS.iter().enumerate() {
            assert!(std::ptr::eq(Format::named(format.name).unwrap(), &raw const FORMATS[at]));
            assert!(!format.summary.is_empty());
            let example = std::str::from_utf8(format.protocol.example).unwrap();
            assert_eq!(Format::of(example).map(|f| f.name), Some(format.name), "{example}");
        }
    }

    #[test]
    fn a_check_is_a_monitoring_plugin_whatever_it_prints() {
        let of = |path: &str| Format::of_program(path.as_ref()).map(|format| format.name);
        assert_eq!(of("/usr/lib/nagios/plugins/check_tcp"), Some("monitoring"));
        assert_eq!((of("/bin/cat"), of("/usr/check_x/cat"), of("")), (None, None, None));
    }

    #[test]
    fn first_lines_tell_the_format() {
        for (output, name) in [
            ("[]", "falcon"),
            ("\n  [{\"metric\":", "falcon"),
            ("# a comment\nPUTVAL h/p/gauge N:1", "putval"),
            ("putnotif severity=okay message=x", "putval"),
            ("# HELP a b\n", "prometheus"),
            ("up 1 1700000000000", "prometheus"),
            ("a{b=\"c d\"} 1", "prometheus"),
            ("up 1", "graphite"),
            ("a.b 1 1700000000", "graphite"),
            ("a;b=c 1.5 -1", "graphite"),
            ("a 1 N", "graphite"),
            ("cpu,host=a usage=1 1", "influx"),
            ("cpu usage=1i,x=\"y z\"", "influx"),
            ("2001:db8::1:load:1:gauge", "probe"),
            ("h:a b:U:COUNTER", "probe"),
            ("HTTP OK: HTTP/1.1 200 OK", "monitoring"),
            ("disk full|/=1", "monitoring"),
            ("CRITICAL - Socket timeout", "monitoring"),
        ] {
            assert_eq!(Format::of(output).map(|f| f.name), Some(name), "{output}");
        }
        for output in [
            "",
            "\n#!\n",
            "hello world",
            "Traceback (most recent call last):",
            "{\"a\":1}",
            "\u{fffd}\u{fffd}",
        ] {
            assert_eq!(Format::of(output).map(|f| f.name), None, "{output}");
        }
    }
}
