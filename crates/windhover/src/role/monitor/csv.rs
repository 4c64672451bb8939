//! A file for each series, with a line `<epoch> <value>` for each sample, as the shell monitor writes them.

use super::file_name;
use model::{Batch, PushError, Receipt, Report, Sink};
use std::collections::BTreeSet;
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

/// Most files that one run makes or appends to: what names them comes from the network.
const FILES_MAX: usize = 20_000;

/// See the module's text.
pub struct Csv {
    folder: PathBuf,
    names: Mutex<BTreeSet<String>>,
}

impl Csv {
    /// Writes into this folder.
    pub fn new(folder: PathBuf) -> Self {
        Self { folder, names: Mutex::default() }
    }

    fn append(&self, name: String, time_ms: i64, value: f64) -> io::Result<()> {
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        if !names.contains(&name) {
            if names.len() >= FILES_MAX {
                return Err(io::Error::other(format!("there are {FILES_MAX} files already")));
            }
            names.insert(name.clone());
        }
        // Opened each time, so that whoever moves a file away gets a new one, as with the shell's `>>`.
        let mut file = OpenOptions::new().append(true).create(true).open(self.folder.join(name))?;
        file.write_all(format!("{} {value}\n", time_ms.div_euclid(1000)).as_bytes())
    }
}

impl Sink for Csv {
    fn push(&self, batch: &Batch) -> Result<Receipt, PushError> {
        let (mut accepted, mut failed) = (0, None);
        for rows in batch.groups() {
            for (slot, value) in rows.slots.iter().zip(rows.values) {
                let labels = batch.dictionary.labels(*slot);
                let name = file_name(labels.host(), labels.name(), ".csv");
                match self.append(name.clone(), rows.time_ms, *value) {
                    Ok(()) => accepted += 1,
                    Err(e) => {
                        failed = Some(PushError::Failed(format!("{}: {e}", self.folder.join(name).display())))
                    }
                }
            }
        }
        match failed {
            Some(error) => Err(error),
            None => Ok(Receipt { report: Report { accepted, ..Report::default() }, duplicates: 0 }),
        }
    }
}
