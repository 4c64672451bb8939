//! Folded text as something short that fits into an event: gzip, then base64.

use crate::tree::Tree;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use std::io::{Read, Write};

/// Longest packed text, in bytes: what one event may hold.
pub const PACKED_BYTES_MAX: usize = 16 << 10;
/// Longest folded text that is unpacked, in bytes.
const FOLDED_BYTES_MAX: u64 = 8 << 20;

/// Packs a tree. Where it is too long, the smallest calls are joined, and less small ones, until it fits.
pub(crate) fn pack(tree: &Tree) -> String {
    let mut packed = packed(&tree.folded());
    let mut us_min = tree.total() / 10_000;
    while packed.len() > PACKED_BYTES_MAX {
        us_min = us_min * 3 / 2 + 1;
        packed = self::packed(&tree.without_smaller(us_min).folded());
    }
    packed
}

fn packed(text: &str) -> String {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    let written = gzip.write_all(text.as_bytes()).and_then(|()| gzip.finish());
    STANDARD.encode(written.expect("memory takes everything"))
}

/// The folded text, or what is wrong.
pub fn unpack(packed: &str) -> Result<String, String> {
    let bytes = STANDARD.decode(packed.trim()).map_err(|e| format!("not base64: {e}"))?;
    let mut text = String::new();
    let mut gzip = GzDecoder::new(bytes.as_slice()).take(FOLDED_BYTES_MAX + 1);
    gzip.read_to_string(&mut text).map_err(|e| format!("not gzip: {e}"))?;
    if text.len() as u64 > FOLDED_BYTES_MAX {
        return Err(format!("longer than {FOLDED_BYTES_MAX} bytes"));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_huge_tree_is_made_to_fit_and_keeps_its_time() {
        let mut tree = Tree::default();
        let mut random = 1u64;
        for _ in 0..20_000 {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let names = [24, 32, 40, 48].map(|bits| format!("function{}", (random >> bits) % 50));
            tree.add(names.iter().map(String::as_str), random >> 54);
        }
        let packed = pack(&tree);
        assert!(packed.len() <= PACKED_BYTES_MAX, "{}", packed.len());
        assert_eq!(Tree::parse(&unpack(&packed).unwrap()).total(), tree.total());
        let small = Tree::parse("a;b 1\n");
        assert_eq!(unpack(&pack(&small)).unwrap(), "a;b 1\n");
    }

    #[test]
    fn what_is_damaged_or_swells_is_refused() {
        assert!(unpack("not base64!").unwrap_err().starts_with("not base64"));
        assert!(unpack("AAAA").unwrap_err().starts_with("not gzip"));
        let bomb = packed(&"a".repeat(FOLDED_BYTES_MAX as usize + 1));
        assert!(unpack(&bomb).unwrap_err().starts_with("longer"));
    }
}
