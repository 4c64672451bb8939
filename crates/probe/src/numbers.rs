//! The host's numbers as a probe says them: the last value of every series that is wanted, one line each.

use model::{Batch, HOST, Kind, Labels, NAME, PushError, Receipt, Report, Sink};
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How long a value is said after it was measured last, in milliseconds.
pub const FRESH_MS_MAX: i64 = 60_000;

/// Says whether a metric is wanted, by its name.
pub type Wanted = Box<dyn Fn(&str) -> bool + Send + Sync>;

/// A sink that remembers the last value of every series.
pub struct Numbers {
    wanted: Wanted,
    latest: Mutex<BTreeMap<Box<[u8]>, Latest>>,
}

struct Latest {
    /// `None` for series that are not wanted.
    said: Option<Said>,
    time_ms: i64,
    value: f64,
}

struct Said {
    host: String,
    source: String,
    kind: Kind,
}

impl Numbers {
    /// Remembers what `wanted` says.
    pub fn new(wanted: Wanted) -> Self {
        Self { wanted, latest: Mutex::default() }
    }

    /// Appends the lines of all that is fresh, sorted by their series.
    pub fn write_lines(&self, now_ms: i64, out: &mut String) {
        let mut latest = self.lock();
        latest.retain(|_, it| now_ms - it.time_ms <= FRESH_MS_MAX);
        for (said, value) in latest.values().filter_map(|it| Some((it.said.as_ref()?, it.value))) {
            wire::protocols::probe::write_line(out, &said.host, &said.source, value, said.kind);
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Box<[u8]>, Latest>> {
        self.latest.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn said(&self, labels: &Labels, kind: Kind) -> Option<Said> {
        (self.wanted)(labels.name()).then(|| Said {
            host: labels.host().to_owned(),
            source: source(labels),
            kind,
        })
    }
}

/// The metric's name and the values of its other labels, between dots. What monitors make names of files of must hold no
/// slash and no blank.
fn source(labels: &Labels) -> String {
    let mut source = labels.name().to_owned();
    for (_, value) in labels.iter().filter(|(name, _)| *name != NAME && *name != HOST) {
        source.push('.');
        source.extend(value.chars().map(|c| if c == '/' || c.is_whitespace() { '_' } else { c }));
    }
    source
}

impl Sink for Numbers {
    fn push(&self, batch: &Batch) -> Result<Receipt, PushError> {
        let mut latest = self.lock();
        for rows in batch.groups() {
            for (slot, value) in rows.slots.iter().zip(rows.values) {
                let key = batch.dictionary.key(*slot);
                if let Some(known) = latest.get_mut(key) {
                    (known.time_ms, known.value) = (rows.time_ms, *value);
                    continue;
                }
                let said = self.said(&batch.dictionary.labels(*slot), batch.dictionary.kind(*slot));
                latest.insert(key.into(), Latest { said, time_ms: rows.time_ms, value: *value });
            }
        }
        let report = Report { accepted: batch.len() as u64, ..Report::default() };
        Ok(Receipt { report, duplicates: 0 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_values_of_what_is_wanted_while_they_are_fresh() {
        let numbers = Numbers::new(Box::new(|name| name != "secret"));
        let mut batch = Batch::new();
        let mut add = |pairs: &[(&str, &str)], kind, time_ms, value| {
            let slot = batch.dictionary.add(&Labels::from_pairs(pairs.iter().copied()).unwrap(), kind);
            batch.sample(slot, time_ms, value);
        };
        add(&[(NAME, "load1"), (HOST, "web")], Kind::Gauge, 1_000, 0.5);
        add(&[(NAME, "load1"), (HOST, "web")], Kind::Gauge, 2_000, 0.75);
        add(&[(NAME, "disk_free_bytes"), (HOST, "web"), ("mount", "/var/my data")], Kind::Gauge, 2_000, 7.0);
        add(&[(NAME, "secret"), (HOST, "web")], Kind::Gauge, 2_000, 1.0);
        add(&[(NAME, "old"), (HOST, "web")], Kind::Counter, 0, 1.0);
        numbers.push(&batch).unwrap();
        let mut out = String::new();
        numbers.write_lines(61_000, &mut out);
        let mut lines: Vec<&str> = out.lines().collect();
        lines.sort_unstable();
        assert_eq!(lines, ["web:disk_free_bytes._var_my_data:7:GAUGE", "web:load1:0.75:GAUGE"]);
    }
}
