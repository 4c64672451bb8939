use super::*;
use std::collections::BTreeMap;
use stdx::random::Random;

fn tail_of(values: &[f64], pages: &mut Pages) -> Tail {
    let mut tail = Tail::default();
    values.iter().enumerate().for_each(|(at, &value)| tail.push(1000 + 10 * at as i64, value, pages));
    tail
}

fn bits(values: &[f64]) -> Vec<u64> {
    values.iter().map(|v| v.to_bits()).collect()
}

fn check(values: &[f64]) -> usize {
    let mut pages = Pages::default();
    let mut tail = tail_of(values, &mut pages);
    let mut decoded = Vec::new();
    tail.values(&pages, &mut decoded);
    assert_eq!(bits(&decoded), bits(values), "{values:?}");
    assert_eq!(tail.last().unwrap().1.to_bits(), values[values.len() - 1].to_bits());
    let len_bytes = tail.value_bytes();
    tail.clear(&mut pages);
    assert_eq!(pages.used_bytes(), 0);
    len_bytes
}

#[test]
fn regular_times_take_no_memory() {
    let mut pages = Pages::default();
    let mut tail = tail_of(&(0..100).map(f64::from).collect::<Vec<_>>(), &mut pages);
    assert!(tail.irregular.is_none());
    assert_eq!(tail.put(1500, 50.0, &mut pages), Put::Duplicate);
    assert_eq!(tail.put(1500, 5.0, &mut pages), Put::Conflict);
    assert_eq!(tail.put(1990, 99.0, &mut pages), Put::Duplicate);
    tail.push(2001, 0.0, &mut pages);
    assert!(tail.irregular.is_some());
    assert_eq!((tail.len(), tail.first_ms(), tail.last()), (101, Some(1000), Some((2001, 0.0))));
    assert_eq!((tail.count_before(1990), tail.count_before(1991), tail.count_before(2002)), (99, 100, 101));
    // A hole that is filled is no hole any more.
    let mut tail = tail_of(&[1.0, 2.0], &mut pages);
    tail.push(1030, 4.0, &mut pages);
    assert!(tail.irregular.is_some());
    assert_eq!(tail.put(1020, 3.0, &mut pages), Put::New);
    assert!(tail.irregular.is_none());
}

#[test]
fn what_does_not_change_takes_no_bytes_and_what_does_takes_few() {
    assert_eq!(check(&[7.25; 1000]), 0);
    assert_eq!(check(&[0.0; 1000]), 0);
    assert_eq!(check(&[f64::NAN; 1000]), 0);
    let counter: Vec<f64> = (0..256).map(|i| 1e9 + 40.0 * f64::from(i)).collect();
    assert!(check(&counter) <= 6 + 2 * 255, "{}", check(&counter));
    let percent: Vec<f64> = (0..256).map(|i| f64::from(5000 + i * i % 50) / 100.0).collect();
    assert!(check(&percent) <= 3 + 255, "{}", check(&percent));
    let states: Vec<f64> = (0..256).map(|i| f64::from(u8::from(i / 64 % 2 == 1))).collect();
    assert_eq!(check(&states), 3 * (2 + 1));
    let ratios: Vec<f64> = (0..256).map(|i| f64::from(i) / 37.0).collect();
    assert!(check(&ratios) <= 256 * 9, "{}", check(&ratios));
}

#[test]
fn every_kind_of_value_comes_back_to_the_bit() {
    let odd = [
        0.0,
        -0.0,
        f64::NAN,
        -f64::NAN,
        f64::from_bits(0x7ff0_0000_0000_0002),
        f64::from_bits(0xfff8_dead_beef_0001),
        f64::INFINITY,
        f64::NEG_INFINITY,
        f64::MIN_POSITIVE,
        f64::from_bits(1),
        f64::from_bits(0x8000_0000_0000_0001),
        f64::MAX,
        f64::MIN,
        0.1 + 0.2,
        9_007_199_254_740_993.0,
        -2_251_799_813_685_248.0,
        2_251_799_813_685_247.0,
        -2_251_799_813_685_247.0,
        1.0,
        0.1,
        -0.01,
        123.456,
        1e-9,
        1e-10,
        1e15,
    ];
    for &a in &odd {
        for &b in &odd {
            check(&[a, b]);
            for &c in &odd {
                check(&[a, a, b, c, c, a]);
            }
        }
    }
}

