//! A column of integers: predicted by a line of order 0, 1 or 2, divided by what all differences share, the remainders
//! entropy-coded. Arithmetic wraps, so any column comes back, however wild.

use super::entropy::{self, Run};
use super::{CHUNK_SAMPLES_MAX, residuals};
use stdx::varint;

/// The low bits of the first byte: differences of which order are coded. 0 is from a constant, 1 from the one before,
/// 2 from the step before.
const ORDER: u8 = 3;
/// All equal to the first: nothing follows.
const CONSTANT: u8 = 3;
/// The remainders are coded by [`entropy`]. Without this bit they are coded by [`residuals`], as in version 1.
const MODELLED: u8 = 4;
/// All steps are the same: the step follows.
const LINE: u8 = MODELLED | 3;
/// With [`MODELLED`]: a divisor that is not 1 follows.
const DIVISOR: u8 = 8;
/// With [`MODELLED`]: a base that is not 0 follows.
const BASE: u8 = 16;

/// Appends the code of `column`, which is not empty; its length must be known to the reader.
pub(crate) fn encode(column: &[i64], out: &mut Vec<u8>) {
    let first = column[0];
    let mut steps: Vec<i64> = column.windows(2).map(|pair| pair[1].wrapping_sub(pair[0])).collect();
    let same = steps.first().copied().unwrap_or(0);
    if steps.iter().all(|&step| step == same) {
        out.push(if same == 0 { CONSTANT } else { LINE });
        varint::write_i64(out, first);
        if same != 0 {
            varint::write_i64(out, same);
        }
        return;
    }
    let divisor = common_divisor(&steps);
    if divisor != 1 {
        steps.iter_mut().for_each(|step| *step /= divisor as i64);
    }
    let Prediction { order, base, remainders } = Prediction::best(steps);
    let flags = if divisor == 1 { 0 } else { DIVISOR } | if base == 0 { 0 } else { BASE };
    out.push(order | MODELLED | flags);
    varint::write_i64(out, first);
    if divisor != 1 {
        varint::write_u64(out, divisor);
    }
    if base != 0 {
        varint::write_i64(out, base);
    }
    entropy::encode(&remainders, out);
}

/// Appends `count` integers to `column`. `None` when the bytes are not what [`encode`] makes.
pub(crate) fn decode(bytes: &[u8], count: usize, column: &mut Vec<i64>) -> Option<()> {
    decode_each(bytes, count, |part| column.extend_from_slice(part))
}

/// Hands out `count` integers, some at a time. `None` when the bytes are not what [`encode`] makes; some may have been
/// handed out by then.
pub(crate) fn decode_each(mut bytes: &[u8], count: usize, mut take: impl FnMut(&[i64])) -> Option<()> {
    let (&kind, rest) = bytes.split_first()?;
    bytes = rest;
    let first = varint::read_i64(&mut bytes)?;
    if count == 0 || count > CHUNK_SAMPLES_MAX {
        return None;
    }
    match kind {
        CONSTANT => {
            line(first, 0, count, take);
            Some(())
        }
        LINE => {
            line(first, varint::read_i64(&mut bytes)?, count, take);
            Some(())
        }
        0..CONSTANT => {
            let (divisor, base) = (varint::read_u64(&mut bytes)? as i64, varint::read_i64(&mut bytes)?);
            let mut line = Line::new(kind, first, divisor, base);
            take(&[first]);
            residuals::decode(bytes, count - 1, |run| line.take(&Run::Wide(run), &mut take))
        }
        _ => {
            let order = kind & ORDER;
            if order == 3 || kind & !(ORDER | DIVISOR | BASE) != MODELLED {
                return None;
            }
            let divisor = if kind & DIVISOR == 0 { 1 } else { varint::read_u64(&mut bytes)? as i64 };
            let base = if kind & BASE == 0 { 0 } else { varint::read_i64(&mut bytes)? };
            let mut line = Line::new(order, first, divisor, base);
            take(&[first]);
            entropy::decode(bytes, count - 1, |run| line.take(&run, &mut take))
        }
    }
}

/// Hands out a line without remainders.
fn line(first: i64, step: i64, count: usize, mut take: impl FnMut(&[i64])) {
    let (mut part, mut at) = ([first; entropy::RUN], first);
    for start in (0..count).step_by(part.len()) {
        let part = &mut part[..entropy::RUN.min(count - start)];
        if step != 0 {
            for to in &mut *part {
                *to = at;
                at = at.wrapping_add(step);
            }
        }
        take(part);
    }
}

/// A line that is followed from remainder to remainder. Where it is, and how steep: in parts of the divisor, from the
/// first.
struct Line {
    order: u8,
    first: i64,
    divisor: i64,
    base: i64,
    at: i64,
    step: i64,
}

impl Line {
    fn new(order: u8, first: i64, divisor: i64, base: i64) -> Self {
        // Without a divisor it can start at the first right away.
        let (first, at) = if divisor == 1 { (0, first) } else { (first, 0) };
        Self { order, first, divisor, base, at, step: base }
    }

