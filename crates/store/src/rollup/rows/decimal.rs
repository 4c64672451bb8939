//! Columns of decimals of one exponent, as mantissas predicted from each other.
//!
//! Of a gauge the mean goes most evenly, so sums are predicted from the sum before, and the least, the greatest and the
//! last value from the mean. Of what grows, the first value is near the last one before, the increase is mostly the way
//! from the first to the last, which are mostly the least and the greatest, and the sum is near the middle of the two.

use super::full;
use super::{GROWTH, INCREASE_FULL, SUM_FULL, read, read_if, write};
use crate::rollup::number::{exponent, mantissa, nearest_mantissa, value};
use model::{Aspects, Row};
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
        self.sum.div_euclid(self.count.max(1))
    }

    /// The sum if values went evenly from the first to the last.
    fn middle(self) -> i64 {
        self.first.wrapping_add(self.last).wrapping_mul(self.count) >> 1
    }
}

/// The first number has nothing before it and would break the rhythm of the others: it stands in front, and the column
/// begins with the second number twice.
fn write_from_second(out: &mut Vec<u8>, column: impl Iterator<Item = i64>) {
    let mut column: Vec<i64> = column.collect();
    varint::write_i64(out, column[0]);
    column[0] = column.get(1).copied().unwrap_or(0);
    write(out, column.into_iter());
}

fn read_from_second(input: &mut &[u8], count: usize) -> Option<Vec<i64>> {
    let first = varint::read_i64(input)?;
    let mut column = read(input, count)?;
    *column.first_mut()? = first;
    Some(column)
}

/// Fills in what [`encode`] wrote, as far as it is wanted.
pub(super) fn decode(input: &mut &[u8], rows: &mut [Row], flags: u8, wanted: Aspects) -> Option<()> {
    let (&exponent, rest) = input.split_first()?;
    *input = rest;
    value(0, exponent)?;
    if flags & GROWTH != 0 {
        decode_growing(input, rows, exponent, flags, wanted)
    } else {
        decode_gauge(input, rows, exponent, wanted)
    }
}

fn decode_gauge(input: &mut &[u8], rows: &mut [Row], exponent: u8, wanted: Aspects) -> Option<()> {
    let steps = read_from_second(input, rows.len())?;
    let mut m = Mantissas::default();
    let mut means = Vec::with_capacity(rows.len());
    for (row, step) in rows.iter_mut().zip(steps) {
        let count = i64::try_from(row.count).ok()?;
        m = Mantissas { sum: m.sum_for(count).wrapping_add(step), count, ..m };
        row.sum = value(m.sum, exponent)?;
        means.push(m.mean());
    }
    let mut column = |aspect, set: fn(&mut Row, f64), of: fn(i64, i64) -> i64| {
        if !wanted.overlaps(aspect) {
            return varint::read_bytes(input).map(drop);
        }
        let differences = read(input, rows.len())?;
        for ((row, mean), difference) in rows.iter_mut().zip(&means).zip(differences) {
            set(row, value(of(*mean, difference), exponent)?);
        }
        Some(())
    };
    column(Aspects::MIN, |row, value| row.min = value, i64::wrapping_sub)?;
    column(Aspects::MAX, |row, value| row.max = value, i64::wrapping_add)?;
    column(Aspects::LAST, |row, value| row.last = value, i64::wrapping_add)
}

fn decode_growing(
    input: &mut &[u8],
    rows: &mut [Row],
    exponent: u8,
    flags: u8,
    wanted: Aspects,
) -> Option<()> {
    let mantissas = decode_ways(input, rows, exponent, wanted)?;
    if flags & SUM_FULL != 0 {
        full::read_if(wanted.overlaps(Aspects::SUM), input, rows, |row, value| row.sum = value)?;
    } else {
        let sums = read_if(wanted.overlaps(Aspects::SUM), input, rows.len())?;
        for ((row, m), sum) in rows.iter_mut().zip(&mantissas).zip(sums) {
            row.sum = value(m.middle().wrapping_add(sum), exponent)?;
        }
    }
    if flags & INCREASE_FULL != 0 {
        return full::read_if(wanted.overlaps(Aspects::GROWTH), input, rows, |row, value| {
            row.increase = value;
        });
    }
    let increases = read_if(wanted.overlaps(Aspects::GROWTH), input, rows.len())?;
    for ((row, m), increase) in rows.iter_mut().zip(&mantissas).zip(increases) {
        row.increase = value(m.last.wrapping_sub(m.first).wrapping_add(increase), exponent)?;
    }
    Some(())
}

/// From the first to the last, and how far down and up in between.
fn decode_ways(input: &mut &[u8], rows: &mut [Row], exponent: u8, wanted: Aspects) -> Option<Vec<Mantissas>> {
    let firsts = read_from_second(input, rows.len())?;
    let ways = read(input, rows.len())?;
    let lows = read_if(wanted.overlaps(Aspects::MIN), input, rows.len())?;
    let highs = read_if(wanted.overlaps(Aspects::MAX), input, rows.len())?;
    let mut mantissas = Vec::with_capacity(rows.len());
    let mut m = Mantissas::default();
    for (at, row) in rows.iter_mut().enumerate() {
        let first = m.last.wrapping_add(firsts[at]);
        m = Mantissas {
            first,
            last: first.wrapping_add(ways[at]),
            count: i64::try_from(row.count).ok()?,
            ..m
        };
        row.first = value(m.first, exponent)?;
        row.last = value(m.last, exponent)?;
        row.min = value(m.first.min(m.last).wrapping_sub(lows[at]), exponent)?;
        row.max = value(m.first.max(m.last).wrapping_add(highs[at]), exponent)?;
        mantissas.push(m);
    }
    Some(mantissas)
}
