//! Compressed bodies: for a backlog only, because frames are dense. Of what an agent of a usual host writes, gzip takes
//! five percent off a single scrape but a third off 32 KiB of them, and two thirds off the names that start a stream.
//!
//! gzip and not zstd, because its compressor is smaller in the binary and needs no C compiler. It holds a third of a
//! megabyte, but only while a backlog drains.

use flate2::{Compress, Compression, FlushCompress, Status};

/// Bodies below this size go as they are, in bytes.
const BYTES_MIN: usize = 4 << 10;
/// Magic, method deflate, no flags, no time, fastest, made on Unix (RFC 1952).
const HEAD: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 3];

/// See the module's text.
#[derive(Default)]
pub(crate) struct Packer {
    /// Made when a backlog comes.
    compressor: Option<Compress>,
    packed: Vec<u8>,
    /// Whether somebody on the way did not understand it.
    off: bool,
}

impl Packer {
    /// The body in gzip, where that is a tenth shorter.
    pub(crate) fn pack(&mut self, body: &[u8]) -> Option<&[u8]> {
        if self.off || body.len() < BYTES_MIN {
            return None;
        }
        let compressor = self.compressor.get_or_insert_with(|| Compress::new(Compression::fast(), false));
        compressor.reset();
        self.packed.clear();
        // What does not fit is not shorter.
        self.packed.reserve_exact(body.len());
        self.packed.extend_from_slice(&HEAD);
        let status = compressor.compress_vec(body, &mut self.packed, FlushCompress::Finish);
        self.packed.extend_from_slice(&stdx::crc::crc32(body).to_le_bytes());
        self.packed.extend_from_slice(&(body.len() as u32).to_le_bytes());
        let is_shorter = self.packed.len() <= body.len() / 10 * 9;
        (matches!(status, Ok(Status::StreamEnd)) && is_shorter).then_some(&self.packed)
    }

    /// Sends everything as it is from now on.
    pub(crate) fn turn_off(&mut self) {
        self.off = true;
        self.rest();
    }

    /// Gives its memory back until the next backlog.
    pub(crate) fn rest(&mut self) {
        self.compressor = None;
        self.packed = Vec::new();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::read::GzDecoder;
    use std::io::Read;
    use stdx::random::Random;

    #[test]
    fn what_is_packed_is_gzip_and_comes_out_the_same() {
        let mut packer = Packer::default();
        let mut random = Random::from_seed(3);
        for len in [BYTES_MIN, 32 << 10, 100_000] {
            let body: Vec<u8> = (0..len).map(|_| random.below(20) as u8).collect();
            let packed = packer.pack(&body).expect("it is shorter");
            assert!(packed.len() < body.len() * 3 / 4);
            let mut unpacked = Vec::new();
            GzDecoder::new(packed).read_to_end(&mut unpacked).unwrap();
            assert!(unpacked == body);
        }
    }

    #[test]
    fn what_does_not_get_shorter_goes_as_it_is() {
        let mut packer = Packer::default();
        let mut random = Random::from_seed(4);
        let noise: Vec<u8> = (0..32 << 10).map(|_| random.next_u64() as u8).collect();
        assert!(packer.pack(&noise).is_none());
        assert!(packer.pack(&[0; BYTES_MIN - 1]).is_none());
        assert!(packer.pack(&[0; BYTES_MIN]).is_some());
        packer.turn_off();
        assert!(packer.pack(&[0; BYTES_MIN]).is_none());
    }
}
