use super::*;
use std::collections::BTreeMap;
use stdx::random::Random;

#[test]
fn regular_times_take_no_memory() {
    let mut tail = Tail::default();
    (0..100).for_each(|i| tail.push(1000 + 10 * i, i as f64));
    assert!(matches!(tail.times, Times::Regular { first_ms: 1000, step_ms: 10 }));
    assert_eq!(tail.put(1500, 50.0), Put::Duplicate);
    assert_eq!(tail.put(1500, 5.0), Put::Conflict);
    let rest = tail.split_off(99);
    assert_eq!((rest.first_ms(), rest.last_ms(), tail.last_ms()), (Some(1990), Some(1990), Some(1980)));
    tail.push(1991, 0.0);
    assert!(matches!(tail.times, Times::Listed(_)));
    assert_eq!((tail.len(), tail.last_ms()), (100, Some(1991)));
    tail.clear();
    tail.push(7, 7.0);
    assert_eq!((tail.first_ms(), tail.len(), tail.count_before(7), tail.count_before(8)), (Some(7), 1, 0, 1));
}

#[test]
fn a_tail_is_a_sorted_map() {
    for seed in 0..300 {
        let mut random = Random::from_seed(seed);
        let (mut tail, mut map) = (Tail::default(), BTreeMap::new());
        let (mut time_ms, step_ms) =
            ([i64::MIN, -40, 0][random.below(3) as usize], 1 + random.below(9) as i64);
        for _ in 0..random.below(60) {
            time_ms = time_ms.saturating_add(match random.below(12) {
                0 => 1 + random.below(50) as i64,
                1 => i64::MAX / 4,
                _ => step_ms,
            });
            let value = random.below(4) as f64;
            if tail.last_ms().is_none_or(|last| last < time_ms) {
                tail.push(time_ms, value);
            } else {
                break; // the end of time
            }
            map.insert(time_ms, value);
            let near_ms = time_ms.saturating_sub(random.below(30) as i64);
            if random.below(4) == 0 {
                let expected = match map.insert(near_ms, value) {
                    None => Put::New,
                    Some(old) if old == value => Put::Duplicate,
                    Some(_) => Put::Conflict,
                };
                assert_eq!(tail.put(near_ms, value), expected, "seed {seed}");
            }
            assert_eq!(tail.count_before(near_ms), map.range(..near_ms).count(), "seed {seed}");
            if random.below(20) == 0 {
                let at = random.below(tail.len() as u64 + 1) as usize;
                let keep = random.below(2) == 0;
                let rest = tail.split_off(at);
                let times: Vec<i64> = map.keys().copied().collect();
                let from = times.get(at).copied().unwrap_or(i64::MAX);
                if keep {
                    map = map.split_off(&from);
                    tail = rest;
                } else {
                    map.split_off(&from);
                }
            }
            let copy = tail.copy(0..tail.len());
            let wanted: Vec<(i64, f64)> = map.iter().map(|(t, v)| (*t, *v)).collect();
            assert_eq!(copy.times_ms.into_iter().zip(copy.values).collect::<Vec<_>>(), wanted, "seed {seed}");
            assert_eq!(
                (tail.first_ms(), tail.last_ms()),
                (wanted.first().map(|s| s.0), wanted.last().map(|s| s.0))
            );
        }
    }
}
