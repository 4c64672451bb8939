//! Entries counted by unit and severity.

use crate::aggregate::OTHER;
use crate::aggregate::told::{Series, Told};
use crate::metrics::JOURNAL_MESSAGES;
use crate::telemetry;

/// Most units with series of their own; the rest is `~other`.
const UNITS_MAX: usize = 256;
/// As journald names them, and nothing for entries without.
const SEVERITIES: [&str; 9] = ["emerg", "alert", "crit", "err", "warning", "notice", "info", "debug", ""];
/// Unit of what no unit wrote.
const NONE: &str = "~none";

#[derive(Debug)]
struct Count {
    severity: u8,
    count: u64,
    series: Series,
}

#[derive(Debug)]
struct Unit {
    name: String,
    counts: Vec<Count>,
}

/// See the module's text.
#[derive(Debug)]
pub(super) struct Units {
    all: Vec<Unit>,
}

impl Units {
    /// Number of the entries that no unit wrote.
    pub(super) const NONE: u16 = 0;
    /// Number of those of the kernel.
    pub(super) const KERNEL: u16 = 1;
    const OTHER: u16 = 2;

    pub(super) fn new() -> Self {
        let unit = |name: &str| Unit { name: name.to_owned(), counts: Vec::new() };
        Self { all: [NONE, "kernel", OTHER].map(unit).into() }
    }

    /// The number of a unit by its name.
    pub(super) fn number(&mut self, name: &[u8]) -> u16 {
        let name = folded(&String::from_utf8_lossy(name));
        if let Some(at) = self.all.iter().position(|unit| unit.name == name) {
            return at as u16;
        }
        if self.all.len() >= UNITS_MAX {
            telemetry::UNITS_FOLDED.add(1);
            return Self::OTHER;
        }
        self.all.push(Unit { name, counts: Vec::new() });
        (self.all.len() - 1) as u16
    }

    /// Counts an entry.
    pub(super) fn count(&mut self, unit: u16, severity: Option<u8>) {
        let severity = severity.unwrap_or(SEVERITIES.len() as u8 - 1);
        let Some(unit) = self.all.get_mut(usize::from(unit)) else { return };
        match unit.counts.iter_mut().find(|count| count.severity == severity) {
            Some(count) => count.count += 1,
            None => unit.counts.push(Count { severity, count: 1, series: Series::default() }),
        }
    }

    pub(super) fn flush(&mut self, told: &mut Told) {
        for Unit { name, counts } in &mut self.all {
            for Count { severity, count, series } in counts {
                let labels = [("unit", name.as_str()), ("severity", SEVERITIES[usize::from(*severity)])];
                told.counter(series, &JOURNAL_MESSAGES, &labels, *count as f64);
            }
        }
    }
}

/// A name without what is another one each time: `session-12.scope`, `run-r4f6c….service`, `docker-4f6c….scope`.
fn folded(name: &str) -> String {
    let (stem, kind) = name.rsplit_once('.').unwrap_or((name, ""));
    let is_number = |piece: &str| {
        let digits = piece.trim_start_matches(['u', 'r', 'p', 'i']);
        let is_long = piece.len() >= 12 && piece.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_long || !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) || {
            digits.len() >= 12 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
        }
    };
    let mut pieces = stem.split('-');
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        out.push('-');
        out.push_str(if is_number(piece) { "*" } else { piece });
    }
    if !kind.is_empty() {
        out.push('.');
        out.push_str(kind);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_never_come_again_are_folded() {
        for (name, wanted) in [
            ("nginx.service", "nginx.service"),
            ("postgresql@15-main.service", "postgresql@15-main.service"),
            ("php8.2-fpm.service", "php8.2-fpm.service"),
            ("systemd-udevd.service", "systemd-udevd.service"),
            ("user@1000.service", "user@1000.service"),
            ("session-12.scope", "session-*.scope"),
            ("run-u17.service", "run-*.service"),
            ("run-r4f6c1b0a9d8e4f6c1b0a9d8e4f6c1b0a.scope", "run-*.scope"),
            ("run-p12-i34.scope", "run-*-*.scope"),
            ("docker-4f6c1b0a9d8e4f6c1b0a9d8e.scope", "docker-*.scope"),
            ("cri-containerd-4f6c1b0a9d8e4f6c1b0a9d8e.scope", "cri-containerd-*.scope"),
            ("", ""),
        ] {
            assert_eq!(folded(name), wanted);
        }
    }

    #[test]
    fn there_are_never_more_units_than_allowed() {
        let mut units = Units::new();
        for at in 0..1000 {
            units.number(format!("a{at}.service").as_bytes());
        }
        assert_eq!(units.all.len(), UNITS_MAX);
        assert_eq!(units.number(b"new.service"), Units::OTHER);
        assert_eq!(units.number(b"a0.service"), 3);
    }
}
