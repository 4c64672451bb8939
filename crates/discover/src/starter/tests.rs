use super::*;
use crate::plan::{Address, Ask};
use model::{Batch, PushError, Receipt, Report};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Mutex;
use std::time::{Duration, Instant};
use stdx::clock::SystemClock;
use stdx::disk::RealDisk;

/// Notes names and labels of what comes.
#[derive(Default)]
struct Basket(Mutex<Vec<String>>);

impl Sink for Basket {
    fn push(&self, batch: &Batch) -> Result<Receipt, PushError> {
        let mut basket = self.0.lock().unwrap();
        for rows in batch.groups() {
            let labels = rows.slots.iter().map(|slot| batch.dictionary.labels(*slot).to_string());
            basket.extend(labels.zip(rows.values).map(|(labels, value)| format!("{labels} {value}")));
        }
        let report = Report { accepted: batch.len() as u64, ..Report::default() };
        Ok(Receipt { report, ..Receipt::default() })
    }
}

fn wait_for<T>(what: &str, mut find: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        if let Some(found) = find() {
            return found;
        }
        assert!(Instant::now() < deadline, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn plugins(basket: &Arc<Basket>) -> (Plugins, Arc<Tailer>) {
    let settings = logparse::Settings {
        host: "merlin".to_owned(),
        positions: None,
        interval_ms: 1000,
        tell: Arc::new(|_, _| {}),
    };
    let tailer = Arc::new(Tailer::new(settings, basket.clone(), Arc::new(SystemClock), Arc::new(RealDisk)));
    let plugins = Plugins {
        host: "merlin".to_owned(),
        tailer: Arc::downgrade(&tailer),
        named_logs: Arc::default(),
        sink: basket.clone(),
        ask_every_ms: 1000,
        sniffer: None,
    };
    (plugins, tailer)
}

#[test]
fn a_service_is_asked_and_its_numbers_reach_the_sink() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut asked = vec![0; 4096];
        let count = stream.read(&mut asked).unwrap();
        let page = "Active connections: 3 \nserver accepts handled requests\n 7 7 9 \nReading: 0 Writing: 1 Waiting: 2 \n";
        write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{page}", page.len()).unwrap();
        String::from_utf8_lossy(&asked[..count]).into_owned()
    });
    let basket = Arc::new(Basket::default());
    let (mut plugins, _tailer) = plugins(&basket);
    let ask = Ask {
        path: "/s".to_owned(),
        host: "status.example.com".to_owned(),
        container: "4f6c".to_owned(),
        ..Ask::new("nginx", Address::Tcp(address))
    };
    let mut running = plugins.start("nginx: status", &Work::Ask(ask)).unwrap();
    running.tick(1000);
    let asked = server.join().unwrap();
    assert!(asked.starts_with("GET /s ") && asked.contains("Host: status.example.com"), "{asked}");
    wait_for("its standing", || {
        running.tick(1000);
        running.standing().filter(|standing| standing.last_ms == Some(1000) && standing.samples > 3)
    });
    let seen = basket.0.lock().unwrap().join("\n");
    let wanted = format!("container=\"4f6c\",host=\"merlin\",instance=\"{address}\"");
    assert!(seen.contains(&wanted) && seen.contains("service_up"), "{seen}");
}

#[test]
fn one_that_hangs_costs_no_tick_and_is_told_of() {
    // Accepts by its queue and never answers.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let ask = Ask::new("redis", Address::Tcp(listener.local_addr().unwrap()));
    let basket = Arc::new(Basket::default());
    let (mut plugins, _tailer) = plugins(&basket);
    let mut running = plugins.start("redis: info", &Work::Ask(ask)).unwrap();
    let before = Instant::now();
    (1..=4).for_each(|second| running.tick(second * 1000));
    assert!(before.elapsed() < Duration::from_secs(5));
    let problem = running.standing().unwrap().problem;
    assert_eq!(problem, "it has been asked for 3 s and has not answered");
}

#[test]
fn who_cannot_be_asked_or_read_says_why() {
    let basket = Arc::new(Basket::default());
    let (mut plugins, tailer) = plugins(&basket);
    let ask = Ask::new("nosuch", Address::Tcp(([127, 0, 0, 1], 1).into()));
    let why = plugins.start("x", &Work::Ask(ask)).err().unwrap();
    assert_eq!(why, "this agent does not know how to ask nosuch for numbers");
    let mut log = Log { format: "escape=nosuch $status".to_owned(), ..log("/nowhere/a.log") };
    let why = plugins.start("nginx: log", &Work::Log(log.clone())).err().unwrap();
    assert!(why.starts_with("the format odd cannot be used: at byte"), "{why}");
    log.format = "$status".to_owned();
    let running = plugins.start("nginx: log", &Work::Log(log.clone())).unwrap();
    drop(running);
    drop(tailer);
    let why = plugins.start("nginx: log", &Work::Log(log)).err().unwrap();
    assert_eq!(why, "the agent stops");
}

#[test]
fn a_log_that_the_settings_name_is_left_to_them() {
    let named = ["/var/log/shop/*.log".to_owned()];
    let except = |root: &str| {
        let log = Log { root: root.into(), ..log("/var/log/shop/access.log") };
        spec("nginx", &log, &named).unwrap().except
    };
    assert_eq!(except("/"), named);
    assert!(except("/proc/7/root").is_empty(), "that is another file of this name");
}

fn log(path: &str) -> Log {
    Log {
        root: "/".into(),
        path: path.to_owned(),
        except: Vec::new(),
        named: path.to_owned(),
        container: String::new(),
        syntax: "nginx",
        format_name: "odd".to_owned(),
        format: "$status".to_owned(),
        source: Source::Plain,
    }
}

#[test]
fn a_port_is_listened_to_as_long_as_somebody_wants_it() {
    let basket = Arc::new(Basket::default());
    let options = sniff::sniffer::Options::for_host("merlin");
    let sniffer = Arc::new(Sniffer::start(options, basket.clone(), Arc::new(SystemClock)));
    let (mut plugins, _tailer) = plugins(&basket);
    let work = |port| {
        Work::Sniff(crate::plan::Sniff { protocol: "mongodb", port, network: None, container: String::new() })
    };
    assert_eq!(plugins.start("x", &work(1)).err().unwrap(), "this agent has no sniffer");
    plugins.sniffer = Some(sniffer.clone());
    // The settings have this one read.
    sniffer.watch(1, "redis").unwrap();
    let own = plugins.start("a: traffic", &work(1)).unwrap();
    let lent = plugins.start("b: traffic", &work(2)).unwrap();
    assert_eq!(sniffer.watched(), [(1, "redis")]);
    assert!(own.standing().is_none());
    let standing = lent.standing().unwrap();
    assert!(
        standing.problem.is_empty() || standing.problem.starts_with("what it is asked, "),
        "{standing:?}"
    );
    let told: Vec<String> = model::Standings::standings(&*sniffer).into_iter().map(|it| it.name).collect();
    assert_eq!(told, ["redis on port 1"], "the other is told of by the service");
    drop((own, lent));
    assert_eq!(sniffer.watched(), [(1, "redis")]);
}
