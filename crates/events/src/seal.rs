//! Sealing: the events in memory become a file sorted by host, and the log's file goes.

use crate::active::Row;
use crate::block::{self, Numbered};
use crate::commit::Writer;
use crate::event_log::EventLog;
use crate::file;
use crate::sealed::{Index, Sealed};
use model::Origin;
use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, PoisonError};
use stdx::disk::write_atomically;

impl EventLog {
    /// Writes everything that is not sealed into a file of its own. On an error nothing has changed.
    pub(crate) fn seal(&self, writer: &mut Writer) -> io::Result<()> {
        let rows = self.view.read().unwrap_or_else(PoisonError::into_inner).active.clone();
        if let Some(first) = rows.first() {
            let path = file::sealed(&self.options.folder, first.number);
            let now_ms = self.options.clock.now_ms();
            write_atomically(self.options.disk.as_ref(), &path, &encode(&rows, now_ms)?)?;
            let sealed = Sealed::open(self.options.disk.as_ref(), path, now_ms)?;
            let mut view = self.view.write().unwrap_or_else(PoisonError::into_inner);
            view.active.clear();
            view.sealed.extend(sealed.map(Arc::new));
        }
        match writer.let_go() {
            // Should it stay, the next opening sees that it is sealed.
            Some(log) => self.options.disk.remove_file(&log),
            None => Ok(()),
        }
    }
}

/// The bytes of a sealed segment.
fn encode(rows: &[Arc<Row>], now_ms: i64) -> io::Result<Vec<u8>> {
    let mut out = file::head().to_vec();
    let mut index = Index {
        first: rows.first().map_or(0, |row| row.number),
        end: rows.last().map_or(0, |row| row.number + row.count),
        sealed_ms: now_ms,
        origins: origins(rows),
        ..Index::default()
    };
    let events = sorted(rows);
    let mut left = events.as_slice();
    while !left.is_empty() {
        let (now, later) = left.split_at(block::fitting(left).max(1));
        let offset = out.len() as u64;
        let mut packed = Vec::new();
        block::pack(now, &mut packed)?;
        let len = file::write_record(&mut out, |out| out.append(&mut packed));
        index.add(now, offset, len as u64);
        left = later;
    }
    let offset = out.len() as u64;
    file::write_record(&mut out, |out| index.encode(out));
    out.extend_from_slice(&offset.to_le_bytes());
    Ok(out)
}

/// All events by host, and those of a host by number.
fn sorted(rows: &[Arc<Row>]) -> Vec<Numbered> {
    let mut events = Vec::new();
    for row in rows {
        let numbered = row.unpack().into_iter().zip(row.number..);
        events.extend(numbered.map(|(event, number)| Numbered { host: row.host.clone(), number, event }));
    }
    events.sort_by(|a, b| a.host.cmp(&b.host).then(a.number.cmp(&b.number)));
    events
}

/// The last place of each stream.
fn origins(rows: &[Arc<Row>]) -> Vec<Origin> {
    let mut last = BTreeMap::new();
    for origin in rows.iter().filter_map(|row| row.origin) {
        let frame = last.entry(origin.stream).or_insert(origin.frame);
        *frame = origin.frame.max(*frame);
    }
    last.into_iter().map(|(stream, frame)| Origin { stream, frame }).collect()
}
