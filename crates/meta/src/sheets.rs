//! Sheets: expressions of Timelion that are looked at together, in rows and columns.
//!
//! A sheet is one file, `ID.json`. Its id is made of its first title and stays when it is renamed, so that links do.

pub mod kibana;
mod sheet;

pub use sheet::{COLUMNS_MAX, EXPR_BYTES_MAX, EXPRS_MAX, ROWS_MAX, Sheet, TITLE_BYTES_MAX};

use crate::Error;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use stdx::disk::{Disk, write_atomically};

/// Most sheets of a server.
pub const SHEETS_MAX: usize = 1000;
/// Longest id made of a title, in bytes, without the number that tells it from others.
const ID_BYTES_MAX: usize = 48;

/// All sheets.
pub struct Sheets {
    disk: Arc<dyn Disk>,
    folder: PathBuf,
    known: Mutex<BTreeMap<String, Sheet>>,
    problems: Vec<Error>,
}

impl Sheets {
    /// Reads the sheets of a folder, which need not be there yet. A file that is no sheet stays where it is, and is told by
    /// [`Sheets::problems`].
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn open(disk: Arc<dyn Disk>, folder: PathBuf) -> Result<Self, Error> {
        let entries = match disk.list(&folder) {
            Ok(entries) => entries,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Vec::new(),
            Err(e) => return Err(Error::Disk(folder, e)),
        };
        let (mut known, mut problems) = (BTreeMap::new(), Vec::new());
        for id in entries.iter().filter_map(|entry| entry.name.strip_suffix(".json")) {
            match read(disk.as_ref(), &folder.join(format!("{id}.json"))) {
                Ok(sheet) => drop(known.insert(id.to_owned(), sheet)),
                Err(error) => problems.push(error),
            }
        }
        Ok(Self { disk, folder, known: Mutex::new(known), problems })
    }

    /// What could not be read at the start.
    pub fn problems(&self) -> &[Error] {
        &self.problems
    }

    /// Every sheet with its id, by title.
    pub fn list(&self) -> Vec<(String, Sheet)> {
        let mut all: Vec<_> = self.lock().iter().map(|(id, sheet)| (id.clone(), sheet.clone())).collect();
        all.sort_by_cached_key(|(id, sheet)| (sheet.title.to_lowercase(), id.clone()));
        all
    }

    /// One sheet.
    pub fn get(&self, id: &str) -> Result<Sheet, Error> {
        self.lock().get(id).cloned().ok_or_else(|| unknown(id))
    }

    /// Keeps a new sheet. Returns its id.
    pub fn add(&self, sheet: Sheet, now_ms: i64) -> Result<String, Error> {
        let mut known = self.lock();
        if known.len() >= SHEETS_MAX {
            return Err(Error::Bad(format!("there are {SHEETS_MAX} sheets, which is the most")));
        }
        let id = self.free_id(&known, &sheet.title);
        self.keep(&mut known, &id, sheet, now_ms)?;
        Ok(id)
    }

    /// Keeps another sheet in the place of one; with `read_ms` only if that is when the one there was kept, so that two
    /// people who change one sheet do not undo each other's work unseen.
    pub fn replace(&self, id: &str, sheet: Sheet, read_ms: Option<i64>, now_ms: i64) -> Result<(), Error> {
        let mut known = self.lock();
        let kept_ms = known.get(id).ok_or_else(|| unknown(id))?.changed_ms;
        if read_ms.is_some_and(|read_ms| read_ms != kept_ms) {
            return Err(Error::Changed(format!("the sheet `{id}` was changed meanwhile")));
        }
        // Two changes within a millisecond are two.
        self.keep(&mut known, id, sheet, now_ms.max(kept_ms.saturating_add(1)))
    }

    /// Forgets a sheet.
    pub fn remove(&self, id: &str) -> Result<(), Error> {
        let mut known = self.lock();
        if !known.contains_key(id) {
            return Err(unknown(id));
        }
        let path = self.path(id);
        let removed = self.disk.remove_file(&path).and_then(|()| self.disk.sync_dir(&self.folder));
        removed.map_err(|e| Error::Disk(path, e))?;
        known.remove(id);
        Ok(())
    }

    /// The disk first: what is shown is what a restart will find.
    fn keep(
        &self,
        known: &mut BTreeMap<String, Sheet>,
        id: &str,
        sheet: Sheet,
        now_ms: i64,
    ) -> Result<(), Error> {
        sheet.check()?;
        let sheet = Sheet { changed_ms: now_ms, ..sheet };
        let path = self.path(id);
        let text = serde_json::to_vec_pretty(&sheet).map_err(|e| Error::Bad(e.to_string()))?;
        let written = self.disk.create_dir_all(&self.folder);
        let written = written.and_then(|()| write_atomically(self.disk.as_ref(), &path, &text));
        written.map_err(|e| Error::Disk(path, e))?;
        known.insert(id.to_owned(), sheet);
        Ok(())
    }

    // A file that could not be read keeps its name, too.
    fn free_id(&self, known: &BTreeMap<String, Sheet>, title: &str) -> String {
        let taken = |id: &str| known.contains_key(id) || self.disk.read(&self.path(id)).is_ok();
        let id = slug(title);
        let numbered = (2..).map(|n| format!("{id}-{n}"));
        std::iter::once(id.clone()).chain(numbered).find(|id| !taken(id)).unwrap_or(id)
    }

    fn path(&self, id: &str) -> PathBuf {
        self.folder.join(format!("{id}.json"))
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Sheet>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn read(disk: &dyn Disk, path: &Path) -> Result<Sheet, Error> {
    let bytes = disk.read(path).map_err(|e| Error::Disk(path.to_owned(), e))?;
    serde_json::from_slice(&bytes).map_err(|e| Error::Malformed(path.to_owned(), e.to_string()))
}

// Small letters and digits with a `-` between words: `Load of the shop` is `load-of-the-shop`.
fn slug(title: &str) -> String {
    let words = title.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let mut id = words.map(str::to_ascii_lowercase).collect::<Vec<_>>().join("-");
    id.truncate(ID_BYTES_MAX);
    let id = id.trim_end_matches('-');
    if id.is_empty() { "sheet".to_owned() } else { id.to_owned() }
}

fn unknown(id: &str) -> Error {
    Error::Unknown(format!("there is no sheet `{id}`"))
}

#[cfg(test)]
mod tests;
