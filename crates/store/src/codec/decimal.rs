//! Values as decimal numbers: `value = mantissa / 10^exponent`, accepted only where that gives back the same bits.
//!
//! What is measured was once printed or counted, so nearly all values have few decimals, and differences of their
//! mantissas are small integers. The few that are not (NaN, infinities, −0, a full-precision outlier) are exceptions.

use super::integers;
use stdx::varint;

/// Largest exponent: 10^15 times the smallest mantissas is where f64 ends to be exact.
const EXPONENT_MAX: usize = 15;
/// Mantissas stay below this, where every integer is an f64.
const MANTISSA_END: f64 = 9_007_199_254_740_992.0;
/// 1.5 × 2⁵²: its neighbours are whole numbers, so that adding one to its bits adds one to its value.
const SHIFTED: f64 = 6_755_399_441_055_744.0;
/// Numbers below this, added to [`SHIFTED`], stay where that holds.
const SHIFTED_END: f64 = 2_251_799_813_685_248.0;
/// Powers of ten that are exact in f64.
const POWERS: [f64; EXPONENT_MAX + 1] =
    [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

/// The mantissa of `value` at an exponent, when it is exact to the bit.
#[inline]
fn mantissa(value: f64, power: f64) -> Option<i64> {
    let mantissa = whole(value * power)?;
    (((mantissa as f64) / power).to_bits() == value.to_bits()).then_some(mantissa)
}

/// The whole number nearest to `value`, when all its neighbours are an f64.
#[inline]
fn whole(value: f64) -> Option<i64> {
    // Where 1.5 × 2⁵² is added nothing but a whole number fits, so the addition rounds: half a dozen instructions less
    // than a call.
    let shifted = value + SHIFTED;
    if value.abs() < SHIFTED_END {
        return Some((shifted.to_bits() as i64).wrapping_sub(SHIFTED.to_bits() as i64));
    }
    // NaN and the infinities fail this as well.
    (value.abs() < MANTISSA_END).then(|| value.round_ties_even() as i64)
}

/// Values as mantissas.
#[derive(Default)]
struct Mantissas {
    exponent: usize,
    /// An exception repeats the one before.
    all: Vec<i64>,
    /// Places and bits of values that are no decimal numbers.
    exceptions: Vec<(usize, u64)>,
}

impl Mantissas {
    /// With the smallest exponent at which all but `exceptions_max` values are exact. Exactness at an exponent nearly
    /// always holds at larger ones too, so one pass raises it as needed; after that each value is looked at again.
    fn of(values: &[f64], exceptions_max: usize) -> Option<Self> {
        let mut found = Self { all: Vec::with_capacity(values.len()), ..Self::default() };
        let (mut raised, mut last) = (false, 0);
        for (at, &value) in values.iter().enumerate() {
            match mantissa(value, POWERS[found.exponent]) {
                Some(m) => last = m,
                None => match (found.exponent + 1..=EXPONENT_MAX)
                    .find_map(|e| Some((e, mantissa(value, POWERS[e])?)))
                {
                    Some((exponent, m)) => {
                        raised |= at > 0;
                        (found.exponent, last) = (exponent, m);
                    }
                    None => found.exceptions.push((at, value.to_bits())),
                },
            }
            found.all.push(last);
            if found.exceptions.len() > exceptions_max {
                return None;
            }
        }
        if raised {
            found.redo(values);
        }
        (found.exceptions.len() <= exceptions_max).then_some(found)
    }

    /// The same at the exponent that is known now.
    fn redo(&mut self, values: &[f64]) {
        self.all.clear();
        self.exceptions.clear();
        let mut last = 0;
        for (at, &value) in values.iter().enumerate() {
            match mantissa(value, POWERS[self.exponent]) {
                Some(m) => last = m,
                None => self.exceptions.push((at, value.to_bits())),
            }
            self.all.push(last);
        }
    }
}

/// Forms with this bit have exceptions.
const EXCEPTIONS: u8 = 16;

/// Appends the code of `values`, with its first byte `form` and what is in it of the exponent (the low four bits) and
/// exceptions (bit 4); `None` (and nothing appended) when too many are not decimal numbers.
pub(crate) fn encode(values: &[f64], form: u8, out: &mut Vec<u8>) -> Option<()> {
    let exceptions_max = values.len() / 8;
    let Mantissas { exponent, all: mut mantissas, exceptions } = Mantissas::of(values, exceptions_max)?;
    // An exception at the start repeats what follows, so that it costs no difference.
    let leading = exceptions.iter().enumerate().take_while(|(i, (at, _))| i == at).count();
    if let Some(&following) = mantissas.get(leading) {
        mantissas[..leading].fill(following);
    }
    out.push(form | exponent as u8 | if exceptions.is_empty() { 0 } else { EXCEPTIONS });
    if !exceptions.is_empty() {
        write_exceptions(&exceptions, out);
    }
    integers::encode(&mantissas, out);
    Some(())
}

fn write_exceptions(exceptions: &[(usize, u64)], out: &mut Vec<u8>) {
    varint::write_u64(out, exceptions.len() as u64);
    let mut expected = 0;
    for &(at, bits) in exceptions {
        varint::write_u64(out, (at - expected) as u64);
        out.extend_from_slice(&bits.to_le_bytes());
        expected = at + 1;
    }
}

/// Appends `count` values of version 1: the exponent is the first byte, and there is always a list of exceptions.
pub(crate) fn decode_1(bytes: &[u8], count: usize, values: &mut Vec<f64>) -> Option<()> {
    let (&exponent, bytes) = bytes.split_first()?;
    decode(bytes, usize::from(exponent), true, count, values)
}

/// Appends `count` values. `form` is the first byte of what [`encode`] made, and `None` says that these bytes are not.
pub(crate) fn decode_form(form: u8, bytes: &[u8], count: usize, values: &mut Vec<f64>) -> Option<()> {
    decode(bytes, usize::from(form & 15), form & EXCEPTIONS != 0, count, values)
}

fn decode(
    mut bytes: &[u8],
    exponent: usize,
    has_exceptions: bool,
    count: usize,
    values: &mut Vec<f64>,
) -> Option<()> {
    let power = *POWERS.get(exponent)?;
    let patches = if has_exceptions { read_exceptions(&mut bytes, count)? } else { Vec::new() };
    let start = values.len();
    values.reserve(count);
    integers::decode_each(bytes, count, |mantissas| extend(values, mantissas, power))?;
    for (at, bits) in patches {
        values[start + at] = f64::from_bits(bits);
    }
    Some(())
}

/// The places and bits of values that are no decimal numbers.
fn read_exceptions(bytes: &mut &[u8], count: usize) -> Option<Vec<(usize, u64)>> {
    let exceptions = varint::read_u64(bytes)?;
    if exceptions > count as u64 {
        return None;
    }
    let mut patches = Vec::with_capacity(exceptions as usize);
    let mut at = 0usize;
    for _ in 0..exceptions {
        at = at.checked_add(usize::try_from(varint::read_u64(bytes)?).ok()?)?;
        let (bits, rest) = bytes.split_first_chunk()?;
        *bytes = rest;
        if at >= count {
            return None;
        }
        patches.push((at, u64::from_le_bytes(*bits)));
        at += 1;
    }
    Some(patches)
}

/// Appends mantissas over a power of ten.
pub(crate) fn extend(values: &mut Vec<f64>, mantissas: &[i64], power: f64) {
    let widest = mantissas.iter().fold(0, |all, &m| all | (m ^ m >> 63));
    if widest >> 51 != 0 {
        values.extend(mantissas.iter().map(|&m| m as f64 / power));
        return;
    }
    let float = |m: i64| f64::from_bits((m as u64).wrapping_add(SHIFTED.to_bits())) - SHIFTED;
    if power == 1.0 {
        values.extend(mantissas.iter().map(|&m| float(m)));
    } else {
        values.extend(mantissas.iter().map(|&m| float(m) / power));
    }
}
