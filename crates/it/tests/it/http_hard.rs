//! What no HTTP door should be given: each is told a reason, it is counted, and nobody else is harmed.

use it::http::{get, try_get};
use it::process::{Folder, Server};
use it::wait::until;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const SOON: Duration = Duration::from_secs(60);

/// A server, and what it had counted at its start.
struct House {
    server: Server,
    _folder: Folder,
}

impl House {
    fn new(name: &str) -> Self {
        let folder = Folder::new(name);
        let server = Server::start("server", folder.path(), 0, &[]);
        Self { server, _folder: folder }
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(("127.0.0.1", self.server.port())).unwrap();
        stream.set_read_timeout(Some(SOON)).unwrap();
        stream
    }

    /// The sum of a counter of the program's own over all its labels, or over those that have `part`.
    fn count(&self, name: &str, part: &str) -> f64 {
        let text = get(&self.server.at("/metrics")).text;
        let rows = text.lines().filter(|line| {
            line.strip_prefix(name).is_some_and(|rest| rest.starts_with([' ', '{'])) && line.contains(part)
        });
        rows.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).sum()
    }

    /// Everything that says that something was not taken.
    fn refusals(&self) -> f64 {
        [
            "windhover_ingest_rejected_total",
            "windhover_ingest_native_malformed_total",
            "windhover_serve_refused_total",
        ]
        .iter()
        .map(|name| self.count(name, ""))
        .sum()
    }

    fn post(&self, path: &str, headers: &str, body: &[u8]) -> (u16, String) {
        let mut stream = self.connect();
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}Content-Length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).unwrap();
        // The door may have ended it before all was sent.
        let _ = stream.write_all(body);
        read_answer(stream)
    }

    /// A good sample, through the door and back.
    fn still_works(&self, name: &str) {
        let now_ms = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
        let (status, _) =
            self.post("/api/v1/import/prometheus", "", format!("{name} 1 {now_ms}\n").as_bytes());
        assert_eq!(status, 200);
        let text = get(&self.server.at(&format!("/api/v1/export?match[]={name}"))).text;
        assert!(text.contains(name), "{text}");
        assert_eq!(self.count("windhover_serve_panics_total", ""), 0.0);
    }

    /// Memory that no file backs, in bytes.
    fn anonymous_bytes(&self) -> u64 {
        let text = std::fs::read_to_string(format!("/proc/{}/status", self.server.process.pid())).unwrap();
        let line = text.lines().find_map(|line| line.strip_prefix("RssAnon:")).unwrap();
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
    }
}

fn read_answer(mut stream: TcpStream) -> (u16, String) {
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes);
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let status = text.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
    (status, text.split_once("\r\n\r\n").map_or(String::new(), |(_, body)| body.to_owned()))
}

const JSON: &str = "Content-Type: application/json\r\n";
const TEXT: &str = "Content-Type: text/plain\r\n";
const PROTO: &str = "Content-Type: application/x-protobuf\r\n";
const SNAPPY: &str = "Content-Type: application/x-protobuf\r\nContent-Encoding: snappy\r\n";
const OTLP: &str = r#"{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"a","gauge":{"dataPoints":["#;

/// Path, headers, body; the status, and words of the reason.
type Case = (&'static str, &'static str, &'static [u8], u16, &'static str);

