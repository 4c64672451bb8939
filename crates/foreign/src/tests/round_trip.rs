//! What is written is read back.

use super::rig::{Read, options, read_bytes};
use crate::{Aggregate, Format, Options, Step, StoreOrigin, Writing, pour};
use model::memory::MemoryStore;
use model::{Kind, Labels, Source, TimeRange};

fn source() -> MemoryStore {
    let source = MemoryStore::new();
    for (host, rack) in [("web1", "a,b"), ("web2", "c\"d\n")] {
        let labels =
            Labels::from_pairs([("__name__", "requests_total"), ("host", host), ("rack", rack)]).unwrap();
        let samples: Vec<(i64, f64)> =
            (0..1000).map(|i| (1_700_000_000_000 + i * 10_000 + i % 3, (i * i) as f64 / 7.0)).collect();
        source.insert(&labels, Kind::Counter, samples);
    }
    let labels = Labels::from_pairs([("__name__", "temperature"), ("Room", "Küche")]).unwrap();
    let values = [0.0, -0.0, 1e300, -5e-324, f64::INFINITY, f64::NEG_INFINITY, 0.1 + 0.2, 1e16];
    let samples: Vec<(i64, f64)> = (1_700_000_000_000..).step_by(10_000).zip(values).collect();
    source.insert(&labels, Kind::Gauge, samples);
    source
}

fn written(format: &str, how: Option<Aggregate>, options: &Options) -> String {
    String::from_utf8(written_bytes(format, how, options)).unwrap()
}

fn written_bytes(format: &str, how: Option<Aggregate>, options: &Options) -> Vec<u8> {
    let source = source();
    let step =
        how.map(|how| Step { step_ms: 3_600_000, how: Some(how), usual: &|_, _| Aggregate::Avg.into() });
    let step = step.as_ref();
    let mut origin = StoreOrigin::open(&source as &dyn Source, &[Vec::new()], TimeRange::ALL).unwrap();
    let mut bytes = Vec::new();
    match Format::named(format).unwrap().write.unwrap() {
        Writing::Series(start) => {
            let mut writer = start(&mut bytes, options).unwrap();
            pour::series(&mut origin, TimeRange::ALL, step, &mut *writer).unwrap();
        }
        Writing::Rows(start) => {
            let mut writer = start(&mut bytes, options).unwrap();
            pour::rows(&mut origin, TimeRange::ALL, step, &mut *writer).unwrap();
        }
    }
    bytes
}

fn bits(all: &Read) -> Vec<(String, Vec<(i64, u64)>)> {
    let samples = |s: &[(i64, f64)]| s.iter().map(|(t, v)| (*t, v.to_bits())).collect();
    all.series.iter().map(|(name, (_, s))| (name.clone(), samples(s))).collect()
}

#[test]
fn every_format_gives_back_every_bit() {
    let mut first: Option<Vec<_>> = None;
    for (written_as, read_as) in [
        ("json", "json"),
        ("openmetrics", "openmetrics"),
        ("csv", "csv"),
        ("csv-wide", "csv"),
        ("columns", "columns"),
    ] {
        for times in ["rfc3339", "ms"] {
            let mut options = options();
            options.add("times", times);
            // A line end inside a cell is told, not read: this one label keeps it out of the tables.
            let bytes = match read_as {
                "csv" => written(written_as, None, &options).replace("\\n", "n").into_bytes(),
                _ => written_bytes(written_as, None, &options),
            };
            let all = read_bytes(Format::named(read_as).unwrap(), &bytes, &options);
            assert!(all.report.is_clean(), "{written_as}: {}", all.report);
            let mut seen = bits(&all);
            seen.iter_mut().for_each(|(name, _)| *name = name.replace("d\\n", "dn"));
            assert_eq!(seen.len(), 3, "{written_as}");
            assert_eq!(first.get_or_insert_with(|| seen.clone()), &seen, "{written_as}");
        }
    }
    assert_eq!(first.unwrap().iter().map(|(_, s)| s.len()).sum::<usize>(), 2008);
}

#[test]
fn openmetrics_tells_the_family_once() {
    let text = written("openmetrics", None, &options());
    assert_eq!(text.matches("# TYPE ").count(), 2);
    assert!(
        text.starts_with(
            "# TYPE requests counter\nrequests_total{host=\"web1\",rack=\"a,b\"} 0 1700000000\n"
        ),
        "{text:.200}"
    );
    assert!(text.ends_with("# EOF\n"));
}

#[test]
fn steps_gather_samples_series_by_series() {
    let mut options = options();
    options.add("times", "s");
    let table = written("csv-wide", Some(Aggregate::Max), &options);
    let lines: Vec<&str> = table.lines().collect();
    assert_eq!(lines.len(), 4, "{table}");
    assert!(lines[1].starts_with("1699999200,") && lines[1].ends_with(",+Inf"), "{table}");
    let list = written("csv", Some(Aggregate::Last), &options);
    assert_eq!(list.lines().count(), 1 + 3 + 3 + 1, "{list}");
}
