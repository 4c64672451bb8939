//! Bytes to columns of a table.

use super::super::{GROWTH, INCREASE_FULL, SUM_FULL, Scratch, full, read, skip};
use super::{Mantissas, mean, middle};
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

/// Appends the numbers of some mantissas.
fn extend(column: &mut Vec<f64>, power: f64, mantissas: impl Iterator<Item = i64>) {
    if power == 1.0 {
        column.extend(mantissas.map(|mantissa| mantissa as f64));
    } else {
        column.extend(mantissas.map(|mantissa| mantissa as f64 / power));
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
        extend(&mut table.sums, power, base.iter().copied());
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
            let away = column.iter().map(|away| away.wrapping_mul(sign));
            extend(numbers, power, base.iter().zip(away).map(|(mean, away)| mean.wrapping_add(away)));
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
        if wants(Aspects::MIN) {
            read(input, count, column)?;
            let ends = firsts.iter().zip(&*lasts).zip(&*column);
            extend(&mut table.mins, power, ends.map(|((a, b), low)| a.min(b).wrapping_sub(*low)));
        } else {
            skip(input)?;
        }
        if wants(Aspects::MAX) {
            read(input, count, column)?;
            let ends = firsts.iter().zip(&*lasts).zip(&*column);
            extend(&mut table.maxs, power, ends.map(|((a, b), high)| a.max(b).wrapping_add(*high)));
        } else {
            skip(input)?;
        }
        if wants(Aspects::FIRST) {
            extend(&mut table.firsts, power, firsts.iter().copied());
        }
        if wants(Aspects::LAST) {
            extend(&mut table.lasts, power, lasts.iter().copied());
        }
        if self.flags & SUM_FULL != 0 {
            full::read_if(wants(Aspects::SUM), input, count, &mut table.sums)?;
        } else if wants(Aspects::SUM) {
            read(input, count, column)?;
            let ends = firsts.iter().zip(&*lasts).zip(&*counts).zip(&*column);
            let sums = ends.map(|(((a, b), count), more)| middle(*a, *b, *count).wrapping_add(*more));
            extend(&mut table.sums, power, sums);
        } else {
            skip(input)?;
        }
        if self.flags & INCREASE_FULL != 0 {
            return full::read_if(wants(Aspects::GROWTH), input, count, &mut table.increases);
        }
        if !wants(Aspects::GROWTH) {
            return skip(input);
        }
        read(input, count, column)?;
        let ends = firsts.iter().zip(&*lasts).zip(&*column);
        let increase = ends.map(|((first, last), more)| last.wrapping_sub(*first).wrapping_add(*more));
        extend(&mut table.increases, power, increase);
        Some(())
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
