//! Rows of a series as few bytes: integers predicted from each other where all values are decimals of one exponent, as
//! measured ones are; else each column for itself. What follows from other columns costs next to nothing.

mod decimal;
mod full;

use crate::codec::{CHUNK_SAMPLES_MAX, integers};
use model::{Aspects, Kind, Row, Table};
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
    match kind {
        Kind::Gauge => always,
        Kind::Derive | Kind::Absolute => always | Aspects::GROWTH,
        Kind::Counter | Kind::Unknown => always | Aspects::GROWTH | Aspects::RESETS,
    }
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

/// What is decoded on the way to a table; memory that is used again and again.
#[derive(Default)]
pub(crate) struct Scratch {
    /// How many samples each row has.
    counts: Vec<i64>,
    /// A column as it is coded.
    column: Vec<i64>,
    /// What other columns are predicted from.
    base: Vec<i64>,
    /// The same, where there are two.
    second: Vec<i64>,
}

/// The rows that start at `starts_ms`, each `tier_ms` long; what `wanted` does not name may be left out. `None` when the
/// bytes are not what [`encode`] makes.
pub(crate) fn decode(bytes: &[u8], starts_ms: &[i64], tier_ms: u32, wanted: Aspects) -> Option<Vec<Row>> {
    let mut table = Table { row_ms: i64::from(tier_ms), ..Table::default() };
    decode_table(bytes, starts_ms, wanted, &mut table, &mut Scratch::default())?;
    Some(table.rows().collect())
}

/// Appends the rows that start at `starts_ms` to a table, with the columns that are `wanted`. `None` when the bytes are not
/// what [`encode`] makes; the table is good for nothing then.
pub(crate) fn decode_table(
    mut bytes: &[u8],
    starts_ms: &[i64],
    wanted: Aspects,
    table: &mut Table,
    scratch: &mut Scratch,
) -> Option<()> {
    let input = &mut bytes;
    let (&flags, rest) = input.split_first()?;
    *input = rest;
    let count = starts_ms.len();
    if flags & !KNOWN != 0 || count == 0 || count > CHUNK_SAMPLES_MAX {
        return None;
    }
    let row_ms = table.row_ms;
    if starts_ms.iter().any(|start_ms| start_ms.checked_add(row_ms).is_none()) {
        return None;
    }
    table.starts_ms.extend_from_slice(starts_ms);
    read(input, count, &mut scratch.counts)?;
    if scratch.counts.iter().fold(0, |all, count| all | count) < 0 {
        return None;
    }
    table.counts.extend(scratch.counts.iter().map(|count| *count as u64));
    if wanted.contains(Aspects::END) {
        read(input, count, &mut scratch.column)?;
        let lasts_ms = starts_ms.iter().zip(&scratch.column);
        table.lasts_ms.extend(lasts_ms.map(|(start_ms, tail_ms)| (start_ms + row_ms).wrapping_sub(*tail_ms)));
    } else {
        skip(input)?;
    }
    decode_times(input, starts_ms, flags, wanted, table, scratch)?;
    if flags & FULL != 0 {
        full::decode(input, count, flags & GROWTH != 0, wanted, table)?;
    } else {
        decimal::decode(input, count, flags, wanted, table, scratch)?;
    }
    input.is_empty().then_some(())
}

/// When first samples were, over how much time there was growth, and where markers were.
fn decode_times(
    input: &mut &[u8],
    starts_ms: &[i64],
    flags: u8,
    wanted: Aspects,
    table: &mut Table,
    scratch: &mut Scratch,
) -> Option<()> {
    let (count, from) = (starts_ms.len(), table.len() - starts_ms.len());
    let (first, growth) = (wanted.contains(Aspects::FIRST), wanted.contains(Aspects::GROWTH));
    if flags & GROWTH == 0 {
        // Nobody asks how a gauge grows.
        if first {
            table.firsts_ms.extend_from_slice(starts_ms);
        }
        if growth {
            table.covered_ms.resize(from + count, 0);
            table.ended.resize(from + count, 0);
        }
        return Some(());
    }
    if first {
        read(input, count, &mut scratch.column)?;
        let firsts_ms = starts_ms.iter().zip(&scratch.column);
        table.firsts_ms.extend(firsts_ms.map(|(start_ms, lead_ms)| start_ms.wrapping_add(*lead_ms)));
    } else {
        skip(input)?;
    }
    if !growth {
        skip(input)?;
        return skip(input);
    }
    read(input, count, &mut scratch.column)?;
    let reach = table.firsts_ms[from..].iter().zip(&table.lasts_ms[from..]);
    let covered_ms = reach.zip(&scratch.column);
    let covered_ms =
        covered_ms.map(|((first_ms, last_ms), gap_ms)| last_ms.wrapping_sub(*first_ms).wrapping_sub(*gap_ms));
    table.covered_ms.extend(covered_ms);
    read(input, count, &mut scratch.column)?;
    table.ended.extend(scratch.column.iter().map(|ended| (ended & 3) as u8));
    Some(())
}

fn write(out: &mut Vec<u8>, column: impl Iterator<Item = i64>) {
    let column: Vec<i64> = column.collect();
    let mut coded = Vec::new();
    integers::encode(&column, &mut coded);
    varint::write_bytes(out, &coded);
}

/// Reads a column in the place of what was in `column`.
fn read(input: &mut &[u8], count: usize, column: &mut Vec<i64>) -> Option<()> {
    column.clear();
    integers::decode(varint::read_bytes(input)?, count, column)
}

/// Steps over a column that nobody wants.
fn skip(input: &mut &[u8]) -> Option<()> {
    varint::read_bytes(input).map(drop)
}

#[cfg(test)]
mod tests;
