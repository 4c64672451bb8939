//! The reader of the file itself.

use super::convert::convert;
use super::rrdtool::Rrdtool;
use crate::formats::rrd::layout::Layout;
use crate::formats::rrd::{Consolidation, RoundRobin, SourceKind, binary};

const CREATE: &str = "create a.rrd --start 1000000000 --step 60 \
    DS:g:GAUGE:120:0:100 DS:c:COUNTER:240:U:U DS:d:DERIVE:120:-5:U DS:a:ABSOLUTE:120:U:U \
    RRA:AVERAGE:0.5:1:5 RRA:MAX:0.25:3:4 RRA:LAST:0.5:2:3 RRA:HWPREDICT:20:0.1:0.0035:10\n\
    update a.rrd 1000000065:1:10:10:10 1000000125:2:20:5:10 1000000185.25:3:35:7:90\n";

fn file(tool: &Rrdtool) -> Vec<u8> {
    tool.must(CREATE);
    tool.read("a.rrd")
}

/// Text that is the same exactly when all numbers are, NaN included.
fn bits(file: &RoundRobin) -> String {
    format!("{file:?}")
}

#[test]
fn a_file_of_this_machine_is_read() {
    let Some(tool) = Rrdtool::new() else { return };
    let file = binary::read(&file(&tool)).unwrap();
    assert_eq!((file.version, file.step_s, file.updated_s, file.updated_us), (3, 60, 1_000_000_185, 250_000));
    let kinds: Vec<_> = file.sources.iter().map(|s| (s.name.as_str(), s.kind, s.heartbeat_s)).collect();
    let wanted = [
        ("g", SourceKind::Gauge, 120),
        ("c", SourceKind::Counter, 240),
        ("d", SourceKind::Derive, 120),
        ("a", SourceKind::Absolute, 120),
    ];
    assert_eq!(kinds, wanted);
    assert_eq!((file.sources[0].min, file.sources[0].max, file.sources[2].min), (0.0, 100.0, -5.0));
    assert!(file.sources[1].max.is_nan());
    assert_eq!(file.sources[1].pending.last, "35");
    assert_eq!(file.archives.len(), 8, "Holt-Winters makes four more");
    let max = &file.archives[1];
    assert_eq!((max.function, max.steps, max.rows, max.xff), (Consolidation::Max, 3, 4, 0.25));
}

#[test]
fn rows_and_their_times_are_those_of_fetch() {
    let Some(tool) = Rrdtool::new() else { return };
    let file = binary::read(&file(&tool)).unwrap();
    for (archive, function) in [(&file.archives[0], "AVERAGE"), (&file.archives[1], "MAX")] {
        let (row_s, last) = (file.row_s(archive), file.row_end_s(archive, archive.rows - 1));
        let start = file.row_end_s(archive, 0) - row_s;
        let [start, end, step] = [start, last - 1, row_s].map(|n| n.to_string());
        let text = tool.print(&["fetch", "a.rrd", function, "-r", &step, "-s", &start, "-e", &end]);
        let mut compared = 0;
        for (row, line) in text.lines().skip(2).enumerate() {
            let (time, values) = line.split_once(':').unwrap();
            assert_eq!(time.trim().parse(), Ok(file.row_end_s(archive, row)));
            for (value, text) in archive.values[4 * row..].iter().zip(values.split_whitespace()) {
                let wanted: f64 = text.parse().unwrap();
                let near = (value - wanted).abs() <= 1e-9 * wanted.abs().max(1e-300);
                assert!(near || (value.is_nan() && wanted.is_nan()), "{value} is {wanted} at {time}");
                compared += 1;
            }
        }
        assert_eq!(compared, 4 * archive.rows);
    }
}

#[test]
fn files_of_every_machine_and_version_say_the_same() {
    let Some(tool) = Rrdtool::new() else { return };
    let bytes = file(&tool);
    let here = binary::read(&bytes).unwrap();
    let wide_time = Layout { time: 8, ..Layout::LE32 };
    let wide_time_be = Layout { time: 8, ..Layout::BE32 };
    for layout in Layout::ALL.into_iter().chain([wide_time, wide_time_be]) {
        for version in 1..=5 {
            let there = binary::read(&convert(&bytes, layout, version));
            let there = there.unwrap_or_else(|e| panic!("{layout:?} version {version}: {e}"));
            let updated_us = if version < 3 { 0 } else { here.updated_us };
            let wanted = RoundRobin { version, updated_us, ..here.clone() };
            assert_eq!(bits(&there), bits(&wanted), "{layout:?} version {version}");
        }
    }
}

#[test]
fn computed_sources_and_those_of_version_5_are_read() {
    let Some(tool) = Rrdtool::new() else { return };
    tool.must(
        "create b.rrd --start 1000000000 --step 60 DS:g:GAUGE:120:0:100 DS:x:COMPUTE:g,2,* \
         DS:dc:DCOUNTER:120:U:U DS:dd:DDERIVE:120:U:U RRA:AVERAGE:0.5:1:3\n\
         update b.rrd 1000000065:1:1.5:2.5 1000000125:2:2.5:1\n",
    );
    let file = binary::read(&tool.read("b.rrd")).unwrap();
    let kinds: Vec<_> = file.sources.iter().map(|s| s.kind).collect();
    use SourceKind::{Compute, DCounter, DDerive, Gauge};
    assert_eq!((file.version, kinds), (5, vec![Gauge, Compute, DCounter, DDerive]));
    let last = &file.archives[0].values[8..];
    assert_eq!(last[1], 2.0 * last[0], "{last:?}");
}

#[test]
fn what_is_damaged_is_named() {
    let Some(tool) = Rrdtool::new() else { return };
    let bytes = file(&tool);
    let error = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut damaged = bytes.clone();
        change(&mut damaged);
        binary::read(&damaged).unwrap_err().0
    };
    assert_eq!(error(&|b| b[0] = 0), "is no round robin file: it does not start with `RRD`");
    assert_eq!(error(&|b| b[7] = b'6'), "is of version 6; the newest known is 5");
    assert_eq!(error(&|b| b[6] = b'x'), "has the version `00x3`");
    assert!(error(&|b| b[20] = 1).starts_with("is a round robin file of an unknown kind of machine"));
    assert!(error(&|b| b[27] = 1).starts_with("claims 16777220 sources"));
    assert!(error(&|b| b.truncate(b.len() - 1)).starts_with("is cut short: rows of archive 7 at byte"));
    assert_eq!(error(&|b| b[150] = b'X'), "has the source g of the unknown type GAXGE");
}

#[test]
fn no_damage_makes_it_panic() {
    let Some(tool) = Rrdtool::new() else { return };
    let bytes = file(&tool);
    for length in 0..bytes.len() {
        assert!(binary::read(&bytes[..length]).is_err(), "{length} bytes are not the whole file");
    }
    for at in 0..bytes.len() {
        for value in [0, 1, 0x7f, 0x80, 0xff] {
            let mut damaged = bytes.clone();
            damaged[at] = value;
            if let Ok(file) = binary::read(&damaged) {
                for archive in &file.archives {
                    file.row_end_s(archive, 0);
                }
            }
        }
    }
}
