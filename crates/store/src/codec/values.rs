//! A column of values, in whichever form is shortest. The first byte says which.

use super::{CHUNK_SAMPLES_MAX, decimal, xor};

/// The forms, by their number on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
enum Form {
    /// One value for all: its 8 bytes.
    Constant = 0,
    /// Differences in bits.
    Xor = 1,
    /// Decimal mantissas.
    Decimal = 2,
    /// 8 bytes each.
    Raw = 3,
    // 16 is reserved for native histograms.
}

impl Form {
    fn from_u8(number: u8) -> Option<Self> {
        [Self::Constant, Self::Xor, Self::Decimal, Self::Raw].get(usize::from(number)).copied()
    }
}

/// Above this many bytes a value the decimal form is compared with [`xor`] before it is kept.
const DECIMAL_BYTES_DOUBTFUL: usize = 4;

/// Appends the code of `values`, which is not empty.
pub(crate) fn encode(values: &[f64], out: &mut Vec<u8>) {
    let start = out.len();
    let first = values[0].to_bits();
    if values.iter().all(|v| v.to_bits() == first) {
        out.push(Form::Constant as u8);
        out.extend_from_slice(&first.to_le_bytes());
        return;
    }
    out.push(Form::Decimal as u8);
    let decimal = decimal::encode(values, out);
    let decimal_len = out.len() - start;
    if decimal.is_some() && decimal_len <= values.len() * DECIMAL_BYTES_DOUBTFUL {
        return;
    }
    let mut other = vec![Form::Xor as u8];
    xor::encode(values, &mut other);
    if other.len() > values.len() * 8 {
        other.clear();
        other.push(Form::Raw as u8);
        values.iter().for_each(|v| other.extend_from_slice(&v.to_bits().to_le_bytes()));
    }
    if decimal.is_none() || other.len() < decimal_len {
        out.truncate(start);
        out.extend_from_slice(&other);
    }
}

/// Appends `count` values to `values`. `None` when the bytes are damaged or of a form not known here.
pub(crate) fn decode(bytes: &[u8], count: usize, values: &mut Vec<f64>) -> Option<()> {
    if count == 0 || count > CHUNK_SAMPLES_MAX {
        return None;
    }
    let (&form, bytes) = bytes.split_first()?;
    match Form::from_u8(form)? {
        Form::Constant => {
            let bits = u64::from_le_bytes(bytes.try_into().ok()?);
            values.resize(values.len() + count, f64::from_bits(bits));
            Some(())
        }
        Form::Xor => xor::decode(bytes, count, values),
        Form::Decimal => decimal::decode(bytes, count, values),
        Form::Raw => {
            let (words, rest) = bytes.as_chunks::<8>();
            if words.len() != count || !rest.is_empty() {
                return None;
            }
            values.extend(words.iter().map(|w| f64::from_bits(u64::from_le_bytes(*w))));
            Some(())
        }
    }
}
