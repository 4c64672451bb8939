//! The messages of the protocol: types, lengths and fields.

/// Type and length.
pub(super) const HEAD_BYTES: usize = 5;
/// PostgreSQL's own limit is 1 GB.
pub(super) const MESSAGE_BYTES_MAX: u64 = 1 << 30;
/// As much of a message as is wanted before it is read.
pub(super) const LOOK_BYTES: u64 = 600;
/// Start-up messages are small.
pub(super) const STARTUP_BYTES_MAX: u32 = 10_000;
pub(super) const SSL_REQUEST: u32 = 80_877_103;
pub(super) const GSS_REQUEST: u32 = 80_877_104;
pub(super) const CANCEL_REQUEST: u32 = 80_877_102;
pub(super) const VERSION_3: u32 = 3;

pub(super) const CLIENT_TYPES: &[u8] = b"BCDEFHPQSXcdfp";
pub(super) const SERVER_TYPES: &[u8] = b"123ACDEGHIKNRSTVWZcdnstv";

pub(super) fn be32(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(*bytes.get(at..)?.first_chunk()?))
}

/// A text up to its zero byte, and what follows.
pub(super) fn text(bytes: &[u8]) -> (&[u8], &[u8]) {
    match memchr::memchr(0, bytes) {
        Some(end) => (&bytes[..end], &bytes[end + 1..]),
        None => (bytes, &[]),
    }
}

/// The type of the message at the begin, its length with the type, and its body as far as it is there.
pub(super) fn message<'b>(bytes: &'b [u8], types: &[u8]) -> Option<(u8, u64, &'b [u8])> {
    let kind = bytes[0];
    let len = u64::from(be32(bytes, 1)?);
    if !types.contains(&kind) || !(4..=MESSAGE_BYTES_MAX).contains(&len) {
        return None;
    }
    let end = bytes.len().min(len as usize + 1);
    Some((kind, len + 1, &bytes[HEAD_BYTES..end]))
}

/// Bytes of the rows at the begin that are there in whole: most of what a server sends.
pub(super) fn rows_len(bytes: &[u8]) -> u64 {
    let mut at = 0;
    while let Some([b'D', len @ ..]) = bytes.get(at..).and_then(<[u8]>::first_chunk::<HEAD_BYTES>) {
        let len = u32::from_be_bytes(*len) as usize;
        if len < 4 || bytes.len() - at <= len {
            break;
        }
        at += len + 1;
    }
    at as u64
}

/// The SQLSTATE among the fields of an error; `XX000`, an internal error, when it has none.
pub(super) fn state(mut fields: &[u8]) -> [u8; 5] {
    while let [kind, rest @ ..] = fields {
        let (value, rest) = text(rest);
        if *kind == b'C' && value.len() == 5 && value.iter().all(u8::is_ascii_alphanumeric) {
            return value.try_into().expect("five bytes");
        }
        fields = rest;
    }
    *b"XX000"
}
