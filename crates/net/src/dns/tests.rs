//! The resolver and the single question against servers that lie, are silent, cut their answers or deny everything.

mod server;

use super::*;
use crate::{Error, Interrupt, Patience};
use server::{Folder, Servers, Tell};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use stdx::clock::{Clock, ManualClock};
use stdx::disk::RealDisk;

const NAME: &str = "mon.example.com";
const DAY_MS: i64 = 24 * 3600 * 1000;

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn a(address: [u8; 4]) -> Tell {
    Tell::Records(vec![(NAME, 1, address.to_vec())])
}

/// Answers `A` as told and has no `AAAA`.
fn only_v4(address: [u8; 4]) -> impl Fn(&str, u16) -> Tell + Send + 'static {
    move |_, kind| if kind == 1 { a(address) } else { Tell::Records(vec![]) }
}

fn ask(server: SocketAddr, name: &str, kind: Kind) -> Result<Reply, Error> {
    let query = Query { server, name, kind, timeout: Duration::from_millis(500), recursion: true };
    super::query(&query, &Interrupt::default())
}

/// A resolver with the servers `system` (places in the list) as the host's and `public` as public ones.
struct Setup {
    servers: Servers,
    folder: Folder,
    clock: Arc<ManualClock>,
    system: Vec<usize>,
    public: Vec<usize>,
    conf: &'static str,
}

impl Setup {
    fn new(servers: Servers, system: &[usize], public: &[usize]) -> Self {
        let clock = Arc::new(ManualClock::at(100 * DAY_MS));
        let (system, public) = (system.to_vec(), public.to_vec());
        Self { servers, folder: Folder::new(), clock, system, public, conf: "options attempts:1 timeout:1\n" }
    }

    fn resolver(&self) -> Resolver {
        let server = |place: &usize| format!("nameserver {}\n", self.servers.at(*place).ip());
        let text = self.system.iter().map(server).collect::<String>() + self.conf;
        let options = Options {
            hosts_file: self.folder.write("hosts", "10.9.9.9 inside.example.com\n"),
            resolv_conf: self.folder.write("resolv.conf", &text),
            port: self.servers.port(),
            public: self.public.iter().map(|place| self.servers.at(*place)).collect(),
            remember: true,
            memory_file: Some(self.folder.path("names")),
        };
        Resolver::new(options, Arc::new(RealDisk), self.clock.clone())
    }

    fn lookup(&self, name: &str) -> Result<Answer, Error> {
        self.resolver().lookup(name, Patience::usual(&Interrupt::default()))
    }
}

#[test]
fn every_kind_of_record_is_read() {
    let name = |text: &str| {
        let mut bytes = Vec::new();
        name::encode(text, &mut bytes).unwrap();
        bytes
    };
    let numbers = |list: &[u16]| list.iter().flat_map(|n| n.to_be_bytes()).collect::<Vec<u8>>();
    let servers = Servers::start(vec![Box::new(move |_, kind| {
        let data = match kind {
            1 => vec![192, 0, 2, 1],
            28 => [vec![0x20, 1, 0xd, 0xb8], vec![0; 11], vec![1]].concat(),
            2 | 5 | 12 => name("ns.example.com"),
            6 => {
                [name("ns.x"), name("me.x"), vec![0, 0, 0, 9, 0, 0, 0, 8, 0, 0, 0, 7, 0, 0, 0, 6, 0, 0, 0, 5]]
                    .concat()
            }
            15 => [numbers(&[10]), name("mx.x")].concat(),
            16 => b"\x05v=abc\x02 d".to_vec(),
            33 => [numbers(&[1, 2, 443]), name("srv.x")].concat(),
            _ => unreachable!("no other kind is asked for"),
        };
        Tell::Records(vec![(NAME, kind, data)])
    })]);
    let shown = [
        (Kind::A, "192.0.2.1"),
        (Kind::Aaaa, "2001:db8::1"),
        (Kind::Ns, "ns.example.com"),
        (Kind::Cname, "ns.example.com"),
        (Kind::Ptr, "ns.example.com"),
        (Kind::Soa, "ns.x me.x 9 8 7 6 5"),
        (Kind::Mx, "10 mx.x"),
        (Kind::Txt, "v=abc d"),
        (Kind::Srv, "1 2 443 srv.x"),
    ];
    for (kind, text) in shown {
        let reply = ask(servers.at(0), NAME, kind).unwrap();
        let [record] = &reply.message.answers[..] else { panic!("{reply:?}") };
        assert_eq!((record.data.to_string().as_str(), record.data.kind(), record.ttl_s), (text, kind, 60));
        assert_eq!(
            (reply.message.code, reply.over_tcp, Kind::named(&kind.to_string())),
            (Code::NoError, false, Some(kind))
        );
    }
    assert_eq!(Kind::reverse(ip("192.0.2.1")), "1.2.0.192.in-addr.arpa");
    let v6 = Kind::reverse(ip("2001:db8::1"));
    assert!(v6.starts_with("1.0.0.0.") && v6.ends_with("8.b.d.0.1.0.0.2.ip6.arpa"), "{v6}");
}

