//! A log from a seed, in several formats.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use stdx::random::Random;

/// How lines are written.
#[derive(Debug)]
pub struct Shape {
    pub name: &'static str,
    pub family: &'static str,
    pub format: &'static str,
    /// What a runtime of containers wraps around each line; empty for none.
    pub envelope: &'static str,
    line: fn(&Hit, &mut String),
}

impl Shape {
    /// All of them; the first is what the figures are about.
    pub const ALL: &[Self] = &[
        Self {
            name: "combined_plus",
            family: "nginx",
            format: COMBINED_PLUS,
            envelope: "",
            line: combined_plus,
        },
        Self {
            name: "in docker's file",
            family: "nginx",
            format: COMBINED_PLUS,
            envelope: "docker",
            line: combined_plus,
        },
        Self {
            name: "in a pod's file",
            family: "nginx",
            format: COMBINED_PLUS,
            envelope: "cri",
            line: combined_plus,
        },
        Self { name: "any log_format", family: "nginx", format: ANY, envelope: "", line: any },
        Self { name: "apache with time", family: "apache", format: APACHE, envelope: "", line: apache },
        Self { name: "json", family: "json", format: "", envelope: "", line: json },
        Self { name: "logfmt", family: "logfmt", format: "", envelope: "", line: logfmt },
        Self { name: "postgresql", family: "postgresql", format: PREFIX, envelope: "", line: postgresql },
        Self { name: "regex", family: "regex", format: REGEX, envelope: "", line: combined_plus },
    ];
}

const COMBINED_PLUS: &str = "$remote_addr - $remote_user [$time_local] \"$request\" $status $body_bytes_sent \
                             \"$http_referer\" \"$http_user_agent\" $request_time $upstream_cache_status \
                             [$upstream_response_time]";
const ANY: &str = "$time_iso8601|$host|$request_method|$request_uri|$status|$bytes_sent|$request_time|$upstream_addr|\
                   $upstream_status|$upstream_response_time|$upstream_cache_status|$http_referer|$http_user_agent";
const APACHE: &str = "%h %l %u %t \"%r\" %>s %b \"%{Referer}i\" \"%{User-Agent}i\" %D";
const PREFIX: &str = "%m [%p] %q%u@%d ";
const REGEX: &str = r#"^[^ ]+ - [^ ]+ \[[^\]]+\] "(?P<request>[^"]*)" (?P<status>[0-9]+) (?P<bytes>[0-9]+) "[^"]*" "[^"]*" (?P<request_time>[0-9.]+) (?P<cache>[A-Z-]+) \[(?P<upstream_time>[^\]]*)\]$"#;

/// A request.
struct Hit {
    client: u32,
    user: &'static str,
    second: u32,
    method: &'static str,
    /// Not a request line when the method is empty.
    url: String,
    protocol: &'static str,
    status: u16,
    bytes: u64,
    referer: &'static str,
    agent: String,
    time_ms: u32,
    cache: &'static str,
    /// Milliseconds and server of each attempt.
    attempts: Vec<(u32, u8)>,
}

/// Paths from the most to the least asked for; `#` stands for a number, `@` for a hash.
const PATHS: [&str; 30] = [
    "/",
    "/api/v1/items/#",
    "/static/app.@.js",
    "/api/v1/users/#/orders",
    "/search",
    "/static/app.@.css",
    "/images/products/#/large.jpg",
    "/cart",
    "/api/v1/session",
    "/products/#",
    "/login",
    "/api/v2/events",
    "/favicon.ico",
    "/categories/shoes/women",
    "/api/v1/users/#",
    "/checkout/payment",
    "/robots.txt",
    "/api/v1/orders/#/status",
    "/blog/how-to-choose-a-tent",
    "/images/avatars/@.png",
    "/health",
    "/api/v1/recommendations",
    "/account/settings",
    "/sitemap.xml",
    "/api/v1/items/#/reviews/#",
    "/help/shipping-and-returns",
    "/wp-login.php",
    "/metrics",
    "/api/v1/uploads/@",
    "/.env",
];

