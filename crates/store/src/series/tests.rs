use super::*;
use crate::index::Index;
use std::collections::HashMap;
use stdx::random::Random;

fn series(id: u64, random: &mut Random) -> Series {
    let (a, b) = (random.below(30).to_string(), random.below(30).to_string());
    let labels = match random.below(30) {
        0 => Labels::empty(),
        1..15 => Labels::from_pairs([("a", a.as_str())]).unwrap(),
        _ => Labels::from_pairs([("a", a.as_str()), ("b", &b)]).unwrap(),
    };
    Series { id: SeriesId(id), labels, kind: Kind::ALL[random.below(5) as usize] }
}

/// Against a plain list, with ids that come back from blocks in any order, series taken back and forgotten.
#[test]
fn a_table_is_a_list_of_series() {
    for seed in 0..60 {
        let mut random = Random::from_seed(seed);
        let (mut table, mut list, mut next_id) = (SeriesTable::default(), Vec::<Series>::new(), 1000);
        let mut gone = Vec::new();
        for _ in 0..400 {
            match random.below(60) {
                0 => {
                    let len = list.len() - random.below(list.len() as u64 / 4 + 1) as usize;
                    table.shrink(len);
                    gone.extend(list.drain(len..));
                }
                1 => {
                    let kept: Vec<u32> = (0..list.len() as u32).filter(|_| random.below(4) > 0).collect();
                    table.keep(&kept);
                    list = kept.iter().map(|&ordinal| list[ordinal as usize].clone()).collect();
                }
                2 if !list.is_empty() => {
                    let ordinal = random.below(list.len() as u64) as u32;
                    table.set_kind(ordinal, Kind::Counter);
                    list[ordinal as usize].kind = Kind::Counter;
                }
                _ => {
                    let old = random.below(4) == 0;
                    let id = if old { random.below(1000) } else { next_id };
                    next_id += u64::from(!old);
                    let new = series(id, &mut random);
                    if list.iter().all(|known| known.labels != new.labels && known.id != new.id) {
                        assert_eq!(table.add(new.id, new.labels.key(), new.kind), list.len() as u32);
                        list.push(new);
                    }
                }
            }
            let ordinals: HashMap<SeriesId, u32> = list.iter().map(|s| s.id).zip(0..).collect();
            for id in (0..next_id).map(SeriesId).filter(|_| random.below(20) == 0) {
                assert_eq!(table.ordinal(id), ordinals.get(&id).copied(), "seed {seed}");
            }
        }
        assert_eq!(table.postings().series_count() as usize, list.len());
        for (ordinal, series) in list.iter().enumerate() {
            let ordinal = ordinal as u32;
            assert_eq!(table.get(ordinal), *series, "seed {seed}");
            assert!(table.labels(ordinal).eq(series.labels.iter()));
            assert_eq!(table.find(series.labels.key()), Some(ordinal), "seed {seed}");
            let before =
                [None, ordinal.checked_sub(1), Some(random.below(500) as u32)][random.below(3) as usize];
            assert_eq!(table.find_after(before, series.labels.key()), Some(ordinal), "seed {seed}");
            for (name, value) in &series.labels {
                assert!(table.postings().exact(name, value).contains(ordinal), "seed {seed}");
            }
        }
        for series in gone.iter().filter(|gone| list.iter().all(|s| s.labels != gone.labels)) {
            assert_eq!(table.find(series.labels.key()), None, "seed {seed}");
        }
    }
}
