//! Turns that take long, and none that is lost.

use super::*;
use std::sync::atomic::{AtomicBool, Ordering};

/// Turns 0..n, each due at once; those in `slow` last until they are let go or interrupted.
struct Counting {
    slow: Vec<usize>,
    let_go: AtomicBool,
}

#[derive(Default)]
struct Agreed {
    waiting: Vec<usize>,
    at_work: usize,
    most_at_work: usize,
    done: Vec<usize>,
}

impl Work for Counting {
    type Agreed = Agreed;
    type Turn = usize;
    type Done = usize;
    type Interrupt = Arc<AtomicBool>;
    const NAME: &'static str = "counting";

    fn next(&self, agreed: &mut Agreed) -> Next<usize> {
        match agreed.waiting.pop() {
            Some(turn) => {
                agreed.at_work += 1;
                agreed.most_at_work = agreed.most_at_work.max(agreed.at_work);
                Next::Run(turn)
            }
            None if agreed.at_work > 0 => Next::Idle,
            None => Next::Wait(5),
        }
    }

    fn run(&self, _: &Pool<Self>, turn: usize, interrupt: &Arc<AtomicBool>) -> usize {
        while self.slow.contains(&turn)
            && !self.let_go.load(Ordering::SeqCst)
            && !interrupt.load(Ordering::SeqCst)
        {
            std::thread::yield_now();
        }
        turn
    }

    fn done(&self, agreed: &mut Agreed, turn: usize) {
        agreed.at_work -= 1;
        agreed.done.push(turn);
    }

    fn interrupt(interrupt: &Arc<AtomicBool>) {
        interrupt.store(true, Ordering::SeqCst);
    }
}

fn pool(slow: &[usize], threads_max: usize) -> Arc<Pool<Counting>> {
    let work = Counting { slow: slow.to_vec(), let_go: AtomicBool::new(false) };
    Pool::new(work, Agreed { waiting: (0..20).rev().collect(), ..Agreed::default() }, threads_max)
}

#[track_caller]
fn until(pool: &Pool<Counting>, ready: impl Fn(&mut Agreed) -> bool) {
    let end = Instant::now() + Duration::from_secs(20);
    while !pool.with(&ready) {
        assert!(Instant::now() < end, "waited in vain: {:?}", pool.with(|agreed| agreed.done.clone()));
        std::thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn slow_turns_hold_up_nobody_while_there_may_be_more_threads() {
    let pool = pool(&[0, 1], 3);
    pool.start().unwrap();
    until(&pool, |agreed| agreed.done.len() == 18);
    pool.work().let_go.store(true, Ordering::SeqCst);
    until(&pool, |agreed| agreed.done.len() == 20);
    assert!(pool.with(|agreed| agreed.most_at_work) <= 3);
    pool.stop();
    assert_eq!(pool.threads(), 0);
}

#[test]
fn never_more_threads_than_the_limit_and_stopping_gives_up_what_is_under_way() {
    let pool = pool(&[0, 1, 2, 3], 2);
    pool.start().unwrap();
    until(&pool, |agreed| agreed.at_work == 2);
    assert_eq!(pool.threads(), 2);
    pool.stop();
    assert_eq!((pool.threads(), pool.with(|agreed| agreed.most_at_work)), (0, 2));
}
