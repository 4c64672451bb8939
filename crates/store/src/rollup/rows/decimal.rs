//! Columns of decimals of one exponent, as mantissas predicted from each other.
//!
//! Of a gauge the mean goes most evenly, so sums are predicted from the sum before, and the least, the greatest and the
//! last value from the mean. Of what grows, the first value is near the last one before, the increase is mostly the way
//! from the first to the last, which are mostly the least and the greatest, and the sum is near the middle of the two.

mod reading;

use super::full;
use super::{INCREASE_FULL, SUM_FULL, write};
use crate::rollup::number::{exponent, mantissa, nearest_mantissa};
use model::Row;
pub(super) use reading::decode;
use stdx::varint;

/// A row's values as mantissas.
#[derive(Clone, Copy, Default)]
struct Mantissas {
    count: i64,
    min: i64,
    max: i64,
    sum: i64,
    first: i64,
    last: i64,
    increase: i64,
}

/// Appends the columns of `rows` and gives the flags; `None` (and nothing appended) when they are not decimals.
pub(super) fn encode(rows: &[Row], growth: bool, out: &mut Vec<u8>) -> Option<u8> {
    let filled = || rows.iter().filter(|row| row.count > 0);
    let values = filled().flat_map(|row| {
        let first = if growth { row.first } else { row.last };
        [row.min, row.max, row.last, first]
    });
    let exponent = exponent(values)?;
    let exact = |pick: fn(&Row) -> f64| filled().all(|row| worked_out(pick(row), row, exponent).is_some());
    let (sum, increase) = (exact(|row| row.sum), exact(|row| row.increase));
    if !sum && !growth {
        return None; // what everything else is predicted from
    }
    let mantissas = of_rows(rows, exponent, growth);
    out.push(exponent);
    if growth {
        encode_growing(&mantissas, out);
        if sum {
            write(out, mantissas.iter().map(|m| m.sum.wrapping_sub(m.middle())));
        } else {
            full::write(out, rows.iter().map(|row| row.sum));
        }
        if increase {
            write(out, mantissas.iter().map(|m| m.increase.wrapping_sub(m.last.wrapping_sub(m.first))));
        } else {
            full::write(out, rows.iter().map(|row| row.increase));
        }
    } else {
        let befores = [Mantissas::default()].into_iter().chain(mantissas.iter().copied());
        write_from_second(
            out,
            mantissas.iter().zip(befores).map(|(m, before)| m.sum - before.sum_for(m.count)),
        );
        write(out, mantissas.iter().map(|m| m.mean().wrapping_sub(m.min)));
        write(out, mantissas.iter().map(|m| m.max.wrapping_sub(m.mean())));
        write(out, mantissas.iter().map(|m| m.last.wrapping_sub(m.mean())));
    }
    let growing = |exact: bool, flag| if growth && !exact { flag } else { 0 };
    Some(growing(sum, SUM_FULL) | growing(increase, INCREASE_FULL))
}

fn encode_growing(mantissas: &[Mantissas], out: &mut Vec<u8>) {
    let befores = [Mantissas::default()].into_iter().chain(mantissas.iter().copied());
    write_from_second(out, mantissas.iter().zip(befores).map(|(m, before)| m.first - before.last));
    write(out, mantissas.iter().map(|m| m.last - m.first));
    write(out, mantissas.iter().map(|m| m.first.min(m.last) - m.min));
    write(out, mantissas.iter().map(|m| m.max - m.first.max(m.last)));
}

/// Rows without samples repeat the row before, so that they cost no difference.
fn of_rows(rows: &[Row], exponent: u8, growth: bool) -> Vec<Mantissas> {
    let whole = |value: f64| mantissa(value, exponent).unwrap_or_default();
    let mut last = Mantissas::default();
    let of_row = |row: &Row| {
        last = if row.count == 0 {
            Mantissas {
                count: 0,
                min: last.last,
                max: last.last,
                sum: 0,
                first: last.last,
                increase: 0,
                ..last
            }
        } else {
            Mantissas {
                count: row.count as i64,
                min: whole(row.min),
                max: whole(row.max),
                sum: worked_out(row.sum, row, exponent).unwrap_or_default(),
                first: if growth { whole(row.first) } else { 0 },
                last: whole(row.last),
                increase: worked_out(row.increase, row, exponent).unwrap_or_default(),
            }
        };
        last
    };
    rows.iter().map(of_row).collect()
}

/// The mantissa of a sum or an increase, which get as many decimals as the values have. Large sums of whole numbers are
/// exact where what is nearest could not be told from its neighbours.
fn worked_out(value: f64, row: &Row, exponent: u8) -> Option<i64> {
    let exact = mantissa(value, exponent).filter(|_| exponent == 0);
    exact.or_else(|| nearest(value, row, exponent))
}

fn nearest(value: f64, row: &Row, exponent: u8) -> Option<i64> {
    nearest_mantissa(value, row.min.abs().max(row.max.abs()), exponent)
}

impl Mantissas {
    /// The sum of so many values with the same mean.
    fn sum_for(self, count: i64) -> i64 {
        if count == self.count && count > 0 {
            // Nearly always; and a division of this width takes as long as all the rest of a row.
            return self.sum;
        }
        let sum = i128::from(self.sum) * i128::from(count) / i128::from(self.count.max(1));
        sum as i64
    }

    fn mean(self) -> i64 {
        mean(self.sum, self.count)
    }

    fn middle(self) -> i64 {
        middle(self.first, self.last, self.count)
    }
}

/// The sum if values went evenly from the first to the last.
fn middle(first: i64, last: i64, count: i64) -> i64 {
    first.wrapping_add(last).wrapping_mul(count) >> 1
}

/// The first number has nothing before it and would break the rhythm of the others: it stands in front, and the column
/// begins with the second number twice.
fn write_from_second(out: &mut Vec<u8>, column: impl Iterator<Item = i64>) {
    let mut column: Vec<i64> = column.collect();
    varint::write_i64(out, column[0]);
    column[0] = column.get(1).copied().unwrap_or(0);
    write(out, column.into_iter());
}

/// ⌊sum / count⌋. A quotient of floating-point numbers is at most one off, and takes a fraction of the time.
fn mean(sum: i64, count: i64) -> i64 {
    const EXACT_END: u64 = 1 << 51;
    let count = count.max(1);
    if sum.unsigned_abs() >= EXACT_END || count as u64 >= EXACT_END {
        return sum.div_euclid(count);
    }
    let mean = (sum as f64 / count as f64) as i64;
    let rest = sum - mean * count;
    mean - i64::from(rest < 0) + i64::from(rest >= count)
}
