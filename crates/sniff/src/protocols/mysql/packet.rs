//! The packets of the protocol: their numbers, heads and fields.

/// Length and number.
pub(super) const HEAD_BYTES: usize = 4;
/// A packet of this length goes on in the next.
pub(super) const PACKET_BYTES_MAX: usize = 0xff_ffff;
/// As much of a packet as is wanted before it is read.
pub(super) const LOOK_BYTES: usize = 600;
/// The same of the server, whose first bytes say everything.
pub(super) const ANSWER_LOOK_BYTES: usize = 16;

pub(super) const QUIT: u8 = 0x01;
pub(super) const INIT_DB: u8 = 0x02;
pub(super) const QUERY: u8 = 0x03;
pub(super) const FIELD_LIST: u8 = 0x04;
pub(super) const STATISTICS: u8 = 0x09;
pub(super) const CHANGE_USER: u8 = 0x11;
pub(super) const BINLOG_DUMP: u8 = 0x12;
pub(super) const PREPARE: u8 = 0x16;
pub(super) const EXECUTE: u8 = 0x17;
pub(super) const LONG_DATA: u8 = 0x18;
pub(super) const STATEMENT_CLOSE: u8 = 0x19;
pub(super) const FETCH: u8 = 0x1c;
pub(super) const BINLOG_DUMP_GTID: u8 = 0x1e;
pub(super) const COMMAND_MAX: u8 = 0x1f;
/// MariaDB's own.
pub(super) const BULK_EXECUTE: u8 = 0xfa;
/// Not a command: the client says who it is.
pub(super) const LOGIN: u8 = 0xff;

/// What a client may be able to do.
pub(super) const CAN_COMPRESS: u32 = 0x0400_0020;
pub(super) const CAN_TLS: u32 = 0x800;
/// A request for TLS has only the begin of what a client says of itself.
pub(super) const TLS_REQUEST_BYTES: usize = 32;
/// More results follow.
pub(super) const MORE_RESULTS: u16 = 8;
/// MariaDB tells with an error of this number how far it is.
pub(super) const PROGRESS: u16 = 0xffff;

pub(super) fn le16(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

pub(super) fn le32(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

/// Length of the body and number.
pub(super) fn head(bytes: &[u8]) -> Option<(usize, u8)> {
    let head: &[u8; HEAD_BYTES] = bytes.first_chunk()?;
    Some((usize::from(head[0]) | usize::from(head[1]) << 8 | usize::from(head[2]) << 16, head[3]))
}

/// A number of one to nine bytes, and how many.
pub(super) fn length_encoded(bytes: &[u8]) -> Option<(u64, usize)> {
    let width = match *bytes.first()? {
        small @ ..=0xfa => return Some((u64::from(small), 1)),
        0xfc => 2,
        0xfd => 3,
        0xfe => 8,
        _ => return None,
    };
    let digits = bytes.get(1..=width)?;
    Some((digits.iter().rev().fold(0, |sum, b| sum << 8 | u64::from(*b)), width + 1))
}

pub(super) fn command_name(command: u8) -> &'static [u8] {
    match command {
        INIT_DB => b"INIT DB",
        FIELD_LIST => b"FIELD LIST",
        STATISTICS => b"STATISTICS",
        0x0e => b"PING",
        CHANGE_USER => b"CHANGE USER",
        PREPARE => b"PREPARE",
        EXECUTE | BULK_EXECUTE => b"EXECUTE",
        0x1a => b"RESET STATEMENT",
        0x1b => b"SET OPTION",
        FETCH => b"FETCH",
        0x1f => b"RESET CONNECTION",
        _ => b"OTHER",
    }
}

/// Bytes of the rows at the begin that are there in whole: most of what a server sends.
pub(super) fn rows_len(bytes: &[u8]) -> u64 {
    let mut at = 0;
    while let Some((len, _)) = bytes.get(at..).and_then(head) {
        let first = bytes.get(at + HEAD_BYTES);
        let is_row = first.is_some_and(|first| *first < 0xfe) && len < PACKET_BYTES_MAX;
        if !is_row || bytes.len() - at < HEAD_BYTES + len {
            break;
        }
        at += HEAD_BYTES + len;
    }
    at as u64
}

/// The status in an OK packet: behind two numbers.
pub(super) fn ok_status(body: &[u8]) -> Option<u16> {
    let (_, rows_len) = length_encoded(body.get(1..)?)?;
    let (_, id_len) = length_encoded(body.get(1 + rows_len..)?)?;
    le16(body, 1 + rows_len + id_len)
}

pub(super) fn has_more(status: Option<u16>) -> bool {
    status.is_some_and(|status| status & MORE_RESULTS != 0)
}
