//! What becomes of a file beside its name: renamed, copied and emptied, packed, or all of it while nobody looked.

use super::follower::Follower;
use super::identity::FileId;
use super::siblings::{self, Sibling};
use super::{Begin, Done, Tail};
use crate::telemetry;
use std::cmp::Reverse;
use std::fs;

impl Tail {
    /// Goes on with the files of saved positions, wherever they are now.
    pub(super) fn resume(&mut self, mut here: Follower, now_ms: i64) {
        let mut known = std::mem::take(&mut self.known);
        // Those that say least about their file come last: its number may be another one's by now.
        known.sort_by_key(|position| Reverse(position.print.len));
        let newest = known.iter().map(|position| position.modified_ns).max().unwrap_or_default();
        let mut siblings = siblings::find(self.place.real());
        siblings.retain(|sibling| sibling.id != here.id);
        let same = known.iter().position(|position| position.is_of(&here));
        for (_, position) in known.iter().enumerate().filter(|(at, _)| Some(*at) != same) {
            let found = siblings.iter().position(|sibling| sibling.is(position));
            if let Some(old) = found.and_then(|at| siblings.remove(at).follow(position.offset, now_ms)) {
                telemetry::RECOVERED_BYTES.add(old.left());
                self.old.push(old);
            }
        }
        match same {
            Some(at) => here.resume_at(known[at].offset),
            // Another file: what came between is among the siblings, and it is read from its start.
            None => self.follow_between(siblings, newest, here.id, now_ms),
        }
        self.current = Some(here);
    }

    /// Follows those siblings from their start that were written after a time, which are generations nobody has seen.
    pub(super) fn follow_between(
        &mut self,
        siblings: Vec<Sibling>,
        after_ns: i128,
        current: FileId,
        now_ms: i64,
    ) {
        for sibling in siblings.into_iter().filter(|s| s.modified_ns > after_ns && s.id != current) {
            if self.has_seen(&sibling) {
                continue;
            }
            if let Some(old) = sibling.follow(0, now_ms) {
                self.old.push(old);
            }
        }
        self.old.sort_by_key(Follower::modified_ns);
    }

    /// Follows what the file became before the first look at it: its siblings that were made since it is looked for, too.
    /// A copy or a packed one may hold older lines; of those only a renamed one has a time of its own.
    pub(super) fn follow_young(&mut self, now_ms: i64) {
        let since_ns = self.since_ns;
        let is_young = |sibling: &Sibling| sibling.born_ns.is_some_and(|born_ns| born_ns > since_ns);
        for sibling in siblings::find(self.place.real()).iter().filter(|sibling| is_young(sibling)) {
            if !self.has_seen(sibling)
                && let Some(old) = sibling.follow(0, now_ms)
            {
                telemetry::RECOVERED_BYTES.add(old.left());
                self.old.push(old);
            }
        }
    }

    /// Whether it is one that is followed, or a copy of it or of one that was.
    pub(super) fn has_seen(&self, sibling: &Sibling) -> bool {
        let mut followed = self.old.iter().chain(&self.current);
        followed.any(|follower| follower.id == sibling.id || sibling.begins_with(follower.print()))
            || self.done.iter().any(|done| sibling.begins_with(&done.print))
    }

    /// The name stands for another file.
    pub(super) fn replace(&mut self, now_ms: i64) {
        telemetry::ROTATIONS.add(1);
        let current = fs::metadata(self.place.real()).map_or(FileId::NONE, |found| FileId::of(&found));
        self.retire(current, now_ms);
        self.begin = Begin::Start;
        self.appear(now_ms);
    }

    /// The current file is one of the old ones now; so are those that came between it and the next, which is `next`.
    pub(super) fn retire(&mut self, next: FileId, now_ms: i64) {
        let Some(mut old) = self.current.take() else { return };
        old.grew_ms = now_ms;
        let siblings = siblings::find(self.place.real());
        let after_ns = old.modified_ns();
        if old.was_truncated() {
            self.follow_copy(&mut old, &siblings, now_ms);
        }
        old.refresh();
        self.old.push(old);
        self.follow_between(siblings, after_ns, next, now_ms);
    }

    /// The file begins anew. A copy of what it was may be beside it, with lines that nobody has read.
    pub(super) fn truncate(&mut self, now_ms: i64) {
        telemetry::ROTATIONS.add(1);
        let Some(mut current) = self.current.take() else { return };
        let siblings = siblings::find(self.place.real());
        let (id, after_ns) = (current.id, current.modified_ns());
        self.follow_copy(&mut current, &siblings, now_ms);
        self.current = Some(current);
        self.follow_between(siblings, after_ns, id, now_ms);
    }

    /// Reads on in the copy of a file that was truncated, which begins anew.
    fn follow_copy(&mut self, file: &mut Follower, siblings: &[Sibling], now_ms: i64) {
        let (print, offset) = (*file.print(), file.offset());
        file.begin_anew();
        self.remember(Done { print, position: None });
        let copy = siblings.iter().rfind(|sibling| sibling.id != file.id && sibling.begins_with(&print));
        if let Some(copy) = copy.and_then(|copy| copy.follow(offset, now_ms)) {
            telemetry::RECOVERED_BYTES.add(copy.left());
            self.old.push(copy);
        }
    }
}
