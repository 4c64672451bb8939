//! Chunks of floats as Prometheus keeps them: times as differences of differences, values as XOR with the value before.
//! `foreign`'s reader of Prometheus' blocks draws every bit.

use stdx::varint;

/// Number of the encoding.
pub const XOR: u64 = 1;
/// Most samples of a chunk, as Prometheus makes them.
pub const SAMPLES_MAX: usize = 120;

/// Bits, highest first.
pub(super) struct Bits {
    pub(super) bytes: Vec<u8>,
    /// Bits of the last byte that are taken; 0 stands for all.
    used: u32,
}

impl Bits {
    /// After whole bytes.
    pub(super) fn new(bytes: Vec<u8>) -> Self {
        Self { bytes, used: 0 }
    }

    /// Appends the lowest `count` bits of a number.
    pub(super) fn put(&mut self, number: u64, count: u32) {
        let mut left = count;
        while left > 0 {
            if self.used == 0 {
                self.bytes.push(0);
            }
            let free = 8 - self.used;
            let here = free.min(left);
            let bits = (number >> (left - here)) as u8 & (0xff_u16 >> (8 - here)) as u8;
            let last = self.bytes.len() - 1;
            self.bytes[last] |= bits << (free - here);
            self.used = (self.used + here) % 8;
            left -= here;
        }
    }

    fn put_bytes(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.put(u64::from(*byte), 8));
    }
}

/// How many zeros stood before and behind what was written of the last difference in full.
pub(super) struct Window {
    leading: u32,
    trailing: u32,
}

/// A chunk of 1 to [`SAMPLES_MAX`] samples.
pub fn encode(times_ms: &[i64], values: &[f64]) -> Vec<u8> {
    let mut bits = Bits::new((times_ms.len() as u16).to_be_bytes().to_vec());
    let (mut window, mut delta_ms) = (None, 0i64);
    for at in 0..times_ms.len() {
        if at == 0 {
            let mut time = Vec::with_capacity(10);
            varint::write_i64(&mut time, times_ms[0]);
            bits.put_bytes(&time);
            bits.put(values[0].to_bits(), 64);
            continue;
        }
        let delta = times_ms[at].wrapping_sub(times_ms[at - 1]);
        if at == 1 {
            let mut first = Vec::with_capacity(10);
            varint::write_u64(&mut first, delta as u64);
            bits.put_bytes(&first);
        } else {
            put_difference(&mut bits, delta.wrapping_sub(delta_ms));
        }
        delta_ms = delta;
        put_xor(&mut bits, values[at].to_bits() ^ values[at - 1].to_bits(), &mut window);
    }
    bits.bytes
}

fn put_difference(bits: &mut Bits, difference: i64) {
    if difference == 0 {
        return bits.put(0, 1);
    }
    for (ones, width) in [(1, 14), (2, 17), (3, 20)] {
        let half = 1i64 << (width - 1);
        if (-(half - 1)..=half).contains(&difference) {
            // As many ones, and a zero that ends them.
            bits.put((1 << (ones + 1)) - 2, ones + 1);
            return bits.put(difference as u64, width);
        }
    }
    bits.put(0b1111, 4);
    bits.put(difference as u64, 64);
}

/// Most zeros before a difference that are told: there are five bits for their number.
const LEADING_MAX: u32 = 31;

/// Appends what differs of a value from the one before.
pub(super) fn put_xor(bits: &mut Bits, xor: u64, window: &mut Option<Window>) {
    if xor == 0 {
        return bits.put(0, 1);
    }
    let (leading, trailing) = (xor.leading_zeros().min(LEADING_MAX), xor.trailing_zeros());
    match window {
        Some(w) if leading >= w.leading && trailing >= w.trailing => {
            bits.put(0b10, 2);
            bits.put(xor >> w.trailing, 64 - w.leading - w.trailing);
        }
        _ => {
            let width = 64 - leading - trailing;
            bits.put(0b11, 2);
            bits.put(u64::from(leading), 5);
            // 64 does not fit and is written as 0.
            bits.put(u64::from(width), 6);
            bits.put(xor >> trailing, width);
            *window = Some(Window { leading, trailing });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use foreign::formats::prometheus::decode_xor;
    use stdx::random::Random;

    #[test]
    fn the_reader_of_blocks_reads_what_was_written() {
        let mut random = Random::from_seed(9);
        for _ in 0..500 {
            let count = 1 + random.below(SAMPLES_MAX as u64) as usize;
            let (mut time_ms, mut times_ms, mut values) =
                (random.next_u64() as i64 >> 8, Vec::new(), Vec::new());
            for _ in 0..count {
                let spread = [1, 8000, 100_000, 1 << 19, 1 << 40][random.below(5) as usize];
                time_ms += 1 + random.below(spread) as i64;
                times_ms.push(time_ms);
                values.push(match random.below(4) {
                    0 => f64::from_bits(random.next_u64()),
                    1 => random.below(100) as f64,
                    2 => model::STALE,
                    _ => values.last().copied().unwrap_or(1.5),
                });
            }
            let (mut at, chunk) = (0, encode(&times_ms, &values));
            decode_xor(&chunk, &mut |time_ms, value: f64| {
                assert_eq!((time_ms, value.to_bits()), (times_ms[at], values[at].to_bits()));
                at += 1;
            })
            .unwrap();
            assert_eq!(at, count);
        }
    }
}
