//! Rows of a series as few bytes: integers predicted from each other where all values are decimals of one exponent, as
//! measured ones are; else each column for itself. What follows from other columns costs next to nothing.

mod decimal;
mod full;

use crate::codec::{CHUNK_SAMPLES_MAX, integers};
use model::{Aspects, Kind, Row, TimeRange};
use stdx::varint;

/// How a series grew is kept: first values, their times, increases, and where markers were.
const GROWTH: u8 = 1;
/// The values stand in full.
const FULL: u8 = 2;
/// The sums stand in full.
const SUM_FULL: u8 = 4;
/// The increases stand in full.
const INCREASE_FULL: u8 = 8;
const KNOWN: u8 = GROWTH | FULL | SUM_FULL | INCREASE_FULL;

/// What the rows of a series of this kind tell. Nobody asks how a gauge grows, and its first value is left out.
pub(crate) fn aspects(kind: Kind) -> Aspects {
    let always = Aspects::COUNT | Aspects::SUM | Aspects::MIN | Aspects::MAX | Aspects::LAST;
    if kind == Kind::Gauge { always } else { always | Aspects::GROWTH }
}

/// Appends the code of rows, whose starts are coded elsewhere.
pub(crate) fn encode(rows: &[Row], kind: Kind, out: &mut Vec<u8>) {
    let growth = if kind == Kind::Gauge { 0 } else { GROWTH };
    let at = out.len();
    out.push(growth);
    write(out, rows.iter().map(|row| row.count as i64));
    write(out, rows.iter().map(|row| row.span.end_ms.wrapping_sub(row.last_ms)));
    if growth != 0 {
        write(out, rows.iter().map(|row| row.first_ms.wrapping_sub(row.span.start_ms)));
        write(
            out,
            rows.iter().map(|row| row.last_ms.wrapping_sub(row.first_ms).wrapping_sub(row.covered_ms)),
        );
        write(out, rows.iter().map(|row| i64::from(row.ended_before) | i64::from(row.ended_after) << 1));
    }
    out[at] |= decimal::encode(rows, growth != 0, out).unwrap_or_else(|| {
        full::encode(rows, growth != 0, out);
        FULL
    });
}

/// All that rows tell.
pub(crate) fn every_aspect() -> Aspects {
    aspects(Kind::Counter)
}

/// The rows that start at `starts_ms`, each `tier_ms` long; what `wanted` does not name may be left out. `None` when the
/// bytes are not what [`encode`] makes.
pub(crate) fn decode(mut bytes: &[u8], starts_ms: &[i64], tier_ms: u32, wanted: Aspects) -> Option<Vec<Row>> {
    let input = &mut bytes;
    let (&flags, rest) = input.split_first()?;
    *input = rest;
    let count = starts_ms.len();
    if flags & !KNOWN != 0 || count == 0 || count > CHUNK_SAMPLES_MAX {
        return None;
    }
    let counts = read(input, count)?;
    // Without them a last sample is just before the end.
    let tails_ms = read_if(wanted.overlaps(Aspects::GROWTH), input, count)?;
    let mut rows: Vec<Row> = Vec::with_capacity(count);
    for ((&start_ms, count), tail_ms) in starts_ms.iter().zip(counts).zip(tails_ms) {
        let end_ms = start_ms.checked_add(i64::from(tier_ms))?;
        let last_ms = end_ms.wrapping_sub(tail_ms);
        let count = u64::try_from(count).ok()?;
        rows.push(Row { count, last_ms, ..Row::empty(TimeRange::new(start_ms, end_ms)) });
    }
    if flags & GROWTH != 0 {
        let mut read = || read_if(wanted.overlaps(Aspects::GROWTH), input, count);
        let (leads_ms, gaps_ms, ends) = (read()?, read()?, read()?);
        for (row, ((lead_ms, gap_ms), ended)) in rows.iter_mut().zip(leads_ms.iter().zip(gaps_ms).zip(ends)) {
            row.first_ms = row.span.start_ms.wrapping_add(*lead_ms);
            row.covered_ms = row.last_ms.wrapping_sub(row.first_ms).wrapping_sub(gap_ms);
            (row.ended_before, row.ended_after) = (ended & 1 != 0, ended & 2 != 0);
        }
    }
    if flags & FULL != 0 {
        full::decode(input, &mut rows, flags & GROWTH != 0, wanted)?;
    } else {
        decimal::decode(input, &mut rows, flags, wanted)?;
    }
    rows.iter_mut().filter(|row| row.count == 0).for_each(|row| {
        *row = Row { ended_before: row.ended_before, ended_after: row.ended_after, ..Row::empty(row.span) };
    });
    input.is_empty().then_some(rows)
}

fn write(out: &mut Vec<u8>, column: impl Iterator<Item = i64>) {
    let column: Vec<i64> = column.collect();
    let mut coded = Vec::new();
    integers::encode(&column, &mut coded);
    varint::write_bytes(out, &coded);
}

fn read(input: &mut &[u8], count: usize) -> Option<Vec<i64>> {
    let mut column = Vec::with_capacity(count);
    integers::decode(varint::read_bytes(input)?, count, &mut column)?;
    Some(column)
}

/// The same, or zeros for a column that nobody wants, which is stepped over.
fn read_if(is_wanted: bool, input: &mut &[u8], count: usize) -> Option<Vec<i64>> {
    if is_wanted {
        return read(input, count);
    }
    varint::read_bytes(input)?;
    Some(vec![0; count])
}

#[cfg(test)]
mod tests;
