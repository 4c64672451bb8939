//! Values that are no decimal numbers: each as the bits in which it differs from the one before (Pelkonen et al.,
//! "Gorilla", VLDB 2015).

use super::bits::{BitReader, BitWriter};

/// Appends the code of `values`, which is not empty.
pub(crate) fn encode(values: &[f64], out: &mut Vec<u8>) {
    let mut bits = BitWriter::default();
    let mut previous = values[0].to_bits();
    bits.write(previous, 64);
    // The window of meaningful bits used last: zeros above and below.
    let (mut above, mut below) = (64, 0);
    for value in &values[1..] {
        let changed = value.to_bits() ^ previous;
        previous = value.to_bits();
        if changed == 0 {
            bits.write(0, 1);
            continue;
        }
        bits.write(1, 1);
        let fits = changed.leading_zeros() >= above && changed.trailing_zeros() >= below;
        // A window that is much too wide costs more than naming a new one (12 bits).
        let narrow = 64 - changed.leading_zeros() - changed.trailing_zeros();
        if fits && 64 - above - below <= narrow + 12 {
            bits.write(0, 1);
        } else {
            (above, below) = (changed.leading_zeros(), changed.trailing_zeros());
            bits.write(1, 1);
            bits.write(u64::from(above), 6);
            bits.write(u64::from(64 - above - below - 1), 6);
        }
        bits.write(changed >> below, 64 - above - below);
    }
    out.extend_from_slice(&bits.finish());
}

/// Appends `count` values. `None` when the bytes are not what [`encode`] makes.
pub(crate) fn decode(bytes: &[u8], count: usize, values: &mut Vec<f64>) -> Option<()> {
    let mut bits = BitReader::new(bytes);
    let mut previous = bits.read(64);
    values.push(f64::from_bits(previous));
    let (mut width, mut below) = (0, 0);
    for _ in 1..count {
        if bits.read(1) == 1 {
            if bits.read(1) == 1 {
                let above = bits.read(6) as u32;
                width = bits.read(6) as u32 + 1;
                below = 64u32.checked_sub(above + width)?;
            }
            previous ^= bits.read(width) << below;
        }
        values.push(f64::from_bits(previous));
    }
    (!bits.overrun()).then_some(())
}