/// Writes so many lines; gives the bytes.
pub fn write(path: &Path, shape: &Shape, lines: usize) -> io::Result<u64> {
    let (mut random, mut out) = (Random::from_seed(7), BufWriter::new(File::create(path)?));
    // Zipf's law: the share of a rank is one over it.
    let weights: Vec<f64> = (1..=PATHS.len()).map(|rank| 1.0 / rank as f64).collect();
    let (total, mut line, mut bytes) = (weights.iter().sum::<f64>(), String::new(), 0);
    for number in 0..lines {
        let hit = hit(&mut random, number, &weights, total);
        line.clear();
        (shape.line)(&hit, &mut line);
        wrap(&mut line, shape.envelope);
        line.push('\n');
        bytes += line.len() as u64;
        out.write_all(line.as_bytes())?;
    }
    out.flush()?;
    Ok(bytes)
}

/// Puts a line into an envelope.
fn wrap(line: &mut String, envelope: &str) {
    const TIME: &str = "2026-11-22T08:14:03.120450017Z";
    match envelope {
        "docker" => {
            let text =
                std::mem::take(line).replace('\\', "\\\\").replace('"', "\\\"").replace('&', "\\u0026");
            *line = format!("{{\"log\":\"{text}\\n\",\"stream\":\"stdout\",\"time\":\"{TIME}\"}}");
        }
        "cri" => line.insert_str(0, &format!("{TIME} stdout F ")),
        _ => {}
    }
}

fn hit(random: &mut Random, number: usize, weights: &[f64], total: f64) -> Hit {
    let mut left = random.unit() * total;
    let rank = weights.iter().position(|weight| {
        left -= weight;
        left < 0.0
    });
    let url = url(PATHS[rank.unwrap_or(0)], random);
    let is_odd = random.below(1000) == 0;
    let method = match random.below(100) {
        _ if is_odd => "",
        0..=84 => "GET",
        85..=96 => "POST",
        97 => "HEAD",
        98 => "PUT",
        _ => "DELETE",
    };
    let status = match random.below(1000) {
        _ if is_odd => 400,
        0..=869 => 200,
        870..=919 => 304,
        920..=949 => 404,
        950..=969 => 302,
        970..=989 => 499,
        990..=994 => 502,
        _ => 500,
    };
    // About log-normal: a median of 10 ms and a long tail.
    let spread = (0..6).map(|_| random.unit()).sum::<f64>() - 3.0;
    let time_ms = (10.0 * (spread * 2.1).exp()) as u32;
    let (cache, tries) = match random.below(10) {
        _ if is_odd => ("-", 0),
        0..=4 => ("MISS", 1 + u64::from(random.below(50) == 0)),
        5..=8 => ("HIT", 0),
        _ => ("EXPIRED", 1),
    };
    let attempts = (0..tries).map(|_| (time_ms * 9 / 10, random.below(8) as u8)).collect();
    Hit {
        client: random.below(21_500) as u32,
        user: if random.below(50) == 0 { "alice" } else { "-" },
        second: (number / 3500) as u32,
        method,
        url,
        protocol: if random.below(3) == 0 { "HTTP/1.1" } else { "HTTP/2.0" },
        status,
        bytes: random.below(24_000),
        referer: ["-", "https://shop.example/", "https://www.search.example/find?q=tents"]
            [random.below(3) as usize],
        agent: format!(
            "Mozilla/5.0 (X11; Linux x86_64; rv:{0}.0) Gecko/20100101 Firefox/{0}.0",
            100 + random.below(40)
        ),
        time_ms,
        cache,
        attempts,
    }
}

fn url(template: &str, random: &mut Random) -> String {
    let mut url = String::new();
    for c in template.chars() {
        match c {
            '#' => url.push_str(&random.below(2500).to_string()),
            '@' => url.push_str(&format!("{:010x}", 0x10_0000_000a + random.below(400) * 0x9e37_79b9)),
            c => url.push(c),
        }
    }
    match random.below(200) {
        0 => url.push_str(&format!("?q={}", "x".repeat(2000))),
        1..=39 => url.push_str(&format!("?page={}&sort=price", random.below(90))),
        _ => {}
    }
    url
}

fn seconds(ms: u32) -> String {
    format!("{}.{:03}", ms / 1000, ms % 1000)
}

impl Hit {
    fn request(&self) -> String {
        match self.method {
            "" if self.client.is_multiple_of(2) => "\\x16\\x03\\x01\\x02\\x00\\x01".to_owned(),
            "" => String::new(),
            method => format!("{method} {} {}", self.url, self.protocol),
        }
    }

    fn client(&self) -> String {
        format!("10.{}.{}.{}", self.client >> 16, self.client >> 8 & 255, self.client & 255)
    }

