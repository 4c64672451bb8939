//! Which rows of a batch are taken, and which series they belong to.

use super::places::{Places, REFUSED, UNKNOWN};
use super::{Age, Appender, Group, Logged, Part, Row};
use crate::options::millis;
use crate::policy;
use crate::shard::Shard;
use crate::stats::Count;
use crate::store::Shared;
use model::timetext::span;
use model::{Batch, Description, Kind, Position, Receipt, Series, SeriesId, Slot};
use std::fmt;
use std::sync::atomic::Ordering;

/// Most rows of one batch; the rest is refused.
pub(crate) const BATCH_ROWS_MAX: usize = 1 << 20;
/// Most bytes of labels that one batch may bring; further series are refused, and may come in the next.
pub(crate) const BATCH_NEW_LABEL_BYTES_MAX: usize = 32 << 20;

/// Most descriptions looked at with one batch; the rest with the next of the same dictionary.
pub(crate) const BATCH_DESCRIPTIONS_MAX: usize = 10_000;

/// The times that are taken.
pub(super) struct Window {
    now_ms: i64,
    newest_ms: i64,
    expired_ms: i64,
    late_ms: i64,
}

/// Why a time is not taken.
enum Refusal {
    Future { ahead_ms: i64, allowed_ms: i64 },
    Expired { age_ms: i64, kept_ms: i64 },
    Late { age_ms: i64, allowed_ms: i64 },
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Future { ahead_ms, allowed_ms } => {
                write!(
                    f,
                    "time is {} in the future, at most {} are allowed",
                    span(*ahead_ms),
                    span(*allowed_ms)
                )
            }
            Self::Expired { age_ms, kept_ms } => write!(
                f,
                "time is {} ago, older than the {} that any policy keeps (store.retention, store.policy)",
                span(*age_ms),
                span(*kept_ms)
            ),
            Self::Late { age_ms, allowed_ms } => {
                write!(
                    f,
                    "time is {} ago, older than the late window of {} (store.late)",
                    span(*age_ms),
                    span(*allowed_ms)
                )
            }
        }
    }
}

impl Window {
    pub(super) fn new(shared: &Shared, age: Age) -> Self {
        let options = &shared.options;
        let now_ms = options.clock.now_ms();
        let ago = |duration| now_ms.saturating_sub(millis(duration));
        let any = age == Age::Any;
        Self {
            now_ms,
            newest_ms: now_ms.saturating_add(millis(options.future_window)),
            expired_ms: policy::oldest_ms(now_ms, shared.policies().keep_ms_max()),
            late_ms: if any { i64::MIN } else { ago(options.late_window) },
        }
    }

    fn refusal(&self, time_ms: i64) -> Option<Refusal> {
        let age_ms = self.now_ms.saturating_sub(time_ms);
        if time_ms > self.newest_ms {
            let allowed_ms = self.newest_ms.saturating_sub(self.now_ms);
            return Some(Refusal::Future { ahead_ms: age_ms.saturating_neg(), allowed_ms });
        }
        if time_ms < self.expired_ms {
            let kept_ms = self.now_ms.saturating_sub(self.expired_ms);
            return Some(Refusal::Expired { age_ms, kept_ms });
        }
        if time_ms < self.late_ms {
            return Some(Refusal::Late { age_ms, allowed_ms: self.now_ms.saturating_sub(self.late_ms) });
        }
        None
    }
}

impl Refusal {
    fn count<'a>(&self, shared: &'a Shared) -> &'a Count {
        match self {
            Self::Future { .. } => &shared.counters.refused_future,
            Self::Expired { .. } => &shared.counters.refused_expired,
            Self::Late { .. } => &shared.counters.refused_late,
        }
    }
}

