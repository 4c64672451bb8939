//! What the tests of several checks share, and those of the table.

use super::{NAMES, ROWS, find};
use crate::metric::{COMMON, Metric};
use crate::options::{self, OPTIONS};
use crate::outcome::Reading;
use crate::{Configured, Given, Network, Outcome, State};
use net::dns::Resolver;
use net::{Error, Interrupt, Patience, Resolve};
use std::collections::{BTreeMap, HashSet};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};
use stdx::clock::SystemClock;

/// Options for a test: texts by name, lists with one text a line.
#[derive(Debug, Default)]
pub(crate) struct Options(BTreeMap<&'static str, String>);

impl Options {
    pub(crate) fn of<const N: usize>(options: [(&'static str, &str); N]) -> Self {
        Self(options.into_iter().map(|(name, value)| (name, value.to_owned())).collect())
    }
}

impl Given for Options {
    fn is_set(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    fn text(&self, name: &str) -> &str {
        self.0.get(name).map_or_else(|| options::find(name).unwrap().default, String::as_str)
    }

    fn texts(&self, name: &str) -> Vec<String> {
        self.text(name).lines().map(str::to_owned).collect()
    }

    fn pairs(&self, name: &str) -> Vec<(String, String)> {
        let pair = |line: &str| line.split_once('=').map(|(name, text)| (name.to_owned(), text.to_owned()));
        self.text(name).lines().filter_map(pair).collect()
    }

    fn duration(&self, name: &str) -> Option<Duration> {
        let text = self.text(name);
        let (digits, factor) = match (text.strip_suffix("ms"), text.strip_suffix('s'), text.strip_suffix('d'))
        {
            (Some(digits), ..) => (digits, 0.001),
            (_, Some(digits), _) => (digits, 1.0),
            (.., Some(digits)) => (digits, 86_400.0),
            _ => return None,
        };
        Some(Duration::from_secs_f64(digits.parse::<f64>().unwrap() * factor))
    }

    fn bytes(&self, name: &str) -> Option<u64> {
        match self.text(name) {
            "1MiB" => Some(1 << 20),
            text => text.parse().ok(),
        }
    }

    fn count(&self, name: &str) -> Option<u64> {
        self.text(name).parse().ok()
    }

    fn switch(&self, name: &str) -> bool {
        self.text(name) == "true"
    }
}

/// Every name is this host, but for those that end in `.nowhere`.
pub(crate) struct Loopback;

impl Resolve for Loopback {
    fn resolve(&self, host: &str, port: u16, _: Patience<'_>) -> Result<Vec<SocketAddr>, Error> {
        if host.ends_with(".nowhere") {
            return Err(Error::Resolve(format!("no address for `{host}`")));
        }
        Ok(vec![([127, 0, 0, 1], port).into()])
    }
}

/// Runs a check once.
pub(crate) fn run<const N: usize>(kind: &str, target: &str, options: [(&'static str, &str); N]) -> Outcome {
    let check = (find(kind).unwrap().open)(target, &Options::of(options)).unwrap();
    check.run(&Network { resolver: &Loopback, interrupt: &Interrupt::default(), clock: &SystemClock })
}

/// A number of an outcome.
pub(crate) fn value(outcome: &Outcome, metric: &str, detail: &str) -> Option<f64> {
    let is_it = |reading: &&Reading| reading.metric.name == metric && reading.detail == detail;
    outcome.readings.iter().find(is_it).map(|reading| reading.value)
}

/// A server on a free port that treats each connection by `answer` in a thread; gives its address.
pub(crate) fn serve(answer: impl Fn(TcpStream) + Send + Clone + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for socket in listener.incoming() {
            let answer = answer.clone();
            std::thread::spawn(move || answer(socket.unwrap()));
        }
    });
    address
}

/// Reads a request and gives its head.
pub(crate) fn head(socket: &mut impl Read) -> String {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") && socket.read(&mut byte).is_ok_and(|len| len == 1) {
        head.push(byte[0]);
    }
    String::from_utf8(head).unwrap()
}

/// A server of pages: `page` says what to answer to a head.
pub(crate) fn pages(page: impl Fn(&str) -> String + Send + Clone + 'static) -> SocketAddr {
    serve(move |mut socket| {
        let answer = page(&head(&mut socket));
        let _ = socket.write_all(answer.as_bytes());
    })
}

/// An address where nobody listens.
pub(crate) fn closed() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

#[test]
fn the_tables_agree() {
    assert_eq!(NAMES, ROWS.iter().map(|row| row.name).collect::<Vec<_>>());
    let mut names = HashSet::new();
    assert!(ROWS.iter().all(|row| names.insert(row.name)), "a name twice");
    let mut names = HashSet::new();
    for option in &OPTIONS {
        assert!(names.insert(option.name), "{} twice", option.name);
        assert!(!option.help.is_empty() && !option.help.ends_with('.'), "{}", option.name);
        let takers = ROWS.iter().filter(|row| row.options.contains(&option.name)).count();
        let common = options::COMMON.contains(&option.name);
        assert!(common != (takers > 0), "`{}` is for nobody, or for all and some", option.name);
    }
    for row in ROWS {
        assert!(row.options.iter().all(|name| options::find(name).is_some()), "{}", row.name);
        assert!(
            !row.summary.is_empty() && !row.summary.ends_with('.') && !row.example.is_empty(),
            "{}",
            row.name
        );
        let mut shorts = HashSet::new();
        let all = row.metrics.iter().chain(&COMMON);
        assert!(
            all.filter(|m| !m.short.is_empty()).all(|m| shorts.insert((m.short, m.label))),
            "{}",
            row.name
        );
    }
    let metrics: Vec<&Metric> = ROWS.iter().flat_map(|row| row.metrics).copied().collect();
    for metric in &metrics {
        let same = |other: &&&Metric| other.name == metric.name && ***other != **metric;
        assert!(metrics.iter().find(same).is_none(), "two metrics are called {}", metric.name);
    }
}

#[test]
fn reference_page_is_fresh() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reference/checks.md");
    let page = crate::reference::reference_markdown();
    if std::env::var_os("WINDHOVER_BLESS").is_some() {
        std::fs::write(path, &page).unwrap();
    }
    let there = std::fs::read_to_string(path).unwrap_or_default();
    assert!(there == page, "docs/reference/checks.md is not what the tables say; run `cargo xtask docs`");
}

/// Name servers that say nothing take no more of a check's time than it has.
#[test]
fn the_limit_of_a_check_holds_for_names_too() {
    let silent = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let resolv_conf = folder.path().join("resolv.conf");
    std::fs::write(&resolv_conf, "nameserver 127.0.0.1\noptions timeout:30 attempts:5\n").unwrap();
    let port = silent.local_addr().unwrap().port();
    let options = net::dns::Options { resolv_conf, port, ..net::dns::Options::default() };
    let resolver = Resolver::new(options, Arc::new(stdx::disk::RealDisk), Arc::new(SystemClock));
    let network = Network { resolver: &resolver, interrupt: &Interrupt::default(), clock: &SystemClock };
    let name = "service.example.com";
    for (kind, target) in [
        ("tcp", "service.example.com:80"),
        ("tls", name),
        ("ping", name),
        ("http", "http://service.example.com/"),
    ] {
        let check = (find(kind).unwrap().open)(target, &Options::of([("timeout", "200ms")])).unwrap();
        let start = Instant::now();
        let outcome = check.run(&network);
        assert_eq!((outcome.state, outcome.reason), (State::Critical, "timeout"), "{kind}: {}", outcome.text);
        assert!(outcome.text.contains("waited 0.200 s in vain for an address"), "{}", outcome.text);
        // A busy machine may take its time; the name server's own limit is ten seconds.
        assert!(start.elapsed() < Duration::from_secs(8), "{:?}", start.elapsed());
    }
}

#[test]
fn the_real_resolver_serves_as_well() {
    let address = pages(|_| "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".into());
    let url = format!("http://localhost:{}/", address.port());
    let options = Options::of([("url", &url), ("family", "4")]);
    let checks = Configured::read("http", &options, "merlin").unwrap();
    let resolver = Resolver::system();
    let network = Network { resolver: &resolver, interrupt: &Interrupt::default(), clock: &SystemClock };
    let outcome = checks[0].check.run(&network);
    assert_eq!(outcome.reason, "", "{}", outcome.text);
}
