//! A folder of the kernel that holds a folder for each thing of a sort, as `/sys/class/net` does for interfaces, with
//! a small file for each number.

use crate::entities::{Entities, Entity};
use crate::folder::Folder;
use crate::record::Recorder;
use crate::text::{number, trim};
use crate::{Error, Pass};
use rustix::io::Errno;

/// The folder and the things met in it.
#[derive(Debug)]
pub struct Things<const SERIES: usize> {
    folder: Folder,
    entities: Entities<SERIES>,
    /// Names found in a pass, each followed by a slash.
    names: Vec<u8>,
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
        Self { folder, entities: Entities::new(limit), names: Vec::new(), path: Vec::new() }
    }

    /// Measures each thing that is followed; the series of those that are gone end. Without the folder there are none.
    /// `follow` is asked once for each name; names that begin with a dot are none.
    pub fn measure(
        &mut self,
        pass: &mut Pass<'_>,
        follow: impl Fn(&str) -> bool,
        mut each: impl FnMut(Thing<'_, SERIES>, &mut Recorder<'_>),
    ) -> Result<(), Error> {
        let Self { folder, entities, names, path } = self;
        names.clear();
        let listed = folder.list(pass.buffer, |name| {
            if !name.starts_with(b".") {
                names.extend_from_slice(name);
                names.push(b'/');
            }
        });
        match listed {
            Ok(()) | Err(Errno::NOENT | Errno::NOTDIR) => {}
            Err(error) => return Err(Error::Read { path: folder.path().to_owned(), source: error.into() }),
        }
        entities.begin();
        for name in names.split(|byte| *byte == b'/').filter(|name| !name.is_empty()) {
            if let Some(entity) = entities.meet(name, &follow) {
                each(Thing { entity, folder, path, buffer: pass.buffer }, &mut pass.out);
            }
        }
        entities.finish(&mut pass.out);
        Ok(())
    }
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
}
