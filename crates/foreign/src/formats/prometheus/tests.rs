use super::*;
use crate::tests::rig::{Read, fixtures, options, read as read_all};
use proptest::prelude::*;
use std::fmt::Write;

fn read_folder(path: &Path) -> Read {
    let (all, result) = read_all(&FORMAT, &mut Input::at(path, path).unwrap(), &options());
    result.unwrap_or_else(|e| panic!("{e}"));
    all
}

/// A copy of the example that may be damaged.
struct Copy(PathBuf);

impl Copy {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("windhover-foreign-{}-{name}", std::process::id()));
        copy(&fixtures("prometheus").join("data"), &path);
        Self(path)
    }

    /// Changes the bytes of a file of the first block.
    fn change(&self, file: &str, change: impl FnOnce(&mut Vec<u8>)) {
        let path = blocks_of(&self.0).unwrap()[0].join(file);
        let mut bytes = std::fs::read(&path).unwrap();
        change(&mut bytes);
        std::fs::write(path, bytes).unwrap();
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() { copy(&path, &target) } else { std::fs::copy(&path, &target).map(|_| ()).unwrap() }
    }
}

/// Samples as `promtool tsdb dump` (2.42) writes them, sorted.
fn as_promtool(all: &Read) -> Vec<String> {
    let mut lines = Vec::new();
    for (labels, (_, samples)) in &all.series {
        let name = labels.split('{').next().unwrap();
        let rest = labels[name.len()..].trim_start_matches('{');
        let comma = if rest.is_empty() { "}" } else { ", " };
        let labels = rest.replace("\",", "\", ");
        for (time_ms, value) in samples {
            let mut line = format!("{{__name__=\"{name}\"{comma}{labels} ");
            let _ = match value {
                v if v.is_nan() => write!(line, "NaN"),
                v if *v != 0.0 && v.abs() >= 1e21 => write!(line, "{}", format!("{v:e}").replace('e', "e+")),
                v => write!(line, "{v}"),
            };
            let _ = write!(line, " {time_ms}");
            lines.push(line);
        }
    }
    lines.sort();
    lines
}

#[test]
fn everything_that_promtool_sees_is_read() {
    let all = read_folder(&fixtures("prometheus").join("data"));
    let dump = std::fs::read_to_string(fixtures("expected").join("prometheus.txt")).unwrap();
    let mut wanted: Vec<&str> = dump.lines().collect();
    wanted.sort_unstable();
    assert_eq!(as_promtool(&all), wanted);
    assert_eq!(all.report.accepted, 1100);
}

#[test]
fn a_damaged_chunk_costs_itself_only() {
    let copy = Copy::new("chunk");
    copy.change("chunks/000001", |bytes| bytes[60] ^= 4);
    let all = read_folder(&copy.0);
    assert_eq!((all.report.rejected, all.report.accepted), (1, 1100 - 143));
    assert!(all.report.reasons[0].reason.contains("000001, byte 8: its checksum is wrong"), "{}", all.report);
}

#[test]
fn a_damaged_series_costs_itself_only() {
    let copy = Copy::new("series");
    // The first series stands behind the symbols, at a multiple of 16.
    copy.change("index", |bytes| {
        let toc = bytes.len() - 52;
        let series = u64::from_be_bytes(bytes[toc + 8..toc + 16].try_into().unwrap()) as usize;
        bytes[series.next_multiple_of(16) + 2] ^= 1;
    });
    let all = read_folder(&copy.0);
    assert_eq!(all.report.rejected, 1, "{}", all.report);
    assert!(all.report.reasons[0].reason.contains("a series whose checksum is wrong"), "{}", all.report);
    assert!(all.series.len() == 2 && all.report.accepted == 700, "the other series and blocks are there");
}

#[test]
fn a_broken_block_leaves_the_others() {
    for (file, reason) in [
        ("index", "not an index of a Prometheus block"),
        ("meta.json", "version 2, only 1 is known"),
        ("tombstones", "not a file of tombstones"),
    ] {
        let copy = Copy::new(file);
        copy.change(file, |bytes| {
            let at = bytes.windows(10).position(|w| w == b"version\": ").map_or(0, |at| at + 10);
            bytes[at] ^= 3;
        });
        let all = read_folder(&copy.0);
        assert_eq!(all.report.accepted, 193, "{file}");
        assert!(all.report.reasons[0].reason.contains(reason), "{file}: {}", all.report);
    }
}

#[test]
fn deleted_stretches_stay_deleted() {
    let copy = Copy::new("deleted");
    let index = blocks_of(&copy.0).unwrap()[0].join("index");
    let first = Index::open(&index).unwrap().next().unwrap().unwrap().at / 16;
    copy.change("tombstones", |bytes| {
        let mut body = Vec::new();
        stdx::varint::write_u64(&mut body, first);
        stdx::varint::write_i64(&mut body, 1_700_000_000_000);
        stdx::varint::write_i64(&mut body, 1_700_000_150_000);
        let checksum = crate::crc32c::crc32c(&[&body]);
        *bytes = [&[0x01, 0x30, 0xba, 0x30, 1][..], &body, &checksum.to_be_bytes()].concat();
    });
    let all = read_folder(&copy.0);
    assert_eq!(all.skipped["samples deleted in Prometheus"], 11);
    assert_eq!(all.report.accepted, 1100 - 11);
}

#[test]
fn a_write_ahead_log_and_histograms_are_told() {
    let copy = Copy::new("wal");
    std::fs::create_dir_all(copy.0.join("wal")).unwrap();
    std::fs::write(copy.0.join("wal/00000000"), b"x").unwrap();
    // The first chunk becomes one of histograms.
    copy.change("chunks/000001", |bytes| {
        let mut rest = &bytes[8..];
        let length = stdx::varint::read_u64(&mut rest).unwrap() as usize;
        let start = bytes.len() - rest.len();
        bytes[start] = chunk::HISTOGRAM;
        let checksum = crate::crc32c::crc32c(&[&bytes[start..=start + length]]).to_be_bytes();
        bytes[start + length + 1..][..4].copy_from_slice(&checksum);
    });
    let all = read_folder(&copy.0);
    assert_eq!(all.skipped["samples of native histograms"], 143);
    assert!(all.skipped.keys().any(|what| what.starts_with("write-ahead log")));
    assert!(all.report.is_clean());
}

proptest! {
    #[test]
    fn no_bytes_make_a_decoder_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), symbols in 0usize..9) {
        let _ = decode_xor(&bytes, &mut |_, _| {});
        let _ = decode_series(&bytes, symbols);
        let _ = decode_symbols(&bytes);
        let _ = decode_tombstones(&bytes);
    }
}
