//! The read side beside Graphite's own web application: the same samples, the same requests, the same bytes.

use super::House;
use it::process::Folder;
use serde_json::Value;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdout, Command, Stdio};

const PYTHON: &str = "/usr/bin/python3";
const WEB: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/socket_doors/graphite_web/web.py");
const MINUTES: u64 = 120;

/// Graphite's web application.
struct Web {
    child: Child,
    said: BufReader<ChildStdout>,
}

impl Drop for Web {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An answer of either.
#[derive(Debug, PartialEq)]
struct Answer {
    status: u16,
    body: String,
}

impl Web {
    /// Starts it with samples; `None` where it is not installed.
    fn start(folder: &Folder, samples: &[(String, Vec<(u64, f64)>)]) -> Option<Self> {
        let mut command = Command::new(PYTHON);
        command.arg(WEB).arg(folder.path());
        let log = std::fs::File::create(folder.path().join("web.log")).unwrap();
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(log).spawn().ok()?;
        let mut given = String::new();
        for (path, points) in samples {
            writeln!(given, "{}", serde_json::json!([path, points])).unwrap();
        }
        given.push('\n');
        child.stdin.as_mut().unwrap().write_all(given.as_bytes()).ok()?;
        let mut said = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        said.read_line(&mut line).ok()?;
        (line == "ready\n").then_some(Self { child, said })
    }

    fn ask(&mut self, request: &str) -> Answer {
        writeln!(self.child.stdin.as_mut().unwrap(), "{request}").unwrap();
        let mut line = String::new();
        self.said.read_line(&mut line).unwrap();
        let answer: Value =
            serde_json::from_str(&line).unwrap_or_else(|e| panic!("{request}: {e}: {line:?}"));
        let body = base64(answer["body"].as_str().unwrap());
        Answer {
            status: answer["status"].as_u64().unwrap() as u16,
            body: String::from_utf8_lossy(&body).into_owned(),
        }
    }
}

fn base64(text: &str) -> Vec<u8> {
    let (mut out, mut bits, mut count) = (Vec::new(), 0_u32, 0);
    for byte in text.bytes().filter(|byte| *byte != b'=') {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            _ => 63,
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count) as u8);
        }
    }
    out
}

fn ours(house: &House, request: &str) -> Answer {
    let (method, path) = request.split_once(' ').unwrap();
    let answer = match path.split_once('?').filter(|_| method == "POST") {
        Some((path, form)) => {
            it::http::post(&house.server.at(path), "application/x-www-form-urlencoded", form)
        }
        None => it::http::get(&house.server.at(path)),
    };
    Answer { status: answer.status, body: answer.text }
}

/// Values with gaps, some too large and too small for plain digits.
fn samples(until_s: u64) -> Vec<(String, Vec<(u64, f64)>)> {
    let paths = ["web.a.cpu", "web.a.mem", "web.b.cpu", "web.b.mem", "db.main.rows", "odd.tiny", "odd.huge"];
    let scale = [1.0, 0.1, 2.5, 1e3, 1e6, 1e-9, 1e18];
    let one = |at: usize| {
        let minutes = (0..MINUTES).filter(|k| (k + at as u64) % 11 != 3);
        minutes.map(|k| (until_s - 60 * k, ((k * 7 + at as u64) % 23) as f64 * scale[at])).collect()
    };
    paths.iter().enumerate().map(|(at, path)| ((*path).to_owned(), one(at))).collect()
}

/// Paths, each with its points: second and value.
type Fed = Vec<(String, Vec<(u64, f64)>)>;

fn fed(now_s: u64) -> (House, Fed) {
    let house = House::with("graphite", &["--store-late", "3h"]);
    let samples = samples(now_s);
    let mut lines = String::new();
    for (path, points) in &samples {
        for (time_s, value) in points.iter().rev() {
            writeln!(lines, "{path} {value} {time_s}").unwrap();
        }
    }
    house.connect().write_all(lines.as_bytes()).unwrap();
    let points: usize = samples.iter().map(|(_, points)| points.len()).sum();
    house.counted("windhover_doors_samples_total{door=\"graphite\"}", points as f64);
    (house, samples)
}

