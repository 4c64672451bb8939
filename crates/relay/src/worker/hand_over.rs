//! Giving what waits to others, when the output has left its cluster.

use super::{DISK_WAIT, Worker};
use crate::log::{Position, Reader, Step};
use crate::mark::Scope;
use crate::stats;

impl Worker {
    /// Gives what waits to the other members of a cluster: it goes into the log once more, for that cluster, behind the
    /// mark that says that this one is out.
    pub(super) fn hand_over(&mut self, cluster: &str, until: Position) {
        self.go_back();
        let scope = Scope::Cluster(cluster.to_owned());
        while self.reader.at() < until {
            match self.reader.step() {
                Ok(Step::Rows) => {
                    let Reader { batch, scope, outs, .. } = &self.reader;
                    self.chooser.take(batch, scope, outs);
                }
                Ok(Step::End) => break,
                Ok(step) => {
                    if !self.give(&scope) {
                        return self.go_back();
                    }
                    self.apply(&step);
                }
                Err(_) => {
                    stats::DISK_FAILURES.add(1);
                    self.log.pause(DISK_WAIT, &|| false);
                    return self.go_back();
                }
            }
            if self.chooser.batch.len() >= self.rows_max && !self.give(&scope) {
                return self.go_back();
            }
        }
        if !self.give(&scope) {
            return self.go_back();
        }
        // An end before `until` is one of marks only.
        self.run.settled = self.run.settled.max(until);
        self.reader.seek(self.run.settled);
        self.chooser.begin();
        self.settle(true);
    }

    fn give(&mut self, scope: &Scope) -> bool {
        self.note_passed();
        let rows = self.chooser.batch.len() as u64;
        if rows > 0 && self.log.push(&self.chooser.batch, scope).is_err() {
            self.log.pause(DISK_WAIT, &|| false);
            return false;
        }
        self.chooser.clear_rows();
        stats::REHASHED.add(rows);
        self.run.unshown.rehashed += rows;
        let book = std::mem::take(&mut self.run.book);
        self.count(&book);
        self.run.settled = self.reader.at();
        self.reader.settle(self.run.settled);
        self.show();
        true
    }
}
