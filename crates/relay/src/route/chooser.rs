//! The rules as one output sees them: which rows of a batch it gets, decided once a series.

use super::{Cluster, Fate, Routes};
use crate::mark::{Outs, Scope, leased};
use model::{Batch, Labels, Slot};
use std::collections::HashMap;
use std::sync::Arc;

/// What becomes of a slot.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Verdict {
    Unmet,
    Not,
    Mine(Slot),
    /// It comes by several ways.
    Several(Vec<Slot>),
}

/// See the module's text.
pub(crate) struct Chooser {
    routes: Arc<Routes>,
    output: String,
    verdicts: HashMap<Scope, Vec<Verdict>>,
    /// Clusters whose members register, with those who are in.
    rings: HashMap<String, Cluster>,
    /// The rows chosen, under the labels that the rules gave them.
    pub(crate) batch: Batch,
    /// Samples looked at that are not for this output, and copies beyond the first of those that are.
    pub(crate) passed: u64,
    pub(crate) copies: u64,
    described: usize,
}

impl Chooser {
    pub(crate) fn new(routes: Arc<Routes>, output: &str) -> Self {
        Self {
            routes,
            output: output.to_owned(),
            verdicts: HashMap::new(),
            rings: HashMap::new(),
            batch: Batch::new(),
            passed: 0,
            copies: 0,
            described: 0,
        }
    }

    /// A new segment, with new slots.
    pub(crate) fn begin(&mut self) {
        self.turn();
        self.batch.clear();
        self.described = 0;
    }

    /// Others are out now.
    pub(crate) fn turn(&mut self) {
        self.verdicts.clear();
        self.rings.clear();
    }

    /// Forgets the rows.
    pub(crate) fn clear_rows(&mut self) {
        self.batch.clear_rows();
        self.passed = 0;
        self.copies = 0;
    }

    /// Adds the rows of `rows` that are for this output.
    pub(crate) fn take(&mut self, rows: &Batch, scope: &Scope, outs: &Outs) {
        self.describe(rows);
        let mut verdicts = self.verdicts.remove(scope).unwrap_or_default();
        verdicts.resize(rows.dictionary.len(), Verdict::Unmet);
        for group in rows.groups() {
            self.batch.begin(group.time_ms);
            for (&slot, &value) in group.slots.iter().zip(group.values) {
                let verdict = &mut verdicts[slot.0 as usize];
                if *verdict == Verdict::Unmet {
                    *verdict =
                        self.judge(&rows.dictionary.labels(slot), rows.dictionary.kind(slot), scope, outs);
                }
                match verdict {
                    Verdict::Mine(slot) => self.batch.push(*slot, value),
                    Verdict::Several(slots) => {
                        slots.iter().for_each(|slot| self.batch.push(*slot, value));
                        self.copies += slots.len() as u64 - 1;
                    }
                    Verdict::Not | Verdict::Unmet => self.passed += 1,
                }
            }
        }
        self.verdicts.insert(scope.clone(), verdicts);
    }

    fn describe(&mut self, rows: &Batch) {
        let all = rows.dictionary.descriptions();
        for description in &all[self.described.min(all.len())..] {
            self.batch.dictionary.describe(description.clone());
        }
        self.described = all.len();
    }

    fn judge(&mut self, labels: &Labels, kind: model::Kind, scope: &Scope, outs: &Outs) -> Verdict {
        let mut found: Vec<Labels> = Vec::new();
        let (routes, output, rings) = (&self.routes, self.output.as_str(), &mut self.rings);
        routes.walk(labels, scope, &mut |fate| {
            let Fate::Send(to, labels) = fate else { return };
            let is_mine = match routes.clusters.get(to) {
                Some(cluster) if cluster.is_leased() => {
                    let members = || outs.get(&leased(to)).map_or(&[][..], Vec::as_slice);
                    let ring = rings.entry(to.to_owned()).or_insert_with(|| cluster.with(members()));
                    ring.owns(output, labels, &[])
                }
                Some(cluster) => cluster.owns(output, labels, outs.get(to).map_or(&[], Vec::as_slice)),
                None => to == output,
            };
            if is_mine && !found.contains(labels) {
                found.push(labels.clone());
            }
        });
        let mut slots: Vec<Slot> =
            found.iter().map(|labels| self.batch.dictionary.add(labels, kind)).collect();
        match slots.len() {
            0 => Verdict::Not,
            1 => Verdict::Mine(slots.remove(0)),
            _ => Verdict::Several(slots),
        }
    }
}
