use super::*;
use crate::ring::tests::open;
use model::{Batch, PushError, Receipt};
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Instant;
use stdx::clock::SystemClock;

/// Keeps the last value of each series.
#[derive(Default)]
struct Last(Mutex<BTreeMap<String, f64>>);

impl Sink for Last {
    fn push(&self, batch: &Batch) -> Result<Receipt, PushError> {
        let mut last = lock(&self.0);
        for group in batch.groups() {
            for (slot, value) in group.slots.iter().zip(group.values) {
                let labels = batch.dictionary.labels(*slot);
                let text: Vec<String> =
                    labels.iter().map(|(name, value)| format!("{name}={value}")).collect();
                last.insert(text.join(" "), *value);
            }
        }
        Ok(Receipt::default())
    }
}

impl Last {
    fn sum(&self, parts: &[&str]) -> f64 {
        let last = lock(&self.0);
        last.iter()
            .filter(|(key, _)| parts.iter().all(|part| key.contains(part)))
            .map(|(_, value)| value)
            .sum()
    }
}

fn pings(port_of: &TcpListener, count: usize) {
    let address = port_of.local_addr().unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut stream = BufReader::new(port_of.accept().unwrap().0);
            let mut line = String::new();
            while stream.read_line(&mut line).unwrap() > 0 {
                stream.get_mut().write_all(b"+PONG\r\n").unwrap();
            }
        });
        let mut stream = BufReader::new(TcpStream::connect(address).unwrap());
        for _ in 0..count {
            stream.get_mut().write_all(b"PING\r\n").unwrap();
            stream.read_line(&mut String::new()).unwrap();
        }
    });
}

fn wait_for(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !holds() {
        assert!(Instant::now() < deadline, "{what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn ports_come_and_go_while_it_runs() {
    let listeners = [TcpListener::bind("127.0.0.1:0").unwrap(), TcpListener::bind("127.0.0.1:0").unwrap()];
    let [one, other] = [0, 1].map(|i| listeners[i].local_addr().unwrap().port());
    if open(&ring::Options::default(), &[one]).is_none() {
        return;
    }
    let sink = Arc::new(Last::default());
    let options = Options { interval: Duration::from_millis(100), ..Options::for_host("h") };
    let sniffer = Sniffer::start(options, sink.clone(), Arc::new(SystemClock));
    assert!(sniffer.standings().is_empty() && lock(&sniffer.running).is_none());
    assert!(sniffer.watch(one, "nope").unwrap_err().to_string().contains("redis"));
    sniffer.watch(one, "redis").unwrap();
    wait_for("a first batch", || sniffer.standings()[0].last_ms.is_some());
    pings(&listeners[0], 50);
    let requests = |port: u16| sink.sum(&["name__=traffic_requests_total", &format!("port={port} ")]);
    wait_for("the first port", || requests(one) == 50.0);
    let before = sniffer.standings()[0].last_ms;
    sniffer.watch(other, "redis").unwrap();
    sniffer.unwatch(one);
    wait_for("the change", || sniffer.standings()[0].last_ms > before);
    assert_eq!(sniffer.watched(), [(other, "redis")]);
    pings(&listeners[0], 50);
    pings(&listeners[1], 30);
    wait_for("the second port", || requests(other) == 30.0);
    assert_eq!(requests(one), 50.0, "it is not watched any more");
    assert_eq!(sniffer.standings()[0].problem, "");
    sniffer.unwatch(other);
    assert!(lock(&sniffer.running).is_none(), "nothing is left that costs");
}

#[test]
fn why_nothing_comes_is_told() {
    let mut options = Options::for_host("h");
    options.ring.interface = "nope0".into();
    let sniffer = Sniffer::start(options, Arc::new(Last::default()), Arc::new(SystemClock));
    sniffer.watch(1, "http").unwrap();
    wait_for("the problem", || sniffer.standings()[0].problem == "there is no interface `nope0`");
    assert_eq!(sniffer.standings()[0].name, "http on port 1");
}
