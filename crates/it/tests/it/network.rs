//! An agent whose link is cut, swallowed or frozen, whose name server is gone, whose disk is full, and whose server
//! answers badly: after each, every second is there exactly once on a real server.

use it::http::{numbers, run, try_get};
use it::network::{AGENT, Network, RESOLVER, SERVER, Side};
use it::process::{Folder, Running};
use it::wait::until;
use std::io::{Read, Write};
use std::net::{TcpListener, UdpSocket};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

const SOON: Duration = Duration::from_secs(30);
/// A server that was away for long is tried again after at most half a minute.
const LATER: Duration = Duration::from_secs(90);
const PORT: u16 = 9463;

/// Two hosts, a server on one and an agent on the other, as far as they run.
struct World {
    // Dropped first to last: processes before their network.
    agent: Option<Running>,
    server: Option<Running>,
    data: Folder,
    spool: Folder,
    network: Network,
}

fn now_s() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

impl World {
    fn new(name: &str) -> Option<Self> {
        let network = Network::new()?;
        let (data, spool) = (Folder::new(&format!("{name}-server")), Folder::new(&format!("{name}-agent")));
        Some(Self { agent: None, server: None, data, spool, network })
    }

    /// Both run, and the first samples have arrived.
    fn running(name: &str) -> Option<Self> {
        let mut world = Self::new(name)?;
        world.start_server();
        world.start_agent("", SERVER, &[]);
        world.wait_for_first_samples();
        Some(world)
    }

    fn start_server(&mut self) {
        let data = self.data.path().display().to_string();
        let listen = format!("{SERVER}:{PORT}");
        let arguments = ["server", "--data", &data, "--listen", &listen, "--access-open"];
        self.server = Some(self.network.start(Side::Server, "", &arguments));
        until("the server to be ready", SOON, || {
            let health = format!("{}/health", url());
            self.network.on(Side::Server, || try_get(&health)).filter(|answer| answer.status == 200)
        });
    }

    fn start_agent(&mut self, prepare: &str, host: &str, more: &[&str]) {
        let spool = self.spool.path().display().to_string();
        let server = format!("http://{host}:{PORT}");
        let arguments = [
            &["agent", "--host", "merlin", "--server", &server, "--data", &spool, "--settings-every", "0s"],
            more,
        ]
        .concat();
        let agent = self.network.start(Side::Agent, prepare, &arguments);
        agent.line_with("watches");
        self.agent = Some(agent);
    }

    fn agent(&self) -> &Running {
        self.agent.as_ref().unwrap()
    }

    /// Samples of each second from `from_s` up to `to_s`.
    fn counts(&self, from_s: u64, to_s: u64) -> Vec<f64> {
        let expr = ".es(q='host:merlin', metric='count:load1')";
        let series =
            self.network.on(Side::Server, || run(&url(), expr, &from_s.to_string(), &to_s.to_string(), "1s"));
        series.first().map(numbers).unwrap_or_default()
    }

    fn wait_for_first_samples(&self) {
        until("the agent's first samples", SOON, || {
            let heard = self.counts(now_s() - 60, now_s() + 1).iter().filter(|n| **n > 0.0).count();
            (heard >= 2).then_some(())
        });
    }

    /// Waits until every second from `from_s` to now is there, then fails unless each is there exactly once.
    fn assert_every_second_since(&self, from_s: u64) {
        let to_s = now_s();
        let counts = until("every second to be there", LATER, || {
            let counts = self.counts(from_s, to_s);
            let complete = counts.len() as u64 == to_s - from_s && counts.iter().all(|n| *n >= 1.0);
            if !complete && to_s + 80 < now_s() {
                println!("from {from_s} to {to_s}: {counts:?}");
            }
            complete.then_some(counts)
        });
        assert!(counts.iter().all(|n| *n == 1.0), "doubled: {counts:?}");
    }
}

fn url() -> String {
    format!("http://{SERVER}:{PORT}")
}

fn pass(seconds: u64) {
    let until_s = now_s() + seconds;
    until("some seconds to pass", SOON, || (now_s() >= until_s).then_some(()));
}

#[test]
fn a_link_that_is_cut_is_noticed_within_seconds_and_costs_no_sample() {
    let Some(world) = World::running("cut") else { return };
    let from_s = now_s() - 1;
    world.network.plug(false);
    let start = Instant::now();
    world.agent().line_with("WARN");
    assert!(start.elapsed() < Duration::from_secs(10), "noticed after {:?}", start.elapsed());
    pass(3);
    world.network.plug(true);
    world.agent().line_with("shipping works again");
    world.assert_every_second_since(from_s);
}

