//! What it costs to be told which names there are, with a million of them: over HTTP, of a server that has them in memory,
//! and of one that has them in blocks. Each question is asked once of a server that has answered nothing yet (`first`),
//! then several times.

use crate::cost::median;
use crate::data::names::Names;
use crate::data::play::Play;
use crate::local::Local;
use crate::options::Options;
use crate::peer::{Peer, folder, mb};
use crate::sender::{Protocol, Sender};
use crate::servers::Server;
use crate::write;
use std::path::Path;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Series of one push.
const PUSHED: usize = 5000;
const RUNS: usize = 9;

struct Question {
    name: &'static str,
    path: &'static str,
    /// Sent along, if any.
    body: Option<&'static str>,
}

const fn get(name: &'static str, path: &'static str) -> Question {
    Question { name, path, body: None }
}

const PATHS: &[Question] = &[
    get("find *", "/metrics/find?query=*"),
    get("find servers.*", "/metrics/find?query=servers.*"),
    get("find servers.dc3.*", "/metrics/find?query=servers.dc3.*"),
    get("find servers.*.*", "/metrics/find?query=servers.*.*"),
    get("find servers.dc3.web00003.*", "/metrics/find?query=servers.dc3.web00003.*"),
    get("find, six levels", "/metrics/find?query=servers.dc3.web00003.cpu.0.*"),
    get("find servers.*.web0000*.cpu.*", "/metrics/find?query=servers.*.web0000*.cpu.*"),
    get("find of the last hour", "/metrics/find?query=servers.dc3.*&from=-1h"),
    get("expand servers.dc3.*", "/metrics/expand?query=servers.dc3.*"),
    get("autoComplete/tags", "/tags/autoComplete/tags"),
    get("autoComplete/values", "/tags/autoComplete/values?tag=name"),
    get("autoComplete/values of a prefix", "/tags/autoComplete/values?tag=name&valuePrefix=servers.dc5.web"),
    get("label/__name__/values, 1000", "/api/v1/label/__name__/values?limit=1000"),
    get("render, one path", "/render?target=servers.dc3.web00003.cpu.0.metric_1&from=-1h&format=json"),
    get(
        "render, dc*.web0000*.cpu.0.metric_1",
        "/render?target=servers.*.web0000*.cpu.0.metric_1&from=-1h&format=json",
    ),
    Question {
        name: "Explore, graphite",
        path: "/api/v1/complete",
        body: Some(r#"{"language":"graphite","text":"servers.dc3.web0000"}"#),
    },
];

const VALUES: &[Question] = &[
    get("labels", "/api/v1/labels"),
    get("label/session/values, 1000", "/api/v1/label/session/values?limit=1000"),
    get("label/session/values, all", "/api/v1/label/session/values"),
    get(
        "label/session/values of a host",
        "/api/v1/label/session/values?limit=1000&match[]={host=\"web007\"}",
    ),
    get("label/host/values", "/api/v1/label/host/values"),
    get("series of one value", "/api/v1/series?match[]={session=\"s00000000\"}"),
    get("series, 100", "/api/v1/series?limit=100&match[]={__name__=\"session_bytes_total\"}"),
    get("autoComplete/tags", "/tags/autoComplete/tags?expr=host=web007"),
    get("autoComplete/values", "/tags/autoComplete/values?tag=session&valuePrefix=s00"),
    get("find *", "/metrics/find?query=*"),
    get("find web007.*", "/metrics/find?query=web007.*"),
    Question {
        name: "Explore, promql",
        path: "/api/v1/complete",
        body: Some(r#"{"language":"promql","text":"session_bytes_total{session=\"s00"}"#),
    },
];

/// A row for each question, of paths and of values.
pub fn run(options: &Options) -> Result<(), String> {
    let count = options.size(1000, 100_000, 1_000_000);
    println!(
        "{:<36} {:<9} {:>9} {:>9} {:>9} {:>9} {:>9}",
        format!("question of {count} series"),
        "",
        "first ms",
        "wall ms",
        "CPU ms",
        "worst ms",
        "bytes"
    );
    type Make = fn(usize, i64) -> Names;
    for (make, questions) in [(Names::paths as Make, PATHS), (Names::values as Make, VALUES)] {
        for is_sealed in [false, true] {
            if options.wants(if is_sealed { "blocks" } else { "memory" }) {
                measure(make(count, start_ms(is_sealed)), is_sealed, questions)?;
            }
        }
    }
    Ok(())
}

fn start_ms(is_sealed: bool) -> i64 {
    let now_ms = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.as_millis() as i64);
    // Sealing wants them to be old enough; what is in memory is of just now.
    if is_sealed { now_ms - crate::local::SEALED_AFTER_MS - 60_000 } else { now_ms - 60_000 }
}

fn measure(mut names: Names, is_sealed: bool, questions: &[Question]) -> Result<(), String> {
    let data = folder("names")?;
    let (peer, port) = if is_sealed { sealed(&mut names, &data)? } else { Server::Windhover.start(&data)? };
    let place = if is_sealed { "blocks" } else { "memory" };
    if !is_sealed {
        let before = peer.cost().cpu_seconds;
        send(&mut names, port)?;
        peer.settle();
        let cpu_us = (peer.cost().cpu_seconds - before) * 1e6 / names.labels().len() as f64;
        println!("{:<36} {place:<9} {cpu_us:.2} CPU-us a new series", "(taking them in)");
    }
    drop(names);
    let before = peer.cost().anonymous_bytes;
    for question in questions {
        ask(question, &peer, port, place)?;
    }
    let after = peer.cost().anonymous_bytes;
    println!("{:<36} {place:<9} {} before, {} after", "(anonymous memory)", mb(before), mb(after));
    peer.stop();
    let _ = std::fs::remove_dir_all(data);
    Ok(())
}

fn sealed(names: &mut Names, data: &Path) -> Result<(Peer, u16), String> {
    let local = Local::open(&data.join("store"), start_ms(true))?;
    let (_, last_ms) = local.load(names)?;
    local.seal(last_ms)?;
    Server::Windhover.start(data)
}

fn send(names: &mut Names, port: u16) -> Result<(), String> {
    let mut sender = Sender::open(port, Protocol::RemoteWrite)?;
    let mut rows = Vec::new();
    let time_ms = names.next(&mut rows).ok_or("no series")?;
    let encoded: Vec<Vec<u8>> = names.labels().iter().map(write::labels).collect();
    rows.chunks(PUSHED).try_for_each(|rows| {
        let rows = rows.iter().map(|(series, value)| (&encoded[*series as usize], *value));
        sender.send(&write::request(rows, time_ms))
    })
}

fn ask(question: &Question, peer: &Peer, port: u16, place: &str) -> Result<(), String> {
    let (first, bytes) = answer(question, port)?;
    let (mut walls, before) = (Vec::new(), peer.cost().cpu_seconds);
    for _ in 0..RUNS {
        walls.push(answer(question, port)?.0.as_secs_f64() * 1000.0);
    }
    let cpu_ms = (peer.cost().cpu_seconds - before) * 1000.0 / RUNS as f64;
    let (worst, wall) = (walls.iter().copied().fold(0.0, f64::max), median(&mut walls));
    let first = first.as_secs_f64() * 1000.0;
    println!(
        "{:<36} {place:<9} {first:>9.1} {wall:>9.1} {cpu_ms:>9.1} {worst:>9.1} {bytes:>9}",
        question.name
    );
    Ok(())
}

fn answer(question: &Question, port: u16) -> Result<(Duration, usize), String> {
    let url = format!(
        "http://127.0.0.1:{port}{}",
        question.path.replace('"', "%22").replace('{', "%7B").replace('}', "%7D")
    );
    let started = Instant::now();
    let asked = match question.body {
        Some(body) => ureq::post(&url).send(body),
        None => ureq::get(&url).call(),
    };
    let mut answer = asked.map_err(|e| format!("{url}: {e}"))?;
    let text = answer.body_mut().with_config().limit(1 << 30).read_to_string();
    let bytes = text.map_err(|e| format!("{url}: {e}"))?.len();
    Ok((started.elapsed(), bytes))
}
