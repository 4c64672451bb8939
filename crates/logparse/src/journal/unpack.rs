//! Payloads that journald packed: by Zstandard since 2020, by LZ4 before, by xz long ago.

use lz4_flex::block::decompress_into;
use ruzstd::decoding::StreamingDecoder;
use std::io::Read;

/// Bits of an object's flags.
const XZ: u8 = 1;
const LZ4: u8 = 2;
const ZSTD: u8 = 4;
/// Largest window of a stream that is unpacked: those of journald are as large as their content.
const WINDOW_BYTES_MAX: u64 = 8 << 20;

/// Unpacks at most so many bytes into `out`, which is emptied first.
///
/// # Errors
/// Says what is wrong with the bytes, or that they are packed in a way that is not read.
pub(super) fn unpack(
    packed: u8,
    bytes: &[u8],
    bytes_max: usize,
    out: &mut Vec<u8>,
) -> Result<(), &'static str> {
    out.clear();
    match packed {
        0 => out.extend_from_slice(&bytes[..bytes.len().min(bytes_max)]),
        ZSTD => zstd(bytes, bytes_max, out)?,
        LZ4 => lz4(bytes, bytes_max, out)?,
        XZ => return Err("it is packed by xz, which this agent does not read"),
        _ => return Err("it is packed in two ways at once"),
    }
    Ok(())
}

fn zstd(bytes: &[u8], bytes_max: usize, out: &mut Vec<u8>) -> Result<(), &'static str> {
    const WHY: &str = "it cannot be unpacked by Zstandard";
    if window_bytes(bytes).is_none_or(|window| window > WINDOW_BYTES_MAX) {
        return Err(WHY);
    }
    let stream = StreamingDecoder::new(bytes).map_err(|_| WHY)?;
    stream.take(bytes_max as u64).read_to_end(out).map(drop).map_err(|_| WHY)
}

/// How much a frame of Zstandard wants kept (RFC 8878, 3.1.1.1).
fn window_bytes(frame: &[u8]) -> Option<u64> {
    let rest = frame.strip_prefix(b"\x28\xb5\x2f\xfd")?;
    let (descriptor, rest) = rest.split_first()?;
    if descriptor & 0x20 == 0 {
        let window = rest.first()?;
        let base = 1u64 << (10 + (window >> 3));
        return Some(base + base / 8 * u64::from(window & 7));
    }
    let dictionary = [0, 1, 2, 4][usize::from(descriptor & 3)];
    let len = 1usize << (descriptor >> 6);
    let size = rest.get(dictionary..dictionary + len)?;
    let number = size.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte));
    Some(if len == 2 { number + 256 } else { number })
}

/// The size, eight bytes, then a block.
fn lz4(bytes: &[u8], bytes_max: usize, out: &mut Vec<u8>) -> Result<(), &'static str> {
    const WHY: &str = "it cannot be unpacked by LZ4";
    let (size, block) = bytes.split_first_chunk::<8>().ok_or(WHY)?;
    let size = u64::from_le_bytes(*size);
    // A block cannot say more than 255 bytes with one.
    if size > bytes_max as u64 || size > block.len() as u64 * 255 {
        return Err(if size > bytes_max as u64 { "it is longer than a line may be" } else { WHY });
    }
    out.resize(size as usize, 0);
    let len = decompress_into(block, out).map_err(|_| WHY)?;
    out.truncate(len);
    Ok(())
}
