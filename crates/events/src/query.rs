//! Answering: rows and blocks that may hold something wanted, the newest first, until nothing older can be.

use crate::active::Row;
use crate::event_log::EventLog;
use crate::sealed::{Entry, Sealed};
use model::{Event, EventPage, EventQuery, Place, ReadError, Told};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};

/// Most events of one answer.
const LIMIT_MAX: usize = 10_000;

/// Events that lie together.
enum Piece {
    Row(Arc<Row>),
    Block(Arc<Sealed>, usize),
}

/// Those that match so far, as many as are wanted and one more.
struct Found {
    events: BTreeMap<Reverse<Place>, (Arc<str>, Event)>,
    count_max: usize,
}

pub(crate) fn run(log: &EventLog, query: &EventQuery) -> Result<EventPage, ReadError> {
    let limit = query.limit.min(LIMIT_MAX);
    let (mut pieces, next) = pieces(log, query);
    pieces.sort_by_key(|(time_max, _)| Reverse(*time_max));
    let mut found = Found { events: BTreeMap::new(), count_max: limit + 1 };
    for (time_max, piece) in pieces {
        if found.is_full() && time_max < found.oldest_ms() {
            break;
        }
        found.look(query, piece)?;
    }
    Ok(found.page(limit, next.saturating_sub(1)))
}

/// Everything that may hold something wanted, with the time of its newest event; and the number of the next event.
fn pieces(log: &EventLog, query: &EventQuery) -> (Vec<(i64, Piece)>, u64) {
    let view = log.view.read().unwrap_or_else(PoisonError::into_inner);
    let mut pieces = Vec::new();
    for row in &view.active {
        let right_host = query.host.as_ref().is_none_or(|host| **host == *row.host);
        if right_host && may_hold(query, row.levels, (row.time_min, row.time_max), row.number_last()) {
            pieces.push((row.time_max, Piece::Row(row.clone())));
        }
    }
    for sealed in &view.sealed {
        if query.after.is_some_and(|after| sealed.index.end <= after) {
            continue;
        }
        let host = query.host.as_ref().map(|host| sealed.index.hosts.binary_search_by(|h| (**h).cmp(host)));
        let Ok(host) = host.transpose() else { continue };
        for (at, entry) in sealed.index.entries.iter().enumerate() {
            if block_may_hold(query, entry, host) {
                pieces.push((entry.time_max, Piece::Block(sealed.clone(), at)));
            }
        }
    }
    (pieces, view.next)
}

fn block_may_hold(query: &EventQuery, entry: &Entry, host: Option<usize>) -> bool {
    let (first, last) = entry.hosts;
    let right_host = host.is_none_or(|host| (first as usize..=last as usize).contains(&host));
    right_host && may_hold(query, entry.levels, (entry.time_min, entry.time_max), entry.number_last)
}

fn may_hold(query: &EventQuery, levels: u8, (time_min, time_max): (i64, i64), number_last: u64) -> bool {
    levels >> query.level_min as u8 != 0
        && time_min < query.range.end_ms
        && time_max >= query.range.start_ms
        && query.before.is_none_or(|before| time_min <= before.time_ms)
        && query.after.is_none_or(|after| number_last > after)
}

impl Found {
    fn is_full(&self) -> bool {
        self.events.len() >= self.count_max
    }

    fn oldest_ms(&self) -> i64 {
        self.events.last_key_value().map_or(i64::MIN, |(Reverse(place), _)| place.time_ms)
    }

    fn look(&mut self, query: &EventQuery, piece: Piece) -> Result<(), ReadError> {
        match piece {
            Piece::Row(row) => {
                for (event, number) in row.unpack().into_iter().zip(row.number..) {
                    self.offer(query, &row.host, number, event);
                }
            }
            Piece::Block(sealed, at) => {
                let read = sealed.read(&sealed.index.entries[at]);
                // A segment that was just forgotten is gone, and so is what was in it.
                let events = match read {
                    Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(()),
                    read => read.map_err(|e| ReadError::Storage(e.to_string()))?,
                };
                for one in events {
                    let right_host = query.host.as_ref().is_none_or(|host| **host == *one.host);
                    if right_host {
                        self.offer(query, &one.host, one.number, one.event);
                    }
                }
            }
        }
        Ok(())
    }

    fn offer(&mut self, query: &EventQuery, host: &Arc<str>, number: u64, event: Event) {
        let place = Place { time_ms: event.time_ms, number };
        if query.reaches(place) && query.wants(&event) {
            self.events.insert(Reverse(place), (host.clone(), event));
            if self.events.len() > self.count_max {
                self.events.pop_last();
            }
        }
    }

    fn page(mut self, limit: usize, last_number: u64) -> EventPage {
        let more = self.events.len() > limit;
        if more {
            self.events.pop_last();
        }
        let told = |(Reverse(place), (host, event)): (_, (Arc<str>, Event))| Told {
            place,
            host: host.to_string(),
            event,
        };
        EventPage { events: self.events.into_iter().map(told).collect(), more, last_number }
    }
}