    fn clock(&self) -> String {
        format!("{:02}:{:02}:{:02}", self.second / 3600 % 24, self.second / 60 % 60, self.second % 60)
    }

    fn list(&self, each: impl Fn(&(u32, u8)) -> String) -> String {
        match self.attempts.as_slice() {
            [] => "-".to_owned(),
            attempts => attempts.iter().map(each).collect::<Vec<_>>().join(", "),
        }
    }

    fn times(&self) -> String {
        self.list(|(ms, _)| seconds(*ms))
    }
}

fn combined_plus(hit: &Hit, out: &mut String) {
    let (client, clock, request) = (hit.client(), hit.clock(), hit.request());
    let Hit { user, status, bytes, referer, agent, cache, time_ms, .. } = hit;
    let (time, times) = (seconds(*time_ms), hit.times());
    out.push_str(&format!(
        "{client} - {user} [22/Nov/2026:{clock} +0000] \"{request}\" {status} {bytes} \"{referer}\" \"{agent}\" {time} \
         {cache} [{times}]"
    ));
}

fn any(hit: &Hit, out: &mut String) {
    let Hit { method, url, status, bytes, referer, agent, cache, time_ms, .. } = hit;
    let (clock, time, times) = (hit.clock(), seconds(*time_ms), hit.times());
    let servers = hit.list(|(_, server)| format!("10.1.0.{server}:8080"));
    let statuses = hit.list(|_| status.to_string());
    out.push_str(&format!(
        "2026-11-22T{clock}+00:00|shop.example|{method}|{url}|{status}|{bytes}|{time}|{servers}|{statuses}|{times}|\
         {cache}|{referer}|{agent}"
    ));
}

fn apache(hit: &Hit, out: &mut String) {
    let (client, clock, request) = (hit.client(), hit.clock(), hit.request());
    let Hit { user, status, bytes, referer, agent, time_ms, .. } = hit;
    let us = time_ms * 1000;
    out.push_str(&format!(
        "{client} - {user} [22/Nov/2026:{clock} +0000] \"{request}\" {status} {bytes} \"{referer}\" \"{agent}\" {us}"
    ));
}

fn json(hit: &Hit, out: &mut String) {
    let Hit { method, url, status, bytes, referer, agent, cache, time_ms, protocol, .. } = hit;
    let (client, clock, time, times) = (hit.client(), hit.clock(), seconds(*time_ms), hit.times());
    out.push_str(&format!(
        "{{\"time\":\"2026-11-22T{clock}+00:00\",\"remote_addr\":\"{client}\",\"request_method\":\"{method}\",\
         \"request_uri\":\"{url}\",\"server_protocol\":\"{protocol}\",\"status\":{status},\"body_bytes_sent\":{bytes},\
         \"http_referer\":\"{referer}\",\"http_user_agent\":\"{agent}\",\"request_time\":{time},\
         \"upstream_cache_status\":\"{cache}\",\"upstream_response_time\":\"{times}\"}}"
    ));
}

fn logfmt(hit: &Hit, out: &mut String) {
    let Hit { method, url, status, bytes, time_ms, protocol, .. } = hit;
    let (client, clock) = (hit.client(), hit.clock());
    out.push_str(&format!(
        "ts=2026-11-22T{clock}Z level=info client={client} method={method} path=\"{url}\" protocol={protocol} \
         status={status} size={bytes} duration={time_ms}ms"
    ));
}

/// A statement that took long, now and then over two lines; a failure with its statement where a request fails.
fn postgresql(hit: &Hit, out: &mut String) {
    let Hit { url, status, bytes, time_ms, second, .. } = hit;
    let (clock, pid, database) = (hit.clock(), hit.client, ["shop", "stock", "mail"][*second as usize % 3]);
    let head = format!("2026-11-22 {clock}.{:03} UTC [{pid}] web@{database} ", time_ms % 1000);
    let statement = format!("SELECT * FROM pages WHERE path = '{url}' AND size < {bytes}");
    out.push_str(&match status {
        500.. => format!(
            "{head}ERROR:  canceling statement due to statement timeout\n{head}STATEMENT:  {statement}"
        ),
        404 => format!("{head}LOG:  duration: {time_ms}.123 ms  statement: SELECT *\n\tFROM pages"),
        _ => format!("{head}LOG:  duration: {time_ms}.123 ms  statement: {statement}"),
    });
}
