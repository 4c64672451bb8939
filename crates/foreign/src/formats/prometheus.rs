//! Prometheus' blocks on disk, and data folders full of them (format of Prometheus 2, index version 2).
//!
//! ```text
//! BLOCK/meta.json      version and time range
//! BLOCK/index          symbols, series with their labels and where their chunks are
//! BLOCK/chunks/000001  chunks: length, encoding, data, CRC-32C
//! BLOCK/tombstones     what was deleted and not yet removed
//! ```
//!
//! Series by series, chunks as they come; only the symbols of one block are held in memory. A series or chunk whose
//! checksum or content is wrong costs itself only. Chunks of native histograms are counted and left out. The
//! write-ahead log of a data folder (its last two or three hours) is not read: stop Prometheus, or take a snapshot
//! (`POST /api/v1/admin/tsdb/snapshot`), whose blocks hold everything.

mod bits;
mod chunk;
mod index;
mod segments;
mod tombstones;

use crate::{Error, Format, Input, Options, Output, Sight};
use index::Index;
use model::{Kind, LabelsBuilder, NAME, Position};
use segments::Segments;
use std::path::{Path, PathBuf};
use tombstones::Tombstones;

pub use chunk::decode_xor;
pub use index::{Series, decode_series, decode_symbols};
pub use tombstones::decode as decode_tombstones;

/// The row in the table.
pub const FORMAT: Format = Format {
    name: "prometheus",
    summary: "Prometheus blocks: one, or a data folder or snapshot with many",
    endings: &[],
    sniff,
    options: &[],
    read: Some(read),
    write: None,
};

/// Largest `meta.json`, in bytes.
const META_BYTES_MAX: u64 = 16 << 20;

fn sniff(sight: &Sight<'_>) -> bool {
    sight.is_folder && (is_block(sight.path) || is_data_folder(sight.path))
}

fn is_block(path: &Path) -> bool {
    ["meta.json", "index", "chunks"].iter().all(|name| path.join(name).exists())
}

fn is_data_folder(path: &Path) -> bool {
    path.join("wal").is_dir() && path.join("chunks_head").is_dir()
        || blocks_of(path).is_ok_and(|b| !b.is_empty())
}

/// The blocks in a folder, oldest first: their names sort by the time they were made.
fn blocks_of(path: &Path) -> Result<Vec<PathBuf>, Error> {
    let entries = std::fs::read_dir(path).map_err(|e| Error::io(path, e))?;
    let mut blocks: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|p| is_named_as_block(p) && is_block(p))
        .collect();
    blocks.sort();
    Ok(blocks)
}

/// Whether a name is a ULID: 26 of 32 letters.
fn is_named_as_block(path: &Path) -> bool {
    let name = path.file_name().map(|n| n.to_string_lossy()).unwrap_or_default();
    name.len() == 26 && name.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase())
}

fn read(input: &mut Input, _: &Options, out: &mut Output<'_>) -> Result<(), Error> {
    let path = input.path().to_owned();
    if is_block(&path) {
        return read_block(&path, out);
    }
    for block in blocks_of(&path)? {
        match read_block(&block, out) {
            // The other blocks are as good as before.
            Err(Error::Malformed { path, reason }) => {
                out.reject(Position::Whole, format_args!("{}: {reason}", path.display()));
            }
            other => other?,
        }
    }
    if path.join("wal").read_dir().is_ok_and(|mut entries| entries.next().is_some()) {
        out.skip("write-ahead log (the newest hours; a snapshot has them in a block)", 1);
    }
    Ok(())
}

fn read_block(path: &Path, out: &mut Output<'_>) -> Result<(), Error> {
    check_meta(path)?;
    let mut index = Index::open(&path.join("index"))?;
    let tombstones = Tombstones::read(&path.join("tombstones"))?;
    let mut segments = Segments::open(&path.join("chunks"))?;
    let mut labels = LabelsBuilder::default();
    while let Some(next) = index.next()? {
        out.passed(next.bytes);
        let series = match next.series {
            Ok(series) => series,
            Err(reason) => {
                out.reject(
                    Position::Whole,
                    format_args!("{}, byte {}: {reason}", index.path().display(), next.at),
                );
                continue;
            }
        };
        labels.clear();
        for (name, value) in &series.labels {
            labels.add(index.symbol(*name), index.symbol(*value));
        }
        let kind = kind_of(labels.get(NAME).unwrap_or_default());
        let slot = match out.next_series(&mut labels, kind)? {
            Ok(slot) => slot,
            Err(error) => {
                out.reject(
                    Position::Whole,
                    format_args!("{}, byte {}: {error}", index.path().display(), next.at),
                );
                continue;
            }
        };
        // Version 2 numbers series by where they stand, in steps of 16 bytes.
        let deleted = tombstones.of(next.at / 16);
        for reference in &series.chunks {
            read_chunk(&mut segments, *reference, deleted, slot, out)?;
        }
    }
    out.forget_series()
}

fn read_chunk(
    segments: &mut Segments,
    reference: u64,
    deleted: &[(i64, i64)],
    slot: model::Slot,
    out: &mut Output<'_>,
) -> Result<(), Error> {
    let place = segments.place(reference);
    let (encoding, data) = match segments.chunk(reference)? {
        Ok(chunk) => chunk,
        Err(reason) => {
            out.reject(Position::Whole, format_args!("{place}: {reason}"));
            return Ok(());
        }
    };
    out.passed(data.len() as u64);
    match encoding {
        chunk::XOR => {}
        chunk::HISTOGRAM | chunk::FLOAT_HISTOGRAM => {
            out.skip("samples of native histograms", chunk::count(data));
            return Ok(());
        }
        other => {
            out.reject(Position::Whole, format_args!("{place}: a chunk of unknown encoding {other}"));
            return Ok(());
        }
    }
    let mut stopped = Ok(());
    let decoded = decode_xor(data, &mut |time_ms, value| {
        let is_deleted = deleted.iter().any(|(first, last)| (*first..=*last).contains(&time_ms));
        if is_deleted {
            out.skip("samples deleted in Prometheus", 1);
        } else if stopped.is_ok() {
            stopped = out.sample(slot, time_ms, value);
        }
    });
    stopped?;
    if let Err(reason) = decoded {
        out.reject(Position::Whole, format_args!("{place}: {reason}"));
    }
    Ok(())
}

/// Blocks do not say what a series is; the naming rule does.
fn kind_of(name: &str) -> Kind {
    if name.ends_with("_total") { Kind::Counter } else { Kind::Unknown }
}

fn check_meta(block: &Path) -> Result<(), Error> {
    let path = block.join("meta.json");
    let mut text = Vec::new();
    let file = std::fs::File::open(&path).map_err(|e| Error::io(&path, e))?;
    std::io::Read::read_to_end(&mut std::io::Read::take(file, META_BYTES_MAX), &mut text)
        .map_err(|e| Error::io(&path, e))?;
    match meta_version(&text) {
        Ok(Some(1)) => Ok(()),
        Ok(Some(version)) => Err(Error::malformed(&path, format!("version {version}, only 1 is known"))),
        Ok(None) => Err(Error::malformed(&path, "does not say its version")),
        Err(error) => Err(Error::malformed(&path, error)),
    }
}

fn meta_version(text: &[u8]) -> Result<Option<u64>, wire::json::Error> {
    let mut reader = wire::json::Reader::new(text);
    let mut version = None;
    reader.object()?;
    while let Some(name) = reader.field()? {
        if name == "version" {
            version = reader.number()?.parse().ok();
        } else {
            reader.skip()?;
        }
    }
    Ok(version)
}

#[cfg(test)]
mod tests;
