//! A column of values, in whichever form is shortest. The first byte says which.

use super::{CHUNK_SAMPLES_MAX, decimal, ordered, xor};

/// The forms, by their number on disk.
mod form {
    /// One value for all: its 8 bytes.
    pub(super) const CONSTANT: u8 = 0;
    /// Differences in bits.
    pub(super) const XOR: u8 = 1;
    /// Decimal mantissas as version 1 has them.
    pub(super) const DECIMAL_1: u8 = 2;
    /// 8 bytes each.
    pub(super) const RAW: u8 = 3;
    /// The bits of each as an integer, in the order of the values.
    pub(super) const ORDERED: u8 = 4;
    /// Native histograms, which are not there yet.
    pub(super) const HISTOGRAM: u8 = 16;
    /// Decimal mantissas. The low five bits tell more.
    pub(super) const DECIMAL: u8 = 32;
    pub(super) const DECIMAL_LAST: u8 = DECIMAL + 31;
}

/// Above this many bytes a value the decimal form is compared with others before it is kept.
const DECIMAL_BYTES_DOUBTFUL: usize = 4;

/// Appends the code of `values`, which is not empty.
pub(crate) fn encode(values: &[f64], out: &mut Vec<u8>) {
    let start = out.len();
    let first = values[0].to_bits();
    if values.iter().all(|v| v.to_bits() == first) {
        encode_constant(values[0], out);
        return;
    }
    let decimal = decimal::encode(values, form::DECIMAL, out);
    let decimal_len = out.len() - start;
    if decimal.is_some() && decimal_len <= values.len() * DECIMAL_BYTES_DOUBTFUL {
        return;
    }
    let others = [
        coded(form::ORDERED, |out| ordered::encode(values, out)),
        coded(form::XOR, |out| xor::encode(values, out)),
        coded(form::RAW, |out| values.iter().for_each(|v| out.extend_from_slice(&v.to_bits().to_le_bytes()))),
    ];
    let shortest = others.iter().min_by_key(|other| other.len());
    if let Some(other) = shortest.filter(|other| decimal.is_none() || other.len() < decimal_len) {
        out.truncate(start);
        out.extend_from_slice(other);
    }
}

fn coded(form: u8, encode: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut out = vec![form];
    encode(&mut out);
    out
}

/// Appends one value for all, as a decimal number where that is shorter.
fn encode_constant(value: f64, out: &mut Vec<u8>) {
    let start = out.len();
    let decimal = decimal::encode(&[value], form::DECIMAL, out);
    if decimal.is_none() || out.len() - start > size_of::<f64>() {
        out.truncate(start);
        out.push(form::CONSTANT);
        out.extend_from_slice(&value.to_bits().to_le_bytes());
    }
}

/// Appends `count` values to `values`. `None` (and nothing appended) when the bytes are damaged or of a form not known
/// here; [`refusal`] has the words for it.
pub(crate) fn decode(bytes: &[u8], count: usize, values: &mut Vec<f64>) -> Option<()> {
    if count == 0 || count > CHUNK_SAMPLES_MAX {
        return None;
    }
    let start = values.len();
    let decoded = decode_any(bytes, count, values);
    if decoded.is_none() {
        values.truncate(start);
    }
    decoded
}

fn decode_any(bytes: &[u8], count: usize, values: &mut Vec<f64>) -> Option<()> {
    let (&form, bytes) = bytes.split_first()?;
    match form {
        form::CONSTANT => {
            let bits = u64::from_le_bytes(bytes.try_into().ok()?);
            values.resize(values.len() + count, f64::from_bits(bits));
            Some(())
        }
        form::XOR => xor::decode(bytes, count, values),
        form::DECIMAL_1 => decimal::decode_1(bytes, count, values),
        form::RAW => {
            let (words, rest) = bytes.as_chunks::<8>();
            if words.len() != count || !rest.is_empty() {
                return None;
            }
            values.extend(words.iter().map(|w| f64::from_bits(u64::from_le_bytes(*w))));
            Some(())
        }
        form::ORDERED => ordered::decode(bytes, count, values),
        form::DECIMAL..=form::DECIMAL_LAST => decimal::decode_form(form, bytes, count, values),
        _ => None,
    }
}

/// What to say about bytes that [`decode`] refused.
pub(crate) fn refusal(bytes: &[u8]) -> String {
    match bytes.first() {
        Some(&form::HISTOGRAM) => "a chunk holds native histograms, which this version cannot read".into(),
        Some(0..=form::ORDERED | form::DECIMAL..=form::DECIMAL_LAST) | None => {
            "the values of a chunk are not what its form says".into()
        }
        Some(form) => format!("the values of a chunk have the form {form}, which this version does not know"),
    }
}
