use crate::*;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Whether this machine lets a process look at its own threads; where not, there is nothing to test but the refusal.
fn is_refused(result: &Result<Report, Error>) -> bool {
    let Err(Error::Refused(why)) = result else { return false };
    let level = std::fs::read_to_string("/proc/sys/kernel/perf_event_paranoid").unwrap_or_default();
    let is_allowed = level.trim().parse::<i32>().is_ok_and(|level| level <= 2);
    assert!(!is_allowed || why.contains("container"), "{why}");
    true
}

#[inline(never)]
fn spin_that_must_be_found(stop: &AtomicBool) -> u64 {
    let mut sum = 0u64;
    while !stop.load(Ordering::Relaxed) {
        sum = std::hint::black_box(sum.wrapping_mul(31).wrapping_add(7));
    }
    sum
}

#[test]
fn a_busy_thread_is_found_with_its_function_and_its_time() {
    static STOP: AtomicBool = AtomicBool::new(false);
    let busy = std::thread::Builder::new().name("busy-bee".into()).spawn(|| spin_that_must_be_found(&STOP));
    let options = Options { duration: Duration::from_secs(2), frequency_hz: 4999 };
    let result = record(std::process::id(), options);
    STOP.store(true, Ordering::Relaxed);
    busy.unwrap().join().unwrap();
    if is_refused(&result) {
        return;
    }
    let report = result.unwrap();
    let folded = unpack(&report.packed).unwrap();
    let found =
        folded.lines().any(|line| line.starts_with("busy-bee;") && line.contains("spin_that_must_be_found"));
    assert!(found, "{report}\n{folded}");
    let number = |name: &str| report.fact(name).unwrap().parse::<u64>().unwrap();
    // Slowed down within the first second, however fast the machine.
    assert!((50..7000).contains(&number("samples")), "{report}");
    let (seen, used) = (Tree::parse(&folded).total(), number("cpu_us"));
    assert!(seen >= used * 9 / 10 && seen < used * 12 / 10 + 100_000, "{seen} of {used}\n{folded}");
}

#[test]
fn a_process_that_is_not_there_is_told() {
    let options = Options { duration: Duration::from_millis(10), frequency_hz: 99 };
    assert!(matches!(record(u32::MAX / 4, options), Err(Error::Gone)));
}

#[test]
fn a_process_that_ends_meanwhile_is_told_and_not_waited_for() {
    let mut sleeper = std::process::Command::new("sleep").arg("0.3").spawn().unwrap();
    let options = Options { duration: Duration::from_secs(60), frequency_hz: 99 };
    let begun = Instant::now();
    // A zombie still has a folder: somebody must take it away.
    let id = sleeper.id();
    let waiter = std::thread::spawn(move || sleeper.wait());
    let result = record(id, options);
    waiter.join().unwrap().unwrap();
    assert!(is_refused(&result) || matches!(result, Err(Error::Gone)), "{result:?}");
    assert!(begun.elapsed() < Duration::from_secs(30));
}
