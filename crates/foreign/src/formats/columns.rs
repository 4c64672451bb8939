//! Columns: our own form for other programs that want many samples fast. Integers are little-endian, varints those of
//! `stdx::varint`, labels encoded as everywhere in Windhover (`model::labels`).
//!
//! ```text
//! file    := "WHCOLS"  version u8 = 1  record*  0 u8
//! record  := 1 u8  kind u8  varint len  labels [len]          a series
//!          | 2 u8  varint count  times  f64 [count]           samples of it, times ascending
//! times   := 0 u8  i64 [count]                                Unix milliseconds
//!          | 1 u8  i64 first  varint step                     first, first + step, …
//! label   := varint len  name  varint len  value              labels := label*, sorted by name
//! ```
//!
//! A file without its last byte was cut short. Values may be the staleness marker 0x7ff0000000000002.

use crate::{Error, Format, Input, Options, Output, SeriesWriter, Sight, Writing};
use model::limits::KEY_BYTES_MAX;
use model::{Description, Kind, Labels, LabelsBuilder, Position, Series, Slot};
use std::io::{BufRead, ErrorKind, Write};
use std::path::Path;
use stdx::varint;

/// The row in the table.
pub const FORMAT: Format = Format {
    name: "columns",
    summary: "Binary columns, the quickest to write and to read (drawn in crates/foreign/src/formats/columns.rs)",
    endings: &[".whcols"],
    sniff: |sight: &Sight<'_>| sight.head.starts_with(MAGIC),
    options: &[],
    read: Some(read),
    write: Some(Writing::Series(start)),
};

const MAGIC: &[u8] = b"WHCOLS";
const VERSION: u8 = 1;
/// Most samples of a record.
const RECORD_SAMPLES_MAX: usize = 1 << 16;

const END: u8 = 0;
const SERIES: u8 = 1;
const SAMPLES: u8 = 2;
const TIMES_LISTED: u8 = 0;
const TIMES_REGULAR: u8 = 1;

fn start<'w>(out: &'w mut dyn Write, _: &Options) -> Result<Box<dyn SeriesWriter + 'w>, Error> {
    let mut bytes = MAGIC.to_vec();
    bytes.push(VERSION);
    Ok(Box::new(Columns { out, bytes }))
}

struct Columns<'w> {
    out: &'w mut dyn Write,
    bytes: Vec<u8>,
}

impl Columns<'_> {
    fn flush(&mut self) -> Result<(), Error> {
        let written = self.out.write_all(&self.bytes);
        self.bytes.clear();
        written.map_err(|e| Error::io(Path::new("output"), e))
    }
}

impl SeriesWriter for Columns<'_> {
    fn series(&mut self, series: &Series, _: Option<&Description>) -> Result<(), Error> {
        self.bytes.extend([SERIES, series.kind as u8]);
        varint::write_bytes(&mut self.bytes, series.labels.key());
        Ok(())
    }

    fn samples(&mut self, times_ms: &[i64], values: &[f64]) -> Result<(), Error> {
        for (times_ms, values) in times_ms.chunks(RECORD_SAMPLES_MAX).zip(values.chunks(RECORD_SAMPLES_MAX)) {
            self.bytes.push(SAMPLES);
            varint::write_u64(&mut self.bytes, times_ms.len() as u64);
            match step(times_ms) {
                Some(step) => {
                    self.bytes.push(TIMES_REGULAR);
                    self.bytes.extend(times_ms[0].to_le_bytes());
                    varint::write_u64(&mut self.bytes, step);
                }
                None => {
                    self.bytes.push(TIMES_LISTED);
                    append(&mut self.bytes, times_ms, i64::to_le_bytes);
                }
            }
            append(&mut self.bytes, values, f64::to_le_bytes);
            self.flush()?;
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<(), Error> {
        self.bytes.push(END);
        self.flush()
    }
}

/// The distance between all neighbours, when it is the same.
fn step(times_ms: &[i64]) -> Option<u64> {
    let [first, second, ..] = times_ms else { return Some(0) };
    let step = second.checked_sub(*first)?;
    times_ms.windows(2).all(|pair| pair[1].wrapping_sub(pair[0]) == step).then_some(())?;
    u64::try_from(step).ok()
}

fn append<T: Copy>(out: &mut Vec<u8>, column: &[T], bytes: impl Fn(T) -> [u8; 8]) {
    let start = out.len();
    out.resize(start + column.len() * 8, 0);
    for (place, value) in out[start..].as_chunks_mut().0.iter_mut().zip(column) {
        *place = bytes(*value);
    }
}

fn read(input: &mut Input, _: &Options, out: &mut Output<'_>) -> Result<(), Error> {
    let path = input.path().to_owned();
    let mut records = Records { reader: input.lines()?, path: &path, at: 0 };
    let mut magic = [0; MAGIC.len() + 1];
    if records.fill(&mut magic).is_err() || magic[..MAGIC.len()] != *MAGIC {
        return Err(Error::malformed(&path, "not a file of columns"));
    }
    if magic[MAGIC.len()] != VERSION {
        return Err(Error::malformed(
            &path,
            format!("version {}, only {VERSION} is known", magic[MAGIC.len()]),
        ));
    }
    let mut slot = None;
    loop {
        let at = records.at;
        match records.next(&mut slot, out) {
            Ok(true) => {}
            Ok(false) => break,
            Err(Broken::Stopped(error)) => return Err(error),
            // Records say their length themselves: behind a broken one nothing can be found.
            Err(Broken::Malformed(reason)) => {
                out.reject(Position::Byte(at as usize), format_args!("{reason}; the rest is not read"));
                break;
            }
        }
        out.passed(records.at - at);
    }
    out.forget_series()
}

enum Broken {
    Malformed(String),
    Stopped(Error),
}

impl From<Error> for Broken {
    fn from(error: Error) -> Self {
        Self::Stopped(error)
    }
}

struct Records<'a> {
    reader: &'a mut dyn BufRead,
    path: &'a Path,
    at: u64,
}

