//! How many series there are, and of what: counted when asked, over memory and blocks, each series once.

mod growth;
mod queried;
mod top;

pub(crate) use growth::Growth;
pub(crate) use queried::Queried;

use crate::index::{Index, Set};
use crate::store::Shared;
use hashbrown::HashMap;
use model::keeper::{Cardinality, Count, KeepError, NameCount};
use model::{HOST, NAME, TimeRange};
use roaring::RoaringTreemap;
use std::collections::BTreeSet;
use std::ops::ControlFlow;
use top::Top;

/// The label that holds the source where there is no host.
const INSTANCE: &str = "instance";

/// One index and the series that are counted in it: those that no index before has.
struct Part<'a> {
    index: &'a dyn Index,
    counted: Set,
}

impl Shared {
    /// See [`model::Keeper::cardinality`].
    pub(crate) fn cardinality(&self, range: TimeRange, limit: usize) -> Result<Cardinality, KeepError> {
        let mut found = Cardinality::default();
        let series = self.series();
        let mut seen = RoaringTreemap::new();
        let in_memory = self.touching_in_memory(&series, range, &mut found);
        let counted = in_memory.iter().filter(|ordinal| seen.insert(series.get(*ordinal).id.0));
        let counted = Set::from_sorted_iter(counted).unwrap_or_default();
        let mut parts = vec![Part { index: series.postings(), counted }];
        let set = self.blocks();
        for block in set.overlapping(range) {
            let all = (0..block.index.series_count()).collect();
            let failed =
                |error| self.read_failed(crate::merge::LoadError { sequence: block.meta.sequence, error });
            let touching = block.touching(all, range).map_err(failed)?;
            let is_new = |ordinal: &u32| block.index.id(*ordinal).is_some_and(|id| seen.insert(id.0));
            let counted = Set::from_sorted_iter(touching.iter().filter(is_new)).unwrap_or_default();
            parts.push(Part { index: &block.index, counted });
            found.oldest_ms =
                Some(found.oldest_ms.map_or(block.meta.first_ms, |ms| ms.min(block.meta.first_ms)));
            found.newest_ms =
                Some(found.newest_ms.map_or(block.meta.last_ms, |ms| ms.max(block.meta.last_ms)));
        }
        found.series = seen.len();
        count_labels(&parts, limit, &mut found);
        drop(parts);
        drop(series);
        self.say_growth(limit, &mut found);
        Ok(found)
    }

    fn touching_in_memory(
        &self,
        series: &crate::series::SeriesTable,
        range: TimeRange,
        found: &mut Cardinality,
    ) -> Set {
        let head = self.head();
        let touching = (0..series.len() as u32)
            .filter(|o| head.column(*o).is_some_and(|c| c.touches(range.start_ms, range.end_ms)));
        let touching = Set::from_sorted_iter(touching).unwrap_or_default();
        if head.samples() > 0 {
            found.oldest_ms = Some(head.oldest_ms());
            found.newest_ms = Some(self.options.clock.now_ms());
        }
        touching
    }

    /// Fills in what is known of new series and of queries.
    fn say_growth(&self, limit: usize, found: &mut Cardinality) {
        let now_ms = self.options.clock.now_ms();
        self.observe_growth(now_ms);
        let growth = self.growth.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let queried = self.queried.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let fill = |row: &mut NameCount| {
            (row.created_1h, row.created_24h) = growth.created(&row.name, now_ms);
            row.queried_ms = queried.get(&row.name);
        };
        (found.created_1h, found.created_24h) = growth.created_in_all(now_ms);
        found.names.iter_mut().for_each(fill);
        found.growing = growth
            .most(now_ms, limit)
            .into_iter()
            .map(|name| NameCount { name, ..NameCount::default() })
            .collect();
        found.growing.iter_mut().for_each(fill);
        let series: HashMap<&str, u64> =
            found.names.iter().map(|row| (row.name.as_str(), row.series)).collect();
        let known: Vec<u64> =
            found.growing.iter().map(|row| series.get(row.name.as_str()).copied().unwrap_or(0)).collect();
        found.growing.iter_mut().zip(known).for_each(|(row, series)| row.series = series);
    }
}

fn count_labels(parts: &[Part<'_>], limit: usize, found: &mut Cardinality) {
    let mut names = BTreeSet::new();
    for part in parts {
        part.index.names(&mut |name| {
            names.insert(name.to_owned());
            ControlFlow::Continue(())
        });
    }
    let (mut values, mut bytes, mut pairs, mut sources) =
        (Top::new(limit), Top::new(limit), Top::new(limit), Top::new(limit));
    for name in names {
        let counts = count_values(parts, &name, None);
        found.pairs += counts.len() as u64;
        values.add(&name, counts.len() as u64);
        bytes.add(&name, counts.iter().map(|(value, count)| value.len() as u64 * count).sum());
        for (value, count) in &counts {
            pairs.add_with(*count, || format!("{name}={value}"));
        }
        if name == NAME {
            let mut top = Top::new(limit);
            counts.iter().for_each(|(value, count)| top.add(value, *count));
            let row = |Count { name, count }| NameCount { name, series: count, ..NameCount::default() };
            found.names = top.into_vec().into_iter().map(row).collect();
        }
        if name == HOST {
            counts.iter().for_each(|(value, count)| sources.add(value, *count));
        } else if name == INSTANCE {
            let others = count_values(parts, &name, Some(HOST));
            others.iter().for_each(|(value, count)| sources.add(value, *count));
        }
    }
    found.label_values = values.into_vec();
    found.label_bytes = bytes.into_vec();
    found.label_pairs = pairs.into_vec();
    found.sources = sources.into_vec();
}

/// Series by value of a label, without those that have another label.
fn count_values(parts: &[Part<'_>], name: &str, without: Option<&str>) -> HashMap<String, u64> {
    let mut counts: HashMap<String, u64> = HashMap::new();
    for part in parts {
        let excluded = without.map(|name| part.index.present(name));
        let counted = excluded.map(|excluded| &part.counted - &excluded);
        let counted = counted.as_ref().unwrap_or(&part.counted);
        let is_all = counted.len() == u64::from(part.index.series_count());
        part.index.values(name, "", &mut |value, list| {
            let count = match list {
                _ if is_all => list.to_set().len(),
                _ => list.to_set().intersection_len(counted),
            };
            if count > 0 {
                *counts.entry_ref(value).or_insert(0) += count;
            }
            ControlFlow::Continue(())
        });
    }
    counts
}