impl Appender {
    /// Fills the rows and groups with what is taken of a part of a batch; the rest goes into the receipt with its
    /// reason. Returns what the batch says about metrics that was not known.
    pub(super) fn admit(
        &mut self,
        shared: &Shared,
        part: &Part<'_>,
        window: &Window,
        receipt: &mut Receipt,
    ) -> Vec<Description> {
        self.rows.clear();
        self.groups.clear();
        let (batch, shard) = (part.batch, &shared.shards[part.shard]);
        let mut places = self.places.take(batch.dictionary.id(), shard.series().generation());
        places.ordinals.resize(batch.dictionary.len(), UNKNOWN);
        let unknown = self.admit_times(shared, part, window, &places, receipt);
        if unknown {
            self.resolve(shared, shard, batch, &mut places);
        }
        self.admit_series(shared, &mut places, receipt);
        if !part.is_first {
            self.places.put(batch.dictionary.id(), places);
            return Vec::new();
        }
        let said = &batch.dictionary.descriptions()[places.described..];
        let said = &said[..said.len().min(BATCH_DESCRIPTIONS_MAX)];
        let news = shared.descriptions().news(said);
        places.described += said.len();
        self.places.put(batch.dictionary.id(), places);
        news
    }

    /// Takes the rows whose time is fine; their ordinal is the slot for now. True when a slot is not known yet.
    fn admit_times(
        &mut self,
        shared: &Shared,
        part: &Part<'_>,
        window: &Window,
        places: &Places,
        receipt: &mut Receipt,
    ) -> bool {
        let (mut item, mut unknown) = (0, false);
        for rows in part.batch.groups() {
            let count = rows.slots.len();
            let room = BATCH_ROWS_MAX.saturating_sub(item).min(count);
            let refusal = window.refusal(rows.time_ms);
            let taken = if refusal.is_some() { 0 } else { room };
            let before = self.rows.len();
            // Every row is written, and the place taken only by those of this shard: no processor can foretell which.
            let mut kept = before;
            self.rows.resize(before + taken, Row::default());
            for (at, (&Slot(slot), &value)) in rows.slots[..taken].iter().zip(rows.values).enumerate() {
                let is_mine = part.has(slot);
                let ordinal = places.ordinals.get(slot as usize).copied().unwrap_or(UNKNOWN);
                unknown |= is_mine & (ordinal == UNKNOWN);
                self.rows[kept] = Row { ordinal: slot, item: (item + at + 1) as u32, value };
                kept += usize::from(is_mine);
            }
            self.rows.truncate(kept);
            if self.rows.len() > before {
                self.groups.push(Group { time_ms: rows.time_ms, end: self.rows.len() });
            }
            let mine = |i: &usize| part.has(rows.slots[*i].0);
            if let Some(refusal) = refusal {
                for i in (0..room).filter(mine) {
                    refusal.count(shared).add(1);
                    receipt.report.reject(Position::Item(item + i + 1), &refusal);
                }
            }
            for i in (room..count).filter(mine) {
                shared.counters.refused_batch.add(1);
                let reason = format_args!("more than {BATCH_ROWS_MAX} samples in one batch");
                receipt.report.reject(Position::Item(item + i + 1), reason);
            }
            item += count;
        }
        unknown
    }

    /// Replaces slots by ordinals; rows of series that are not taken are dropped.
    fn admit_series(&mut self, shared: &Shared, places: &mut Places, receipt: &mut Receipt) {
        let mut refused = false;
        for row in &mut self.rows {
            let ordinal = places.ordinals.get(row.ordinal as usize).copied().unwrap_or(REFUSED);
            refused |= ordinal == REFUSED;
            row.ordinal = ordinal;
        }
        if refused {
            self.drop_refused(shared, places, receipt);
        }
    }

