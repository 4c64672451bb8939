use super::*;
use crate::answerer::{self, Answerer, Says};
use crate::links;
use model::{Batch, PushError, Receipt};
use std::net::UdpSocket;
use stdx::clock::SystemClock;

const SOON: Duration = Duration::from_secs(30);

/// Keeps how many samples came of each series.
#[derive(Default)]
struct Kept(Mutex<Vec<String>>);

impl Sink for Kept {
    fn push(&self, batch: &Batch) -> Result<Receipt, PushError> {
        let mut kept = self.0.lock().unwrap();
        for rows in batch.groups() {
            let labels = rows.slots.iter().map(|slot| batch.dictionary.labels(*slot));
            kept.extend(labels.map(|labels| format!("{} {}", labels.host(), labels.name())));
        }
        Ok(Receipt::default())
    }
}

fn loopback() -> Result<Vec<Target>, String> {
    links::targets(&["127.255.255.255".to_owned()], &[], &links::links()?)
}

fn monitor(port: u16, sink: Arc<dyn Sink>) -> Monitor {
    let options = Options {
        targets: loopback().unwrap(),
        look: Look(Arc::new(loopback)),
        port,
        period: Duration::from_millis(200),
        word: "ping".to_owned(),
        hears_foreign: false,
    };
    Monitor::start(options, sink, Arc::new(SystemClock), Random::from_entropy()).unwrap()
}

fn until(what: &str, is_so: impl Fn() -> bool) {
    let deadline = Instant::now() + SOON;
    while !is_so() {
        assert!(Instant::now() < deadline, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// A port that nobody has, nor the next one.
fn free_port() -> u16 {
    UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().min(65_000)
}

#[test]
fn two_monitors_on_the_loopback_both_hear_the_probe() {
    let port = free_port();
    let options = answerer::Options {
        listen: vec!["0.0.0.0".into()],
        port,
        ranges: vec!["127.0.0.0/8".parse().unwrap()],
        says: Says::Command("echo web:load:1:GAUGE; echo nonsense".into(), SOON),
    };
    let probe = Answerer::start(options, Arc::new(SystemClock)).unwrap();
    let kept = [Arc::new(Kept::default()), Arc::new(Kept::default())];
    let monitors = kept.each_ref().map(|kept| monitor(port, kept.clone()));
    for (kept, monitor) in kept.iter().zip(&monitors) {
        until("samples", || {
            kept.0.lock().unwrap().iter().filter(|series| *series == "web load").count() >= 5
        });
        until("a standing", || {
            let standing = monitor.standings().remove(0);
            standing.samples == 1 && standing.problem.contains("expected host:source:value:TYPE")
        });
    }
    monitors.iter().for_each(Monitor::stop);
    probe.stop();
}

#[test]
fn a_port_that_is_taken_is_told_and_taken_when_it_is_free() {
    let port = free_port();
    let taken = UdpSocket::bind(("0.0.0.0", port + 1)).unwrap();
    let monitor = monitor(port, Arc::new(Kept::default()));
    until("the problem", || {
        monitor.standings().first().is_some_and(|standing| standing.problem.contains("monitors' port"))
    });
    drop(taken);
    until("all to be well", || monitor.standings()[0].problem.is_empty());
    monitor.stop();
}

#[test]
fn networks_come_and_go_while_it_runs() {
    let target = |name: &str| Target { name: name.to_owned(), ..loopback().unwrap().remove(0) };
    let options = Options {
        targets: vec![target("a"), target("b")],
        look: Look(Arc::new(loopback)),
        port: free_port(),
        period: Duration::from_secs(1),
        word: "ping".to_owned(),
        hears_foreign: false,
    };
    let sink = Arc::new(Kept::default());
    let mut work = Work::new(options, sink, Arc::new(SystemClock), Random::from_seed(1), Arc::default());
    let numbers = |work: &Work| -> Vec<(String, u64)> {
        work.networks.iter().map(|network| (network.target.name.clone(), network.number())).collect()
    };
    assert_eq!(numbers(&work), [("a".to_owned(), 1), ("b".to_owned(), 2)]);
    work.settle(vec![target("c"), target("b")], 5000);
    assert_eq!(numbers(&work), [("b".to_owned(), 2), ("c".to_owned(), 3)]);
    // Looked at in time only.
    work.look(Now { steady_ms: RETRY_MS - 1, unix_ms: 0 });
    assert_eq!(work.networks.len(), 2);
    work.look(Now { steady_ms: RETRY_MS, unix_ms: 0 });
    assert_eq!(numbers(&work), [("127.255.255.255".to_owned(), 4)]);
}
