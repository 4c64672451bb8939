//! LEB128 variable-length integers and their zigzag form, as protobuf and our own formats use them.

/// Most bytes a 64-bit varint can take.
pub const LEN_MAX: usize = 10;

/// Appends `value` in 1 to 10 bytes, seven bits a byte, least significant first.
#[inline]
pub fn write_u64(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Appends `value` zigzag-coded, so that small negative numbers stay short.
#[inline]
pub fn write_i64(out: &mut Vec<u8>, value: i64) {
    write_u64(out, zigzag(value));
}

/// Takes a varint off the front of `input`. `None` when the input ends early or the number does not fit 64 bits;
/// `input` is then left where it was.
#[inline]
pub fn read_u64(input: &mut &[u8]) -> Option<u64> {
    if let [byte @ 0..0x80, rest @ ..] = *input {
        *input = rest;
        return Some(u64::from(*byte));
    }
    read_long(input)
}

fn read_long(input: &mut &[u8]) -> Option<u64> {
    let bytes = *input;
    let mut value = 0u64;
    for (i, &byte) in bytes.iter().take(LEN_MAX).enumerate() {
        let low = u64::from(byte & 0x7f);
        if i == LEN_MAX - 1 && byte > 1 {
            return None;
        }
        value |= low << (7 * i);
        if byte & 0x80 == 0 {
            *input = &bytes[i + 1..];
            return Some(value);
        }
    }
    None
}

/// Takes a zigzag varint off the front of `input`; see [`read_u64`].
#[inline]
pub fn read_i64(input: &mut &[u8]) -> Option<i64> {
    read_u64(input).map(unzigzag)
}

/// Takes a varint length and that many bytes off the front of `input`.
#[inline]
pub fn read_bytes<'a>(input: &mut &'a [u8]) -> Option<&'a [u8]> {
    let mut rest = *input;
    let len = usize::try_from(read_u64(&mut rest)?).ok()?;
    let bytes = rest.get(..len)?;
    *input = &rest[len..];
    Some(bytes)
}

/// Appends a varint length and the bytes.
#[inline]
pub fn write_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    write_u64(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// Maps signed to unsigned: 0, −1, 1, −2 … become 0, 1, 2, 3 …
#[inline]
pub fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)) as u64
}

/// The inverse of [`zigzag`].
#[inline]
pub fn unzigzag(value: u64) -> i64 {
    (value >> 1) as i64 ^ -((value & 1) as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_width_comes_back() {
        for shift in 0..64 {
            for value in [(1u64 << shift) - 1, 1 << shift, (1 << shift) + 1, u64::MAX] {
                let mut out = Vec::new();
                write_u64(&mut out, value);
                let mut input = out.as_slice();
                assert_eq!(read_u64(&mut input), Some(value));
                assert!(input.is_empty());
                assert_eq!(zigzag(unzigzag(value)), value);
            }
        }
    }

    #[test]
    fn too_long_or_cut_is_refused_and_consumes_nothing() {
        for bad in [
            &[0x80u8; 10][..],
            &[0xff; 11],
            &[0x80],
            &[],
            &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2],
        ] {
            let mut input = bad;
            assert_eq!(read_u64(&mut input), None);
            assert_eq!(input.len(), bad.len());
        }
        let mut input: &[u8] = &[5, 1, 2];
        assert_eq!(read_bytes(&mut input), None);
        assert_eq!(input.len(), 3);
    }
}
