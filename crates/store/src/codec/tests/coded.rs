//! The entropy code by itself.

use crate::codec::ans::weights;
use crate::codec::entropy::{Run, decode, encode};
use crate::codec::models::MODELS;
use crate::codec::values;
use proptest::prelude::*;
use stdx::crc::crc32;
use stdx::random::Random;

/// The models are part of the format. If this fails, old blocks cannot be read any more.
#[test]
fn the_models_never_change() {
    let bytes: Vec<u8> = (0..MODELS).flat_map(weights).flat_map(u16::to_le_bytes).collect();
    assert_eq!(crc32(&bytes), MODELS_CRC);
    for model in 0..MODELS {
        assert_eq!(weights(model).iter().map(|&w| usize::from(w)).sum::<usize>(), 2048, "model {model}");
    }
}
const MODELS_CRC: u32 = 3_798_750_199;

fn there_and_back(numbers: &[u64]) -> usize {
    let mut bytes = Vec::new();
    encode(numbers, &mut bytes);
    let mut back = Vec::new();
    let decoded = decode(&bytes, numbers.len(), |run| match run {
        Run::Small(small) => back.extend(small.iter().map(|&n| u64::from(n))),
        Run::Wide(wide) => back.extend_from_slice(wide),
    });
    assert_eq!(decoded, Some(()));
    assert_eq!(back, numbers);
    bytes.len()
}

/// Folded normal numbers of a given deviation take what Shannon says and a few bytes.
#[test]
fn normal_numbers_take_as_many_bits_as_they_must() {
    let mut random = Random::from_seed(3);
    for deviation in [0.5, 0.8, 1.1, 2.0, 5.0, 30.0, 1e4, 1e9] {
        let numbers: Vec<u64> = (0..4096)
            .map(|_| {
                let normal = (0..12).map(|_| random.unit()).sum::<f64>() - 6.0;
                stdx::varint::zigzag((normal * deviation).round() as i64)
            })
            .collect();
        let mut counts = hashbrown::HashMap::new();
        numbers.iter().for_each(|n| *counts.entry(n).or_insert(0.0) += 1.0);
        // What wide numbers have of entropy cannot be counted out of 4096 of them.
        let counted = counts.values().map(|n: &f64| n / 4096.0).map(|p| -p * p.log2()).sum::<f64>();
        let bits = if deviation < 20.0 {
            counted
        } else {
            (deviation * (2.0 * 17.079_468_f64).sqrt() / 2.0).log2() + 0.5
        };
        let len = there_and_back(&numbers) as f64;
        assert!(
            len < bits * 512.0 * 1.02 + 20.0,
            "deviation {deviation}: {len} bytes for {:.0}",
            bits * 512.0
        );
    }
}

#[test]
fn extremes_come_back() {
    for n in [1, 2, 3, 7, 8, 255, 256, 257, 511, 4095, 4096] {
        there_and_back(&vec![0; n]);
        there_and_back(&vec![u64::MAX; n]);
        there_and_back(&(0..n as u64).map(|i| if i % 3 == 0 { u64::MAX - i } else { 0 }).collect::<Vec<_>>());
        there_and_back(&(0..n).map(|i| 1u64 << (i % 64)).collect::<Vec<_>>());
    }
    there_and_back(&[]);
}

fn any_number() -> impl Strategy<Value = u64> {
    prop_oneof![8 => 0u64..4, 4 => 0u64..20, 2 => 0u64..3000, 1 => any::<u64>(), 4 => Just(0)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn any_numbers_come_back(numbers in prop::collection::vec(any_number(), 0..1200), shift in 0u32..64) {
        there_and_back(&numbers);
        there_and_back(&numbers.iter().map(|n| n >> shift).collect::<Vec<_>>());
    }

    #[test]
    fn damage_does_no_harm(
        numbers in prop::collection::vec(any_number(), 1..600), at in any::<usize>(), bit in 0u8..8, cut in any::<usize>(),
    ) {
        let mut bytes = Vec::new();
        encode(&numbers, &mut bytes);
        let at = at % bytes.len();
        bytes[at] ^= 1 << bit;
        let mut seen = 0;
        let mut count = |run: Run<'_>| seen += match run { Run::Small(small) => small.len(), Run::Wide(wide) => wide.len() };
        if decode(&bytes, numbers.len(), &mut count).is_some() {
            prop_assert_eq!(seen, numbers.len());
        }
        let _damaged = decode(&bytes[..cut % bytes.len()], numbers.len(), |_| {});
    }
}

#[test]
fn forms_that_cannot_be_read_are_refused_by_name() {
    for (bytes, word) in
        [(&[16u8, 0, 0][..], "native histograms"), (&[200, 1], "form 200"), (&[3, 1], "form says")]
    {
        assert_eq!(values::decode(bytes, 2, &mut Vec::new()), None);
        assert!(values::refusal(bytes).contains(word), "{}", values::refusal(bytes));
    }
}

/// What `FORMAT.md` says of them.
#[test]
fn a_staleness_marker_takes_eleven_bytes_and_other_chunks_nothing() {
    let mut random = Random::from_seed(8);
    for len in [60, 240, 2000] {
        let mut value = 5000;
        let mut values: Vec<f64> = (0..len)
            .map(|_| {
                value += random.below(21) as i64 - 10;
                value as f64 / 100.0
            })
            .collect();
        let coded = |values: &[f64]| {
            let mut bytes = Vec::new();
            values::encode(values, &mut bytes);
            bytes.len()
        };
        let without = coded(&values);
        *values.last_mut().unwrap() = model::STALE;
        assert!(coded(&values) <= without + 12, "{} {without}", coded(&values));
    }
}
