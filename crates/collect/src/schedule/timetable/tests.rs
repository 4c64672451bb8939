use super::*;
use Moment::{Tick, Wait};
use stdx::random::Random;

#[test]
fn ticks_fall_on_whole_multiples() {
    let mut table = Timetable::new(1000, 1_500);
    let steps = [
        (1_500, Wait { wait_ms: 500 }),
        (1_999, Wait { wait_ms: 1 }),
        (2_003, Tick { tick_ms: 2_000, skipped: 0 }),
        (2_003, Wait { wait_ms: 997 }),
        // The round took too long, or the machine slept.
        (9_100, Tick { tick_ms: 9_000, skipped: 6 }),
        // A small step back: the tick of 9,000 is not said twice.
        (8_995, Wait { wait_ms: 1000 }),
        (10_000, Tick { tick_ms: 10_000, skipped: 0 }),
        // A large one: go on there.
        (3_200, Wait { wait_ms: 800 }),
        (4_000, Tick { tick_ms: 4_000, skipped: 0 }),
    ];
    for (now_ms, wanted) in steps {
        assert_eq!(table.at(now_ms), wanted, "at {now_ms}");
    }
    assert_eq!(Timetable::new(1000, 2_000).at(2_000), Tick { tick_ms: 2_000, skipped: 0 });
    assert_eq!(Timetable::new(10_000, -5).at(0), Tick { tick_ms: 0, skipped: 0 });
}

#[test]
fn any_clock_gets_aligned_ticks_and_short_waits() {
    for seed in 0..50 {
        let mut random = Random::from_seed(seed);
        let interval_ms = 1 + random.below(20_000);
        let mut now_ms = random.below(1 << 40) as i64;
        let mut table = Timetable::new(interval_ms, now_ms);
        let (mut last_ms, mut has_jumped) = (i64::MIN, false);
        for _ in 0..1000 {
            match table.at(now_ms) {
                Wait { wait_ms } => {
                    assert!((1..=interval_ms).contains(&wait_ms));
                    now_ms += wait_ms as i64 + random.below(3) as i64;
                }
                Tick { tick_ms, .. } => {
                    assert!(tick_ms <= now_ms && now_ms - tick_ms < interval_ms as i64);
                    assert_eq!(tick_ms % interval_ms as i64, 0);
                    assert!(has_jumped || tick_ms > last_ms, "{tick_ms} after {last_ms}");
                    (last_ms, has_jumped) = (tick_ms, false);
                }
            }
            if random.below(10) == 0 {
                has_jumped = true;
                now_ms = (now_ms + random.below(200_000) as i64 - 100_000).max(0);
            }
        }
    }
}