    /// Drops the rows whose series are not taken.
    #[cold]
    fn drop_refused(&mut self, shared: &Shared, places: &mut Places, receipt: &mut Receipt) {
        let (mut kept, mut start) = (0, 0);
        for group in &mut self.groups {
            for at in start..group.end {
                let row = self.rows[at];
                if row.ordinal == REFUSED {
                    shared.counters.refused_series.add(1);
                    let most = shared.options.series_max;
                    receipt.report.reject(
                        Position::Item(row.item as usize),
                        format_args!("a new series beyond the limit of {most}, or of one batch"),
                    );
                } else {
                    self.rows[kept] = row;
                    kept += 1;
                }
            }
            start = group.end;
            group.end = kept;
        }
        self.rows.truncate(kept);
        let mut before = 0;
        self.groups.retain(|group| group.end > std::mem::replace(&mut before, group.end));
        // They are tried again with the next batch.
        places.ordinals.iter_mut().filter(|o| **o == REFUSED).for_each(|o| *o = UNKNOWN);
    }

    /// Finds or makes the series of the slots that rows speak of and whose ordinal is not known.
    fn resolve(&mut self, shared: &Shared, shard: &Shard, batch: &Batch, places: &mut Places) {
        let dictionary = &batch.dictionary;
        let mut missing = Vec::new();
        let mut better = Vec::new();
        {
            let series = shard.series();
            let mut before = None;
            for row in &self.rows {
                let Some(place) = places.ordinals.get_mut(row.ordinal as usize) else { continue };
                if *place != UNKNOWN {
                    continue;
                }
                let slot = Slot(row.ordinal);
                match series.find_after(before, dictionary.key(slot)) {
                    Some(ordinal) => {
                        *place = ordinal;
                        before = Some(ordinal);
                        if series.kind(ordinal) == Kind::Unknown && dictionary.kind(slot) != Kind::Unknown {
                            better.push((ordinal, dictionary.kind(slot)));
                        }
                    }
                    None => {
                        *place = REFUSED; // until it is made below
                        missing.push(slot);
                    }
                }
            }
        }
        self.make(shared, shard, batch, places, &missing);
        self.improve(shard, &better);
    }

    /// Makes series, with the id they had when a block still knows them.
    fn make(&mut self, shared: &Shared, shard: &Shard, batch: &Batch, places: &mut Places, missing: &[Slot]) {
        if missing.is_empty() {
            return;
        }
        let blocks = shared.blocks();
        let found: Vec<Option<Series>> =
            missing.iter().map(|&slot| blocks.find(batch.dictionary.key(slot))).collect();
        let mut series = shard.series_mut();
        let mut label_bytes = 0;
        for (&slot, found) in missing.iter().zip(found) {
            let key = batch.dictionary.key(slot);
            let known = series.find(key); // the same labels in an earlier slot
            label_bytes += key.len();
            // Shards that make series at the same time may together go over the limit by what one batch brings.
            let count = shared.series_count.load(Ordering::Relaxed);
            let full = count >= shared.options.series_max || label_bytes > BATCH_NEW_LABEL_BYTES_MAX;
            places.ordinals[slot.0 as usize] = match known {
                Some(ordinal) => ordinal,
                None if full => REFUSED,
                None => {
                    let (id, kind) = found.map_or_else(|| new_id(shared), |known| (known.id, known.kind));
                    let kind = if kind == Kind::Unknown { batch.dictionary.kind(slot) } else { kind };
                    self.logged.push(Logged::new(id));
                    shared.series_count.fetch_add(1, Ordering::Relaxed);
                    series.add(id, key, kind)
                }
            };
        }
    }

    /// Sets kinds that were not known before; the labels are written to the log again with them.
    fn improve(&mut self, shard: &Shard, better: &[(u32, Kind)]) {
        if !better.is_empty() {
            let mut series = shard.series_mut();
            for &(ordinal, kind) in better {
                series.set_kind(ordinal, kind);
                self.logged[ordinal as usize].defined = 0;
            }
        }
    }
}

fn new_id(shared: &Shared) -> (SeriesId, Kind) {
    (SeriesId(shared.next_id.fetch_add(1, Ordering::Relaxed)), Kind::Unknown)
}
