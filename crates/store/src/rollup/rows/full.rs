//! Columns of values, each for itself.

use crate::codec::values;
use model::Row;
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

/// Fills in what [`encode`] wrote.
pub(super) fn decode(input: &mut &[u8], rows: &mut [Row], growth: bool) -> Option<()> {
    read(input, rows, |row, value| row.min = value)?;
    read(input, rows, |row, value| row.max = value)?;
    read(input, rows, |row, value| row.sum = value)?;
    read(input, rows, |row, value| row.last = value)?;
    if growth {
        read(input, rows, |row, value| row.first = value)?;
        read(input, rows, |row, value| row.increase = value)?;
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
