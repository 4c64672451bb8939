//! A folder of the kernel that holds a folder for each thing of a sort, as `/sys/class/net` does for interfaces, with
//! a small file for each number.

use crate::entities::{Entities, Entity};
use crate::folder::Folder;
use crate::record::Recorder;
use crate::text::{number, quantity, times, trim};
use crate::{Error, Metric, Pass};
use rustix::io::Errno;

/// The folder and the things met in it.
#[derive(Debug)]
pub struct Things<const SERIES: usize> {
    folder: Folder,
    /// The folder below each of the folder's own that holds the things; `None` when these are the things.
    below: Option<&'static str>,
    entities: Entities<SERIES>,
    /// Names found in a pass, each followed by a zero, which no name contains.
    names: Vec<u8>,
    /// Of things that are a level deeper, the folders they are in, likewise.
    parents: Vec<u8>,
    path: Vec<u8>,
}

/// One of them while it is measured.
#[derive(Debug)]
pub struct Thing<'a, const SERIES: usize> {
    /// Its name and its cells.
    pub entity: &'a mut Entity<SERIES>,
    folder: &'a mut Folder,
    path: &'a mut Vec<u8>,
    buffer: &'a mut Vec<u8>,
}

impl<const SERIES: usize> Things<SERIES> {
    /// Takes at most `limit` things, those not followed among them.
    pub fn new(folder: Folder, limit: usize) -> Self {
        let (names, parents, path) = (Vec::new(), Vec::new(), Vec::new());
        Self { folder, below: None, entities: Entities::new(limit), names, parents, path }
    }

    /// Things a level deeper: in the folder `below` (empty for none) of each folder. Their names are paths such as
    /// `mlx5_0/ports/1`.
    pub fn nested(folder: Folder, below: &'static str, limit: usize) -> Self {
        Self { below: Some(below), ..Self::new(folder, limit) }
    }

    /// Measures each thing that is followed; the series of those that are gone end. Without the folder there are none.
    /// `follow` is asked once for each name; names that begin with a dot are none.
    pub fn measure(
        &mut self,
        pass: &mut Pass<'_>,
        follow: impl Fn(&str) -> bool,
        mut each: impl FnMut(Thing<'_, SERIES>, &mut Recorder<'_>),
    ) -> Result<(), Error> {
        self.list(pass.buffer)?;
        let Self { folder, entities, names, path, .. } = self;
        entities.begin();
        for name in words(names) {
            if let Some(entity) = entities.meet(name, &follow) {
                each(Thing { entity, folder, path, buffer: pass.buffer }, &mut pass.out);
            }
        }
        entities.finish(&mut pass.out);
        Ok(())
    }

    fn list(&mut self, buffer: &mut Vec<u8>) -> Result<(), Error> {
        let Self { folder, below, names, parents, path, .. } = self;
        let first = if below.is_some() { &mut *parents } else { &mut *names };
        first.clear();
        let listed = folder.list(buffer, |name| add(first, &[], name));
        match listed {
            Ok(()) | Err(Errno::NOENT | Errno::NOTDIR) => {}
            Err(error) => return Err(Error::Read { path: folder.path().to_owned(), source: error.into() }),
        }
        let Some(below) = below else { return Ok(()) };
        names.clear();
        for parent in words(parents) {
            path.clear();
            path.extend_from_slice(parent);
            path.push(b'/');
            if !below.is_empty() {
                path.extend_from_slice(below.as_bytes());
                path.push(b'/');
            }
            // Not each of them has such things, and one that is gone since has none.
            let _ = folder.list_folders(path, buffer, |name| add(names, path, name));
        }
        Ok(())
    }
}

fn add(names: &mut Vec<u8>, path: &[u8], name: &[u8]) {
    if !name.starts_with(b".") {
        names.extend_from_slice(path);
        names.extend_from_slice(name);
        names.push(0);
    }
}

fn words(names: &[u8]) -> impl Iterator<Item = &[u8]> {
    names.split(|byte| *byte == 0).filter(|name| !name.is_empty())
}

impl<const SERIES: usize> Thing<'_, SERIES> {
    /// A file below its folder, without blanks around it; `None` when it cannot be read.
    pub fn read(&mut self, file: &str) -> Option<&[u8]> {
        self.path.clear();
        self.path.extend_from_slice(self.entity.name.as_bytes());
        self.path.push(b'/');
        self.path.extend_from_slice(file.as_bytes());
        self.folder.read(self.path, self.buffer).ok().map(trim)
    }

    /// A file of one number.
    pub fn number(&mut self, file: &str) -> Option<f64> {
        self.read(file).and_then(number).map(|n| n as f64)
    }

    /// A file of one count, which may be hexadecimal.
    pub fn quantity(&mut self, file: &str) -> Option<f64> {
        self.read(file).and_then(quantity)
    }

    /// Records each metric from the file its source names, times its factor. `labels` makes their values from the
    /// thing's name. The series of a file that cannot be read, or holds no number, ends.
    pub fn record<const LABELS: usize>(
        &mut self,
        metrics: &[Metric; SERIES],
        factors: &[f64; SERIES],
        labels: impl Fn(&str) -> [&str; LABELS],
        out: &mut Recorder<'_>,
    ) {
        for (at, (metric, factor)) in metrics.iter().zip(factors).enumerate() {
            let value = self.quantity(metric.source).map(|value| times(value, *factor));
            self.push(at, metric, &labels, value, out);
        }
    }

    /// Records one metric, or ends its series.
    pub fn push<'l, const LABELS: usize>(
        &'l mut self,
        at: usize,
        metric: &Metric,
        labels: impl FnOnce(&'l str) -> [&'l str; LABELS],
        value: Option<f64>,
        out: &mut Recorder<'_>,
    ) {
        let Entity { name, cells, .. } = &mut *self.entity;
        match value {
            Some(value) => out.push(&mut cells[at], metric, &labels(name), value),
            None => out.end(&mut cells[at]),
        }
    }
}
