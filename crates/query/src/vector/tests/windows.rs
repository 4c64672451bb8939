//! Windows put together from buckets come to the same as windows looked at one by one.

use crate::vector::{Outcome, Question, Steps, answer};
use lang::{Scope, promql};
use model::memory::MemoryStore;
use model::{Kind, Labels, STALE, is_stale};
use stdx::random::Random;

const FUNCTIONS: [&str; 8] = ["avg", "count", "first", "last", "max", "min", "present", "sum"];

const SAMPLES: usize = 200;

/// Some samples, not all of them numbers, at irregular times.
fn samples(random: &mut Random) -> Vec<(i64, f64)> {
    let mut time_ms = 0;
    let value = |random: &mut Random| match random.below(12) {
        0 => f64::NAN,
        1 => STALE,
        n => n as f64 - 6.0,
    };
    let one = |_| {
        time_ms += 1 + random.below(20) as i64;
        (time_ms, value(random))
    };
    (0..SAMPLES).map(one).collect()
}

// By definition: all samples of the window, markers left out.
fn wanted(function: &str, window: &[f64]) -> Option<f64> {
    let numbers = window.iter().copied().filter(|v| !v.is_nan());
    let all_nan = window.iter().all(|v| v.is_nan());
    let best = |best: Option<f64>| if all_nan { f64::NAN } else { best.unwrap() };
    let sum: f64 = window.iter().sum();
    (!window.is_empty()).then(|| match function {
        "avg" => sum / window.len() as f64,
        "count" => window.len() as f64,
        "first" => window[0],
        "last" => window[window.len() - 1],
        "max" => best(numbers.reduce(f64::max)),
        "min" => best(numbers.reduce(f64::min)),
        "present" => 1.0,
        _ => sum,
    })
}

#[test]
fn windows_of_buckets_are_as_by_definition() {
    let mut random = Random::from_seed(11);
    for _ in 0..60 {
        let samples = samples(&mut random);
        let store = MemoryStore::new();
        let labels = Labels::from_pairs([("__name__", "m")]).unwrap();
        store.insert(&labels, Kind::Unknown, samples.iter().copied());
        let step_ms = 1 + random.below(60) as i64;
        // Apart, touching, overlapping by whole steps and otherwise.
        let range_ms = match random.below(4) {
            0 => 1 + random.below(step_ms as u64) as i64,
            1 => step_ms,
            2 => step_ms * (1 + random.below(20) as i64),
            _ => 1 + random.below(400) as i64,
        };
        let offset_ms = random.below(30) as i64;
        let steps = Steps::range(random.below(500) as i64, 2500, step_ms);
        for function in FUNCTIONS {
            let text = format!("{function}_over_time(m[{range_ms}ms] offset {offset_ms}ms)");
            let plan = promql::plan(&[&text], &Scope::range(steps.start_ms, 2500, step_ms));
            let question = Question::new(&plan, *plan.results[0].as_ref().unwrap(), steps);
            let Outcome::Vector(matrix) = answer(&question, &store).unwrap().outcome else {
                panic!("{text}")
            };
            for (step, instant_ms) in steps.iter().enumerate() {
                let end_ms = instant_ms - offset_ms;
                let is_in = |(time_ms, value): &&(i64, f64)| {
                    *time_ms > end_ms - range_ms && *time_ms <= end_ms && !is_stale(*value)
                };
                let window: Vec<f64> = samples.iter().filter(is_in).map(|(_, value)| *value).collect();
                let found = matrix.first().map(|series| series.column.values[step]).filter(|v| !is_stale(*v));
                let wanted = wanted(function, &window);
                let is_same = match (found, wanted) {
                    (Some(a), Some(b)) => (a - b).abs() < 1e-9 || a.is_nan() && b.is_nan(),
                    (a, b) => a == b,
                };
                assert!(is_same, "{text} at {instant_ms}, step {step_ms}: {found:?} for {wanted:?}");
            }
        }
    }
}