/// A value like those that are measured, or unlike any.
fn value(random: &mut Random, before: f64, decimals: u64) -> f64 {
    match random.below(20) {
        0 => f64::from_bits(random.next_u64()),
        1 => [0.0, -0.0, f64::NAN, f64::INFINITY][random.below(4) as usize],
        2 => random.below(1000) as f64 / 7.0,
        3..=9 => before,
        _ => {
            let power = 10f64.powi(random.below(decimals + 1) as i32);
            (before * power).round() / power + random.below(100) as f64 / power
        }
    }
}

#[test]
fn any_row_of_values_comes_back_to_the_bit() {
    for seed in 0..2000 {
        let mut random = Random::from_seed(seed);
        let decimals = random.below(12);
        let odd = random.below(3) == 0;
        let mut before = 0.0;
        let values: Vec<f64> = (0..1 + random.below(400))
            .map(|_| {
                before = if odd {
                    f64::from_bits(random.next_u64())
                } else {
                    value(&mut random, before, decimals)
                };
                before
            })
            .collect();
        check(&values);
    }
}

#[test]
fn a_tail_is_a_sorted_map() {
    for seed in 0..400 {
        let mut random = Random::from_seed(seed);
        let mut pages = Pages::default();
        let (mut tail, mut map) = (Tail::default(), BTreeMap::new());
        let (mut time_ms, step_ms) =
            ([i64::MIN, -40, 0][random.below(3) as usize], 1 + random.below(9) as i64);
        let mut before = 0.0;
        for _ in 0..random.below(80) {
            time_ms = time_ms.saturating_add(match random.below(12) {
                0 => 1 + random.below(50) as i64,
                1 => i64::MAX / 4,
                _ => step_ms,
            });
            let sample = value(&mut random, before, 3);
            before = sample;
            if tail.last_ms().is_none_or(|last| last < time_ms) {
                tail.push(time_ms, sample, &mut pages);
            } else {
                break; // the end of time
            }
            map.insert(time_ms, sample.to_bits());
            let near_ms = time_ms.saturating_sub(random.below(30) as i64);
            if random.below(4) == 0 {
                let expected = match map.insert(near_ms, sample.to_bits()) {
                    None => Put::New,
                    Some(old) if old == sample.to_bits() => Put::Duplicate,
                    Some(_) => Put::Conflict,
                };
                assert_eq!(tail.put(near_ms, sample, &mut pages), expected, "seed {seed}");
            }
            assert_eq!(tail.count_before(near_ms), map.range(..near_ms).count(), "seed {seed}");
            if random.below(20) == 0 {
                let mut samples = tail.take(&mut pages);
                let at = random.below(samples.len() as u64 + 1) as usize;
                let rest = samples.split_off(at);
                let from = rest.first_ms().unwrap_or(i64::MAX);
                if random.below(2) == 0 {
                    map = map.split_off(&from);
                    samples = rest;
                } else {
                    map.split_off(&from);
                }
                tail.extend(&samples, &mut pages);
            }
            let copy = tail.copy(0..tail.len(), &pages);
            let wanted: Vec<(i64, u64)> = map.iter().map(|(t, v)| (*t, *v)).collect();
            let found = copy.times_ms.into_iter().zip(bits(&copy.values)).collect::<Vec<_>>();
            assert_eq!(found, wanted, "seed {seed}");
            assert_eq!(
                (tail.first_ms(), tail.last().map(|(t, v)| (t, v.to_bits()))),
                (wanted.first().map(|s| s.0), wanted.last().copied())
            );
        }
        tail.clear(&mut pages);
        assert_eq!(pages.used_bytes(), 0, "seed {seed}");
    }
}