#[test]
fn only_the_answer_to_our_question_counts() {
    for lie in [Tell::WrongId, Tell::WrongQuestion, Tell::Garbage, Tell::Question] {
        let servers = Servers::start(vec![Box::new(move |_, _| {
            Tell::After(Box::new(lie.clone()), Box::new(a([192, 0, 2, 1])))
        })]);
        let reply = ask(servers.at(0), "MON.example.com.", Kind::A).unwrap();
        assert_eq!(reply.message.answers[0].data.address(), Some(ip("192.0.2.1")));
    }
    let servers = Servers::start(vec![Box::new(|_, _| Tell::WrongId)]);
    let error = ask(servers.at(0), NAME, Kind::A).unwrap_err();
    assert!(error.to_string().contains("no answer in 500 ms"), "{error}");
}

#[test]
fn what_was_cut_is_asked_for_again_over_tcp() {
    let many = || (0..100).map(|i| (NAME, 1, vec![192, 0, 2, i])).collect();
    let servers = Servers::start(vec![Box::new(move |_, _| Tell::Cut(many()))]);
    let reply = ask(servers.at(0), NAME, Kind::A).unwrap();
    assert!(reply.over_tcp && !reply.message.truncated);
    assert_eq!(reply.message.answers.len(), 100);
}

#[test]
fn a_code_is_an_answer_and_nobody_listening_is_told_at_once() {
    let servers = Servers::start(vec![Box::new(|_, _| Tell::Code(5))]);
    assert_eq!(ask(servers.at(0), NAME, Kind::A).unwrap().message.code, Code::Refused);
    let mut nobody = servers.at(0);
    nobody.set_ip(ip("127.0.0.77"));
    let start = Instant::now();
    let error = ask(nobody, NAME, Kind::A).unwrap_err();
    assert!(error.to_string().contains("refused") && start.elapsed() < Duration::from_millis(400), "{error}");
}

#[test]
fn another_thread_can_end_a_question() {
    let servers = Servers::start(vec![Box::new(|_, _| Tell::Nothing)]);
    let interrupt = Interrupt::default();
    let (server, theirs) = (servers.at(0), interrupt.clone());
    let asking = std::thread::spawn(move || {
        let query =
            Query { server, name: NAME, kind: Kind::A, timeout: Duration::from_secs(60), recursion: true };
        super::query(&query, &theirs)
    });
    interrupt.interrupt();
    assert!(matches!(asking.join().unwrap(), Err(Error::Interrupted)));
}

#[test]
fn addresses_files_and_localhost_need_no_server() {
    let setup = Setup::new(Servers::start(vec![Box::new(|_, _| Tell::Code(2))]), &[0], &[]);
    let origin = |name| setup.lookup(name).unwrap();
    assert_eq!(origin("::1"), Answer { addresses: vec![ip("::1")], origin: Origin::Itself });
    assert_eq!(origin("10.1.2.3").addresses, [ip("10.1.2.3")]);
    let inside = Answer { addresses: vec![ip("10.9.9.9")], origin: Origin::HostsFile };
    assert_eq!(origin("Inside.example.com"), inside);
    assert_eq!(origin("a.localhost").addresses, [ip("127.0.0.1"), ip("::1")]);
    assert_eq!(setup.servers.asked(0), 0);
    assert!(matches!(setup.lookup("a b"), Err(Error::Request(_))));
}

