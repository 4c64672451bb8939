use super::*;
use crate::Dns;
use crate::relabel::{Rule, Spec};
use model::{Batch, PushError, Receipt, is_stale};
use net::dns::{Kind, Resolver};
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::sync::Mutex;
use std::time::Duration;
use stdx::clock::SystemClock;

/// Keeps lines `series value`.
#[derive(Default)]
struct Kept(Mutex<Vec<String>>);

impl Sink for Kept {
    fn push(&self, batch: &Batch) -> Result<Receipt, PushError> {
        let mut lines = self.0.lock().unwrap();
        for rows in batch.groups() {
            for (slot, value) in rows.slots.iter().zip(rows.values) {
                let value = if is_stale(*value) { "end".into() } else { value.to_string() };
                lines.push(format!("{} {value}", batch.dictionary.labels(*slot)));
            }
        }
        Ok(Receipt::default())
    }
}

impl Kept {
    fn until(&self, what: &str, is_it: impl Fn(&str) -> bool) {
        until(
            what,
            || self.0.lock().unwrap().iter().any(|line| is_it(line)),
            || self.0.lock().unwrap().join("\n"),
        );
    }
}

fn until(what: &str, mut is_so: impl FnMut() -> bool, seen: impl Fn() -> String) {
    let end = Instant::now() + Duration::from_secs(30);
    while !is_so() {
        assert!(Instant::now() < end, "no {what} in\n{}", seen());
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Answers every request with what `page` says to its head.
fn serve(page: impl Fn(&str) -> Vec<u8> + Send + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut reader = BufReader::new(&stream);
            let mut head = String::new();
            while reader.read_line(&mut head).is_ok_and(|len| len > 2) {}
            let _ = (&stream).write_all(&page(&head));
        }
    });
    address
}

fn answer(headers: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n{headers}\r\n", body.len());
    [head.as_bytes(), body].concat()
}

fn job(name: &str, target: &str) -> Job {
    let mut job = Job::new(name);
    job.targets = vec![target.to_owned()];
    (job.interval, job.timeout) = (Duration::from_millis(100), Duration::from_millis(100));
    job
}

fn start(jobs: Vec<Job>, resolver: Arc<dyn Resolve>) -> (Scraper, Arc<Kept>) {
    let kept = Arc::new(Kept::default());
    let options = Options { host: "here".into(), threads_max: 4 };
    (Scraper::start(jobs, options, kept.clone(), Arc::new(SystemClock), resolver).unwrap(), kept)
}

fn system() -> Arc<dyn Resolve> {
    Arc::new(Resolver::system())
}

#[test]
fn a_target_is_asked_with_its_login_and_a_packed_page_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let token = folder.path().join("token");
    std::fs::write(&token, "s3cret\n").unwrap();
    let address = serve(|head| {
        let is_known =
            head.contains("Authorization: Bearer s3cret\r\n") && head.starts_with("GET /m?a=b HTTP/1.1");
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        let page = format!("# TYPE a counter\na_total {} 1.5\n# EOF\n", u8::from(is_known));
        packed.write_all(page.as_bytes()).unwrap();
        let headers =
            "Content-Encoding: gzip\r\nContent-Type: application/openmetrics-text; version=1.0.0\r\n";
        answer(headers, &packed.finish().unwrap())
    });
    let mut job = job("j", &address.to_string());
    job.login = Some(crate::Login::Bearer { token_file: token });
    (job.path, job.params) = ("/m".into(), vec![("a".into(), "b".into())]);
    let (scraper, kept) = start(vec![job], system());
    let labels = format!(r#"{{host="here",instance="{address}",job="j"}}"#);
    kept.until("sample", |line| line == format!("a_total{labels} 1"));
    kept.until("up", |line| line == format!("up{labels} 1"));
    kept.until("count", |line| line == format!("scrape_samples_scraped{labels} 1"));
    let stands = || scraper.standings().standings();
    until("standing", || stands().iter().any(|s| s.last_ms.is_some()), || format!("{:?}", stands()));
    let standing = stands().remove(0);
    assert_eq!((standing.name, standing.problem.as_str()), (format!("j http://{address}/m?a=b"), ""));
}

