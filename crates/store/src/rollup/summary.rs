//! What the samples of a chunk come to, in a few bytes beside its place in the index: a window that holds the whole
//! chunk is answered without reading it.

use super::number::{exponent, mantissa, nearest_mantissa, value};
use model::{Aspects, Kind, Row, Sum, TimeRange};
use stdx::varint;

const NONE: u8 = 0;
const CONSTANT: u8 = 1;
const DECIMAL: u8 = 2;
const FULL: u8 = 3;
const FORM: u8 = 0x0f;
/// Some values are NaN; how many are not follows.
const GAPS: u8 = 0x10;
/// Some value is less than the one before.
const FALLS: u8 = 0x20;
/// The sum is no decimal of the same exponent, and stands in full.
const SUM_IN_FULL: u8 = 0x40;
/// In the place of an exponent: the value stands in full.
const NO_EXPONENT: u8 = 0xff;

/// What the samples of a chunk come to; NaN are none. Of chunks with nothing but NaN there is no summary.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Summary {
    pub(crate) count: u32,
    pub(crate) min: f64,
    pub(crate) max: f64,
    pub(crate) sum: f64,
    pub(crate) first: f64,
    pub(crate) last: f64,
    /// Some values are NaN.
    pub(crate) gaps: bool,
    /// Some value is less than the one before.
    pub(crate) falls: bool,
}

impl Summary {
    /// Of a chunk's values.
    pub(crate) fn of(values: &[f64]) -> Option<Self> {
        let mut numbers = values.iter().copied().filter(|value| !value.is_nan());
        let first = numbers.next()?;
        let (mut count, mut min, mut max, mut last, mut falls) = (1u32, first, first, first, false);
        let mut sum = Sum::default();
        sum.add(first);
        for value in numbers {
            count += 1;
            min = min.min(value);
            max = max.max(value);
            sum.add(value);
            falls |= value < last;
            last = value;
        }
        let gaps = (count as usize) < values.len();
        let bits = |v: f64| v.to_bits();
        // As it is worked out from the value, so that it comes back the same.
        let is_constant = !falls && [min, max, last].iter().all(|v| bits(*v) == bits(first));
        let sum = match is_constant {
            true => first * f64::from(count),
            false => decimal_sum(sum.value(), [first, last, min, max]),
        };
        Some(Self { count, min, max, sum, first, last, gaps, falls })
    }

    /// As a row, if it has the aspects for a series of this kind; the chunk reaches from `first_ms` to `last_ms`.
    pub(crate) fn row(&self, aspects: Aspects, kind: Kind, first_ms: i64, last_ms: i64) -> Option<Row> {
        // Where the first and the last sample are is known only when every value is one.
        let timed = Aspects::FIRST | Aspects::LAST | Aspects::GROWTH | Aspects::NUMBERS;
        if aspects.contains(Aspects::SAMPLES) || self.gaps && aspects.overlaps(timed) {
            return None;
        }
        if aspects.contains(Aspects::RESETS) && (self.falls || kind == Kind::Absolute) {
            return None;
        }
        let increase = match kind {
            Kind::Derive => self.last - self.first,
            Kind::Absolute => self.sum - self.first,
            _ if self.falls && aspects.contains(Aspects::GROWTH) => return None,
            _ => self.last - self.first,
        };
        Some(Row {
            span: TimeRange::new(first_ms, last_ms.saturating_add(1)),
            count: u64::from(self.count),
            min: self.min,
            max: self.max,
            sum: self.sum,
            first: self.first,
            last: self.last,
            first_ms,
            last_ms,
            increase,
            covered_ms: last_ms.saturating_sub(first_ms),
            ended_before: false,
            ended_after: false,
        })
    }

    /// Appends a summary.
    pub(crate) fn write(summary: Option<&Self>, out: &mut Vec<u8>) {
        match summary {
            Some(summary) => summary.write_some(out),
            None => out.push(NONE),
        }
    }

    fn write_some(&self, out: &mut Vec<u8>) {
        let at = out.len();
        out.push(if self.gaps { GAPS } else { 0 } | if self.falls { FALLS } else { 0 });
        if self.gaps {
            varint::write_u64(out, u64::from(self.count));
        }
        let constant = [self.min, self.max, self.last].iter().all(|v| v.to_bits() == self.first.to_bits());
        out[at] |= if constant && !self.falls {
            write_number(self.first, out);
            CONSTANT
        } else if let Some(exponent) = exponent([self.first, self.last, self.min, self.max].into_iter()) {
            DECIMAL | self.write_decimal(exponent, out)
        } else {
            let numbers = [self.first, self.last, self.min, self.max, self.sum];
            numbers.iter().for_each(|number| out.extend_from_slice(&number.to_le_bytes()));
            FULL
        };
    }

    fn write_decimal(&self, exponent: u8, out: &mut Vec<u8>) -> u8 {
        let known = |value| mantissa(value, exponent).unwrap_or_default(); // this exponent suits all of them
        let [first, last, min, max] = [self.first, self.last, self.min, self.max].map(known);
        out.push(exponent);
        varint::write_i64(out, first);
        varint::write_i64(out, last - first);
        varint::write_i64(out, first.min(last) - min);
        varint::write_i64(out, max - first.max(last));
        match mantissa(self.sum, exponent) {
            Some(sum) => {
                varint::write_i64(out, sum.wrapping_sub(expected_sum(first, last, self.count)));
                0
            }
            None => {
                out.extend_from_slice(&self.sum.to_le_bytes());
                SUM_IN_FULL
            }
        }
    }

