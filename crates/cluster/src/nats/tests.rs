//! Against a real NATS server: the one that `WINDHOVER_NATS_SERVER` names, the one of PyPI where the suite has installed it,
//! which is new enough to know a time for a key, or whichever is in the path.

use super::*;
use crate::leases::Facts;
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

struct Server {
    folder: tempfile::TempDir,
    port: u16,
    process: Option<Child>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

fn program() -> String {
    let named = std::env::var("WINDHOVER_NATS_SERVER").ok();
    let installed = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/python/bin/nats-server");
    let installed = || std::path::Path::new(installed).exists().then(|| installed.to_owned());
    named.or_else(installed).unwrap_or_else(|| "nats-server".to_owned())
}

impl Server {
    /// `None` where there is none, which is said.
    fn start() -> Option<Self> {
        if Command::new(program()).arg("--version").output().is_err() {
            eprintln!("skipped: there is no `{}`", program());
            return None;
        }
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut server = Self { folder: tempfile::tempdir().unwrap(), port, process: None };
        server.run();
        Some(server)
    }

    fn run(&mut self) {
        let mut command = Command::new(program());
        command.args(["-js", "-a", "127.0.0.1", "-p", &self.port.to_string(), "-sd"]).arg(self.folder.path());
        self.process = Some(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());
    }

    fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            let _ = process.kill();
            let _ = process.wait();
        }
    }

    fn leases(&self) -> Nats {
        let servers = vec![format!("nats://127.0.0.1:{}", self.port)];
        let bucket = "windhover".to_owned();
        Nats::start(Options { servers, credentials: None, ca: None, bucket, replicas: 1 }).unwrap()
    }
}

fn value(instance: &str) -> Value {
    let facts = Facts::from([("url".to_owned(), "http://a.b:1".to_owned())]);
    Value { instance: instance.to_owned(), ttl_ms: 1000, facts }
}

/// What is answered once somebody answers.
#[track_caller]
fn patient<T>(mut call: impl FnMut() -> Result<T, Error>) -> T {
    let end = Instant::now() + Duration::from_secs(30);
    loop {
        match call() {
            Ok(answer) => return answer,
            Err(Error::Away(_)) if Instant::now() < end => std::thread::sleep(Duration::from_millis(50)),
            Err(e) => panic!("{e}"),
        }
    }
}

#[test]
fn a_lease_is_written_renewed_given_up_and_held_against_others() {
    let Some(server) = Server::start() else { return };
    let leases = server.leases();
    assert_eq!(patient(|| leases.list("g")), []);
    let mut lease = patient(|| leases.register("g", "web 1.de", &value("1"), None));
    let first = lease.revision;
    leases.renew(&mut lease).unwrap();
    assert!(lease.revision > first);
    let listed = leases.list("g").unwrap();
    let entry = Entry { name: "web 1.de".to_owned(), revision: lease.revision, value: Some(value("1")) };
    assert_eq!(listed, std::slice::from_ref(&entry));
    assert_eq!(leases.list("other").unwrap(), []);
    let other = server.leases();
    let held = patient(|| match other.register("g", "web 1.de", &value("2"), None) {
        Err(Error::Held(entry)) => Ok(entry),
        Err(e) => Err(e),
        Ok(lease) => panic!("{lease:?}"),
    });
    assert_eq!(*held, entry);
    // It is known to be dead: it is taken over, and the one that was taken for dead hears of it.
    let second = other.register("g", "web 1.de", &value("2"), Some(entry.revision)).unwrap();
    assert!(matches!(leases.renew(&mut lease), Err(Error::Held(_))));
    assert!(matches!(leases.release(&lease), Err(Error::Held(_))));
    other.release(&second).unwrap();
    assert_eq!(leases.list("g").unwrap().pop().map(|entry| entry.value), Some(None));
    let again = leases.register("g", "web 1.de", &value("3"), None).unwrap();
    assert_eq!(leases.list("g").unwrap().pop().map(|entry| entry.revision), Some(again.revision));
}

#[test]
fn a_lease_that_ran_out_is_written_anew_and_runs_out_again() {
    let Some(server) = Server::start() else { return };
    let leases = server.leases();
    let mut lease = patient(|| leases.register("g", "a", &value("1"), None));
    if !leases.calls.knows_ttl() {
        eprintln!("skipped: this server knows no time for a key; watchers go by renewals all the same");
        return;
    }
    for _ in 0..3 {
        let end = Instant::now() + Duration::from_secs(20);
        while !leases.list("g").unwrap().is_empty() {
            assert!(Instant::now() < end, "a lease of a second is still there");
            std::thread::sleep(Duration::from_millis(50));
        }
        leases.renew(&mut lease).unwrap();
        assert_eq!(leases.list("g").unwrap().len(), 1);
    }
}

#[test]
fn a_write_wakes_who_waits_and_the_server_may_die_and_lose_everything() {
    let Some(mut server) = Server::start() else { return };
    let (leases, other) = (server.leases(), server.leases());
    patient(|| leases.list("g"));
    let mut lease = patient(|| other.register("g", "a", &value("1"), None));
    // The subscription is made beside the list: the first hint may be missed, a later one is not.
    let end = Instant::now() + Duration::from_secs(20);
    loop {
        let waiting = std::thread::scope(|scope| {
            let waiting = scope.spawn(|| {
                let started = Instant::now();
                leases.wait("g", Duration::from_secs(5));
                started.elapsed()
            });
            std::thread::sleep(Duration::from_millis(200));
            other.release(&lease).unwrap();
            waiting.join().unwrap()
        });
        if waiting < Duration::from_secs(4) {
            break;
        }
        assert!(Instant::now() < end, "no hint");
        lease = other.register("g", "a", &value("1"), None).unwrap();
    }
    server.kill();
    assert!(matches!(leases.list("g"), Err(Error::Away(_))), "an answer without a server");
    std::fs::remove_dir_all(server.folder.path().join("jetstream")).unwrap();
    server.run();
    assert_eq!(patient(|| leases.list("g")), []);
    patient(|| other.renew(&mut lease));
    assert_eq!(leases.list("g").unwrap().len(), 1);
}
