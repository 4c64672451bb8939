//! The relay's numbers under the names that carbon's programs tell theirs by. As carbon has it, counts are of the time
//! since the last telling.
//!
//! A relay of ours is three of carbon's programs at once: a relay, whose destinations are the outputs; a cache, because what
//! it holds is kept and written out in batches; and an aggregator where there are rules for it.

use crate::stats::{self, OutputStats};
use model::{Batch, Kind, Labels, NAME};

/// What was told last.
#[derive(Debug, Default)]
pub struct Carbon {
    last: Vec<OutputStats>,
    received: u64,
    made: u64,
    cpu_seconds: f64,
    time_ms: i64,
}

impl Carbon {
    /// Appends `carbon.relays.<host>-a.…`, `carbon.agents.<host>-a.…` and, where series are made of others,
    /// `carbon.aggregator.<host>-a.…`, given the processor time and memory of this process.
    pub fn tell(
        &mut self,
        outputs: &[OutputStats],
        host: &str,
        (cpu_seconds, memory_bytes): (f64, f64),
        time_ms: i64,
        batch: &mut Batch,
    ) {
        batch.begin(time_ms);
        let host = host.replace('.', "_");
        let before = |output: &OutputStats| {
            self.last.iter().find(|last| last.name == output.name).cloned().unwrap_or_default()
        };
        let pairs: Vec<(&OutputStats, OutputStats)> = outputs.iter().map(|o| (o, before(o))).collect();
        let received = stats::RECEIVED.get();
        let seconds = (time_ms - self.time_ms) as f64 / 1000.0;
        let is_first = self.time_ms == 0 || seconds <= 0.0;
        let cpu = (!is_first).then(|| (cpu_seconds - self.cpu_seconds) / seconds * 100.0);
        let mut programs = vec!["relays", "agents"];
        programs.extend((stats::AGGREGATES.get() > 0.0).then_some("aggregator"));
        for program in programs {
            let mut push =
                |name: &str, value: f64| push(&format!("carbon.{program}.{host}-a.{name}"), value, batch);
            push("metricsReceived", (received - self.received) as f64);
            cpu.into_iter().for_each(|cpu| push("cpuUsage", cpu));
            push("memUsage", memory_bytes);
            match program {
                "relays" => destinations(&pairs, &mut push),
                "agents" => cache(&pairs, &mut push),
                _ => {
                    push("allocatedBuffers", stats::AGGREGATES.get());
                    push("bufferedDatapoints", stats::BUFFERED.get());
                    push("aggregateDatapointsSent", (stats::MADE.get() - self.made) as f64);
                }
            }
        }
        self.last = outputs.to_vec();
        (self.received, self.made) = (received, stats::MADE.get());
        (self.cpu_seconds, self.time_ms) = (cpu_seconds, time_ms);
    }
}

fn push(name: &str, value: f64, batch: &mut Batch) {
    if let Ok(labels) = Labels::from_pairs([(NAME, name)]) {
        let slot = batch.dictionary.add(&labels, Kind::Gauge);
        batch.push(slot, value);
    }
}

/// How much a number has grown.
fn since(now: &OutputStats, before: &OutputStats, read: fn(&OutputStats) -> u64) -> f64 {
    read(now).saturating_sub(read(before)) as f64
}

/// Each output as a destination of a relay.
fn destinations(pairs: &[(&OutputStats, OutputStats)], push: &mut dyn FnMut(&str, f64)) {
    for (output, before) in pairs {
        let name = output.name.replace(['.', ' ', '/'], "_");
        let since = |read| since(output, before, read);
        let waits = |connected| if (output.failures == 0) == connected { output.held as f64 } else { 0.0 };
        let mut push = |metric: &str, value| push(&format!("destinations.{name}.{metric}"), value);
        push("attemptedRelays", since(|o| o.entered - o.passed.min(o.entered)));
        push("sent", since(|o| o.sent));
        push("batchesSent", since(|o| o.batches));
        push("fullQueueDrops", since(|o| o.dropped_full));
        push("queuedUntilConnected", waits(false));
        push("queuedUntilReady", waits(true));
        push("relayMaxQueueLength", output.held_max as f64);
    }
}

/// All outputs as the one writer of a cache: a batch that was delivered is an update.
fn cache(pairs: &[(&OutputStats, OutputStats)], push: &mut dyn FnMut(&str, f64)) {
    let sum = |read: fn(&OutputStats) -> u64| -> f64 {
        pairs.iter().map(|(output, before)| since(output, before, read)).sum()
    };
    push("cache.size", pairs.iter().map(|(output, _)| output.held as f64).sum());
    push("cache.queues", pairs.iter().filter(|(output, _)| output.held > 0).count() as f64);
    push("cache.overflow", sum(|o| o.dropped_full));
    push("errors", sum(|o| o.retries + o.dropped_refused));
    let (updates, points) = (sum(|o| o.batches), sum(|o| o.sent));
    push("updateOperations", updates);
    push("committedPoints", points);
    if updates > 0.0 {
        push("pointsPerUpdate", points / updates);
        push("avgUpdateTime", sum(|o| o.took_total_us) / updates / 1e6);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_of_carbon_are_of_the_time_since_the_last_telling() {
        let output = OutputStats {
            name: "b.c".to_owned(),
            entered: 10,
            sent: 7,
            held: 3,
            batches: 1,
            ..OutputStats::default()
        };
        let (mut carbon, mut batch) = (Carbon::default(), Batch::new());
        carbon.tell(std::slice::from_ref(&output), "h.x", (1.0, 5.0), 60_000, &mut batch);
        batch.clear();
        let later = OutputStats { entered: 15, sent: 15, batches: 3, took_total_us: 5000, held: 0, ..output };
        carbon.tell(&[later], "h.x", (4.0, 5.0), 120_000, &mut batch);
        let value = |name: &str| {
            let rows = batch.groups().next().unwrap();
            let at = rows.slots.iter().position(|slot| batch.dictionary.labels(*slot).name() == name);
            rows.values[at.unwrap_or_else(|| panic!("no {name}"))]
        };
        assert_eq!(value("carbon.relays.h_x-a.destinations.b_c.sent"), 8.0);
        assert_eq!(value("carbon.relays.h_x-a.destinations.b_c.attemptedRelays"), 5.0);
        assert_eq!(value("carbon.relays.h_x-a.cpuUsage"), 5.0);
        assert_eq!(value("carbon.agents.h_x-a.committedPoints"), 8.0);
        assert_eq!(value("carbon.agents.h_x-a.pointsPerUpdate"), 4.0);
        assert_eq!(value("carbon.agents.h_x-a.avgUpdateTime"), 0.0025);
        assert_eq!(
            (value("carbon.agents.h_x-a.cache.size"), value("carbon.agents.h_x-a.cache.queues")),
            (0.0, 0.0)
        );
    }
}