impl Records<'_> {
    /// Takes a record; `false` at the end.
    fn next(&mut self, slot: &mut Option<Slot>, out: &mut Output<'_>) -> Result<bool, Broken> {
        match self.byte()? {
            END => return Ok(false),
            SERIES => {
                let kind =
                    Kind::from_u8(self.byte()?).ok_or_else(|| malformed("a kind that is not known"))?;
                let length = self.count(KEY_BYTES_MAX)?;
                let mut key = vec![0; length];
                self.fill(&mut key)?;
                let labels = Labels::from_key(&key).map_err(|e| Broken::Malformed(e.to_string()))?;
                let mut builder = LabelsBuilder::default();
                labels.iter().for_each(|(name, value)| {
                    builder.add(name, value);
                });
                *slot = out.next_series(&mut builder, kind)?.ok();
            }
            SAMPLES => {
                let slot = slot.ok_or_else(|| malformed("samples without a series"))?;
                let count = self.count(RECORD_SAMPLES_MAX)?;
                let times_ms = self.times(count)?;
                for (time_ms, value) in times_ms.into_iter().zip(self.column(count)?) {
                    out.sample(slot, time_ms, f64::from_le_bytes(value))?;
                }
            }
            other => return Err(Broken::Malformed(format!("a record of unknown kind {other}"))),
        }
        Ok(true)
    }

    fn times(&mut self, count: usize) -> Result<Vec<i64>, Broken> {
        match self.byte()? {
            TIMES_LISTED => Ok(self.column(count)?.into_iter().map(i64::from_le_bytes).collect()),
            TIMES_REGULAR => {
                let mut first = [0; 8];
                self.fill(&mut first)?;
                let step = self.varint()? as i64;
                let first = i64::from_le_bytes(first);
                Ok((0..count as i64).map(|i| first.wrapping_add(step.wrapping_mul(i))).collect())
            }
            _ => Err(malformed("times of unknown form")),
        }
    }

    fn column(&mut self, count: usize) -> Result<Vec<[u8; 8]>, Broken> {
        let mut bytes = vec![0; count * 8];
        self.fill(&mut bytes)?;
        Ok(bytes.as_chunks().0.to_vec())
    }

    fn byte(&mut self) -> Result<u8, Broken> {
        let mut byte = [0];
        self.fill(&mut byte)?;
        Ok(byte[0])
    }

    fn varint(&mut self) -> Result<u64, Broken> {
        let mut bytes = Vec::new();
        loop {
            bytes.push(self.byte()?);
            if let Some(number) = varint::read_u64(&mut &*bytes) {
                return Ok(number);
            }
            if bytes.len() >= varint::LEN_MAX {
                return Err(malformed("a number that is too long"));
            }
        }
    }

    fn count(&mut self, max: usize) -> Result<usize, Broken> {
        let count = self.varint()?;
        usize::try_from(count)
            .ok()
            .filter(|n| *n <= max)
            .ok_or_else(|| malformed("a record that is too long"))
    }

    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), Broken> {
        self.at += bytes.len() as u64;
        self.reader.read_exact(bytes).map_err(|error| match error.kind() {
            ErrorKind::UnexpectedEof => malformed("the file ends early"),
            _ => Broken::Stopped(Error::io(self.path, error)),
        })
    }
}

fn malformed(reason: &str) -> Broken {
    Broken::Malformed(reason.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::rig::{options, read_bytes};
    use proptest::prelude::*;

    fn example() -> Vec<u8> {
        let mut bytes = Vec::new();
        {
            let mut writer = start(&mut bytes, &options()).unwrap();
            let labels = Labels::from_pairs([("__name__", "a")]).unwrap();
            writer.series(&Series { id: model::SeriesId(0), labels, kind: Kind::Gauge }, None).unwrap();
            writer.samples(&[10, 20, 30], &[1.0, f64::NAN, -0.0]).unwrap();
            writer.samples(&[31, 45], &[model::STALE, 2.0]).unwrap();
            writer.finish().unwrap();
        }
        bytes
    }

    #[test]
    fn what_is_cut_short_is_told() {
        let bytes = example();
        let all = read_bytes(&FORMAT, &bytes, &options());
        let times: Vec<i64> = all.series["a"].1.iter().map(|s| s.0).collect();
        assert!(times == [10, 20, 30, 31, 45] && all.report.is_clean());
        for end in MAGIC.len() + 1..bytes.len() {
            let all = read_bytes(&FORMAT, &bytes[..end], &options());
            assert!(all.report.reasons[0].reason.contains("the file ends early"), "{end}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(at in 7usize..80, byte: u8) {
            let mut bytes = example();
            let at = at.min(bytes.len() - 1);
            bytes[at] = byte;
            read_bytes(&FORMAT, &bytes, &options());
        }
    }
}
