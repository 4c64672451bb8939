//! Whisper files as series.
//!
//! Every archive is used: the finest as far back as it knows anything, the next coarser for what lies before.

use super::file::Whisper;
use crate::{Error, Input, Naming, Options, Output};
use model::{Kind, LabelsBuilder, NAME, Position};
use std::path::Path;

/// Largest file that is read, in bytes.
const FILE_BYTES_MAX: u64 = 1 << 30;
/// The folder in which carbon keeps metrics with tags.
const TAGGED: &str = "_tagged";

/// Reads a file.
pub(super) fn read(input: &mut Input, options: &Options, out: &mut Output<'_>) -> Result<(), Error> {
    let bytes = input.bytes(FILE_BYTES_MAX)?;
    let file = Whisper::open(&bytes).map_err(|e| Error::malformed(input.path(), e))?;
    let mut labels = LabelsBuilder::default();
    let template = options.get("metric").unwrap_or("{path}");
    Naming::new(input.below(), template, out).name(&[], &mut labels)?;
    if !options.has("metric") {
        set_tags(input.below(), &mut labels);
    }
    let slot = match out.next_named_series(&mut labels, Kind::Unknown)? {
        Ok(slot) => slot,
        Err(error) => {
            out.reject(Position::Whole, error);
            return Ok(());
        }
    };
    for (time_s, value) in chosen(&file) {
        out.sample(slot, time_s * 1000, value)?;
    }
    out.passed(bytes.len() as u64);
    Ok(())
}

/// The points that become samples, ascending: those of a coarser archive end where the finer one begins.
pub(super) fn chosen(file: &Whisper<'_>) -> Vec<(i64, f64)> {
    let mut before_s = i64::MAX;
    let mut parts = Vec::new();
    for archive in &file.archives {
        let step_s = i64::from(archive.step_s);
        let points = file
            .points(archive)
            .filter(|(time_s, value)| !value.is_nan() && time_s.saturating_add(step_s) <= before_s);
        let points: Vec<_> = points.collect();
        if let Some((first_s, _)) = points.first() {
            before_s = *first_s;
        }
        parts.push(points);
    }
    parts.into_iter().rev().flatten().collect()
}

/// Carbon names files of tagged metrics `disk_DOT_used;dc=a;host=b` when it is not told to hash them.
fn set_tags(below: &Path, labels: &mut LabelsBuilder) {
    let is_tagged = below.components().any(|part| part.as_os_str() == TAGGED);
    let Some(stem) = below.file_stem().map(|s| s.to_string_lossy()).filter(|_| is_tagged) else { return };
    let stem = stem.replace("_DOT_", ".");
    let mut parts = stem.split(';');
    let (name, tags) = (parts.next().unwrap_or_default(), parts.filter_map(|tag| tag.split_once('=')));
    let tags: Vec<_> = tags.collect();
    if tags.is_empty() {
        return;
    }
    labels.set(NAME, name);
    for (tag, value) in tags {
        labels.set(tag, value);
    }
}
