//! Put beside Python's whisper.

use super::import::chosen;
use super::{WHISPER, Whisper};
use crate::Input;
use crate::tests::rig::{options, read};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Makes files of random points in FOLDER and prints what is fetched of them:
/// `FILE FROM UNTIL NOW | START END STEP | VALUES`.
const SCRIPT: &str = include_str!("tests/fetch.py");

/// The one that Debian's packages are for.
const PYTHON: &str = "/usr/bin/python3";

fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("windhover-whisper-{}-{name}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// What Python fetched; nothing when its whisper is not installed, which is said aloud and is a failure on CI.
fn fetched(folder: &Path, files: u32) -> Option<String> {
    let mut python = Command::new(PYTHON);
    let output = python.arg("-c").arg(SCRIPT).arg(folder).arg(files.to_string()).output();
    let text = output.as_ref().map(|o| String::from_utf8_lossy(&o.stderr).into_owned()).unwrap_or_default();
    if output.is_err() || text.contains("No module named 'whisper'") {
        assert!(std::env::var_os("CI").is_none(), "not skipped on CI: python3-whisper is not installed");
        println!("skipped: python3-whisper is not installed");
        return None;
    }
    let output = output.unwrap();
    assert!(output.status.success(), "{text}");
    Some(String::from_utf8(output.stdout).unwrap())
}

#[test]
fn random_ranges_of_random_files_are_fetched_as_python_does() {
    let folder = folder("fetch");
    let Some(text) = fetched(&folder, 60) else { return };
    let mut known = 0;
    for line in text.lines() {
        let mut parts = line.split(" | ");
        let asked: Vec<&str> = parts.next().unwrap().split(' ').collect();
        let bytes = std::fs::read(folder.join(asked[0])).unwrap();
        let [from, until, now] = [1, 2, 3].map(|n| asked[n].parse::<i64>().unwrap());
        let ours = Whisper::open(&bytes).unwrap().fetch(from, until, now);
        let theirs = parts.next().unwrap();
        let Some(ours) = ours else {
            assert_eq!(theirs, "None", "{line}");
            continue;
        };
        assert_eq!(format!("{} {} {}", ours.start_s, ours.end_s, ours.step_s), theirs, "{line}");
        let values = ours.values.iter().map(|v| v.map_or("None".into(), |v| v.to_string()));
        assert_eq!(values.collect::<Vec<_>>().join(" "), parts.next().unwrap(), "{line}");
        known += ours.values.iter().flatten().count();
    }
    assert!(known > 1000, "{known} values were compared");
    std::fs::remove_dir_all(folder).ok();
}

#[test]
fn what_is_imported_is_what_graphite_shows_at_the_newest_point() {
    let folder = folder("import");
    let Some(text) = fetched(&folder, 40) else { return };
    let files: std::collections::BTreeSet<_> = text.lines().map(|l| l.split(' ').next().unwrap()).collect();
    for name in files {
        let bytes = std::fs::read(folder.join(name)).unwrap();
        let file = Whisper::open(&bytes).unwrap();
        let samples = chosen(&file);
        assert!(samples.windows(2).all(|two| two[0].0 < two[1].0), "{name}: times ascend");
        let finest = &file.archives[0];
        let Some(now) = file.points(finest).map(|(t, _)| t).max() else { continue };
        let retention_s = i64::from(finest.step_s * finest.points);
        let shown = file.fetch(now - retention_s, now, now).unwrap();
        let times = (shown.start_s..shown.end_s).step_by(shown.step_s as usize);
        let shown: Vec<_> = times.zip(&shown.values).filter_map(|(t, v)| Some((t, (*v)?))).collect();
        assert!(!shown.is_empty() && samples.ends_with(&shown), "{name}: {samples:?} {shown:?}");
    }
    std::fs::remove_dir_all(folder).ok();
}

/// Two archives: 10 s × 6 and 60 s × 3.
fn small() -> Vec<u8> {
    let mut bytes = Vec::new();
    for word in [1u32, 180, 0.5f32.to_bits(), 2, 40, 10, 6, 112, 60, 3] {
        bytes.extend(word.to_be_bytes());
    }
    let fine = [(1200u32, 1.0f64), (1210, 2.0), (1160, 9.0), (1170, 8.0), (1120, 7.0), (0, 0.0)];
    let coarse = [(1080, 4.0), (1140, 5.0), (1020, 3.0)];
    for (time, value) in fine.into_iter().chain(coarse) {
        bytes.extend(time.to_be_bytes());
        bytes.extend(value.to_be_bytes());
    }
    bytes
}

#[test]
fn earlier_laps_are_no_points_and_coarse_points_end_where_fine_ones_begin() {
    let bytes = small();
    let file = Whisper::open(&bytes).unwrap();
    // 1160 and 1170 stand in the slots of 1220 and 1230: they are of this lap. 1120 is of the one before.
    let fine: Vec<_> = file.points(&file.archives[0]).collect();
    assert_eq!(fine, [(1160, 9.0), (1170, 8.0), (1200, 1.0), (1210, 2.0)]);
    assert_eq!(chosen(&file)[..3], [(1020, 3.0), (1080, 4.0), (1160, 9.0)], "1140 lasts until 1200");
}

#[test]
fn paths_and_tags_name_the_metric() {
    let folder = folder("names");
    let path = folder.join("x.wsp");
    std::fs::write(&path, small()).unwrap();
    let name = |below: &str| {
        let mut input = Input::at(&path, Path::new(below)).unwrap();
        let (all, result) = read(&WHISPER, &mut input, &options());
        result.unwrap();
        assert_eq!(all.report.accepted, 6);
        all.series.into_keys().next().unwrap()
    };
    assert_eq!(name("servers/web1/load.wsp"), "servers.web1.load");
    let tagged = "_tagged/a1b/c2d/disk_DOT_used;dc=a_DOT_b;host=web1.wsp";
    assert_eq!(name(tagged), "disk.used{dc=\"a.b\",host=\"web1\"}");
    std::fs::remove_dir_all(folder).ok();
}

#[test]
fn what_is_damaged_is_named() {
    let error = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = small();
        change(&mut bytes);
        Whisper::open(&bytes).unwrap_err().0
    };
    assert_eq!(error(&|b| b.truncate(3)), "is no whisper file: it has 3 bytes");
    assert_eq!(error(&|b| b[3] = 9), "is no whisper file: its aggregation is 9 and its xFilesFactor 0.5");
    assert_eq!(error(&|b| b[15] = 0), "claims 0 archives");
    assert_eq!(error(&|b| b[23] = 0), "has archive 0 of 6 points of 0 s");
    assert_eq!(error(&|b| b.truncate(147)), "is cut short: archive 1 lies from byte 112 to 148, it has 147");
    let compressed = Whisper::open(b"whisper_compressed\x01 and more").unwrap_err().0;
    assert!(compressed.starts_with("is a compressed whisper file of go-carbon"), "{compressed}");
}

#[test]
fn no_damage_makes_it_panic() {
    let whole = small();
    let look = |bytes: &[u8]| {
        if let Ok(file) = Whisper::open(bytes) {
            chosen(&file);
            file.fetch(0, i64::from(u32::MAX), i64::from(u32::MAX) / 2);
        }
    };
    for length in 0..whole.len() {
        assert!(Whisper::open(&whole[..length]).is_err());
    }
    for at in 0..whole.len() {
        for value in [0, 1, 0x7f, 0x80, 0xff] {
            let mut bytes = whole.clone();
            bytes[at] = value;
            look(&bytes);
        }
    }
}
