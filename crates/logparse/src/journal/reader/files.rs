//! Which files are open: those that are written, and those of which somebody has not read all.

use super::super::cursor::Cursor;
use super::super::file::JournalFile;
use super::super::folders::told;
use super::{FILES_MAX, LOOK_MS, Reader};
use crate::tail::FileId;
use crate::telemetry;
use std::fs;
use std::io;
use std::path::Path;

impl Reader {
    /// Looks for files.
    pub(super) fn look(&mut self, now_ms: i64, left: &[FileId]) {
        self.look_ms = now_ms + LOOK_MS;
        (self.problem, self.nothing) = Default::default();
        let paths = self.folders.files();
        if paths.is_empty() {
            let (why, is_wrong) = self.folders.why_none();
            *(if is_wrong { &mut self.problem } else { &mut self.nothing }) = why;
        }
        let mut there = Vec::new();
        for path in paths {
            let Ok(found) = fs::metadata(&path) else { continue };
            let inode = FileId::of(&found);
            there.push(inode);
            if let Some(file) = self.files.iter_mut().find(|file| file.inode == inode) {
                file.path = path;
            } else if !self.done.contains(&inode) {
                self.open(&path, left.contains(&inode));
            }
        }
        self.done.retain(|inode| there.contains(inode));
        // A file that was removed is not read on: nobody writes to it, and what was in it was read or is lost.
        self.files.retain(|file| there.contains(&file.inode));
        let ids: Vec<[u8; 16]> = self.files.iter().map(|file| file.header.file_id).collect();
        self.cursors.iter_mut().for_each(|cursor| cursor.places.retain(|place| ids.contains(&place.file_id)));
        self.cursors.iter_mut().for_each(Cursor::settle);
    }

    /// `is_left` says that it was read to its end before.
    fn open(&mut self, path: &Path, is_left: bool) {
        if self.files.len() >= FILES_MAX {
            self.problem = format!("more than {FILES_MAX} files of the journal have to be read");
            telemetry::FILES_REFUSED.add(1);
            return;
        }
        self.next_number = self.next_number.wrapping_add(1);
        match JournalFile::open(path, self.next_number) {
            Ok(file) if !self.folders.has(&file.header) => self.done.push(file.inode),
            // Two files of one number are copies of each other.
            Ok(file) if self.files.iter().any(|other| other.header.file_id == file.header.file_id) => {}
            Ok(file) => {
                self.cursors.iter_mut().for_each(|cursor| cursor.meet(&file, is_left));
                self.files.push(file);
                self.close();
            }
            // Made this moment, and not written yet.
            Err(why)
                if why.kind() == io::ErrorKind::UnexpectedEof || why.kind() == io::ErrorKind::NotFound => {}
            Err(why) => self.problem = told(path, &why),
        }
    }

    /// Closes the files that are over and of which nothing is left.
    pub(super) fn close(&mut self) {
        let Self { files, cursors, done, .. } = self;
        files.retain(|file| {
            let is_wanted = !file.is_over()
                || !file.problem.is_empty()
                || cursors.iter().any(|cursor| !cursor.is_done(&file.header));
            if !is_wanted {
                done.push(file.inode);
            }
            is_wanted
        });
        for cursor in cursors {
            cursor.places.retain(|place| files.iter().any(|file| file.header.file_id == place.file_id));
        }
    }
}