#[test]
fn a_target_that_fails_is_down_and_says_why() {
    let full = serve(|_| answer("", &[b'x'; 5000]));
    // Packed once: on a busy machine it takes longer than an answer may.
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packed.write_all(&vec![0; 1 << 20]).unwrap();
    let packed = answer("Content-Encoding: gzip\r\n", &packed.finish().unwrap());
    let bomb = serve(move |_| packed.clone());
    let missing = serve(|_| b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n".to_vec());
    // Nothing is ever said here.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let names = [full, bomb, missing, silent.local_addr().unwrap()].map(|address| address.to_string());
    let jobs = ["full", "bomb", "missing", "silent"].iter().zip(&names).map(|(name, target)| {
        let mut job = job(name, target);
        job.limits.body_bytes_max = 4096;
        job
    });
    let (scraper, kept) = start(jobs.collect(), system());
    for (name, why) in [
        ("full", "the page is longer than 4096 bytes"),
        ("bomb", "the page is longer than 4096 bytes"),
        ("missing", "answered 404, expected 200"),
        ("silent", "in vain for the first byte"),
    ] {
        kept.until(name, |line| {
            line.contains(&format!("job=\"{name}\"")) && line.starts_with("up") && line.ends_with(" 0")
        });
        let stands = || scraper.standings().standings();
        let is_told = || stands().iter().any(|s| s.name.starts_with(name) && s.problem.contains(why));
        until(why, is_told, || format!("{:?}", stands()));
    }
}

#[test]
fn redirects_are_followed_and_strangers_are_not_told_who_we_are() {
    let folder = tempfile::tempdir().unwrap();
    let token = folder.path().join("token");
    std::fs::write(&token, "s3cret").unwrap();
    let stranger = serve(|head| {
        let told = u8::from(head.contains("Authorization"));
        answer("", format!("a{{page=\"other\"}} {told}\n").as_bytes())
    });
    let elsewhere = format!("http://{stranger}/m");
    let own = serve(move |head| {
        let told = u8::from(head.contains("Authorization: Bearer s3cret"));
        let to = |place: &str| {
            format!("HTTP/1.1 302 Found\r\nLocation: {place}\r\nContent-Length: 0\r\n\r\n").into_bytes()
        };
        match head.split(' ').nth(1).unwrap_or_default() {
            "/first" => to("there?x=1"),
            "/there?x=1" => answer("", format!("a{{page=\"own\"}} {told}\n").as_bytes()),
            "/away" => to(&elsewhere),
            "/bad" => to("mailto:me"),
            _ => to("/round"),
        }
    });
    let jobs = ["/first", "/away", "/round", "/bad", "/still"].map(|path| {
        let mut job = job(&path[1..], &own.to_string());
        job.path = path.into();
        job.follow_redirects = path != "/still";
        job.login = Some(crate::Login::Bearer { token_file: token.clone() });
        job
    });
    let (scraper, kept) = start(jobs.to_vec(), system());
    kept.until("own page", |line| line.contains("page=\"own\"") && line.ends_with(" 1"));
    kept.until("other page", |line| line.contains("page=\"other\"") && line.ends_with(" 0"));
    for (name, why) in [
        ("round", "more than 10 redirects, the last to "),
        ("bad", "redirected to `mailto:me`: "),
        ("still", "answered 302, /round, expected 200"),
    ] {
        let stands = || scraper.standings().standings();
        let is_told = || stands().iter().any(|s| s.name.starts_with(name) && s.problem.contains(why));
        until(why, is_told, || format!("{:?}", stands()));
    }
}

#[test]
fn targets_of_a_file_come_and_go() {
    let address = serve(|_| answer("", b"a 1\n"));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("targets.yml");
    std::fs::write(&file, format!("- targets: ['{address}']\n  labels: {{env: x}}\n")).unwrap();
    let mut job = job("j", "");
    (job.targets, job.files) = (Vec::new(), vec![file.display().to_string()]);
    let path = ["__meta_filepath".to_owned()];
    let spec = Spec { source_labels: &path, regex: ".*/(.*)[.]yml", target_label: "file", ..Spec::default() };
    job.relabel = vec![Rule::new(&spec).unwrap()];
    let (_scraper, kept) = start(vec![job], system());
    let series = format!(r#"a{{env="x",file="targets",host="here",instance="{address}",job="j"}}"#);
    kept.until("sample", |line| line == format!("{series} 1"));
    std::fs::write(&file, "[]\n").unwrap();
    kept.until("end", |line| line == format!("{series} end"));
    kept.until("end of up", |line| line.starts_with("up{") && line.ends_with(" end"));
}

/// A resolver whose name server is ours.
struct Own(SocketAddr);

impl Resolve for Own {
    fn resolve(&self, _: &str, port: u16, _: net::Patience<'_>) -> Result<Vec<SocketAddr>, net::Error> {
        Ok(vec![([127, 0, 0, 1], port).into()])
    }

    fn servers(&self) -> Vec<SocketAddr> {
        vec![self.0]
    }
}

#[test]
fn targets_of_a_name_are_its_hosts_and_ports() {
    let address = serve(|_| answer("", b"a 1\n"));
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let server = socket.local_addr().unwrap();
    std::thread::spawn(move || {
        let mut buffer = [0; 512];
        while let Ok((len, who)) = socket.recv_from(&mut buffer) {
            let mut reply = buffer[..len].to_vec();
            (reply[2], reply[3], reply[7]) = (0x81, 0x80, 1);
            // The name asked for, SRV, IN, a minute, 0 0 port web1.
            let mut data = vec![0, 0, 0, 0];
            data.extend(address.port().to_be_bytes());
            data.extend(b"\x04web1\x00");
            reply.extend([0xc0, 12, 0, 33, 0, 1, 0, 0, 0, 60, 0, data.len() as u8]);
            reply.extend(data);
            let _ = socket.send_to(&reply, who);
        }
    });
    let mut job = job("j", "");
    job.targets = Vec::new();
    let names = vec!["_m._tcp.example".to_owned()];
    job.dns = Some(Dns { names, kind: Kind::Srv, port: 0, refresh: Duration::from_millis(50) });
    let (_scraper, kept) = start(vec![job], Arc::new(Own(server)));
    let labels = format!(r#"{{host="web1",instance="web1:{}",job="j"}}"#, address.port());
    kept.until("sample", |line| line == format!("a{labels} 1"));
}
