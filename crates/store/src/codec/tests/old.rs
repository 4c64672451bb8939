//! Columns as version 1 wrote them, by a small writer of their own: they have to be readable for ever.

use super::any_integer;
use crate::codec::bits::BitWriter;
use crate::codec::{integers, residuals, values};
use proptest::prelude::*;
use stdx::varint;

fn write_rice(bits: &mut BitWriter, z: u64, shift: u32) {
    if z >> shift < 20 {
        bits.write_unary((z >> shift) as u32);
        bits.write(z, shift);
    } else {
        let width = (64 - z.leading_zeros()).max(1);
        bits.write_unary(20);
        bits.write(u64::from(width - 1), 6);
        bits.write(z, width);
    }
}

/// Each run of 64 by the next of `codings`: 0 all zeros (where they are), 1 + k Rice, 64 + k "not zero" and Rice.
fn rice(numbers: &[u64], codings: &[u64]) -> Vec<u8> {
    let mut bits = BitWriter::default();
    let mut previous = 0;
    for (run, &coding) in numbers.chunks(64).zip(codings.iter().cycle()) {
        let coding = if coding == 0 && run.iter().any(|&z| z != 0) { 1 } else { coding };
        bits.write(u64::from(coding == previous), 1);
        if coding != previous {
            bits.write(coding, 7);
        }
        for &z in run {
            match coding {
                0 => {}
                1..64 => write_rice(&mut bits, z, coding as u32 - 1),
                _ => {
                    bits.write(u64::from(z != 0), 1);
                    if z != 0 {
                        write_rice(&mut bits, z - 1, coding as u32 - 64);
                    }
                }
            }
        }
        previous = coding;
    }
    bits.finish()
}

/// A column of order 0, 1 or 2 without a divisor.
fn column(column: &[i64], order: u8, codings: &[u64]) -> Vec<u8> {
    let (base, mut previous, mut step) = (7i64, column[0], 7i64);
    let remainders: Vec<u64> = column[1..]
        .iter()
        .map(|&n| {
            let change = n.wrapping_sub(previous);
            previous = n;
            varint::zigzag(match order {
                0 => n.wrapping_sub(column[0]).wrapping_sub(base),
                1 => change.wrapping_sub(base),
                _ => change.wrapping_sub(std::mem::replace(&mut step, change)),
            })
        })
        .collect();
    let mut out = vec![order];
    varint::write_i64(&mut out, column[0]);
    varint::write_u64(&mut out, 1);
    varint::write_i64(&mut out, base);
    out.extend_from_slice(&rice(&remainders, codings));
    out
}

fn any_codings() -> impl Strategy<Value = Vec<u64>> {
    prop::collection::vec(prop_oneof![0u64..58, 64u64..121], 1..6)
}

proptest! {
    #[test]
    fn old_columns_come_back(
        integers in prop::collection::vec(any_integer(), 2..300), order in 0u8..3, codings in any_codings(),
    ) {
        let mut back = Vec::new();
        let bytes = column(&integers, order, &codings);
        prop_assert_eq!(integers::decode(&bytes, integers.len(), &mut back), Some(()));
        prop_assert_eq!(back, integers);
    }

    #[test]
    fn old_remainders_of_any_bytes_do_no_harm(bytes in prop::collection::vec(any::<u8>(), 0..100), count in 0usize..500) {
        let mut seen = 0;
        if residuals::decode(&bytes, count, |run| seen += run.len()).is_some() {
            prop_assert_eq!(seen, count);
        }
    }
}

#[test]
fn old_decimals_come_back() {
    // Form 2, two decimals, one exception: place 1 is NaN.
    let mut bytes = vec![2, 2, 1, 1];
    bytes.extend_from_slice(&f64::NAN.to_bits().to_le_bytes());
    bytes.extend_from_slice(&column(&[150, 150, -225], 1, &[3]));
    let mut back = Vec::new();
    values::decode(&bytes, 3, &mut back).unwrap();
    assert_eq!((back[0], back[2]), (1.5, -2.25));
    assert!(back[1].is_nan());
}
