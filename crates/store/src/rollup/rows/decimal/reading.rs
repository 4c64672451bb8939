//! Bytes to columns of a table.

use super::super::{GROWTH, INCREASE_FULL, SUM_FULL, Scratch, full, read, skip};
use super::{Mantissas, mean, middle};
use crate::codec::decimal::extend;
use crate::rollup::number::power;
use model::{Aspects, Table};
use stdx::varint;

fn read_from_second(input: &mut &[u8], count: usize, column: &mut Vec<i64>) -> Option<()> {
    let first = varint::read_i64(input)?;
    read(input, count, column)?;
    *column.first_mut()? = first;
    Some(())
}

/// Appends to a table what [`super::encode`] wrote, as far as it is wanted.
pub(in crate::rollup::rows) fn decode(
    input: &mut &[u8],
    count: usize,
    flags: u8,
    wanted: Aspects,
    table: &mut Table,
    scratch: &mut Scratch,
) -> Option<()> {
    let (&exponent, rest) = input.split_first()?;
    *input = rest;
    let power = power(exponent)?;
    if flags & GROWTH != 0 {
        Growing { count, power, flags, wanted }.decode(input, table, scratch)
    } else {
        full::without_growth(count, wanted, table);
        decode_gauge(input, count, power, wanted, table, scratch)
    }
}

fn decode_gauge(
    input: &mut &[u8],
    count: usize,
    power: f64,
    wanted: Aspects,
    table: &mut Table,
    scratch: &mut Scratch,
) -> Option<()> {
    let Scratch { counts, column, base, .. } = scratch;
    let wants_means = wanted.overlaps(Aspects::MIN | Aspects::MAX) || wanted.contains(Aspects::LAST);
    if wanted.contains(Aspects::SUM) || wants_means {
        read_from_second(input, count, column)?;
        sums(counts, column, base);
    } else {
        varint::read_i64(input)?;
        skip(input)?;
    }
    if wanted.contains(Aspects::SUM) {
        extend(&mut table.sums, base, power);
    }
    if wants_means {
        base.iter_mut().zip(counts).for_each(|(sum, count)| *sum = mean(*sum, *count));
    }
    let around = [
        (Aspects::MIN, &mut table.mins, -1i64),
        (Aspects::MAX, &mut table.maxs, 1),
        (Aspects::LAST, &mut table.lasts, 1),
    ];
    for (aspect, numbers, sign) in around {
        if wanted.contains(aspect) {
            read(input, count, column)?;
            let values = column.iter_mut().zip(&*base);
            values.for_each(|(away, mean)| *away = mean.wrapping_add(away.wrapping_mul(sign)));
            extend(numbers, column, power);
        } else {
            skip(input)?;
        }
    }
    Some(())
}

/// The sums of rows, from how each differs from what the one before makes one expect.
fn sums(counts: &[i64], steps: &[i64], sums: &mut Vec<i64>) {
    sums.clear();
    let mut m = Mantissas::default();
    sums.extend(counts.iter().zip(steps).map(|(count, step)| {
        m = Mantissas { sum: m.sum_for(*count).wrapping_add(*step), count: *count, ..m };
        m.sum
    }));
}

/// How the rows of what grows are decoded.
struct Growing {
    count: usize,
    power: f64,
    flags: u8,
    wanted: Aspects,
}

impl Growing {
    fn decode(&self, input: &mut &[u8], table: &mut Table, scratch: &mut Scratch) -> Option<()> {
        let Self { count, power, wanted, .. } = *self;
        let wants = |aspect| wanted.contains(aspect);
        let Scratch { counts, column, base: firsts, second: lasts } = scratch;
        ways(input, count, column, firsts, lasts)?;
        // Reads a column, and makes what it is of that and the ends of each row.
        let mut from_ends = |input: &mut &[u8], numbers: &mut Vec<f64>, of: &dyn Fn(&mut Ends<'_>)| {
            read(input, count, column)?;
            of(&mut Ends { firsts, lasts, column });
            extend(numbers, column, power);
            Some(())
        };
        match wants(Aspects::MIN) {
            true => {
                from_ends(input, &mut table.mins, &|ends| ends.each(|a, b, low| a.min(b).wrapping_sub(low)))?
            }
            false => skip(input)?,
        }
        match wants(Aspects::MAX) {
            true => from_ends(input, &mut table.maxs, &|ends| {
                ends.each(|a, b, high| a.max(b).wrapping_add(high))
            })?,
            false => skip(input)?,
        }
        if self.flags & SUM_FULL != 0 {
            full::read_if(wants(Aspects::SUM), input, count, &mut table.sums)?;
        } else if wants(Aspects::SUM) {
            from_ends(input, &mut table.sums, &|ends| {
                let mut counts = counts.iter();
                ends.each(|a, b, more| middle(a, b, counts.next().copied().unwrap_or(0)).wrapping_add(more));
            })?;
        } else {
            skip(input)?;
        }
        if self.flags & INCREASE_FULL != 0 {
            full::read_if(wants(Aspects::GROWTH), input, count, &mut table.increases)?;
        } else if wants(Aspects::GROWTH) {
            from_ends(input, &mut table.increases, &|ends| {
                ends.each(|first, last, more| last.wrapping_sub(first).wrapping_add(more));
            })?;
        } else {
            skip(input)?;
        }
        if wants(Aspects::FIRST) {
            extend(&mut table.firsts, firsts, power);
        }
        if wants(Aspects::LAST) {
            extend(&mut table.lasts, lasts, power);
        }
        Some(())
    }
}

/// A column that is predicted from the first and the last value of each row.
struct Ends<'a> {
    firsts: &'a [i64],
    lasts: &'a [i64],
    column: &'a mut [i64],
}

impl Ends<'_> {
    #[inline]
    fn each(&mut self, mut of: impl FnMut(i64, i64, i64) -> i64) {
        for ((number, first), last) in self.column.iter_mut().zip(self.firsts).zip(self.lasts) {
            *number = of(*first, *last, *number);
        }
    }
}

/// The first and the last value of each row.
fn ways(
    input: &mut &[u8],
    count: usize,
    column: &mut Vec<i64>,
    firsts: &mut Vec<i64>,
    lasts: &mut Vec<i64>,
) -> Option<()> {
    read_from_second(input, count, firsts)?;
    read(input, count, column)?;
    lasts.clear();
    let mut last = 0i64;
    lasts.extend(firsts.iter_mut().zip(column).map(|(first, way)| {
        *first = first.wrapping_add(last);
        last = first.wrapping_add(*way);
        last
    }));
    Some(())
}
