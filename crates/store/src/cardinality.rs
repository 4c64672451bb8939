//! How many series there are, and of what: counted when asked, over memory and blocks, each series once.

mod growth;
mod queried;
mod top;

pub(crate) use growth::Growth;
pub(crate) use queried::Queried;

use crate::index::{Index, Set, Step};
use crate::merge::LoadError;
use crate::store::Shared;
use hashbrown::HashMap;
use model::keeper::{Cardinality, Count, KeepError, NameCount};
use model::{HOST, NAME, TimeRange};
use roaring::RoaringTreemap;
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use top::Top;

/// The label that holds the source where there is no host.
const INSTANCE: &str = "instance";

/// Series by label and value.
#[derive(Default)]
struct Counts {
    labels: BTreeMap<String, HashMap<String, u64>>,
    /// By source: the host, or the instance where there is no host.
    sources: HashMap<String, u64>,
}

impl Shared {
    /// See [`model::Keeper::cardinality`].
    pub(crate) fn cardinality(&self, range: TimeRange, limit: usize) -> Result<Cardinality, KeepError> {
        let (mut found, mut counts) = (Cardinality::default(), Counts::default());
        // Ids that were counted: memory and blocks have many series in common.
        let mut seen = RoaringTreemap::new();
        for shard in &self.shards {
            let (series, head) = (shard.series(), shard.head());
            let touches = |o: &u32| head.column(*o).is_some_and(|c| c.touches(range.start_ms, range.end_ms));
            let touching = (0..series.len() as u32).filter(touches);
            let counted = touching.filter(|ordinal| seen.insert(series.id(*ordinal).0));
            let counted = Set::from_sorted_iter(counted).unwrap_or_default();
            if !counted.is_empty() {
                widen(&mut found, head.oldest_ms(), self.options.clock.now_ms());
            }
            drop(head);
            counts.add(series.postings(), &counted);
        }
        for block in self.blocks().overlapping(range) {
            let all = (0..block.index.series_count()).collect();
            let failed = |error| self.read_failed(LoadError { sequence: block.meta.sequence, error });
            let touching = block.touching(all, range).map_err(failed)?;
            let is_new = |ordinal: &u32| block.index.id(*ordinal).is_some_and(|id| seen.insert(id.0));
            let counted = Set::from_sorted_iter(touching.iter().filter(is_new)).unwrap_or_default();
            counts.add(&block.index, &counted);
            widen(&mut found, block.meta.first_ms, block.meta.last_ms);
        }
        found.series = seen.len();
        let names = counts.say(limit, &mut found);
        self.say_growth(limit, &names, &mut found);
        Ok(found)
    }

    /// Fills in what is known of new series and of queries; `names` tells how many series each name has.
    fn say_growth(&self, limit: usize, names: &HashMap<String, u64>, found: &mut Cardinality) {
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
            .map(|name| NameCount {
                series: names.get(&name).copied().unwrap_or(0),
                name,
                ..NameCount::default()
            })
            .collect();
        found.growing.iter_mut().for_each(fill);
    }
}

fn widen(found: &mut Cardinality, oldest_ms: i64, newest_ms: i64) {
    found.oldest_ms = Some(found.oldest_ms.map_or(oldest_ms, |ms| ms.min(oldest_ms)));
    found.newest_ms = Some(found.newest_ms.map_or(newest_ms, |ms| ms.max(newest_ms)));
}

impl Counts {
    /// Adds some series of an index.
    fn add(&mut self, index: &dyn Index, series: &Set) {
        let mut names = Vec::new();
        index.names(&mut |name| {
            names.push(name.to_owned());
            ControlFlow::Continue(())
        });
        for name in names {
            count_values(index, &name, series, self.labels.entry(name.clone()).or_default());
        }
        count_values(index, HOST, series, &mut self.sources);
        count_values(index, INSTANCE, &(series - &index.present(HOST)), &mut self.sources);
    }

    /// Fills in the lists; returns how many series each metric name has.
    fn say(mut self, limit: usize, found: &mut Cardinality) -> HashMap<String, u64> {
        self.labels.retain(|_, values| !values.is_empty());
        let (mut values, mut bytes, mut pairs) = (Top::new(limit), Top::new(limit), Top::new(limit));
        for (name, counts) in &self.labels {
            found.pairs += counts.len() as u64;
            values.add(name, counts.len() as u64);
            bytes.add(name, counts.iter().map(|(value, count)| value.len() as u64 * count).sum());
            counts.iter().for_each(|(value, count)| pairs.add_with(*count, || format!("{name}={value}")));
        }
        let names = self.labels.remove(NAME).unwrap_or_default();
        let row = |Count { name, count }| NameCount { name, series: count, ..NameCount::default() };
        found.names = Top::of(&names, limit).into_iter().map(row).collect();
        found.label_values = values.into_vec();
        found.label_bytes = bytes.into_vec();
        found.label_pairs = pairs.into_vec();
        found.sources = Top::of(&self.sources, limit);
        names
    }
}

/// Adds some series of an index by value of a label.
fn count_values(index: &dyn Index, name: &str, series: &Set, counts: &mut HashMap<String, u64>) {
    let is_all = series.len() == u64::from(index.series_count());
    index.values(name, "", &mut |value, list| {
        let list = list.to_set();
        let count = if is_all { list.len() } else { list.intersection_len(series) };
        if count > 0 {
            *counts.entry_ref(value).or_insert(0) += count;
        }
        Step::Next
    });
}
