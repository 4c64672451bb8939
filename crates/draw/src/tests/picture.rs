//! Reads our own PNGs back.

use flate2::read::ZlibDecoder;
use std::io::Read;

/// A picture as pixels of three bytes.
pub(super) struct Picture {
    pub(super) width: usize,
    pub(super) height: usize,
    pixels: Vec<[u8; 3]>,
}

impl Picture {
    /// Reads what `png::encode` writes, and checks every sum.
    pub(super) fn read(png: &[u8]) -> Self {
        let mut rest = png.strip_prefix(b"\x89PNG\r\n\x1a\n").expect("a PNG");
        let (mut header, mut packed) = (Vec::new(), Vec::new());
        while !rest.is_empty() {
            let length = u32::from_be_bytes(rest[..4].try_into().unwrap()) as usize;
            let (kind, data) = (&rest[4..8], &rest[8..8 + length]);
            let sum = u32::from_be_bytes(rest[8 + length..12 + length].try_into().unwrap());
            assert_eq!(crc32fast::hash(&rest[4..8 + length]), sum);
            match kind {
                b"IHDR" => header = data.to_vec(),
                b"IDAT" => packed.extend_from_slice(data),
                _ => assert_eq!(kind, b"IEND"),
            }
            rest = &rest[12 + length..];
        }
        let side = |at: usize| u32::from_be_bytes(header[at..at + 4].try_into().unwrap()) as usize;
        let (width, height) = (side(0), side(4));
        let channels = if header[9] == 6 { 4 } else { 3 };
        let mut rows = Vec::new();
        ZlibDecoder::new(&packed[..]).read_to_end(&mut rows).unwrap();
        let mut above = vec![0_u8; width * channels];
        let mut pixels = Vec::new();
        for row in rows.chunks_exact(1 + width * channels) {
            assert_eq!(row[0], 2);
            above
                .iter_mut()
                .zip(&row[1..])
                .for_each(|(above, difference)| *above = above.wrapping_add(*difference));
            pixels.extend(above.chunks_exact(channels).map(|pixel| [pixel[0], pixel[1], pixel[2]]));
        }
        assert_eq!(pixels.len(), width * height);
        Self { width, height, pixels }
    }

    /// How many pixels are nearly of a colour, within a box.
    pub(super) fn count(
        &self,
        color: u32,
        (left, top, right, bottom): (usize, usize, usize, usize),
    ) -> usize {
        let wanted = [(color >> 16) as u8, (color >> 8) as u8, color as u8];
        let near = |pixel: &[u8; 3]| pixel.iter().zip(wanted).all(|(a, b)| a.abs_diff(b) < 24);
        (top..bottom).map(|y| (left..right).filter(|x| near(&self.pixels[y * self.width + x])).count()).sum()
    }

    /// The same for all of it.
    pub(super) fn count_all(&self, color: u32) -> usize {
        self.count(color, (0, 0, self.width, self.height))
    }
}