#[test]
fn a_black_hole_is_noticed_within_seconds_and_costs_no_sample() {
    let Some(world) = World::running("hole") else { return };
    let from_s = now_s() - 1;
    world.network.black_hole(true);
    let start = Instant::now();
    world.agent().line_with("the link is dead");
    assert!(start.elapsed() < Duration::from_secs(10), "noticed after {:?}", start.elapsed());
    pass(3);
    world.network.black_hole(false);
    world.agent().line_with("shipping works again");
    world.assert_every_second_since(from_s);
}

#[test]
fn a_frozen_server_is_told_of_and_goes_on_where_it_was() {
    let Some(world) = World::running("frozen") else { return };
    let from_s = now_s() - 1;
    world.server.as_ref().unwrap().signal("STOP");
    world.agent().line_with("it is slow or stopped");
    world.server.as_ref().unwrap().signal("CONT");
    world.agent().line_with("shipping works again");
    world.assert_every_second_since(from_s);
}

/// A name server that knows one address for every name.
struct Resolver {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Resolver {
    fn start(network: &Network, address: [u8; 4]) -> Self {
        let socket = network.on(Side::Server, || UdpSocket::bind((RESOLVER, 53)).unwrap());
        socket.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = stop.clone();
        let thread = std::thread::spawn(move || {
            let mut packet = [0; 512];
            while !stopped.load(Ordering::Relaxed) {
                let Ok((len, from)) = socket.recv_from(&mut packet) else { continue };
                let mut answer = packet[..len].to_vec();
                answer[2] |= 0x80;
                // The kind asked for is in the last four bytes; there is an address of IPv4 only.
                if answer[len - 3] == 1 {
                    answer[7] = 1;
                    answer.extend_from_slice(&[0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4]);
                    answer.extend_from_slice(&address);
                }
                let _ = socket.send_to(&answer, from);
            }
        });
        Self { stop, thread: Some(thread) }
    }
}

impl Drop for Resolver {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

#[test]
fn without_a_name_server_others_are_asked_and_the_last_answer_is_remembered() {
    let Some(mut world) = World::new("dns") else { return };
    world.start_server();
    let resolver = Resolver::start(&world.network, [10, 77, 0, 1]);
    // The host's own name server is an address where nobody is; only the agent's process sees this file.
    let conf = world.spool.path().join("resolv.conf");
    std::fs::write(&conf, "nameserver 10.77.0.99\noptions timeout:1 attempts:1\n").unwrap();
    let prepare = format!("mount --bind {} /etc/resolv.conf", conf.display());
    let name = "collector.windhover-test.net";
    world.start_agent(&prepare, name, &["--resolvers", RESOLVER]);
    world.wait_for_first_samples();
    let from_s = now_s() - 1;
    // Now that one dies, too, the server restarts, and so does the agent: it remembers where the server was.
    drop(resolver);
    drop(world.agent.take());
    drop(world.server.take());
    let names = std::fs::read_to_string(world.spool.path().join("names")).unwrap();
    assert!(names.starts_with(&format!("{name} ")) && names.ends_with(" 10.77.0.1\n"), "{names}");
    world.start_server();
    world.start_agent(&prepare, name, &["--resolvers", RESOLVER]);
    let again_s = now_s() + 1;
    until("samples after all name servers died", LATER, || {
        world.counts(again_s, again_s + 60).iter().any(|n| *n > 0.0).then_some(())
    });
    assert!(world.counts(from_s, now_s()).iter().all(|n| *n <= 1.0));
}

#[test]
fn a_full_disk_is_worked_around_in_memory_and_used_again_when_there_is_room() {
    let Some(mut world) = World::new("full") else { return };
    let mount = format!("mount -t tmpfs -o size=512k none {}", world.spool.path().display());
    world.start_agent(&mount, SERVER, &[]);
    // The small disk as the agent sees it.
    let process = PathBuf::from(format!("/proc/{}/root", world.agent().pid()));
    let disk = process.join(world.spool.path().strip_prefix("/").unwrap());
    let filler = disk.join("filler");
    let filled = std::fs::File::create(&filler).unwrap().write_all(&vec![1; 1 << 20]);
    assert!(filled.is_err(), "the disk is small");
    let from_s = now_s() + 1;
    world.agent().line_with("the spool: ");
    pass(5);
    world.start_server();
    world.assert_every_second_since(from_s);
    std::fs::remove_file(&filler).unwrap();
    until("a segment on disk again", LATER, || {
        let entries = std::fs::read_dir(disk.join("spool")).unwrap().flatten();
        let mut sizes = entries.filter_map(|e| e.metadata().ok().filter(|m| m.is_file()).map(|m| m.len()));
        sizes.any(|size| size > 200).then_some(())
    });
    world.agent().line_with("the spool works again");
    pass(2);
    world.assert_every_second_since(from_s);
}

/// The spool's files with this end, and what is in them.
fn spool_files(world: &World, end: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let entries = std::fs::read_dir(world.spool.path().join("spool")).unwrap().flatten();
    let paths = entries.map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|e| e == end));
    paths.map(|path| (path.clone(), std::fs::read(&path).unwrap())).collect()
}

