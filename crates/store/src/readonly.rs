//! Opening a store only to read: nothing on the disk is changed and nobody is kept out, so it works beside the process
//! that writes. Only blocks that may have samples of the range asked for are opened, which is what makes it quick.

use crate::block::BlockError;
use crate::block::reader::Block;
use crate::index::matcher::Question;
use crate::store::Store;
use crate::{Error, Event, Options, names};
use model::{Matcher, ReadError, TimeRange};
use std::io;
use std::path::Path;
use std::sync::Arc;
use stdx::disk::{Append, Disk, Entry, ReadAt};

/// How often opening is tried again because the writer swapped the manifest meanwhile.
pub(crate) const TRIES_MAX: u32 = 8;

/// Where bytes of samples are: a file, a place in it, and whose they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extent {
    /// Below the store's folder.
    pub file: String,
    /// First byte.
    pub offset: u64,
    /// Number of bytes, the checksum among them.
    pub len_bytes: u64,
    /// Number of values or times in it.
    pub count: u32,
    /// The series whose values these are; `None` for a column of times, which series share.
    pub series: Option<String>,
}

impl Store {
    /// Opens what is there of `range`, in blocks and in the log, for reading only. Pushing to it fails.
    ///
    /// # Errors
    /// The folder was written by a newer version, or the disk refuses.
    pub fn open_read_only(mut options: Options, range: TimeRange) -> Result<Self, Error> {
        if options.block_store.is_some() {
            return Err(Error::Option("only blocks on a disk can be opened for reading only".to_owned()));
        }
        options.disk = Arc::new(Frozen(Arc::clone(&options.disk)));
        options.background = false;
        let tell = Arc::clone(&options.tell);
        // The end of a log that is being written is no damage.
        options.tell = Arc::new(move |event| {
            if !matches!(event, Event::LogCut { .. }) {
                tell(event);
            }
        });
        crate::open::open_read_only(&options, range).map(Self::for_reading)
    }

    /// Which bytes of blocks hold the samples in `range` of the series that satisfy `matchers`: columns of times and of
    /// values, in order of file and place. What is still in the log is not among them.
    pub fn extents(&self, matchers: &[Matcher], range: TimeRange) -> Result<Vec<Extent>, ReadError> {
        let mut extents = Vec::new();
        for block in self.shared().blocks().of_tier(0, range) {
            let found = self.extents_of(block, matchers, range);
            let failed = |error: BlockError| {
                ReadError::Storage(format!("block {}: {error}", names::block_name(block.meta.sequence)))
            };
            extents.extend(found.map_err(failed)?);
        }
        Ok(extents)
    }

    fn extents_of(
        &self,
        block: &Block,
        matchers: &[Matcher],
        range: TimeRange,
    ) -> Result<Vec<Extent>, BlockError> {
        let file = names::block_object(block.meta.sequence, names::DATA);
        let extent = |offset: u64, len_bytes: u32, count: u32, series: Option<String>| Extent {
            file: file.clone(),
            offset,
            len_bytes: u64::from(len_bytes) + 4,
            count,
            series,
        };
        let mut extents = Vec::new();
        for ordinal in block.index.matching(&Question::new(matchers)) {
            let series = block.series(ordinal)?;
            for chunk in block.chunks_of(ordinal, range)? {
                let (times, place) = (chunk.times, chunk.place);
                extents.push(extent(times.offset, times.len_bytes, times.count, None));
                extents.push(extent(
                    place.offset,
                    place.len_bytes,
                    times.count,
                    Some(series.labels.to_string()),
                ));
            }
        }
        extents.sort_by(|a, b| (a.offset, &a.series).cmp(&(b.offset, &b.series)));
        extents.dedup();
        Ok(extents)
    }
}

/// A disk on which every change is a step into nothing: what would tidy up leaves things as they are.
pub(crate) struct Frozen(pub(crate) Arc<dyn Disk>);

impl Disk for Frozen {
    fn create(&self, _: &Path) -> io::Result<Box<dyn Append>> {
        Ok(Box::new(Nothing))
    }

    fn append(&self, _: &Path) -> io::Result<Box<dyn Append>> {
        Ok(Box::new(Nothing))
    }

    fn open(&self, path: &Path) -> io::Result<Arc<dyn ReadAt>> {
        self.0.open(path)
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.0.read(path)
    }

    fn rename(&self, _: &Path, _: &Path) -> io::Result<()> {
        Ok(())
    }

    fn remove_file(&self, _: &Path) -> io::Result<()> {
        Ok(())
    }

    fn remove_dir_all(&self, _: &Path) -> io::Result<()> {
        Ok(())
    }

    fn create_dir_all(&self, _: &Path) -> io::Result<()> {
        Ok(())
    }

    fn list(&self, path: &Path) -> io::Result<Vec<Entry>> {
        self.0.list(path)
    }

    fn sync_dir(&self, _: &Path) -> io::Result<()> {
        Ok(())
    }

    fn free_bytes(&self, path: &Path) -> io::Result<u64> {
        self.0.free_bytes(path)
    }
}

/// A file that keeps nothing.
struct Nothing;

impl Append for Nothing {
    fn write_all(&mut self, _: &[u8]) -> io::Result<()> {
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn truncate(&mut self, _: u64) -> io::Result<()> {
        Ok(())
    }

    fn len(&self) -> io::Result<u64> {
        Ok(0)
    }
}
