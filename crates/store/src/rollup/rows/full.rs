//! Columns of values, each for itself.

use crate::codec::values;
use model::{Aspects, Row, Table};
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

/// Appends to a table what [`encode`] wrote, as far as it is wanted.
pub(super) fn decode(
    input: &mut &[u8],
    count: usize,
    growth: bool,
    wanted: Aspects,
    table: &mut Table,
) -> Option<()> {
    read_if(wanted.contains(Aspects::MIN), input, count, &mut table.mins)?;
    read_if(wanted.contains(Aspects::MAX), input, count, &mut table.maxs)?;
    read_if(wanted.contains(Aspects::SUM), input, count, &mut table.sums)?;
    read_if(wanted.contains(Aspects::LAST), input, count, &mut table.lasts)?;
    if growth {
        read_if(wanted.contains(Aspects::FIRST), input, count, &mut table.firsts)?;
        read_if(wanted.contains(Aspects::GROWTH), input, count, &mut table.increases)?;
    } else {
        without_growth(count, wanted, table);
    }
    Some(())
}

/// What is told of rows that do not know how their samples grew.
pub(super) fn without_growth(count: usize, wanted: Aspects, table: &mut Table) {
    if wanted.contains(Aspects::FIRST) {
        table.firsts.extend(std::iter::repeat_n(f64::NAN, count));
    }
    if wanted.contains(Aspects::GROWTH) {
        table.increases.extend(std::iter::repeat_n(0.0, count));
    }
}

pub(super) fn write(out: &mut Vec<u8>, column: impl Iterator<Item = f64>) {
    let column: Vec<f64> = column.collect();
    let mut coded = Vec::new();
    values::encode(&column, &mut coded);
    varint::write_bytes(out, &coded);
}

/// Appends a column, or steps over one that nobody wants.
pub(super) fn read_if(is_wanted: bool, input: &mut &[u8], count: usize, column: &mut Vec<f64>) -> Option<()> {
    let bytes = varint::read_bytes(input)?;
    if is_wanted { values::decode(bytes, count, column) } else { Some(()) }
}