#[test]
fn both_kinds_of_addresses_take_turns_and_chains_are_followed() {
    let servers = Servers::start(vec![Box::new(|name, kind| {
        let alias = |from, to: &str| {
            let mut bytes = Vec::new();
            name::encode(to, &mut bytes).unwrap();
            (from, 5, bytes)
        };
        match (name, kind) {
            ("www.example.com", 1) => Tell::Records(vec![
                ("end.example.com", 1, vec![192, 0, 2, 1]),
                ("stranger.example.com", 1, vec![192, 0, 2, 66]),
                alias("mid.example.com", "END.example.com"),
                alias("www.example.com", "mid.example.com"),
                ("end.example.com", 1, vec![192, 0, 2, 2]),
            ]),
            ("www.example.com", 28) => Tell::Records(vec![("www.example.com", 28, [0; 16].to_vec())]),
            // The server leaves the rest of the chain to us.
            ("left.example.com", _) => Tell::Records(vec![alias("left.example.com", "rest.example.com")]),
            ("rest.example.com", 1) => Tell::Records(vec![("rest.example.com", 1, vec![192, 0, 2, 9])]),
            ("round.example.com", _) => Tell::Records(vec![alias("round.example.com", "round.example.com.")]),
            ("loop.example.com", _) => Tell::Records(vec![alias("loop.example.com", "pool.example.com")]),
            ("pool.example.com", _) => Tell::Records(vec![alias("pool.example.com", "loop.example.com")]),
            _ => Tell::Records(vec![]),
        }
    })]);
    let setup = Setup::new(servers, &[0], &[]);
    assert_eq!(
        setup.lookup("www.example.com").unwrap().addresses,
        [ip("::"), ip("192.0.2.1"), ip("192.0.2.2")]
    );
    assert_eq!(setup.lookup("left.example.com").unwrap().addresses, [ip("192.0.2.9")]);
    assert!(setup.lookup("round.example.com").is_err());
    let error = setup.lookup("loop.example.com").unwrap_err();
    assert!(error.to_string().contains("chain"), "{error}");
}

#[test]
fn the_next_server_is_asked_when_one_fails_and_the_search_list_is_used() {
    let mut setup = Setup::new(
        Servers::start(vec![
            Box::new(|_, _| Tell::Code(2)),
            Box::new(|name, kind| match (name, kind) {
                (NAME, 1) => a([192, 0, 2, 1]),
                _ => Tell::Code(3),
            }),
        ]),
        &[0, 1],
        &[],
    );
    setup.conf = "search other.net example.com\noptions attempts:1 timeout:1\n";
    let answer = setup.lookup("mon").unwrap();
    assert_eq!(
        answer,
        Answer { addresses: vec![ip("192.0.2.1")], origin: Origin::System(setup.servers.at(1)) }
    );
    let error = setup.lookup("absent").unwrap_err().to_string();
    assert!(error.contains("no address for `absent`") && error.contains("no such name"), "{error}");
}

#[test]
fn public_servers_are_asked_when_the_hosts_own_fail_and_then_come_first_for_a_while() {
    let setup = Setup::new(
        Servers::start(vec![Box::new(|_, _| Tell::Code(2)), Box::new(only_v4([192, 0, 2, 7]))]),
        &[0],
        &[1],
    );
    let resolver = setup.resolver();
    let lookup = || resolver.lookup(NAME, Patience::usual(&Interrupt::default())).unwrap().origin;
    assert_eq!(lookup(), Origin::Public(setup.servers.at(1)));
    let asked = setup.servers.asked(0);
    assert_eq!((lookup(), setup.servers.asked(0)), (Origin::Public(setup.servers.at(1)), asked));
    setup.clock.advance_ms(61_000);
    lookup();
    assert!(setup.servers.asked(0) > asked, "the host's servers get another chance");
    assert!(setup.lookup("mon.internal").is_err());
    assert!(
        !setup.servers.names(1).iter().any(|name| name.contains("internal")),
        "names of the inside stay inside"
    );
}

