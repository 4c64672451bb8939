//! Counts of what messages say that happened. The names come from tables of the formats, so that there are few.

use crate::aggregate::told::{Series, Told};
use crate::metrics::{EVENT_BYTES, EVENT_SECONDS, EVENTS};

/// How much of it there was.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Amount {
    None,
    Seconds(f64),
    Bytes(f64),
}

#[derive(Debug)]
struct Event {
    name: &'static str,
    count: u64,
    seconds: Option<f64>,
    bytes: Option<f64>,
    series: [Series; 3],
}

/// See the module's text.
#[derive(Debug, Default)]
pub(super) struct Events(Vec<Event>);

impl Events {
    pub(super) fn add(&mut self, name: &'static str, amount: Amount) {
        self.event(name).count += 1;
        self.more(name, amount);
    }

    /// Adds to one that was counted by a line before.
    pub(super) fn more(&mut self, name: &'static str, amount: Amount) {
        let event = self.event(name);
        match amount {
            Amount::None => {}
            Amount::Seconds(seconds) => *event.seconds.get_or_insert(0.0) += seconds,
            Amount::Bytes(bytes) => *event.bytes.get_or_insert(0.0) += bytes,
        }
    }

    fn event(&mut self, name: &'static str) -> &mut Event {
        let known = self.0.iter().position(|event| event.name == name);
        let at = known.unwrap_or_else(|| {
            self.0.push(Event { name, count: 0, seconds: None, bytes: None, series: Default::default() });
            self.0.len() - 1
        });
        &mut self.0[at]
    }

    pub(super) fn flush(&mut self, told: &mut Told) {
        for event in &mut self.0 {
            let values = [
                (&EVENTS, Some(event.count as f64)),
                (&EVENT_SECONDS, event.seconds),
                (&EVENT_BYTES, event.bytes),
            ];
            for (series, (metric, value)) in event.series.iter_mut().zip(values) {
                if let Some(value) = value {
                    told.counter(series, metric, &[("event", event.name)], value);
                }
            }
        }
    }
}
