//! Files that we update beside those that rrdtool updates.

use super::rrdtool::Rrdtool;
use super::updates::{Case, lines};
use crate::formats::rrd::inplace::{InPlace, InPlaceError};
use crate::formats::rrd::update::{ArchiveDefinition, Reading, SourceDefinition, UpdateError};
use crate::formats::rrd::{Consolidation, SourceKind, binary};

const FILES: u64 = 100;

#[test]
fn files_updated_in_place_are_those_of_rrdtool() {
    let Some(rrdtool) = Rrdtool::new() else { return };
    for seed in 0..FILES {
        let case = Case::random_of_one(seed);
        let (theirs, ours, resumed) =
            (format!("theirs{seed}.rrd"), format!("ours{seed}.rrd"), format!("resumed{seed}.rrd"));
        rrdtool.must(&case.commands(&theirs));
        rrdtool.must(case.commands(&resumed).lines().next().unwrap());
        let mut file = InPlace::create(
            &rrdtool.path(&ours),
            case.step_s,
            case.start_s,
            &case.sources[0],
            &case.archives,
        )
        .unwrap();
        for (time_us, readings) in &case.updates {
            file.update(*time_us, readings[0]).unwrap();
            // As after a start of the program anew, each time.
            InPlace::open(&rrdtool.path(&resumed)).unwrap().update(*time_us, readings[0]).unwrap();
        }
        // Bit for bit by our reader, and as text by theirs.
        let bits = |name: &str| lines(&binary::read(&rrdtool.read(name)).unwrap());
        let dump = |name: &str| rrdtool.run(&format!("dump {name}\n")).remove(0).unwrap();
        for (name, how) in [(&ours, "made by us"), (&resumed, "made by rrdtool")] {
            assert_eq!(bits(name), bits(&theirs), "seed {seed}, {how}");
            assert_eq!(said(&dump(name)), said(&dump(&theirs)), "seed {seed}, {how}");
        }
        assert_eq!(rrdtool.read(&ours).len(), rrdtool.read(&theirs).len(), "seed {seed}");
    }
}

/// A dump without the numbers of rows in the making that rrdtool leaves as they were.
fn said(dump: &str) -> Vec<&str> {
    dump.lines().filter(|line| !line.contains("primary_value") && !line.contains("secondary_value")).collect()
}

fn one(rows: usize) -> (SourceDefinition, [ArchiveDefinition; 1]) {
    let source = SourceDefinition {
        name: "x".into(),
        kind: SourceKind::Gauge,
        heartbeat_s: 10,
        min: f64::NAN,
        max: f64::NAN,
    };
    (source, [ArchiveDefinition { function: Consolidation::Average, xff: 0.5, steps: 1, rows }])
}

#[test]
fn what_cannot_be_updated_is_told_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.rrd");
    std::fs::write(&path, b"not a round robin file").unwrap();
    let error = InPlace::open(&path).unwrap_err().to_string();
    assert!(error.contains("no round robin file"), "{error}");

    let (source, archives) = one(5);
    let mut file = InPlace::create(&path, 1, 1_000, &source, &archives).unwrap();
    file.update(1_001_000_000, Reading::Number(1.0)).unwrap();
    let before = std::fs::read(&path).unwrap();
    let error = file.update(1_001_000_000, Reading::Number(2.0)).unwrap_err();
    assert!(matches!(error, InPlaceError::Update(UpdateError::NotAfter)), "{error}");
    assert_eq!(std::fs::read(&path).unwrap(), before);
    for cut in [0, 10, 200, 500, before.len() - 41] {
        std::fs::write(&path, &before[..cut]).unwrap();
        assert!(InPlace::open(&path).is_err(), "cut at {cut}");
    }
}

#[test]
fn the_file_is_whole_when_it_has_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("web.load.rrd");
    let (source, archives) = one(3);
    InPlace::create(&path, 1, 1_000, &source, &archives).unwrap();
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    let file = binary::read(&std::fs::read(&path).unwrap()).unwrap();
    assert_eq!((file.updated_s, file.archives[0].values.len()), (1_000, 3));
}