#[test]
fn dead_servers_take_no_longer_than_there_is_and_leave_time_for_the_next() {
    let silent = || Box::new(|_: &str, _| Tell::Nothing);
    let servers = Servers::start(vec![silent(), silent(), Box::new(only_v4([192, 0, 2, 7]))]);
    let mut setup = Setup::new(servers, &[0, 1, 2], &[]);
    setup.conf = "options attempts:3 timeout:30\n";
    let lookup = |resolver: &Resolver, ms| {
        let (interrupt, start) = (Interrupt::default(), Instant::now());
        let deadline = Some(start + Duration::from_millis(ms));
        (resolver.lookup(NAME, Patience { interrupt: &interrupt, deadline }), start.elapsed())
    };
    let dead = Setup { system: vec![0, 1], ..setup };
    let (found, took) = lookup(&dead.resolver(), 200);
    assert!(matches!(found, Err(Error::Resolve(_))));
    // A busy machine may take its time; the servers' own limits are minutes.
    assert!(took >= Duration::from_millis(200) && took < Duration::from_secs(8), "{took:?}");
    let last = Setup { system: vec![0, 1, 2], ..dead };
    let (found, _) = lookup(&last.resolver(), 2000);
    assert_eq!(found.unwrap().origin, Origin::System(last.servers.at(2)));
}

#[test]
fn a_name_that_is_denied_is_only_doubted_when_it_was_good_before() {
    let setup = Setup::new(
        Servers::start(vec![
            Box::new(|_, _| Tell::Code(3)),
            Box::new(only_v4([192, 0, 2, 7])),
            Box::new(only_v4([192, 0, 2, 8])),
        ]),
        &[0],
        &[1],
    );
    let error = setup.lookup(NAME).unwrap_err().to_string();
    assert!(error.contains("no such name") && setup.servers.asked(1) == 0, "{error}");
    let before = Setup { system: vec![2], ..setup };
    assert_eq!(before.lookup(NAME).unwrap().origin, Origin::System(before.servers.at(2)));
    let now = Setup { system: vec![0], ..before };
    assert_eq!(now.lookup(NAME).unwrap().origin, Origin::Public(now.servers.at(1)));
}

#[test]
fn the_last_good_answer_serves_when_all_fail_and_after_a_restart() {
    let setup = Setup::new(
        Servers::start(vec![
            Box::new(only_v4([192, 0, 2, 7])),
            Box::new(|_, _| Tell::Code(2)),
            Box::new(|_, _| Tell::Code(3)),
        ]),
        &[0],
        &[],
    );
    let learnt_ms = setup.clock.now_ms();
    setup.lookup(NAME).unwrap();
    let dead = Setup { system: vec![1], ..setup };
    dead.clock.advance_ms(20 * DAY_MS);
    let answer = dead.lookup(NAME).unwrap();
    assert_eq!(answer, Answer { addresses: vec![ip("192.0.2.7")], origin: Origin::Remembered(learnt_ms) });
    // Somebody who says that there is no such name is believed after a day.
    let denied = Setup { system: vec![2], ..dead };
    assert!(denied.lookup(NAME).is_err());
    let dead = Setup { system: vec![1], ..denied };
    dead.clock.advance_ms(20 * DAY_MS);
    assert!(dead.lookup(NAME).unwrap_err().to_string().contains("SERVFAIL"));
}

#[test]
fn counters_tell_how_names_were_found() {
    let before = resolver::PUBLIC.get();
    let setup = Setup::new(
        Servers::start(vec![Box::new(|_, _| Tell::Code(2)), Box::new(only_v4([1, 2, 3, 4]))]),
        &[0],
        &[1],
    );
    setup.lookup(NAME).unwrap();
    assert!(resolver::PUBLIC.get() > before);
    assert_eq!(setup.servers.count[0].load(Ordering::Relaxed), setup.servers.asked(0));
}
