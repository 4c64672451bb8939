//! Reading into memory.

use crate::{Error, Format, Input, Options, Output};
use model::{Kind, Report, TimeRange, Zone};
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

/// Everything a reader handed over.
#[derive(Debug, Default)]
pub(crate) struct Read {
    /// By the series' text: kind, times and values in the order they came.
    pub(crate) series: BTreeMap<String, (Kind, Vec<(i64, f64)>)>,
    pub(crate) report: Report,
    pub(crate) skipped: BTreeMap<&'static str, u64>,
    pub(crate) descriptions: Vec<model::Description>,
    pub(crate) parcels: usize,
}

/// Options of an instant far from all samples.
pub(crate) fn options() -> Options {
    Options::new(1_000, Zone::utc(), TimeRange { start_ms: i64::MIN, end_ms: i64::MAX })
}

pub(crate) fn read(format: &Format, input: &mut Input, options: &Options) -> (Read, Result<(), Error>) {
    let mut all = Read::default();
    let mut visit = |parcel: crate::Parcel<'_>| {
        assert_eq!(parcel.report.accepted, parcel.batch.len() as u64, "accepted are the batch's samples");
        for rows in parcel.batch.groups() {
            for (slot, value) in rows.slots.iter().zip(rows.values) {
                let name = parcel.batch.dictionary.labels(*slot).to_string();
                let kind = parcel.batch.dictionary.kind(*slot);
                let entry = all.series.entry(name).or_insert((kind, Vec::new()));
                entry.1.push((rows.time_ms, *value));
            }
        }
        all.descriptions.extend_from_slice(parcel.batch.dictionary.descriptions());
        all.report.merge(parcel.report);
        for (what, count) in parcel.skipped {
            *all.skipped.entry(what).or_default() += count;
        }
        all.parcels += 1;
        ControlFlow::Continue(())
    };
    let mut out = Output::new(Vec::new(), &mut visit);
    let result = (format.read.expect("a format that is read"))(input, options, &mut out);
    let result = result.and_then(|()| out.hand_over());
    (all, result)
}

/// Reads bytes by a format; an error fails the test.
pub(crate) fn read_bytes(format: &Format, bytes: &[u8], options: &Options) -> Read {
    let mut input = Input::stream(Box::new(std::io::Cursor::new(bytes.to_vec())));
    let (all, result) = read(format, &mut input, options);
    result.expect("the input as a whole is fine");
    all
}

/// The folder with the example files of a format.
pub(crate) fn fixtures(format: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/foreign").join(format)
}
