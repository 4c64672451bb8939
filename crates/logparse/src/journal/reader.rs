//! One journal with all who listen to it.

use super::cursor::{Begin, Cursor};
use super::entry::{Entries, Entry, MESSAGE, read_message};
use super::file::JournalFile;
use super::folders::{Folders, told};
use super::listener::{Listener, Work};
use super::units::Units;
use crate::tail::{FileId, Position, Positions};
use crate::telemetry;
use crate::watch::Spec;
use model::{Sink, Standing};
use std::fs;
use std::io;
use std::path::Path;

/// How often files are looked for.
const LOOK_MS: i64 = 10_000;
/// Most entries in one go; others come first, then the rest.
const ENTRIES_MAX: u64 = 20_000;
/// Most listeners: each has a bit.
const LISTENERS_MAX: u32 = 64;
/// Most files that are open.
const FILES_MAX: usize = 256;
/// So much room for messages is kept.
const BUFFER_BYTES: usize = 32 << 10;

/// See the module's text.
#[derive(Debug)]
pub(super) struct Reader {
    folders: Folders,
    files: Vec<JournalFile>,
    /// Files that are over and of which nobody wants anything.
    done: Vec<FileId>,
    listeners: Vec<Listener>,
    cursors: Vec<Cursor>,
    units: Units,
    entries: Entries,
    entry: Entry,
    look_ms: i64,
    next_number: u16,
    problem: String,
}

impl Reader {
    pub(super) fn new(root: &Path, patterns: &[String]) -> Self {
        Self {
            folders: Folders::new(root, patterns),
            files: Vec::new(),
            done: Vec::new(),
            listeners: Vec::new(),
            cursors: Vec::new(),
            units: Units::new(),
            entries: Entries::new(),
            entry: Entry::default(),
            look_ms: i64::MIN,
            next_number: 0,
            problem: String::new(),
        }
    }

    pub(super) fn put(&mut self, id: &str, spec: Spec, host: &str, positions: &mut Positions, now_ms: i64) {
        let used = self.listeners.iter().fold(0, |all, listener| all | listener.bit);
        let free = (0..LISTENERS_MAX).map(|at| 1 << at).find(|bit| used & bit == 0);
        let from_start = spec.from_start;
        let mut listener = Listener::new(id, free.unwrap_or(0), spec, host, now_ms);
        if free.is_none() {
            listener.standing.problem = format!("no more than {LISTENERS_MAX} may read a journal");
        }
        let known = positions.take(listener.key(), FileId::NONE, FileId::NONE);
        let begin = match (known.is_empty(), from_start) {
            (true, false) => Begin::End,
            (true, true) => Begin::Start,
            (false, _) => Begin::Known(known),
        };
        let mut cursor = Cursor::new(listener.bit, begin);
        self.files.iter().for_each(|file| cursor.meet(file, false));
        self.listeners.push(listener);
        self.cursors.push(cursor);
        // Of files that the others have left it may want something.
        let left = std::mem::take(&mut self.done);
        self.look(now_ms, &left);
        self.merge();
        self.want();
    }

    pub(super) fn remove(&mut self, id: &str, now_ms: i64, sink: &dyn Sink) -> Option<Vec<Position>> {
        let at = self.listeners.iter().position(|listener| listener.id == id)?;
        let problem = self.problem.clone();
        self.listeners[at].flush(&mut self.units, now_ms, &problem, sink);
        let positions = self.positions_of(&self.listeners[at], now_ms).collect();
        let mut listener = self.listeners.remove(at);
        listener.end(now_ms + 1, sink);
        self.cursors.iter_mut().for_each(|cursor| cursor.listeners &= !listener.bit);
        self.cursors.retain(|cursor| cursor.listeners != 0);
        self.want();
        Some(positions)
    }

    pub(super) fn is_idle(&self) -> bool {
        self.listeners.is_empty()
    }

    pub(super) fn files(&self) -> usize {
        self.files.len()
    }

    fn want(&mut self) {
        let fields = self.listeners.iter().filter_map(|it| Some((it.field.clone()?, it.bit)));
        self.entries.fields.want(fields.collect());
    }

