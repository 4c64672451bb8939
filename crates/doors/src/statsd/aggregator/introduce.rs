//! Names that are seen for the first time, and service checks, whose names are put together anew each time.

use super::{Aggregator, PENDING_MAX, Pending};
use crate::service::Peer;
use crate::statsd::naming::{self, NameError};
use crate::statsd::series::{Class, Series, State};
use crate::statsd::table::{REFUSED, Spelling};
use model::{LabelsBuilder, NAME, Slot};
use wire::protocols::statsd::Check;

/// Name of the series of service checks.
const CHECK_STATE: &str = "check_state";

impl Aggregator {
    /// Finds or makes the series of a spelling that is not in the cache.
    #[cold]
    pub(super) fn introduce(&mut self, spelling: Spelling<'_>, line: usize, peer: Peer) -> Option<u32> {
        let Spelling { class, name, tags, .. } = spelling;
        let mut labels = std::mem::take(&mut self.labels);
        let named = naming::labels(name, tags, &self.options.host, class.reserved(), &mut labels);
        let settled = named.map_err(Refused::Name).and_then(|bare| self.settle(class, bare, &mut labels));
        self.labels = labels;
        match settled {
            Ok(found) => {
                self.table.remember(spelling, found);
                Some(found)
            }
            Err(refused) => {
                let name = name.escape_ascii();
                self.tally.refuse(line, peer, &format_args!("`{name}`: {refused}"));
                match refused {
                    Refused::Full => self.tally.overflow(),
                    Refused::Taken(_) => self.table.remember(spelling, REFUSED),
                    Refused::Name(_) => {}
                }
                None
            }
        }
    }

    /// The series with these labels; a new one when there is none.
    fn settle(&mut self, class: Class, name: &str, labels: &mut LabelsBuilder) -> Result<u32, Refused> {
        let rows = class.rows(&self.options);
        for row in 0..rows {
            self.label_row(class, row, name, labels);
            let key = labels.key().map_err(|e| Refused::Name(NameError::Labels(e)))?;
            let Some((_, found)) = self.table.row(&self.batch.dictionary, key) else { continue };
            return match self.series[found as usize].class() {
                // All its rows are there when the first is.
                other if other == class && row == 0 => Ok(found),
                other => Err(Refused::Taken(other)),
            };
        }
        if self.batch.dictionary.len() + rows as usize > self.options.series_max
            || self.memory_bytes() >= self.options.memory_bytes_max
        {
            return Err(Refused::Full);
        }
        let (found, first) = (self.series.len() as u32, Slot(self.batch.dictionary.len() as u32));
        for row in 0..rows {
            let kind = self.label_row(class, row, name, labels);
            let slot = self.batch.dictionary.add_built(labels, kind);
            let slot = slot.map_err(|e| Refused::Name(NameError::Labels(e)))?;
            self.table.add_row(&self.batch.dictionary, slot, found);
        }
        self.series.push(Series::new(class, first, &self.options));
        Ok(found)
    }

    fn label_row(&self, class: Class, row: u32, name: &str, labels: &mut LabelsBuilder) -> model::Kind {
        for label in class.reserved() {
            labels.remove(label);
        }
        let (name, extra, kind) = class.row(row, name, &self.options);
        labels.set(NAME, &name);
        if let Some((label, value)) = extra {
            labels.set(label, &value);
        }
        kind
    }

    /// Takes a service check as the gauge `check_state{check="…"}`.
    pub(super) fn check(&mut self, check: &Check<'_>, line: usize, peer: Peer) {
        let mut labels = std::mem::take(&mut self.labels);
        let settled = self.settle_check(check, &mut labels);
        self.labels = labels;
        match settled {
            Ok(found) => {
                self.tally.samples += 1;
                self.wake(found);
                let value = f64::from(check.state);
                let series = &mut self.series[found as usize];
                match (check.time_s, &mut series.state) {
                    (Some(time_s), _) if self.pending.len() < PENDING_MAX => {
                        let slot = series.first;
                        self.pending.push(Pending { time_ms: time_s * 1000, slot, value, adds: false });
                    }
                    (None, State::Gauge(state)) => *state = value,
                    _ => self.tally.lost += 1,
                }
            }
            Err(refused) => {
                if matches!(refused, Refused::Full) {
                    self.tally.overflow();
                }
                let name = check.name.escape_ascii();
                self.tally.refuse(line, peer, &format_args!("check `{name}`: {refused}"));
            }
        }
    }

    fn settle_check(&mut self, check: &Check<'_>, labels: &mut LabelsBuilder) -> Result<u32, Refused> {
        naming::labels(CHECK_STATE.as_bytes(), check.tags, &self.options.host, &["check"], labels)
            .map_err(Refused::Name)?;
        labels.set("check", naming::text(check.name).map_err(Refused::Name)?);
        let host = naming::text(check.host).map_err(Refused::Name)?;
        if !host.is_empty() {
            labels.set(model::HOST, host);
        }
        self.settle(Class::Gauge, CHECK_STATE, labels)
    }
}

/// Why there is no series for a line.
enum Refused {
    Name(NameError),
    Taken(Class),
    Full,
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Name(error) => error.fmt(f),
            Self::Taken(class) => write!(f, "the name is {} already", class.as_str()),
            Self::Full => f.write_str("no room for more series (statsd.series_max, statsd.memory_bytes_max)"),
        }
    }
}
