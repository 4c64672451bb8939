//! The rows.

use super::rig::{fixtures, options, read, read_bytes};
use crate::{FORMATS, Format, Input, OPTIONS};
use std::collections::HashSet;
use std::path::Path;

#[test]
fn names_are_unique_and_texts_are_there() {
    let (mut names, mut endings) = (HashSet::new(), HashSet::new());
    for format in FORMATS {
        assert!(names.insert(format.name) && !format.summary.is_empty(), "{}", format.name);
        assert!(format.read.is_some() || format.write.is_some(), "{} does nothing", format.name);
        for ending in format.endings {
            assert!(ending.starts_with('.') && endings.insert(ending), "{ending}");
        }
        for option in format.options {
            assert!(OPTIONS.iter().any(|row| row.name == *option), "{}: --{option}", format.name);
        }
    }
    let mut options = HashSet::new();
    for row in OPTIONS {
        assert!(options.insert(row.name) && !row.help.is_empty(), "--{}", row.name);
        assert!(
            FORMATS.iter().any(|format| format.options.contains(&row.name)),
            "nobody takes --{}",
            row.name
        );
    }
}

#[test]
fn every_format_recognises_and_reads_its_examples() {
    for format in FORMATS.iter().filter(|format| format.read.is_some()) {
        let folder = fixtures(format.name);
        let entries = std::fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
        let mut examples = 0;
        for entry in entries {
            let path = entry.unwrap().path();
            let mut input = Input::at(&path, Path::new(path.file_name().unwrap())).unwrap();
            let found = Format::of(&input.sight().unwrap()).map(|f| f.name);
            assert_eq!(found, Some(format.name), "{}", path.display());
            let (all, result) = read(format, &mut input, &options());
            result.unwrap_or_else(|e| panic!("{e}"));
            assert!(all.report.is_clean() && all.report.accepted > 0, "{}: {}", path.display(), all.report);
            examples += 1;
        }
        assert!(examples > 0, "{} has no example", format.name);
    }
}

#[test]
fn no_format_panics_on_what_is_not_its_own() {
    let inputs: [&[u8]; 6] = [b"", b"\n", b"\0\0\0\0", b"\xff\xfe\x00a", b"# EOF\n# EOF", &[0x5a; 5000]];
    for format in FORMATS.iter().filter(|format| format.read.is_some()) {
        for bytes in inputs {
            let mut input = Input::stream(Box::new(std::io::Cursor::new(bytes.to_vec())));
            let (all, _any) = read(format, &mut input, &options());
            assert_eq!(all.report.accepted, 0, "{}", format.name);
        }
    }
}

#[test]
fn times_are_seconds_where_the_text_says_so() {
    let text = b"# TYPE a counter\na_total 1 1700000000.25\na_total 2 1700000010\n";
    let mut input = Input::stream(Box::new(std::io::Cursor::new(text.to_vec())));
    let format = Format::of(&input.sight().unwrap()).unwrap();
    assert_eq!(format.name, "openmetrics");
    let all = read_bytes(format, text, &options());
    let samples = &all.series["a_total"].1;
    assert_eq!(samples, &[(1_700_000_000_250, 1.0), (1_700_000_010_000, 2.0)]);
    assert_eq!(all.descriptions[0].metric, "a_total");
}

#[test]
fn broken_lines_are_told_by_their_number_in_the_file() {
    let mut text = "a 1 1000\n".repeat(40_000);
    text.push_str("b oops 1000\n");
    let all = read_bytes(Format::named("prometheus-text").unwrap(), text.as_bytes(), &options());
    assert_eq!((all.report.accepted, all.report.rejected), (40_000, 1));
    assert!(all.parcels > 1, "handed over in pieces");
    let reason = &all.report.reasons[0];
    assert_eq!(reason.position.to_string(), "line 40001");
}
