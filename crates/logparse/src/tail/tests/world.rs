//! A folder with a log, who writes it, and who follows it.

use super::super::*;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

/// Keeps lines.
#[derive(Default)]
pub(super) struct Kept {
    pub(super) lines: Vec<String>,
    pub(super) too_long: usize,
}

impl Take for Kept {
    fn line(&mut self, lines: Lines<'_>) {
        match lines {
            Lines::Whole(block) => {
                let text = String::from_utf8_lossy(block);
                self.lines.extend(text.strip_suffix('\n').unwrap_or(&text).split('\n').map(str::to_owned));
            }
            Lines::Last(line) => self.lines.push(String::from_utf8_lossy(line).into_owned()),
            Lines::TooLong => self.too_long += 1,
        }
    }

    fn read(&mut self, _bytes: u64) {}
}

/// A log, who writes it, and who follows it.
pub(super) struct World {
    pub(super) folder: tempfile::TempDir,
    pub(super) tail: Option<Tail>,
    pub(super) known: Vec<Position>,
    pub(super) kept: Kept,
    pub(super) now_ms: i64,
    pub(super) writer: Option<File>,
    pub(super) buffer: Vec<u8>,
}

impl World {
    pub(super) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            tail: None,
            known: Vec::new(),
            kept: Kept::default(),
            now_ms: 1_700_000_000_000,
            writer: None,
            buffer: Vec::new(),
        }
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// As a server does when it starts or is told to open its log anew.
    pub(super) fn reopen(&mut self) {
        let is_new = !self.path("a.log").exists();
        let file = OpenOptions::new().create(true).append(true).open(self.path("a.log")).unwrap();
        if is_new {
            self.now_ms += 7;
            file.set_modified(self.time()).unwrap();
        }
        self.writer = Some(file);
    }

    pub(super) fn time(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_millis(self.now_ms as u64)
    }

    pub(super) fn write(&mut self, text: &str) {
        if self.writer.is_none() {
            self.reopen();
        }
        self.now_ms += 7;
        let time = self.time();
        let file = self.writer.as_mut().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        file.set_modified(time).unwrap();
    }

    pub(super) fn tick(&mut self) {
        self.now_ms += 1000;
        let place = Place::new(Path::new("/"), self.path("a.log"));
        let tail = self
            .tail
            .get_or_insert_with(|| Tail::new(place, Begin::Start, i64::MAX, std::mem::take(&mut self.known)));
        // A small budget, so that there is a backlog now and then.
        tail.tick(self.now_ms, &mut Budget { bytes: 2 << 20 }, &mut self.buffer, &mut self.kept);
    }

    pub(super) fn restart(&mut self) {
        // Without a file there is nothing to know, and the next look is a first one.
        let known = self.tail.as_ref().map(|tail| tail.positions("/a.log", self.now_ms)).unwrap_or_default();
        if !known.is_empty() {
            (self.tail, self.known) = (None, known);
        }
    }

    /// Moves `.1` to `.2` and so on; what is older than the second is packed.
    pub(super) fn shift(&mut self) {
        for number in (1..40).rev() {
            for suffix in ["", ".gz"] {
                let from = self.path(&format!("a.log.{number}{suffix}"));
                let _ = fs::rename(from, self.path(&format!("a.log.{}{suffix}", number + 1)));
            }
        }
        let third = self.path("a.log.3");
        if third.exists() {
            pack(&third);
        }
    }

    pub(super) fn rename(&mut self) {
        self.shift();
        let _ = fs::rename(self.path("a.log"), self.path("a.log.1"));
    }

    pub(super) fn copy_and_truncate(&mut self, is_packed: bool) {
        if !self.path("a.log").exists() {
            return;
        }
        self.shift();
        let (log, copy) = (self.path("a.log"), self.path("a.log.1"));
        let modified = fs::metadata(&log).unwrap().modified().unwrap();
        fs::copy(&log, &copy).unwrap();
        File::open(&copy).unwrap().set_modified(modified).unwrap();
        let file = OpenOptions::new().write(true).open(&log).unwrap();
        file.set_len(0).unwrap();
        self.now_ms += 7;
        file.set_modified(self.time()).unwrap();
        if is_packed {
            pack(&copy);
        }
    }

    /// Reads all that is left.
    pub(super) fn settle(&mut self) {
        for _ in 0..100 {
            self.tick();
        }
    }
}

/// As `gzip` does: the time stays, the unpacked file goes.
pub(super) fn pack(path: &Path) {
    let bytes = fs::read(path).unwrap();
    let modified = fs::metadata(path).unwrap().modified().unwrap();
    let packed =
        File::create(path.with_file_name(format!("{}.gz", path.file_name().unwrap().display()))).unwrap();
    let mut encoder = GzEncoder::new(packed, Compression::fast());
    encoder.write_all(&bytes).unwrap();
    encoder.finish().unwrap().set_modified(modified).unwrap();
    fs::remove_file(path).unwrap();
}
