//! A file of lines. One that has grown large is set aside under its name and a number, `.1` the newest; the oldest goes.

use super::text::{FORMS, Lines};
use super::{Kind, Target};
use crate::output::{Failure, Output, Sent};
use model::Batch;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::PathBuf;

/// The row in the table.
pub(super) const KIND: Kind = Kind {
    name: "file",
    summary: "A file with lines in Influx's or Graphite's dialect; large ones are set aside as NAME.1, NAME.2 …",
    address: "/PATH/NAME",
    forms: FORMS,
    rows_max: 5000,
    make,
};

/// Size at which a file is set aside, in bytes.
const FILE_BYTES_MAX: u64 = 100_000_000;
/// Files kept besides the one that is written.
const FILES_MAX: u32 = 9;

struct Lined {
    path: PathBuf,
    lines: Lines,
    file: Option<(File, u64)>,
    bytes_max: u64,
    bytes: Vec<u8>,
}

fn make(target: Target) -> Result<Box<dyn Output>, String> {
    let lines = Lines::new(&target.form, &target.template)?;
    let path = PathBuf::from(target.address.strip_prefix("file://").unwrap_or(&target.address));
    Ok(Box::new(Lined { path, lines, file: None, bytes_max: FILE_BYTES_MAX, bytes: Vec::new() }))
}

impl Lined {
    fn write(&mut self) -> io::Result<()> {
        if self.file.as_ref().is_some_and(|(_, len)| *len >= self.bytes_max) {
            self.file = None;
            self.set_aside()?;
        }
        let (file, len) = match &mut self.file {
            Some(file) => file,
            none => {
                let file = OpenOptions::new().create(true).append(true).open(&self.path)?;
                let len = file.metadata()?.len();
                none.insert((file, len))
            }
        };
        let before = *len;
        let result = file.write_all(&self.bytes);
        match result {
            Ok(()) => *len += self.bytes.len() as u64,
            // Half of a batch would come twice.
            Err(_) => file.set_len(before)?,
        }
        result
    }

    fn set_aside(&self) -> io::Result<()> {
        let name = |number: u32| PathBuf::from(format!("{}.{number}", self.path.display()));
        for number in (1..FILES_MAX).rev() {
            match std::fs::rename(name(number), name(number + 1)) {
                Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
                _ => {}
            }
        }
        std::fs::rename(&self.path, name(1))
    }
}

impl Output for Lined {
    fn send(&mut self, batch: &Batch) -> Result<Sent, Failure> {
        self.bytes.clear();
        let left_out = self.lines.encode(batch, &mut self.bytes);
        let result = self.write();
        result.map_err(|e| {
            self.file = None;
            Failure::Later(format!("{}: {e}", self.path.display()), None)
        })?;
        Ok(Sent { bytes: self.bytes.len() as u64, left_out })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Kind as Series, Labels};

    #[test]
    fn a_large_file_is_set_aside() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out");
        let lines = Lines::new("graphite", "").unwrap();
        let mut output = Lined { path: path.clone(), lines, file: None, bytes_max: 20, bytes: Vec::new() };
        let mut batch = Batch::new();
        let labels = Labels::from_pairs([("__name__", "a.b")]).unwrap();
        let slot = batch.dictionary.add(&labels, Series::Gauge);
        for second in 0..5 {
            batch.clear_rows();
            batch.sample(slot, second * 1000, 1.5);
            assert_eq!(output.send(&batch).unwrap().left_out, 0);
        }
        let read = |end: &str| std::fs::read_to_string(format!("{}{end}", path.display())).unwrap();
        assert_eq!(read(".1"), "a.b 1.5 2\na.b 1.5 3\n");
        assert_eq!((read(".2").as_str(), read("").as_str()), ("a.b 1.5 0\na.b 1.5 1\n", "a.b 1.5 4\n"));
    }
}
