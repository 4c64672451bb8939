//! What goes in comes out, to the bit, and takes no more bytes than it should; damaged bytes do no harm.

mod coded;
mod old;

use super::*;
use proptest::prelude::*;
use stdx::random::Random;

fn bits(values: &[f64]) -> Vec<u64> {
    values.iter().map(|v| v.to_bits()).collect()
}

fn there_and_back(values: &[f64]) -> usize {
    let mut bytes = Vec::new();
    values::encode(values, &mut bytes);
    let mut back = Vec::new();
    values::decode(&bytes, values.len(), &mut back).expect("what was encoded can be decoded");
    assert_eq!(bits(&back), bits(values));
    bytes.len()
}

#[test]
fn values_come_back_to_the_bit_and_take_few_bytes() {
    let n = 1024;
    let mut random = Random::from_seed(7);
    let mut walk = 1e6;
    let mut counter = 0.0;
    let walk: Vec<f64> = (0..n)
        .map(|_| {
            walk += (random.unit() * 20.0).round() - 10.0;
            walk
        })
        .collect();
    let counter: Vec<f64> = (0..n)
        .map(|_| {
            counter += 100.0 + (random.unit() * 4.0).floor();
            counter / 100.0
        })
        .collect();
    let sparse: Vec<f64> = (0..n).map(|i| if i % 50 == 0 { 12345.0 } else { 0.0 }).collect();
    let pages: Vec<f64> = walk.iter().map(|v| v * 4096.0).collect();
    let mut marked = walk.clone();
    (marked[0], marked[1], marked[500]) = (model::STALE, f64::NEG_INFINITY, -0.0);
    let floats: Vec<f64> = (0..n).map(|_| random.unit()).collect();
    let single: Vec<f64> = floats.iter().map(|&v| f64::from(v as f32)).collect();
    let noise: Vec<f64> = (0..n).map(|_| f64::from_bits(random.next_u64())).collect();
    let cases: [(&str, &[f64], usize); 11] = [
        ("constant", &[4.5; 1024], 3),
        ("line", &(0..n).map(|i| i as f64 * 0.25).collect::<Vec<_>>(), 4),
        ("walk", &walk, 680),
        ("walk of whole pages", &pages, 680),
        ("counter", &counter, 340),
        ("sparse", &sparse, 110),
        ("with markers", &marked, 720),
        ("one", &[0.1], 3),
        ("single precision", &single, 4 * n),
        ("full-precision floats", &floats, 7 * n),
        ("noise", &noise, 8 * n + 1),
    ];
    for (name, values, len_max) in cases {
        let len = there_and_back(values);
        assert!(len <= len_max, "{name}: {len} bytes");
    }
}

#[test]
fn odd_values_come_back() {
    let odd = [
        0.0,
        -0.0,
        f64::NAN,
        model::STALE,
        f64::from_bits(0xfff8_dead_beef_0001),
        f64::INFINITY,
        f64::NEG_INFINITY,
        f64::MIN_POSITIVE,
        f64::from_bits(1),
        f64::MAX,
        f64::MIN,
        9_007_199_254_740_991.0,
        9_007_199_254_740_993.0,
        1e-9,
        1e15 + 0.1,
        1e300,
    ];
    there_and_back(&odd);
    for a in odd {
        there_and_back(&[a]);
        for b in odd {
            there_and_back(&[a, b]);
            there_and_back(&[[1.5; 30].as_slice(), &[a, b], &[2.5; 30]].concat());
        }
    }
}

#[test]
fn regular_times_cost_almost_nothing() {
    let times: Vec<i64> = (0..4000).map(|i| 1_700_000_000_000 + i * 1000).collect();
    let mut bytes = Vec::new();
    times::encode(&times, &mut bytes);
    let mut back = Vec::new();
    times::decode(&bytes, times.len(), &mut back).unwrap();
    assert_eq!(back, times);
    assert!(bytes.len() <= 24, "{} bytes", bytes.len());
}

#[test]
fn times_that_do_not_ascend_are_refused() {
    let mut bytes = Vec::new();
    integers::encode(&[5, 5, 6], &mut bytes);
    assert_eq!(times::decode(&bytes, 3, &mut Vec::new()), None);
}

fn any_value() -> impl Strategy<Value = f64> {
    prop_oneof![
        any::<u64>().prop_map(f64::from_bits),
        (any::<i32>(), 0..6).prop_map(|(m, e)| f64::from(m) / 10f64.powi(e)),
        (-3i8..3).prop_map(f64::from),
        Just(0.0),
    ]
}

fn any_integer() -> impl Strategy<Value = i64> {
    prop_oneof![
        any::<i64>(),
        -100i64..100,
        (any::<i16>()).prop_map(|n| i64::from(n) * 4096),
        Just(i64::MIN),
        Just(i64::MAX)
    ]
}

proptest! {
    #[test]
    fn any_values_come_back(values in prop::collection::vec(any_value(), 1..300)) {
        there_and_back(&values);
    }

    #[test]
    fn any_integers_come_back(column in prop::collection::vec(any_integer(), 1..300)) {
        let mut bytes = Vec::new();
        integers::encode(&column, &mut bytes);
        let mut back = Vec::new();
        prop_assert_eq!(integers::decode(&bytes, column.len(), &mut back), Some(()));
        prop_assert_eq!(back, column);
    }

    #[test]
    fn any_bytes_decode_to_something_or_nothing(bytes in prop::collection::vec(any::<u8>(), 0..200), count in 0usize..5000) {
        let mut values = vec![1.5];
        let appended = if values::decode(&bytes, count, &mut values).is_some() { count } else { 0 };
        prop_assert_eq!(values.len(), 1 + appended);
        let mut times = Vec::new();
        if times::decode(&bytes, count, &mut times).is_some() {
            prop_assert_eq!(times.len(), count);
        }
    }
}