    /// Looks for files.
    fn look(&mut self, now_ms: i64, left: &[FileId]) {
        self.look_ms = now_ms + LOOK_MS;
        self.problem.clear();
        let paths = self.folders.files();
        if paths.is_empty() {
            self.problem = self.folders.why_none();
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

    /// Reads what is new; true when more is left.
    pub(super) fn tick(&mut self, now_ms: i64, buffer: &mut Vec<u8>) -> bool {
        let mut is_rotated = false;
        for file in &mut self.files {
            let was_over = file.is_over();
            if !was_over && let Err(why) = file.refresh() {
                file.problem = why.to_string();
            }
            is_rotated |= file.is_over() != was_over;
        }
        if is_rotated || now_ms >= self.look_ms || self.look_ms - now_ms > LOOK_MS {
            self.look(now_ms, &[]);
        }
        let mut left = ENTRIES_MAX;
        let (mut cursors, files) = (std::mem::take(&mut self.cursors), std::mem::take(&mut self.files));
        let mut files: Vec<JournalFile> = files;
        for cursor in &mut cursors {
            for file in &mut files {
                self.read(cursor, file, &mut left, buffer);
            }
        }
        buffer.shrink_to(BUFFER_BYTES);
        (self.cursors, self.files) = (cursors, files);
        self.merge();
        self.close();
        left == 0
    }

    /// Closes the files that are over and of which nothing is left.
    fn close(&mut self) {
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

    /// Lets those who have read the same go on together.
    fn merge(&mut self) {
        let mut at = 1;
        while at < self.cursors.len() {
            match self.cursors[..at].iter().position(|cursor| cursor.is_same(&self.cursors[at])) {
                Some(same) => {
                    let merged = self.cursors.remove(at);
                    self.cursors[same].listeners |= merged.listeners;
                }
                None => at += 1,
            }
        }
    }

    fn read(&mut self, cursor: &mut Cursor, file: &mut JournalFile, left: &mut u64, buffer: &mut Vec<u8>) {
        let listeners = cursor.listeners;
        let Some(place) = cursor.place(file.header.file_id) else { return };
        if place.read < file.header.entries {
            // What was beyond the end has been written since.
            self.entries.window.forget();
        }
        while place.read < file.header.entries && *left > 0 {
            let number = place.read;
            *left -= 1;
            let found = file.entry_offset(&mut place.walk, number);
            let is_lost = found.is_err();
            let done = found
                .and_then(|offset| self.entries.understand(file, offset, &mut self.units, &mut self.entry));
            place.read += 1;
            match done {
                Ok(()) => self.give(file, listeners, buffer),
                Err(why) => {
                    telemetry::JOURNAL_DAMAGED.add(1);
                    file.problem = format!("{}: entry {number} is left out: {why}", file.path.display());
                    if is_lost {
                        // Without the list there is no way to any of the others.
                        place.read = file.header.entries;
                    }
                }
            }
        }
    }

    /// Gives the entry to those who want it.
    fn give(&mut self, file: &JournalFile, listeners: u64, buffer: &mut Vec<u8>) {
        let Self { entry, listeners: all, units, .. } = self;
        let mut message = None;
        for listener in all.iter_mut().filter(|listener| listener.bit & listeners != 0) {
            if matches!(listener.work, Work::Counts(_)) {
                let usual = if entry.is_of_kernel { Units::KERNEL } else { Units::NONE };
                units.count(entry.unit.unwrap_or(usual), entry.priority);
            } else if entry.wanted & listener.bit != 0 {
                // Read once, whoever wants it.
                let message = message.get_or_insert_with(|| {
                    let read = read_message(file, entry, buffer);
                    buffer.push(b'\n');
                    read
                });
                match message {
                    Ok(true) => listener.line(&mut buffer[MESSAGE.len()..]),
                    Ok(false) => {}
                    Err(_) => listener.too_long(),
                }
            }
        }
    }

    pub(super) fn flush(&mut self, now_ms: i64, sink: &dyn Sink) {
        let mut problem = self.problem.clone();
        for file in &mut self.files {
            if !file.problem.is_empty() && problem.is_empty() {
                problem.clone_from(&file.problem);
            }
            file.problem.clear();
        }
        for listener in &mut self.listeners {
            listener.flush(&mut self.units, now_ms, &problem, sink);
        }
    }

    fn positions_of<'a>(
        &'a self,
        listener: &'a Listener,
        now_ms: i64,
    ) -> impl Iterator<Item = Position> + 'a {
        let cursor = self.cursors.iter().find(|cursor| cursor.listeners & listener.bit != 0);
        let places = cursor.into_iter().flat_map(|cursor| &cursor.places);
        places.filter_map(move |place| {
            let file = self.files.iter().find(|file| file.header.file_id == place.file_id)?;
            Some(listener.position(place.file_id, place.read, file.header.last_number, now_ms))
        })
    }

    pub(super) fn positions(&self, now_ms: i64) -> impl Iterator<Item = Position> {
        self.listeners.iter().flat_map(move |listener| self.positions_of(listener, now_ms))
    }

    pub(super) fn standings(&self) -> impl Iterator<Item = &Standing> {
        self.listeners.iter().map(|listener| &listener.standing)
    }
}