    /// Hands out the next integers.
    #[inline]
    fn take(&mut self, run: &Run<'_>, take: &mut impl FnMut(&[i64])) {
        let mut column = [0; entropy::RUN];
        let column = match *run {
            Run::Small(numbers) => {
                let column = &mut column[..numbers.len()];
                self.follow_small(numbers, column);
                column
            }
            Run::Wide(numbers) => {
                let column = &mut column[..numbers.len()];
                self.follow(numbers.iter().map(|&n| varint::unzigzag(n)), column);
                column
            }
        };
        take(column);
    }

    /// Folded remainders that fit a byte with their sign.
    #[inline]
    fn follow_small(&mut self, numbers: &[u8], column: &mut [i64]) {
        let mut signed = [0i8; entropy::RUN];
        let signed = &mut signed[..numbers.len()];
        for (to, &n) in signed.iter_mut().zip(numbers) {
            *to = (n >> 1) as i8 ^ -((n & 1) as i8);
        }
        self.follow(signed.iter().map(|&r| i64::from(r)), column);
    }

    #[inline]
    fn follow(&mut self, remainders: impl Iterator<Item = i64>, column: &mut [i64]) {
        let (base, mut at, mut step) = (self.base, self.at, self.step);
        let each = remainders.zip(column.iter_mut());
        match self.order {
            0 => each.for_each(|(r, to)| *to = at.wrapping_add(r.wrapping_add(base))),
            1 => each.for_each(|(r, to)| {
                at = at.wrapping_add(r.wrapping_add(base));
                *to = at;
            }),
            _ => each.for_each(|(r, to)| {
                step = step.wrapping_add(r);
                at = at.wrapping_add(step);
                *to = at;
            }),
        }
        (self.at, self.step) = (at, step);
        if self.divisor != 1 {
            let (first, divisor) = (self.first, self.divisor);
            column.iter_mut().for_each(|to| *to = first.wrapping_add(to.wrapping_mul(divisor)));
        }
    }
}

/// What all steps share. They are not all 0.
fn common_divisor(steps: &[i64]) -> u64 {
    let mut divisor = 0u64;
    for step in steps {
        let step = step.unsigned_abs();
        if step != 0 && (divisor == 0 || step % divisor != 0) {
            divisor = gcd(step, divisor);
            if divisor == 1 {
                break;
            }
        }
    }
    // 2⁶³ alone does not fit the signed arithmetic of the reader.
    if divisor > i64::MAX as u64 { 1 } else { divisor }
}

fn gcd(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

/// One way to predict a column, and what is left.
struct Prediction {
    order: u8,
    base: i64,
    remainders: Vec<u64>,
}

impl Prediction {
    /// The prediction that leaves about the fewest bits. `steps` are not empty.
    fn best(steps: Vec<i64>) -> Self {
        let mut at = 0i64;
        let offsets: Vec<i64> = steps
            .iter()
            .map(|&step| {
                at = at.wrapping_add(step);
                at
            })
            .collect();
        let bases = [typical(&offsets), typical(&steps), steps[0]];
        let from_base = |base: i64| move |&number: &i64| number.wrapping_sub(base);
        let changes = || std::iter::once(0).chain(steps.windows(2).map(|pair| pair[1].wrapping_sub(pair[0])));
        let weights = [
            weight(offsets.iter().map(from_base(bases[0]))),
            weight(steps.iter().map(from_base(bases[1]))),
            weight(changes()),
        ];
        let order = (0..3).min_by_key(|&order| weights[order]).unwrap_or(1);
        let remainders = match order {
            0 => offsets.iter().map(from_base(bases[0])).map(varint::zigzag).collect(),
            1 => steps.iter().map(from_base(bases[1])).map(varint::zigzag).collect(),
            _ => changes().map(varint::zigzag).collect(),
        };
        Self { order: order as u8, base: bases[order], remainders }
    }
}

/// About how many bits the remainders need.
fn weight(remainders: impl Iterator<Item = i64>) -> u64 {
    remainders.map(|r| u64::from(64 - varint::zigzag(r).leading_zeros())).sum()
}

/// Numbers that are looked at to find their median.
const TYPICAL_OF: usize = 63;

/// The median, or that of a part where there are many.
fn typical(numbers: &[i64]) -> i64 {
    let half = numbers.len() / 2;
    let (below, above) = numbers
        .iter()
        .fold((0, 0), |(below, above), &n| (below + usize::from(n < 0), above + usize::from(n > 0)));
    if below <= half && above <= half {
        return 0;
    }
    let stride = numbers.len().div_ceil(TYPICAL_OF);
    let mut part: Vec<i64> = numbers.iter().step_by(stride).copied().collect();
    let middle = part.len() / 2;
    *part.select_nth_unstable(middle).1
}