/// Everything that is wrong with one body, door by door.
const CASES: &[Case] = &[
    // Half of something.
    ("/api/v1/import/prometheus", TEXT, b"a{b=\"c", 400, "line"),
    ("/write", TEXT, b"cpu,host=a", 400, ""),
    ("/api/v2/write", TEXT, b"cpu,host=a value=", 400, ""),
    ("/api/v1/import/graphite", TEXT, b"a.b", 400, "line"),
    ("/api/v1/import/putval", TEXT, b"PUTVAL \"web1/cpu", 400, "not closed"),
    ("/api/v1/import/csv", TEXT, b"time,metric,value\n17", 400, "line"),
    ("/api/v1/probe", TEXT, b"host:source", 400, "line"),
    ("/api/put", JSON, b"{\"metric\":\"a\",\"timestamp\":17", 400, ""),
    ("/collectd", JSON, b"[{\"values\":[1],", 400, "expected a string"),
    ("/v1/metrics", JSON, b"{\"resourceMetrics\":[", 400, "ended in the middle"),
    ("/v1/metrics", PROTO, b"\x0a\xff\x01", 400, ""),
    ("/api/push", JSON, b"[{\"endpoint\":\"a\"", 400, "decode error"),
    ("/v1/push", JSON, b"[{\"endpoint\":\"a\"", 400, "connot decode body"),
    ("/openfalcon/push", JSON, b"[{\"endpoint\":\"a\"", 400, ""),
    // Not UTF-8.
    ("/api/v1/import/prometheus", TEXT, b"a{b=\"\xff\"} 1\n", 400, "UTF-8"),
    ("/write", TEXT, b"cpu,host=\xff\xfe value=1\n", 400, "UTF-8"),
    ("/api/v1/import/graphite", TEXT, b"a.\xc3\x28 1 1700000000\n", 400, "UTF-8"),
    ("/api/v1/import/putval", TEXT, b"PUTVAL web\xff/cpu/cpu N:1\n", 400, "UTF-8"),
    ("/api/v1/probe", TEXT, b"h\xff:s:1:GAUGE\n", 400, "UTF-8"),
    ("/api/v1/import/csv", TEXT, b"time,metric,value\n1700000000,\xff\xff,1\n", 400, "UTF-8"),
    // Numbers that are too large, or none.
    ("/api/v1/import/prometheus", TEXT, b"a 1 99999999999999999999\n", 400, "line\":1"),
    ("/write", TEXT, b"cpu value=1e999\n", 400, ""),
    ("/write", TEXT, b"cpu value=NaN\n", 400, ""),
    ("/api/v1/import/graphite", TEXT, b"a.b inf 1700000000\n", 400, "line\":1"),
    ("/api/v1/import/putval", TEXT, b"PUTVAL web1/cpu/cpu N:1e999\n", 400, "1e999"),
    ("/api/v1/probe", TEXT, b"h:s:inf:GAUGE\n", 400, "line\":1"),
    ("/api/put", JSON, b"{\"metric\":\"a\",\"timestamp\":1700000000,\"value\":1e999,\"tags\":{\"a\":\"b\"}}", 400, ""),
    ("/collectd", JSON, b"[{\"values\":[1],\"dstypes\":[\"gauge\"],\"dsnames\":[\"value\"],\"time\":1e999,\"host\":\"h\",\"plugin\":\"p\",\"type\":\"t\"}]", 400, "`time`"),
    ("/api/push", JSON, b"[{\"endpoint\":\"h\",\"metric\":\"m\",\"value\":1e999,\"step\":60,\"counterType\":\"GAUGE\",\"timestamp\":1}]", 400, "decode error"),
    // Another type than there should be.
    ("/api/put", JSON, b"{\"metric\":1,\"timestamp\":{},\"value\":[]}", 400, ""),
    ("/collectd", JSON, b"{\"values\":1}", 400, "expected an array"),
    ("/collectd", JSON, b"[1,\"a\",null]", 400, "no object"),
    ("/v1/metrics", JSON, b"[1,2]", 400, ""),
    ("/api/push", JSON, b"{\"endpoint\":1}", 400, "decode error"),
    // Nesting.
    ("/collectd", JSON, b"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", 400, "nested too deep"),
    // Encodings that are not what they say.
    ("/api/v1/write", SNAPPY, b"no snappy", 400, "snappy"),
    ("/api/v1/write", SNAPPY, b"\x80\x80\x80\x80\x04aaaa", 413, "larger than"),
    ("/api/v1/write", SNAPPY, b"\x04\x0cabcd", 400, ""),
    ("/api/v1/import/graphite", "Content-Encoding: gzip\r\n", b"\x1f\x8bnot gzip", 400, "gzip"),
    ("/api/v1/import/graphite", "Content-Encoding: zstd\r\n", b"\x28\xb5\x2f\xfdxx", 400, "zstd"),
    ("/api/v1/import/graphite", "Content-Encoding: deflate\r\n", b"xx", 400, "deflate"),
    ("/api/v1/import/graphite", "Content-Encoding: br\r\n", b"xx", 415, "unknown content-encoding"),
    ("/api/v1/native", PROTO, b"\x00\x01\x02\x03", 400, ""),
];