#[test]
fn selections_are_as_by_definition() {
    let mut random = Random::from_seed(12);
    for _ in 0..200 {
        let samples = samples(&mut random);
        let store = MemoryStore::new();
        let labels = Labels::from_pairs([("__name__", "m")]).unwrap();
        store.insert(&labels, Kind::Unknown, samples.iter().copied());
        let (step_ms, lookback_ms) = (1 + random.below(60) as i64, 1 + random.below(40) as i64);
        let steps = Steps::range(random.below(500) as i64, 2500, step_ms);
        let plan = promql::plan(&["m"], &Scope::range(steps.start_ms, 2500, step_ms));
        let question =
            Question { lookback_ms, ..Question::new(&plan, *plan.results[0].as_ref().unwrap(), steps) };
        let Outcome::Vector(matrix) = answer(&question, &store).unwrap().outcome else { panic!() };
        for (step, instant_ms) in steps.iter().enumerate() {
            let newest = samples.iter().rfind(|(time_ms, _)| *time_ms <= instant_ms);
            let newest =
                newest.filter(|(time_ms, value)| *time_ms > instant_ms - lookback_ms && !is_stale(*value));
            let found = matrix.first().map(|series| series.column.values[step]).filter(|v| !is_stale(*v));
            assert_eq!(found.map(f64::to_bits), newest.map(|(_, value)| value.to_bits()), "at {instant_ms}");
        }
    }
}

#[test]
fn answers_are_the_same_whether_others_help_or_not() {
    let mut random = Random::from_seed(12);
    let store = MemoryStore::new();
    for host in 0..400 {
        let (host, pool) = (host.to_string(), (host % 7).to_string());
        let labels = Labels::from_pairs([("__name__", "m"), ("host", &host), ("pool", &pool)]).unwrap();
        store.insert(&labels, Kind::Unknown, samples(&mut random));
    }
    let steps = Steps::range(300, 2000, 50);
    for text in [
        "max_over_time(m[50ms])",
        "avg by (pool) (avg_over_time(m[200ms]))",
        "sum(m)",
        "m > 3",
        "last_over_time(m[70ms])",
    ] {
        let plan = promql::plan(&[text], &Scope::range(300, 2000, 50));
        let mut question = Question::new(&plan, plan.results[0].clone().unwrap(), steps);
        question.lookback_ms = 40;
        let ask = || answer(&question, &store).unwrap();
        let (together, by_hand) = (ask(), crate::share::with_threads(3, ask));
        let alone = crate::share::with_threads(1, ask);
        // NaN is not equal to itself; its text is.
        let shown = |outcome: &Outcome| format!("{outcome:?}");
        assert_eq!(shown(&together.outcome), shown(&alone.outcome), "{text}");
        assert_eq!(shown(&by_hand.outcome), shown(&alone.outcome), "{text}");
        assert_eq!(by_hand.stats.samples, alone.stats.samples, "{text}");
    }
    question_is_stopped(&store);
}

// A limit holds whoever reads.
fn question_is_stopped(store: &MemoryStore) {
    let plan = promql::plan(&["sum_over_time(m[50ms])"], &Scope::range(300, 2000, 50));
    let mut question = Question::new(&plan, plan.results[0].clone().unwrap(), Steps::range(300, 2000, 50));
    question.limits.samples = 400 * SAMPLES as u64 / 8;
    for threads in [1, 3] {
        let failed = crate::share::with_threads(threads, || answer(&question, store)).unwrap_err();
        assert!(failed.message().contains("more than the limit of 10000 samples"), "{failed:?}");
    }
    question.limits.samples = u64::MAX;
    question.cancelled = &|| true;
    let failed = crate::share::with_threads(3, || answer(&question, store)).unwrap_err();
    assert!(failed.message().contains("cancelled"), "{failed:?}");
}
