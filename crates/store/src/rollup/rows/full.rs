//! Columns of values, each for itself.

use crate::codec::values;
use model::{Aspects, Row};
use stdx::varint;

/// Appends the columns of `rows`.
pub(super) fn encode(rows: &[Row], growth: bool, out: &mut Vec<u8>) {
    write(out, rows.iter().map(|row| row.min));
    write(out, rows.iter().map(|row| row.max));
    write(out, rows.iter().map(|row| row.sum));
    write(out, rows.iter().map(|row| row.last));
    if growth {
        write(out, rows.iter().map(|row| row.first));
        write(out, rows.iter().map(|row| row.increase));
    }
}

/// Fills in what [`encode`] wrote, as far as it is wanted.
pub(super) fn decode(input: &mut &[u8], rows: &mut [Row], growth: bool, wanted: Aspects) -> Option<()> {
    let mut column = |aspect, set: fn(&mut Row, f64)| read_if(wanted.overlaps(aspect), input, rows, set);
    column(Aspects::MIN, |row, value| row.min = value)?;
    column(Aspects::MAX, |row, value| row.max = value)?;
    column(Aspects::SUM, |row, value| row.sum = value)?;
    column(Aspects::LAST, |row, value| row.last = value)?;
    if growth {
        column(Aspects::GROWTH, |row, value| row.first = value)?;
        column(Aspects::GROWTH, |row, value| row.increase = value)?;
    }
    Some(())
}

pub(super) fn write(out: &mut Vec<u8>, column: impl Iterator<Item = f64>) {
    let column: Vec<f64> = column.collect();
    let mut coded = Vec::new();
    values::encode(&column, &mut coded);
    varint::write_bytes(out, &coded);
}

pub(super) fn read(input: &mut &[u8], rows: &mut [Row], set: impl Fn(&mut Row, f64)) -> Option<()> {
    let mut column = Vec::with_capacity(rows.len());
    values::decode(varint::read_bytes(input)?, rows.len(), &mut column)?;
    rows.iter_mut().zip(column).for_each(|(row, value)| set(row, value));
    Some(())
}

/// The same, or nothing for a column that nobody wants, which is stepped over.
pub(super) fn read_if(
    is_wanted: bool,
    input: &mut &[u8],
    rows: &mut [Row],
    set: impl Fn(&mut Row, f64),
) -> Option<()> {
    if is_wanted { read(input, rows, set) } else { varint::read_bytes(input).map(drop) }
}