    /// Takes the summary of a chunk of `count` values off the front.
    pub(crate) fn read(input: &mut &[u8], count: u32) -> Option<Option<Self>> {
        let [head] = take(input)?;
        if head == NONE {
            return Some(None);
        }
        let (gaps, falls) = (head & GAPS != 0, head & FALLS != 0);
        let count = if gaps { u32::try_from(varint::read_u64(input)?).ok()? } else { count };
        let [first, last, min, max, sum] = match head & FORM {
            CONSTANT => {
                let value = read_number(input)?;
                [value, value, value, value, value * f64::from(count)]
            }
            DECIMAL => read_decimal(input, head & SUM_IN_FULL != 0, count)?,
            FULL => {
                let mut numbers = [0.0; 5];
                for number in &mut numbers {
                    *number = f64::from_le_bytes(take(input)?);
                }
                numbers
            }
            _ => return None,
        };
        Some(Some(Self { count, min, max, sum, first, last, gaps, falls }))
    }
}

/// The sum with as many decimals as the values have, when they have few.
fn decimal_sum(sum: f64, ends: [f64; 4]) -> f64 {
    let scale = ends.iter().fold(0.0, |scale: f64, end| scale.max(end.abs()));
    let rounded = exponent(ends.into_iter()).and_then(|e| value(nearest_mantissa(sum, scale, e)?, e));
    rounded.unwrap_or(sum)
}

/// What the sum would be if the values went evenly from the first to the last.
fn expected_sum(first: i64, last: i64, count: u32) -> i64 {
    first.wrapping_add(last).wrapping_mul(i64::from(count)) >> 1
}

fn read_decimal(input: &mut &[u8], sum_in_full: bool, count: u32) -> Option<[f64; 5]> {
    let [exponent] = take(input)?;
    let first = varint::read_i64(input)?;
    let last = first.wrapping_add(varint::read_i64(input)?);
    let min = first.min(last).wrapping_sub(varint::read_i64(input)?);
    let max = first.max(last).wrapping_add(varint::read_i64(input)?);
    let sum = if sum_in_full {
        f64::from_le_bytes(take(input)?)
    } else {
        value(expected_sum(first, last, count).wrapping_add(varint::read_i64(input)?), exponent)?
    };
    Some([value(first, exponent)?, value(last, exponent)?, value(min, exponent)?, value(max, exponent)?, sum])
}

fn write_number(number: f64, out: &mut Vec<u8>) {
    match exponent([number].into_iter()) {
        Some(exponent) => {
            out.push(exponent);
            varint::write_i64(out, mantissa(number, exponent).unwrap_or_default());
        }
        None => {
            out.push(NO_EXPONENT);
            out.extend_from_slice(&number.to_le_bytes());
        }
    }
}

fn read_number(input: &mut &[u8]) -> Option<f64> {
    match take(input)? {
        [NO_EXPONENT] => Some(f64::from_le_bytes(take(input)?)),
        [exponent] => value(varint::read_i64(input)?, exponent),
    }
}

fn take<const N: usize>(input: &mut &[u8]) -> Option<[u8; N]> {
    let (head, rest) = input.split_first_chunk::<N>()?;
    *input = rest;
    Some(*head)
}

#[cfg(test)]
mod tests {
    use super::*;
    use stdx::random::Random;

    #[test]
    fn any_summary_comes_back() {
        let mut random = Random::from_seed(3);
        for round in 0..3000 {
            let value = |random: &mut Random| match round % 6 {
                0 => random.below(1000) as f64 / 100.0,
                1 => f64::from_bits(random.next_u64()),
                2 => 7.25,
                3 if random.below(4) == 0 => model::STALE,
                4 => (random.below(1 << 52) + (1 << 52)) as f64,
                _ => random.below(90) as f64 - 40.0,
            };
            let values: Vec<f64> = (0..1 + random.below(70)).map(|_| value(&mut random)).collect();
            let summary = Summary::of(&values);
            let mut bytes = Vec::new();
            Summary::write(summary.as_ref(), &mut bytes);
            let mut input = bytes.as_slice();
            let read = Summary::read(&mut input, values.len() as u32);
            assert_eq!(format!("{read:?}"), format!("{:?}", Some(summary)), "{values:?}");
            assert!(input.is_empty());
            for end in 0..bytes.len() {
                assert!(Summary::read(&mut &bytes[..end], 1).is_none());
            }
        }
    }

    #[test]
    fn usual_summaries_are_small() {
        let len = |values: &[f64]| {
            let mut bytes = Vec::new();
            Summary::write(Summary::of(values).as_ref(), &mut bytes);
            bytes.len()
        };
        let load: Vec<f64> = (0..2000).map(|i| f64::from(25 + i * i % 97) / 100.0).collect();
        let counter: Vec<f64> = (0..2000).map(|i| 123_456.0 + f64::from(i * 3)).collect();
        assert_eq!(len(&vec![1.0; 2000]), 3);
        assert!(len(&load) <= 11, "{}", len(&load));
        assert!(len(&counter) <= 12, "{}", len(&counter));
    }
}
