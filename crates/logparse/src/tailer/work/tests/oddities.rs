//! Walks `fixtures/logs`: one folder a strange log, with the series that come of it.

use super::*;
use crate::{Envelope, Stream};
use std::fmt::Write as _;
use std::path::PathBuf;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/logs");

/// What is odd, the family and the format.
fn compile(folder: &Path) -> Format {
    let text = fs::read_to_string(folder.join("format")).unwrap();
    let mut lines = text.splitn(3, '\n');
    assert!(lines.next().is_some_and(|why| why.starts_with("# ")), "{}: say what is odd", folder.display());
    let (family, format) = (lines.next().unwrap(), lines.next().unwrap().trim_end_matches('\n'));
    Format::compile(family, format).unwrap_or_else(|why| panic!("{}: {why}", folder.display()))
}

/// The series of a log that grows by so many bytes between two looks.
fn read(folder: &Path, piece_bytes: usize) -> String {
    let mut world = World::new();
    let mut work = world.work();
    let mut spec = Spec { format: Arc::new(compile(folder)), labels: Vec::new(), ..world.spec("a.log") };
    if let Ok(text) = fs::read_to_string(folder.join("envelope")) {
        let (envelope, stream) = text.trim().split_once(' ').unwrap();
        spec.envelope = Envelope::named(envelope);
        spec.stream = [Stream::Stdout, Stream::Stderr].into_iter().find(|it| it.as_str() == stream);
    }
    spec.options.quantiles = vec![0.5];
    spec.options.bounds = vec![0.1, 1.0];
    work.put("a".to_owned(), spec, world.now_ms);
    let lines = fs::read(folder.join("lines")).unwrap();
    let mut file = fs::File::create(world.folder.path().join("a.log")).unwrap();
    for piece in lines.chunks(piece_bytes) {
        file.write_all(piece).unwrap();
        world.now_ms += 1;
        work.round(world.now_ms);
    }
    world.pass(&mut work, 12);
    let mut told = String::new();
    let last = world.last.0.lock().unwrap();
    for (series, value) in last.iter().filter(|(series, _)| !series.contains("log_read_bytes")) {
        let series = series.replace(r#"host="h","#, "").replace(r#"log_file="/a.log","#, "");
        let _ =
            writeln!(told, "{} {}", series.replace(r#"name="shop""#, "").replace(",}", "}"), round(*value));
    }
    told.replace("{,", "{").replace(",,", ",").replace("{}", "")
}

/// To what is sure of a quantile.
fn round(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}

#[test]
fn every_oddity_becomes_its_series() {
    let mut folders: Vec<PathBuf> = fs::read_dir(FOLDER)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    assert!(folders.len() >= 15);
    for folder in folders {
        let told = read(&folder, usize::MAX);
        assert_eq!(read(&folder, 7), told, "{}: it depends on when it is read", folder.display());
        if std::env::var_os("WINDHOVER_BLESS").is_some() {
            fs::write(folder.join("expected"), &told).unwrap();
        }
        let expected = fs::read_to_string(folder.join("expected")).unwrap_or_default();
        assert!(told == expected, "{}: not as expected but\n{told}", folder.display());
    }
}