#[test]
fn every_door_says_what_is_wrong_and_counts_it() {
    let house = House::new("http-hard");
    let mut wrong = Vec::new();
    for (path, headers, body, status, words) in CASES {
        let before = house.refusals();
        let (got, text) = house.post(path, headers, body);
        let counted = house.refusals() > before;
        if got != *status || !text.contains(words) || !counted || text.is_empty() {
            wrong.push(format!(
                "{path} {:?}: {got} {text:?}, counted: {counted}",
                String::from_utf8_lossy(body)
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // One bad point among good ones costs itself; OTLP says how many, in its own words.
    let point = format!("{OTLP}{{\"asDouble\":1}},{{}}]}}}}]}}]}}]}}");
    let (status, text) = house.post("/v1/metrics", JSON, point.as_bytes());
    assert!(status == 200 && text.contains("rejectedDataPoints"), "{status} {text}");
    house.still_works("after_all");
}

/// 512 MiB of zeros in blocks that say which byte is repeated how often (RFC 8878, 3.1.1.2).
fn zstd_bomb() -> Vec<u8> {
    let mut bomb = vec![0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x38];
    for at in 0..4096 {
        let header: u32 = 0x20000 << 3 | 1 << 1 | u32::from(at == 4095);
        bomb.extend_from_slice(&header.to_le_bytes()[..3]);
        bomb.push(0);
    }
    bomb
}

fn gzip_bomb() -> Vec<u8> {
    let made = "import sys,gzip; sys.stdout.buffer.write(gzip.compress(bytes(300 << 20)))";
    Command::new("/usr/bin/python3").args(["-c", made]).output().unwrap().stdout
}

#[test]
fn what_unfolds_without_end_is_refused_at_its_bound() {
    let house = House::new("http-bombs");
    for (encoding, bomb) in [("zstd", zstd_bomb()), ("gzip", gzip_bomb())] {
        let before = house.count("windhover_serve_refused_total", "body too large");
        let headers = format!("Content-Encoding: {encoding}\r\n");
        let (status, text) = house.post("/api/v1/import/prometheus", &headers, &bomb);
        assert!(status == 413 && text.contains("larger than"), "{encoding}: {status} {text}");
        assert_eq!(house.count("windhover_serve_refused_total", "body too large"), before + 1.0);
    }
    // A body that never ends, without any encoding.
    let mut stream = house.connect();
    stream
        .write_all(b"POST /write HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n")
        .unwrap();
    let chunk = [b"10000\r\n".as_slice(), &[b'x'; 0x10000], b"\r\n"].concat();
    let sent = (0..4096).take_while(|_| stream.write_all(&chunk).is_ok()).count();
    assert!(sent < 4096, "256 MiB were taken");
    house.still_works("after_bombs");
}

#[test]
fn who_is_slow_or_never_says_what_holds_up_nobody() {
    let house = House::new("http-slow");
    let head = "POST /write HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\ncpu val";
    let half_heads = ["POST /write HT", "GET / HTTP/1.1\r\nHo", ""];
    let mut slow: Vec<TcpStream> = Vec::new();
    for at in 0..300 {
        let mut stream = house.connect();
        stream.write_all(if at < 200 { head } else { half_heads[at % 3] }.as_bytes()).unwrap();
        slow.push(stream);
    }
    until("all to be there", SOON, || {
        (house.count("windhover_serve_connections", "") >= 300.0).then_some(())
    });
    house.still_works("beside_the_slow");
    // Those who break off are counted as such; those who never end their head are sent away.
    slow.iter().take(200).for_each(|stream| drop(stream.shutdown(Shutdown::Both)));
    let broken = || house.count("windhover_serve_refused_total", "body broke off");
    until("the broken ones", SOON, || (broken() >= 200.0).then_some(()));
    until("the silent ones", SOON, || (house.count("windhover_serve_idle_total", "") >= 100.0).then_some(()));
    let (status, _) = {
        let mut stream = house.connect();
        stream.write_all(b"\x16\x03\x01 this is no HTTP\r\n\r\n").unwrap();
        read_answer(stream)
    };
    assert!(status == 400 && house.count("windhover_serve_refused_total", "no HTTP") >= 1.0, "{status}");
    house.still_works("after_the_slow");
}

/// Connections that say nothing, and among how many processes.
const IDLE: usize = 20_000;
const HOLDERS: usize = 5;
/// A connection that has said nothing has the buffers of its reader and of its task.
const CONNECTION_BYTES_MAX: u64 = 16 << 10;

/// A process that holds connections open until its input ends, and says when it has had them.
const HOLDER: &str = "import socket, sys\n\
    port, count = int(sys.argv[1]), int(sys.argv[2])\n\
    held = []\n\
    for i in range(count):\n\
    \x20   s = socket.socket(); s.bind(('127.0.%d.%d' % (10 + int(sys.argv[3]), 1 + i % 8), 0)); s.connect(('127.0.0.1', port)); held.append(s)\n\
    print('held', flush=True)\n\
    sys.stdin.read()\n";

#[test]
fn twenty_thousand_idle_connections_are_borne() {
    let limit = Command::new("sh").args(["-c", "ulimit -Hn"]).output().unwrap();
    let limit: usize = String::from_utf8_lossy(&limit.stdout).trim().parse().unwrap_or(usize::MAX);
    // Descriptors of everything else in the server.
    let idle = IDLE.min(limit.saturating_sub(2000));
    let house = House::new("http-idle");
    let before = house.anonymous_bytes();
    let hold = |number: usize| {
        let (port, count) = (house.server.port().to_string(), (idle / HOLDERS).to_string());
        let mut command = Command::new("/usr/bin/python3");
        command.args(["-c", HOLDER, &port, &count, &number.to_string()]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap()
    };
    let mut holders: Vec<_> = (0..HOLDERS).map(hold).collect();
    let mut most = 0;
    for holder in &mut holders {
        let mut said = [0; 5];
        holder.stdout.as_mut().unwrap().read_exact(&mut said).unwrap();
        most = most.max(house.anonymous_bytes());
    }
    // Whoever has said nothing for long enough is sent away, which may begin before the last has come.
    let seen =
        || house.count("windhover_serve_connections", "") + house.count("windhover_serve_idle_total", "");
    until("all to be seen", SOON, || (seen() >= idle as f64).then_some(()));
    house.still_works("beside_the_idle");
    most = most.max(house.anonymous_bytes());
    println!("{idle} idle connections: {} KB", most.saturating_sub(before) >> 10);
    let cost = most.saturating_sub(before);
    assert!(cost < idle as u64 * CONNECTION_BYTES_MAX, "{idle} connections cost {cost} bytes");
    assert_eq!(house.count("windhover_serve_refused_total", "too many connections"), 0.0);
    until("all to be sent away", SOON, || {
        (house.count("windhover_serve_connections", "") < 10.0).then_some(())
    });
    for mut holder in holders {
        drop(holder.stdin.take());
        assert!(holder.wait().unwrap().success());
    }
    assert!(try_get(&house.server.at("/health")).is_some_and(|answer| answer.status == 200));
}
