//! What a puller does from one pull to the next, with a service of our own that says what it is told to.

use super::*;
use crate::pull::{Address, Ask, Metric, Tapes};
use model::STALE;
use std::sync::Mutex;

static METRICS: [Metric; 2] = [
    Metric::gauge("test_fast", "", "Fast.").by(&["x"]).times(1e-3),
    Metric::gauge("test_slow", "", "Slow.").slow(),
];
/// What the service says next.
static NEXT: Mutex<Vec<Result<Vec<&'static str>, &'static str>>> = Mutex::new(Vec::new());
static ROW: Row =
    Row { name: "test", summary: "", port: 1, needs: "", metrics: &METRICS, open: || Box::new(Script) };

struct Script;

impl Client for Script {
    fn ask(&mut self, ask: &mut Ask<'_>) -> Result<(), Error> {
        match NEXT.lock().unwrap().remove(0) {
            Ok(values) => {
                values.iter().for_each(|x| ask.push(&METRICS[0], &[x], 1500.0));
                if ask.is_full {
                    ask.push(&METRICS[1], &[], 7.0);
                }
                Ok(())
            }
            Err(why) => Err(Error::Denied(why.into())),
        }
    }
}

/// Series and values of a batch, how long it took left out.
fn rows(batch: &Batch) -> Vec<(String, f64)> {
    let all = batch.groups().flat_map(|rows| rows.slots.iter().zip(rows.values).collect::<Vec<_>>());
    let named = all.map(|(slot, value)| (batch.dictionary.labels(*slot), *value));
    let kept = named.filter(|(labels, _)| labels.name() != "service_pull_seconds");
    kept.map(|(labels, value)| (format!("{}{}", labels.name(), labels.get("x").unwrap_or_default()), value))
        .collect()
}

fn is_end(value: f64) -> bool {
    value.to_bits() == STALE.to_bits()
}

#[test]
fn series_end_slow_ones_are_repeated_and_who_refuses_is_left_alone() {
    *NEXT.lock().unwrap() = vec![Ok(vec!["a", "b"]), Ok(vec!["a", "a"]), Err("no"), Ok(vec!["a"])];
    let target = Target::at(Address::Path("/x".into()));
    let mut puller = Puller::new(&ROW, target, vec![("host".into(), "merlin".into())])
        .through(Box::new(Tapes::default()), 0);
    let one = |name: &str, value: f64| (name.to_owned(), value);

    let first = rows(puller.pull(0));
    assert_eq!(
        first,
        [one("test_fasta", 1.5), one("test_fastb", 1.5), one("test_slow", 7.0), one("service_up", 1.0)]
    );

    let second = rows(puller.pull(10_000));
    assert_eq!(
        second[..3],
        [one("test_fasta", 1.5), one("test_slow", 7.0), one("service_up", 1.0)],
        "said once, repeated"
    );
    assert!(second.len() == 4 && second[3].0 == "test_fastb" && is_end(second[3].1), "{second:?}");

    let denied = rows(puller.pull(20_000));
    assert_eq!(denied[0], one("service_up", 0.0));
    assert!(denied[1..].iter().all(|(_, value)| is_end(*value)) && denied.len() == 3, "{denied:?}");
    assert_eq!(puller.standing().problem, "no");
    assert_eq!(rows(puller.pull(30_000)), [one("service_up", 0.0)], "its log is not filled");
    assert_eq!((NEXT.lock().unwrap().len(), &*puller.standing().problem), (1, "no"));

    let again = rows(puller.pull(20_000 + DENIED_FOR_MS));
    assert_eq!(again[0], one("test_fasta", 1.5));
    assert_eq!(puller.standing().problem, "");
}
