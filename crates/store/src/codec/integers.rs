//! A column of integers: predicted by a line of order 0, 1 or 2, divided by what all differences share, the remainders
//! entropy-coded. Arithmetic wraps, so any column comes back, however wild.

use super::residuals;
use stdx::varint;

/// Differences of this order are coded: 0 from a constant, 1 from the one before, 2 from the step before.
const ORDERS: [u8; 3] = [0, 1, 2];
/// All equal to the first: nothing follows.
const CONSTANT: u8 = 3;

/// Appends the code of `column`, which is not empty; its length must be known to the reader.
pub(crate) fn encode(column: &[i64], out: &mut Vec<u8>) {
    let first = column[0];
    let divisor = common_divisor(column);
    out.push(CONSTANT);
    let order_at = out.len() - 1;
    varint::write_i64(out, first);
    if divisor == 0 {
        return;
    }
    let scaled = scale(column, divisor);
    let Some(best) = ORDERS.iter().map(|&order| Prediction::of(&scaled, order)).min_by_key(|p| p.weight)
    else {
        return;
    };
    out[order_at] = best.order;
    varint::write_u64(out, divisor);
    varint::write_i64(out, best.base);
    out.extend_from_slice(&residuals::encode(&best.remainders));
}

/// Appends `count` integers to `column`. `None` when the bytes are not what [`encode`] makes.
pub(crate) fn decode(mut bytes: &[u8], count: usize, column: &mut Vec<i64>) -> Option<()> {
    let (&order, rest) = bytes.split_first()?;
    bytes = rest;
    let first = varint::read_i64(&mut bytes)?;
    if count == 0 || order > CONSTANT {
        return None;
    }
    let start = column.len();
    if order == CONSTANT {
        column.resize(start + count, first);
        return Some(());
    }
    let divisor = varint::read_u64(&mut bytes)? as i64;
    let base = varint::read_i64(&mut bytes)?;
    let mut remainders = vec![0; count - 1];
    residuals::decode(bytes, &mut remainders)?;
    column.push(first);
    let offset = |scaled: i64| first.wrapping_add(scaled.wrapping_mul(divisor));
    let remainders = remainders.into_iter().map(varint::unzigzag);
    match order {
        0 => column.extend(remainders.map(|r| offset(r.wrapping_add(base)))),
        1 => {
            let step_base = base.wrapping_mul(divisor);
            let mut at = first;
            column.extend(remainders.map(|r| {
                at = at.wrapping_add(step_base).wrapping_add(r.wrapping_mul(divisor));
                at
            }));
        }
        _ => {
            let (mut at, mut step) = (0i64, base);
            column.extend(remainders.map(|r| {
                step = step.wrapping_add(r);
                at = at.wrapping_add(step);
                offset(at)
            }));
        }
    }
    Some(())
}

/// What all differences between neighbours share; 0 when there are none or all are 0.
fn common_divisor(column: &[i64]) -> u64 {
    let mut divisor = 0u64;
    for pair in column.windows(2) {
        let difference = pair[1].wrapping_sub(pair[0]).unsigned_abs();
        if difference != 0 && (divisor == 0 || difference % divisor != 0) {
            divisor = gcd(difference, divisor);
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

/// Offsets from the first element over the divisor, built up from the differences so that wrapping does no harm.
fn scale(column: &[i64], divisor: u64) -> Vec<i64> {
    let divisor = divisor as i64;
    let mut at = 0i64;
    let steps = column.windows(2).map(|pair| pair[1].wrapping_sub(pair[0]));
    let steps = steps.map(|step| if divisor == 1 { step } else { step / divisor });
    std::iter::once(0)
        .chain(steps.map(|step| {
            at = at.wrapping_add(step);
            at
        }))
        .collect()
}

/// One way to predict a column, and what is left.
struct Prediction {
    order: u8,
    base: i64,
    remainders: Vec<u64>,
    /// About how many bits the remainders need.
    weight: u64,
}

impl Prediction {
    /// `scaled` starts with 0, which is not coded.
    fn of(scaled: &[i64], order: u8) -> Self {
        let mut differences: Vec<i64> = match order {
            0 => scaled[1..].to_vec(),
            _ => scaled.windows(2).map(|pair| pair[1].wrapping_sub(pair[0])).collect(),
        };
        let base = if order == 2 { differences[0] } else { median(&differences) };
        if order == 2 {
            let mut previous = base;
            for difference in &mut differences {
                let step = *difference;
                *difference = step.wrapping_sub(previous);
                previous = step;
            }
        } else {
            differences.iter_mut().for_each(|d| *d = d.wrapping_sub(base));
        }
        let remainders: Vec<u64> = differences.into_iter().map(varint::zigzag).collect();
        let weight = remainders.iter().map(|&z| u64::from(64 - z.leading_zeros())).sum();
        Self { order, base, remainders, weight }
    }
}

fn median(numbers: &[i64]) -> i64 {
    let mut sorted = numbers.to_vec();
    let middle = sorted.len() / 2;
    *sorted.select_nth_unstable(middle).1
}
