//! The books: what is sent but not yet beyond doubt, what is settled, and what others may see of it.

use super::{Book, Doubtful, REMEMBER_MS, Worker};
use crate::stats;

impl Worker {
    /// Everything gathered is dealt with.
    pub(super) fn book(&mut self) {
        self.note_passed();
        self.chooser.clear_rows();
        let book = std::mem::take(&mut self.run.book);
        let at = self.reader.at();
        self.run.doubtful.push_back(Doubtful { at, sent_ms: self.clock.now_ms(), book });
    }

    /// Forgets what was read but not settled, to read it again.
    pub(super) fn go_back(&mut self) {
        self.run.doubtful.clear();
        self.run.book = Book::default();
        self.run.step = None;
        self.chooser.clear_rows();
        self.chooser.begin();
        self.reader.seek(self.run.settled);
    }

    /// Settles what is beyond doubt, or all.
    pub(super) fn settle(&mut self, all: bool) {
        let now_ms = self.clock.now_ms();
        let doubt_ms = self.output.doubt().as_millis() as i64;
        let before = self.run.settled;
        while let Some(first) = self.run.doubtful.front() {
            if !all && first.book.sent > 0 && now_ms.saturating_sub(first.sent_ms) < doubt_ms {
                break;
            }
            let Some(first) = self.run.doubtful.pop_front() else { break };
            self.run.settled = first.at;
            self.count(&first.book);
        }
        if before != self.run.settled {
            self.reader.settle(self.run.settled);
        }
        self.show();
        let (at, when_ms) = self.run.remembered;
        if at != self.run.settled && now_ms.saturating_sub(when_ms) >= REMEMBER_MS {
            self.run.remembered = (self.run.settled, now_ms);
            if self.reader.remember(self.run.settled, 0).is_err() {
                stats::DISK_FAILURES.add(1);
            }
        }
    }

    pub(super) fn count(&mut self, book: &Book) {
        stats::SENT.add(book.sent);
        stats::PASSED.add(book.passed);
        stats::SENT_BYTES.add(book.bytes);
        stats::BATCHES.add(book.batches);
        stats::DROPPED_FULL.add(book.full);
        stats::DROPPED_DAMAGED.add(book.damaged);
        stats::DROPPED_REFUSED.add(book.refused);
        stats::DROPPED_UNSAYABLE.add(book.unsayable);
        let sum = &mut self.run.unshown;
        sum.copies += book.copies;
        sum.sent += book.sent;
        sum.passed += book.passed;
        sum.full += book.full;
        sum.damaged += book.damaged;
        sum.refused += book.refused;
        sum.unsayable += book.unsayable;
        sum.bytes += book.bytes;
        sum.batches += book.batches;
    }

    /// What waits, and what came in: by the numbers of samples in the log, which know nothing of what was counted here.
    pub(super) fn show(&mut self) {
        let end = self.log.end();
        let held = end.sample.saturating_sub(self.run.settled.sample);
        let bytes = self.log.bytes_behind(self.run.settled);
        let book = std::mem::take(&mut self.run.unshown);
        let mut shown = self.shown.lock();
        shown.copies += book.copies;
        shown.sent += book.sent;
        shown.passed += book.passed;
        shown.rehashed += book.rehashed;
        shown.dropped_full += book.full;
        shown.dropped_damaged += book.damaged;
        shown.dropped_refused += book.refused;
        shown.dropped_unsayable += book.unsayable;
        shown.bytes += book.bytes;
        shown.batches += book.batches;
        shown.entered = end.sample.saturating_sub(self.run.start.sample) + shown.copies;
        shown.held = held;
        shown.held_max = shown.held_max.max(held);
        shown.queue_bytes = bytes;
        shown.is_out = self.leaving.due().is_some();
    }
}
