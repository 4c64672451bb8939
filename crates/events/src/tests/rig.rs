//! A log on a disk that can fail, and the same events in a plain list beside it.

use crate::{EventLog, Options, Sync};
use model::{Event, EventKind, EventPage, EventQuery, EventSource, Level, Place, Told};
use std::sync::Arc;
use std::time::Duration;
use stdx::clock::ManualClock;
use stdx::disk::FaultyDisk;
use stdx::random::Random;

pub(super) const START_MS: i64 = 1_700_000_000_000;
pub(super) const HOSTS: [&str; 4] = ["a", "b", "c", "d"];

pub(super) struct Rig {
    pub(super) disk: FaultyDisk,
    pub(super) clock: Arc<ManualClock>,
}

impl Rig {
    pub(super) fn new() -> Self {
        Self { disk: FaultyDisk::new(), clock: Arc::new(ManualClock::at(START_MS)) }
    }

    /// Small segments, so that little fills them.
    pub(super) fn options(&self, sync: Sync) -> Options {
        let mut options = Options::new("/events", Arc::new(self.disk.clone()), self.clock.clone());
        options.segment_bytes = 2000;
        options.segment_age = Duration::from_secs(3600);
        options.sync = sync;
        options
    }

    pub(super) fn open(&self, sync: Sync) -> EventLog {
        EventLog::open(self.options(sync)).unwrap()
    }

    /// The process dies and starts again.
    pub(super) fn kill_and_open(&self, log: EventLog, sync: Sync) -> EventLog {
        self.disk.kill_process();
        drop(log);
        self.open(sync)
    }
}

/// Some events of one host, now and then of a time long ago.
pub(super) fn some(random: &mut Random, now_ms: i64) -> (&'static str, Vec<Event>) {
    let host = HOSTS[random.below(4) as usize];
    let count = 1 + random.below(4);
    let events = (0..count).map(|_| one(random, now_ms)).collect();
    (host, events)
}

fn one(random: &mut Random, now_ms: i64) -> Event {
    let late_ms = if random.below(5) == 0 { random.below(100_000) as i64 } else { 0 };
    let text = format!("event {} of many", random.below(50));
    let level = Level::ALL[random.below(5) as usize];
    let mut event = Event::log(now_ms - late_ms, level, ["agent", "kernel"][random.below(2) as usize], text);
    event.kind = [EventKind::LOG, EventKind::NOTE][random.below(2) as usize];
    if random.below(3) == 0 {
        event.fields.push(("module".to_owned(), format!("m{}", random.below(9))));
    }
    event
}

/// What a log would say, from a list of all events in the order in which they came.
pub(super) fn answer(all: &[(String, Event)], query: &EventQuery) -> Vec<(String, Event)> {
    let right = |host: &String| query.host.as_ref().is_none_or(|wanted| wanted == host);
    let mut found: Vec<(Place, &(String, Event))> = all
        .iter()
        .enumerate()
        .map(|(at, told)| (Place { time_ms: told.1.time_ms, number: at as u64 }, told))
        .filter(|(place, (host, event))| right(host) && query.reaches(*place) && query.wants(event))
        .collect();
    found.sort_by_key(|(place, _)| std::cmp::Reverse(*place));
    found.into_iter().take(query.limit).map(|(_, told)| told.clone()).collect()
}

pub(super) fn plain(page: EventPage) -> Vec<(String, Event)> {
    page.events.into_iter().map(|Told { host, event, .. }| (host, event)).collect()
}

pub(super) fn everything(log: &EventLog) -> Vec<(String, Event)> {
    plain(log.events(&EventQuery::newest(10_000)).unwrap())
}