#[test]
fn answers_are_those_of_graphites_web_application() {
    let now_s = super::now_s() / 60 * 60;
    let folder = Folder::new("graphite-web");
    let (house, samples) = fed(now_s);
    let Some(mut web) = Web::start(&folder, &samples) else {
        it::skip("no graphite-web on this machine; `cargo xtask test` installs it");
        return;
    };
    let range = format!("from={}&until={}", now_s - 3600, now_s);
    let targets = [
        "web.a.cpu",
        "web.*.cpu",
        "*.*.*",
        "odd.*",
        "web.{a,b}.mem",
        "alias(web.a.cpu,'x%2Cy%20%22z%22')",
        "aliasByNode(web.*.*,1,2)",
        "summarize(web.a.cpu,'5min','sum')",
    ];
    let mut requests = Vec::new();
    for target in targets {
        for format in
            ["json", "raw", "csv", "dygraph", "rickshaw", "json&noNullPoints=1", "json&maxDataPoints=13"]
        {
            requests.push(format!("GET /render?target={target}&format={format}&{range}"));
        }
    }
    requests.extend([
        format!("POST /render?target=web.a.cpu&target=web.b.cpu&format=json&{range}"),
        format!("GET /render?target=web.a.cpu&format=json&jsonp=got&{range}"),
        format!("GET /render?target=web.a.cpu&format=json&pretty=1&{range}"),
        format!("GET /render?target=web.a.cpu&rawData=1&{range}"),
        format!("GET /render?target=web.a.cpu&format=csv&tz=Asia/Kolkata&{range}"),
        format!("GET /render?target=nothing.here&format=json&{range}"),
        format!("GET /render?target=template(web.$h.cpu)&template[h]=b&format=raw&{range}"),
    ]);
    for place in
        ["[dow]*", "web.*", "web.a.*", "w*", "web.{a,b}.*", "nothing", "web.a.cpu"].iter().chain(PLACES)
    {
        requests.extend(
            ["", "&wildcards=1", "&format=completer", "&format=nodelist&position=0"]
                .into_iter()
                // Nodes of one name stand there in the order of the folders on disk.
                .filter(|more| !(more.ends_with("completer") && place.contains('{')))
                .map(|more| format!("GET /metrics/find?query={place}{more}")),
        );
        requests.push(format!("GET /metrics/expand?query={place}"));
        requests.push(format!("GET /metrics/expand?query={place}&groupByExpr=1&leavesOnly=1"));
    }
    requests.push("GET /events/get_data".to_owned());
    requests.push("POST /tags/tagSeries?path=disk;b=2;a=1".to_owned());
    requests.push("POST /tags/tagMultiSeries?path=disk;b=2;a=1&path=x;c=d".to_owned());
    compare(&mut web, &house, &requests);
}

fn compare(web: &mut Web, house: &House, requests: &[String]) {
    let mut wrong = Vec::new();
    for request in requests {
        let (theirs, mine) = (web.ask(request), ours(house, request));
        if !same(request, &theirs, &mine) {
            wrong.push(format!(
                "{request}\n  theirs {} {}\n  ours   {} {}",
                theirs.status, theirs.body, mine.status, mine.body
            ));
        }
    }
    assert!(wrong.is_empty(), "{} of {} differ:\n{}", wrong.len(), requests.len(), wrong.join("\n"));
}

#[test]
fn tags_are_those_of_graphites_web_application() {
    let now_s = super::now_s() / 60 * 60;
    let folder = Folder::new("graphite-web-tags");
    let house = House::with("graphite", &[]);
    let lines: String = TAGGED.iter().map(|path| format!("{path} 1 {now_s}\n")).collect();
    house.connect().write_all(lines.as_bytes()).unwrap();
    house.counted("windhover_doors_samples_total{door=\"graphite\"}", TAGGED.len() as f64);
    let Some(mut web) = Web::start(&folder, &[]) else {
        it::skip("no graphite-web on this machine; `cargo xtask test` installs it");
        return;
    };
    let mut requests = Vec::new();
    for path in TAGGED {
        requests.push(format!("POST /tags/tagSeries?path={}", encoded(path)));
    }
    let exprs =
        |exprs: &[&str]| exprs.iter().map(|expr| format!("&expr={}", encoded(expr))).collect::<String>();
    for asked in TAG_EXPRESSIONS {
        let asked = exprs(asked);
        requests.push(format!("GET /tags/findSeries?{}", asked.trim_start_matches('&')));
        requests.push(format!("GET /tags/autoComplete/tags?limit=50{asked}"));
        requests.push(format!("GET /tags/autoComplete/tags?tagPrefix=r{asked}"));
        for tag in ["dc", "rack", "name", "nothing"] {
            requests.push(format!("GET /tags/autoComplete/values?tag={tag}{asked}"));
            requests.push(format!("GET /tags/autoComplete/values?tag={tag}&valuePrefix=b&limit=1{asked}"));
        }
    }
    for tag in ["dc?", "rack?", "dc?filter=b", "dc?filter=%5Ef&limit=1"] {
        requests.push(format!("GET /tags/{tag}"));
    }
    compare(&mut web, &house, &requests);
}

