//! What a server will never take is put aside for a look, with the reason beside it, as far as that may grow.

use super::segment::Segment;
use super::{Spool, files};
use crate::stats::QUARANTINED;
use std::io;

impl Spool {
    /// Moves a segment's file to the quarantine.
    pub(super) fn set_aside(&mut self, segment: &Segment, why: &str) {
        if !segment.has_file() {
            return;
        }
        QUARANTINED.add(1);
        self.stats.quarantined_segments += 1;
        why.clone_into(&mut self.stats.refusal);
        if let Err(e) = self.quarantine(segment, why) {
            self.note_disk(&e);
            self.remove_file(segment);
        }
    }

    fn quarantine(&self, segment: &Segment, why: &str) -> io::Result<()> {
        let folder = files::quarantine(&self.options.folder);
        self.disk.create_dir_all(&folder)?;
        let from = files::segment(&self.options.folder, segment.number);
        self.disk.rename(&from, &files::segment(&folder, segment.number))?;
        // One copy is enough for a look.
        let _ = self.disk.remove_file(&files::mirror(&self.options.folder, segment.number));
        let mut reason = self.disk.create(&files::reason(&folder, segment.number))?;
        reason.write_all(format!("{why}\n").as_bytes())?;
        // Numbers sort by age, and both files of a segment stand together.
        let mut entries = self.disk.list(&folder)?;
        entries.retain(|e| !e.is_dir && files::is_quarantined(&e.name));
        let mut total: u64 = entries.iter().map(|e| e.len_bytes).sum();
        for entry in entries {
            if total <= self.options.quarantine_bytes_max {
                break;
            }
            self.disk.remove_file(&entry.path)?;
            total -= entry.len_bytes;
        }
        Ok(())
    }
}
