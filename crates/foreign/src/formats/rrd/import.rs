//! Round robin files as series.

use super::choose::{self, Lane};
use super::{RoundRobin, binary, xml};
use crate::output::DICTIONARY_BYTES_MAX;
use crate::{Error, Input, Naming, Options, Output};
use model::{Kind, LabelsBuilder, Position, Slot};

/// Largest file that is read, in bytes.
const FILE_BYTES_MAX: u64 = 1 << 30;
/// The label that tells a series of another function than the main one.
const FUNCTION_LABEL: &str = "cf";

/// Reads a file of rrdtool.
pub(super) fn read_file(input: &mut Input, options: &Options, out: &mut Output<'_>) -> Result<(), Error> {
    let bytes = input.bytes(FILE_BYTES_MAX)?;
    let file = binary::read(&bytes).map_err(|e| Error::malformed(input.path(), e))?;
    out.passed(bytes.len() as u64);
    emit(&file, input, options, out)
}

/// Reads a dump.
pub(super) fn read_dump(input: &mut Input, options: &Options, out: &mut Output<'_>) -> Result<(), Error> {
    let path = input.path().to_owned();
    let file = xml::read(input.lines()?).map_err(|e| Error::malformed(&path, e))?;
    emit(&file, input, options, out)
}

fn emit(file: &RoundRobin, input: &Input, options: &Options, out: &mut Output<'_>) -> Result<(), Error> {
    if out.dictionary().key_bytes() > DICTIONARY_BYTES_MAX {
        out.forget_series()?;
    }
    let naming = Naming::new(input.below(), options.get("metric").unwrap_or("{path}.{ds}"), out);
    for (number, lane) in choose::lanes(file).iter().enumerate() {
        let slots = series(file, lane, number == 0, &naming, out)?;
        emit_lane(file, lane, &slots, out)?;
    }
    let left_out = file.archives.iter().filter(|a| !a.function.is_measured());
    out.skip("archives of forecasts and failures", left_out.count() as u64);
    Ok(())
}

/// A slot a source; none where its labels were refused.
fn series(
    file: &RoundRobin,
    lane: &Lane,
    is_main: bool,
    naming: &Naming,
    out: &mut Output<'_>,
) -> Result<Vec<Option<Slot>>, Error> {
    let function = lane.function.as_str().to_ascii_lowercase();
    let mut slots = Vec::new();
    for (number, source) in file.sources.iter().enumerate() {
        let mut labels = LabelsBuilder::default();
        if !is_main {
            labels.set(FUNCTION_LABEL, &function);
        }
        let own = [("ds", source.name.as_str()), ("cf", function.as_str())];
        naming.name(&own, &mut labels)?;
        // What is in the rows are rates, whatever the readings were.
        match out.named_series(&mut labels, Kind::Gauge) {
            Ok(slot) => slots.push(Some(slot)),
            Err(error) => {
                out.reject(Position::Item(number + 1), format!("source {}: {error}", source.name));
                slots.push(None);
            }
        }
    }
    Ok(slots)
}

fn emit_lane(
    file: &RoundRobin,
    lane: &Lane,
    slots: &[Option<Slot>],
    out: &mut Output<'_>,
) -> Result<(), Error> {
    for piece in &lane.pieces {
        let archive = &file.archives[piece.archive];
        let start = piece.rows.iter().filter(|r| !r.is_empty()).map(|r| r.start).min().unwrap_or(0);
        let end = piece.rows.iter().map(|r| r.end).max().unwrap_or(0);
        for row in start..end {
            let time_ms = file.row_end_s(archive, row) * 1000;
            let values = &archive.values[row * file.sources.len()..];
            for ((slot, rows), value) in slots.iter().zip(&piece.rows).zip(values) {
                if let Some(slot) = slot
                    && rows.contains(&row)
                    && !value.is_nan()
                {
                    out.sample(*slot, time_ms, *value)?;
                }
            }
        }
    }
    Ok(())
}
