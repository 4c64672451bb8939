use super::{Options, Scheduler};
use crate::builtin::{Check, find};
use crate::{Configured, Network, Outcome, State};
use model::{Batch, PushError, Receipt, Sink};
use net::dns::Resolver;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use stdx::clock::SystemClock;

/// Keeps what it is given, as text.
#[derive(Default)]
struct Kept(Mutex<Vec<(String, i64, f64)>>);

impl Sink for Kept {
    fn push(&self, batch: &Batch) -> Result<Receipt, PushError> {
        let mut kept = self.0.lock().unwrap();
        for rows in batch.groups() {
            for (slot, value) in rows.slots.iter().zip(rows.values) {
                kept.push((batch.dictionary.labels(*slot).to_string(), rows.time_ms, *value));
            }
        }
        Ok(Receipt::default())
    }
}

impl Kept {
    fn of(&self, series: &str) -> Vec<(i64, f64)> {
        let kept = self.0.lock().unwrap();
        kept.iter().filter(|(name, ..)| name == series).map(|(_, time, value)| (*time, *value)).collect()
    }
}

/// A check made of a closure.
struct Made<F>(F);

impl<F: Fn(&Network<'_>) -> Outcome + Send + Sync> Check for Made<F> {
    fn run(&self, network: &Network<'_>) -> Outcome {
        (self.0)(network)
    }
}

fn made(
    name: &str,
    interval_ms: u64,
    run: impl Fn(&Network<'_>) -> Outcome + Send + Sync + 'static,
) -> Configured {
    Configured {
        row: find("http").unwrap(),
        name: name.into(),
        target: name.into(),
        interval_ms,
        labels: vec![("check".into(), name.into())],
        check: Box::new(Made(run)),
    }
}

fn start(checks: Vec<Configured>, threads_max: usize) -> (Scheduler, Arc<Kept>) {
    let kept = Arc::new(Kept::default());
    let options = Options { host: "merlin".into(), threads_max };
    let (clock, resolver) = (Arc::new(SystemClock), Arc::new(Resolver::system()));
    (Scheduler::start(checks, options, kept.clone(), clock, resolver).unwrap(), kept)
}

#[track_caller]
fn until(mut look: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !look() {
        assert!(Instant::now() < deadline, "waited in vain");
        std::thread::sleep(Duration::from_millis(2));
    }
}

fn up(name: &str) -> String {
    format!("check_up{{check=\"{name}\",host=\"merlin\"}}")
}

#[test]
fn without_checks_there_is_no_thread() {
    let (scheduler, _) = start(Vec::new(), 8);
    assert_eq!((scheduler.threads(), scheduler.standings().standings().len()), (0, 0));
}

#[test]
fn one_check_needs_one_thread_and_ticks_on_its_turns() {
    let (scheduler, kept) = start(vec![made("a", 20, |_| Outcome::default())], 8);
    until(|| kept.of(&up("a")).len() >= 5);
    assert_eq!(scheduler.threads(), 1);
    let turns = kept.of(&up("a"));
    assert!(
        turns.windows(2).all(|pair| (pair[1].0 - pair[0].0) % 20 == 0 && pair[1].0 > pair[0].0),
        "{turns:?}"
    );
    assert!(turns.iter().all(|turn| turn.1 == 1.0));
    let standing = scheduler.standings().standings()[0].clone();
    assert!(
        standing.last_ms.is_some() && standing.samples == 2 && standing.problem.is_empty(),
        "{standing:?}"
    );
}

#[test]
fn a_failure_is_told_until_it_is_over_and_then_its_series_ends() {
    let runs = AtomicUsize::new(0);
    let check = made("a", 20, move |_| {
        let mut outcome = Outcome::default();
        if runs.fetch_add(1, Ordering::SeqCst) < 2 {
            outcome.worsen(State::Critical, "dns", "nobody knows".into());
        }
        outcome
    });
    let (scheduler, kept) = start(vec![check], 8);
    until(|| kept.of(&up("a")).iter().any(|turn| turn.1 == 1.0));
    let reasons = kept.of("check_failed{check=\"a\",host=\"merlin\",reason=\"dns\"}");
    assert_eq!(reasons.iter().map(|(_, value)| *value).take(2).collect::<Vec<_>>(), [1.0, 1.0]);
    assert!(reasons.len() == 3 && model::is_stale(reasons[2].1), "{reasons:?}");
    assert_eq!(kept.of("check_state{check=\"a\",host=\"merlin\"}")[0].1, 2.0);
    drop(scheduler);
}

#[test]
fn a_slow_check_holds_up_nobody_and_is_never_run_twice_at_once() {
    let open = Arc::new(AtomicBool::new(false));
    let at_once = Arc::new(AtomicUsize::new(0));
    let runs = Arc::new(AtomicUsize::new(0));
    let (gate, inside, count) = (open.clone(), at_once, runs.clone());
    let slow = made("slow", 10, move |_| {
        assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0, "twice at once");
        count.fetch_add(1, Ordering::SeqCst);
        until(|| gate.load(Ordering::SeqCst));
        inside.fetch_sub(1, Ordering::SeqCst);
        Outcome::default()
    });
    let quick = (0..3).map(|n| made(&format!("quick{n}"), 10, |_| Outcome::default()));
    let (scheduler, kept) = start(std::iter::once(slow).chain(quick).collect(), 8);
    until(|| (0..3).all(|n| kept.of(&up(&format!("quick{n}"))).len() > 10));
    assert_eq!((runs.load(Ordering::SeqCst), kept.of(&up("slow")).len()), (1, 0));
    open.store(true, Ordering::SeqCst);
    until(|| runs.load(Ordering::SeqCst) > 2);
    assert!(scheduler.threads() <= 4);
}

#[test]
fn many_slow_checks_take_no_more_threads_than_allowed_and_all_have_their_turn() {
    let inside = Arc::new(AtomicUsize::new(0));
    let checks = (0..12).map(|n| {
        let inside = inside.clone();
        made(&n.to_string(), 30, move |_| {
            assert!(inside.fetch_add(1, Ordering::SeqCst) < 3, "more at once than allowed");
            std::thread::sleep(Duration::from_millis(10));
            inside.fetch_sub(1, Ordering::SeqCst);
            Outcome::default()
        })
    });
    let (scheduler, kept) = start(checks.collect(), 3);
    until(|| (0..12).all(|n| kept.of(&up(&n.to_string())).len() >= 3));
    assert!(scheduler.threads() <= 3);
    assert!(crate::telemetry::SKIPPED.get() > 0);
}

#[test]
fn a_check_that_panics_is_told_and_goes_on() {
    let (scheduler, kept) = start(vec![made("a", 10, |_| panic!("on purpose"))], 2);
    until(|| kept.of(&up("a")).len() >= 2);
    assert!(scheduler.standings().standings()[0].problem.contains("panicked"));
}

#[test]
fn stopping_gives_up_what_is_under_way() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let given = crate::builtin::tests::Options::of([("timeout", "60s")]);
    let check = (find("http").unwrap().open)(&url, &given).unwrap();
    let http = Configured { check, ..made("a", 10, |_| Outcome::default()) };
    let (scheduler, kept) = start(vec![http], 2);
    let connection = listener.accept().unwrap();
    let begin = Instant::now();
    drop(scheduler);
    assert!(begin.elapsed() < Duration::from_secs(2));
    assert_eq!(kept.of(&up("a")), [], "what was given up says nothing");
    drop(connection);
}