/// Patterns of paths: braces within braces, classes, what is not closed, and what escapes nothing.
const PLACES: &[&str] = &[
    "{web,db}.*",
    "*.{a,main}.*",
    "[wd]*.[!a].*",
    "web.?.{cpu,mem}",
    "w{e,o}b.a.{c{p,q}u,mem}",
    "web.a%5C.cpu",
    "web.[^a].*",
    "odd.[a-h]*",
    "{odd,nothing}.t?ny",
    "odd.{huge",
    "odd.huge}",
    "web.[ab",
    "web.{}.cpu",
    "web.{a,}.cpu",
    "web.a.{cpu,cpu}",
    "web.a*.*u",
];

/// Series with tags.
const TAGGED: &[&str] = &[
    "disk.used;dc=ber;rack=a1",
    "disk.used;dc=fra;rack=b2",
    "disk.used;dc=ber",
    "disk.free;dc=ber;rack=a1",
    "net.in;dc=bos;rack=b2;side=x",
];

const TAG_EXPRESSIONS: &[&[&str]] = &[
    &["name=disk.used"],
    &["name=disk.used", "rack="],
    &["name=disk.used", "rack!="],
    &["name=~disk", "dc=ber"],
    &["name=~disk.*", "dc!=ber"],
    &["name=~^(disk|net)", "dc=~b"],
    &["dc=ber", "rack!=a1"],
    &["dc=~b.r", "rack!=~a"],
    &["name=net.in", "side=~x|y"],
    &["name=disk.used", "nothing="],
    &["name=nothing"],
    &["name"],
    &["=x"],
    &["dc=ber", "dc=fra"],
    &["name=disk.used", "rack=~^$|a"],
];

fn encoded(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b'a'..=b'z' | b'0'..=b'9' | b'.' => char::from(byte).to_string(),
        other => format!("%{other:02X}"),
    };
    text.bytes().map(byte).collect()
}

/// Without the numbers that tags and their values have in its database.
fn without_ids(mut answer: Value) -> Value {
    let is_tag = answer.get("tag").is_some();
    let values = answer.get_mut("values").and_then(Value::as_array_mut);
    for value in values.into_iter().flatten().filter(|_| is_tag) {
        value.as_object_mut().map(|value| value.remove("id"));
    }
    if is_tag {
        answer.as_object_mut().map(|tag| tag.remove("id"));
    }
    answer
}

/// Byte for byte; where only the order of an object's members differs, by meaning.
fn same(request: &str, theirs: &Answer, mine: &Answer) -> bool {
    let read = |answer: &Answer| serde_json::from_str::<Value>(&answer.body).ok().map(without_ids);
    if request.contains("/tags/") && theirs.status == 400 && mine.status == 400 {
        // The reason is told in other words.
        return true;
    }
    theirs == mine
        || (theirs.status == mine.status
            && !request.contains("raw")
            && read(theirs).is_some()
            && read(theirs) == read(mine))
}

#[test]
fn packed_answers_are_read_by_python() {
    if !std::path::Path::new("/usr/lib/python3/dist-packages/graphite/umsgpack.py").exists() {
        return it::skip("no graphite-web on this machine; `cargo xtask test` installs it");
    }
    let now_s = super::now_s() / 60 * 60;
    let (house, _) = fed(now_s);
    let script = WEB.replace("web.py", "unpack.py");
    let names = |format: &str| {
        let url = house.server.at(&format!("/render?target=web.*.cpu&format={format}&from=-10min"));
        // Text would not survive: bytes go from curl to Python.
        let shell = format!("curl -sf '{url}' | base64 | {PYTHON} {script} {format}");
        let output = Command::new("sh").args(["-c", &shell]).output().unwrap();
        assert!(output.status.success(), "{format}: {}", String::from_utf8_lossy(&output.stderr));
        let value: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(value[0]["name"], "web.a.cpu");
        assert_eq!(
            (&value[1]["step"], &value[1]["consolidationFunc"]),
            (&Value::from(60), &Value::from("average"))
        );
        assert_eq!(value[0]["values"].as_array().unwrap().len(), 10);
    };
    names("pickle");
    names("msgpack");
}