#[test]
fn an_agent_that_is_killed_and_whose_spool_is_damaged_loses_nothing() {
    let Some(mut world) = World::new("damaged") else { return };
    world.start_agent("", SERVER, &[]);
    let from_s = now_s() + 1;
    pass(6);
    world.agent().signal("KILL");
    let to_s = now_s() - 1;
    drop(world.agent.take());
    let (firsts, seconds) = (spool_files(&world, "whs"), spool_files(&world, "whm"));
    assert_eq!((firsts.len(), seconds.len()), (1, 1));
    for (path, mut bytes) in firsts {
        let middle = bytes.len() / 2;
        bytes[middle] ^= 0x10;
        std::fs::write(path, bytes).unwrap();
    }
    for (path, mut bytes) in seconds {
        let tail = bytes.len() - (bytes.len() - 4096) / 5;
        bytes.splice(tail..tail, *b"noise");
        std::fs::write(path, bytes).unwrap();
    }
    world.start_server();
    world.start_agent("", SERVER, &[]);
    until("all that was in the spool", LATER, || {
        let counts = world.counts(from_s, to_s);
        (counts.len() as u64 == to_s - from_s && counts.iter().all(|n| *n == 1.0)).then_some(())
    });
}

/// A server that answers one request after another with these texts and closes each connection.
fn answer_badly(network: &Network, answers: Vec<&'static [u8]>) -> JoinHandle<()> {
    let listener = network.on(Side::Server, || TcpListener::bind((SERVER, PORT)).unwrap());
    std::thread::spawn(move || {
        for answer in answers {
            let (mut socket, from) = listener.accept().unwrap();
            assert_eq!(from.ip().to_string(), AGENT);
            socket.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
            let mut request = Vec::new();
            let _ = socket.read_to_end(&mut request);
            assert!(request.starts_with(b"POST /api/v1/native HTTP/1.1\r\n"));
            socket.write_all(answer).unwrap();
        }
    })
}

#[test]
fn bad_answers_cost_no_sample() {
    let Some(mut world) = World::new("answers") else { return };
    let server = answer_badly(
        &world.network,
        vec![
            b"",
            b"HTTP/1.1 200 OK\r\nContent-Le",
            b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{\"next\":",
            b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nok\r\n",
            b"HTTP/1.1 503 Busy\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n",
            b"HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n",
            b"SSH-2.0-OpenSSH_9.2\r\n",
        ],
    );
    world.start_agent("", SERVER, &[]);
    let from_s = now_s() + 1;
    server.join().unwrap();
    world.start_server();
    world.assert_every_second_since(from_s);
}

#[test]
fn what_is_refused_is_put_aside_with_the_answer_and_the_rest_goes_on() {
    let Some(mut world) = World::new("refused") else { return };
    let refusal = b"HTTP/1.1 422 No\r\nContent-Length: 12\r\n\r\nnot like so\n";
    let server = answer_badly(&world.network, vec![refusal]);
    world.start_agent("", SERVER, &[]);
    server.join().unwrap();
    let quarantine = world.spool.path().join("spool/quarantine");
    let (text, segments) = until("the answer in the quarantine", SOON, || {
        let files: Vec<PathBuf> = std::fs::read_dir(&quarantine).ok()?.flatten().map(|e| e.path()).collect();
        let (texts, segments): (Vec<_>, Vec<_>) =
            files.into_iter().partition(|path| path.extension().is_some_and(|e| e == "txt"));
        let text = std::fs::read_to_string(texts.first()?).ok().filter(|text| text.ends_with('\n'))?;
        Some((text, segments.len()))
    });
    world.agent().line_with("a segment was put aside: the server answered 422");
    assert_eq!((text.as_str(), segments), ("the server answered 422: not like so\n", 1));
    let from_s = now_s() + 1;
    world.start_server();
    pass(3);
    world.assert_every_second_since(from_s);
}
