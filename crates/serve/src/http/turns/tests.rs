use super::*;
use stdx::random::Random;

fn two(calls_max: usize) -> (Turns<u32>, Hand, Hand) {
    let mut turns = Turns::new(calls_max, 1);
    turns.join();
    turns.join();
    let (mut one, mut other) = (turns.hand(), turns.hand());
    assert_eq!(turns.task(&mut one), Task::Lead);
    assert_eq!(turns.task(&mut other), Task::Rest);
    turns.rest();
    (turns, one, other)
}

#[test]
fn the_lead_goes_on_when_a_call_takes_long_and_stays_when_it_does_not() {
    let (mut turns, mut one, mut other) = two(4);
    assert!(turns.begin(Lane::Quick, &one) && turns.is_called());
    assert!(!turns.end(&mut one) && one.leads && !turns.is_called());
    assert!(turns.begin(Lane::Quick, &one));
    assert_eq!(turns.take_lead(), Wake::One);
    turns.wake();
    assert_eq!(turns.task(&mut other), Task::Lead);
    assert!(!turns.end(&mut one) && !one.leads && other.leads);
    assert_eq!(turns.task(&mut one), Task::Rest);
    // With nobody at rest there is another thread.
    assert!(turns.begin(Lane::Quick, &other));
    assert_eq!((turns.take_lead(), turns.threads()), (Wake::New, 3));
}

#[test]
fn what_takes_long_waits_before_what_does_not() {
    let (mut turns, one, _) = two(2);
    assert!(turns.begin(Lane::Long, &one) && turns.begin(Lane::Long, &one) && !turns.begin(Lane::Long, &one));
    turns.put_off(Lane::Long, 1);
    (0..QUICK_MORE).for_each(|_| assert!(turns.begin(Lane::Quick, &one)));
    assert!(!turns.begin(Lane::Quick, &one));
    turns.put_off(Lane::Quick, 2);
    assert!(turns.begin(Lane::Brief, &one));
    let mut hand = turns.hand();
    assert!(!turns.end(&mut hand));
    assert!(turns.end(&mut hand));
    assert_eq!(turns.ready, [2]);
    (0..QUICK_MORE).for_each(|_| assert!(!turns.end(&mut hand)));
    assert!(turns.end(&mut hand));
    assert_eq!(turns.ready, [2, 1]);
}

#[test]
fn as_many_help_as_there_is_use_for() {
    let (mut turns, _, mut other) = two(4);
    assert_eq!(turns.help(), Wake::Nobody);
    turns.ready.extend([1, 2]);
    assert_eq!(turns.help(), Wake::One);
    turns.wake();
    assert_eq!(turns.task(&mut other), Task::Work(1));
    let mut third = turns.hand();
    assert_eq!((turns.help(), turns.task(&mut third)), (Wake::Nobody, Task::Rest));
    turns.helped();
    assert_eq!(turns.task(&mut third), Task::Work(2));
}

#[test]
fn whatever_happens_calls_are_counted_and_none_is_lost() {
    let mut random = Random::from_seed(9);
    for _ in 0..200 {
        let (mut turns, mut one, _) = two(3);
        let (mut running, mut put_off) = (Vec::new(), 0);
        for call in 0..200 {
            match random.below(3) {
                0 if !running.is_empty() => {
                    running.pop();
                    turns.end(&mut one);
                }
                what => {
                    let lane = if what == 1 { Lane::Long } else { Lane::Quick };
                    match turns.begin(lane, &one) {
                        true => running.push(call),
                        false => {
                            put_off += 1;
                            turns.put_off(lane, call);
                        }
                    }
                }
            }
            while let Some(call) = turns.ready.pop_front() {
                put_off -= 1;
                turns.resume(&one);
                running.push(call);
            }
            assert_eq!((turns.running, turns.quick.len() + turns.long.len()), (running.len(), put_off));
            assert!(turns.running <= 3 + QUICK_MORE);
            assert!(put_off == 0 || turns.running >= 3, "somebody waits for nothing");
        }
    }
}
