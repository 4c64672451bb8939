//! Every door on the HTTP port: what goes in by one comes out by the query, and bad lines harm nothing else.

use it::http::{get, numbers, post, run};
use it::process::{Folder, Server};
use std::time::{SystemTime, UNIX_EPOCH};

fn now_s() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

/// The newest value of a metric of a host.
fn last(server: &Server, metric: &str, host: &str) -> Option<f64> {
    let expr = format!(".es(q='host:{host}', metric='last:{metric}')");
    run(&server.url, &expr, "now-10m", "now+1m", "10s").iter().flat_map(numbers).next_back()
}

#[test]
fn every_dialect_is_understood() {
    let folder = Folder::new("doors");
    let server = Server::start("server", folder.path(), 0, &[]);
    let now = now_s();

    let answer = post(
        &server.at("/api/v1/probe"),
        "text/plain",
        "web1:load_5:0.97:GAUGE\nbroken line\nweb1:load_10:1.17:GAUGE\n",
    );
    let told = answer.json();
    assert_eq!((told["accepted"].as_u64(), told["rejected"].as_u64()), (Some(2), Some(1)), "{told}");
    assert_eq!(told["reasons"][0]["line"], 2, "{told}");
    assert_eq!(last(&server, "load_5", "web1"), Some(0.97));

    let influx = format!("cpu,host=web2 usage_user=12.5,usage_system=3i {now}\nno fields here\n");
    assert_eq!(post(&server.at("/api/v2/write?precision=s"), "text/plain", influx).status, 400);
    assert_eq!(last(&server, "cpu_usage_user", "web2"), Some(12.5));
    let influx = format!("mem,host=web2 used=77 {now}000000000\n");
    assert_eq!(post(&server.at("/write?db=telegraf"), "text/plain", influx).status, 204);
    assert_eq!(last(&server, "mem_used", "web2"), Some(77.0));

    let falcon = format!(
        r#"[{{"endpoint":"web3","metric":"cpu.idle","value":81.5,"step":60,"counterType":"GAUGE","tags":"module=x","timestamp":{now}}}]"#
    );
    assert_eq!(post(&server.at("/v1/push"), "application/json", &falcon).text.trim(), "success");
    assert_eq!(last(&server, "cpu.idle", "web3"), Some(81.5));

    let text = format!("# TYPE up gauge\nup{{host=\"web4\"}} 1 {now}000\nup{{host=\"web4\" 1\n");
    let answer = post(&server.at("/api/v1/import/prometheus"), "text/plain", text);
    assert!(answer.text.contains("line"), "{}", answer.text);
    assert_eq!(last(&server, "up", "web4"), Some(1.0));

    let values = get(&server.at("/api/v1/label/host/values")).json();
    for host in ["web1", "web2", "web3", "web4"] {
        assert!(values["data"].as_array().unwrap().iter().any(|h| h == host), "{values}");
    }
    let series = get(&server.at("/api/v1/series?match[]=up")).json();
    assert_eq!(series["data"][0]["host"], "web4", "{series}");
}

#[test]
fn open_falcon_reads_what_it_wrote() {
    let folder = Folder::new("falcon");
    let server = Server::start("server", folder.path(), 0, &[]);
    let now = now_s() / 60 * 60;
    let items: Vec<String> = (0..5)
        .map(|i| {
            format!(
                r#"{{"endpoint":"db1","metric":"qps","value":{},"step":60,"counterType":"GAUGE","tags":"","timestamp":{}}}"#,
                100 + i,
                now - 60 * (4 - i)
            )
        })
        .collect();
    post(&server.at("/api/push"), "application/json", format!("[{}]", items.join(",")));
    let asked = format!(
        r#"{{"start":{},"end":{},"cf":"AVERAGE","endpoint_counters":[{{"endpoint":"db1","counter":"qps"}}]}}"#,
        now - 600,
        now + 60
    );
    let history = post(&server.at("/graph/history"), "application/json", asked).json();
    let text = history.to_string();
    assert!(text.contains("\"value\":104"), "{text}");
    let last =
        post(&server.at("/graph/last"), "application/json", r#"[{"endpoint":"db1","counter":"qps"}]"#).json();
    assert!(last.to_string().contains("104"), "{last}");
}

#[test]
fn noise_at_every_door_is_answered_and_survived() {
    let folder = Folder::new("noise");
    let mut server = Server::start("server", folder.path(), 0, &[]);
    let noise: Vec<u8> = (0..5000u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let paths = [
        "/api/v1/native",
        "/api/v1/write",
        "/write",
        "/api/v2/write",
        "/v1/push",
        "/api/push",
        "/api/v1/probe",
        "/api/v1/import/prometheus",
        "/api/v1/run",
        "/api/v1/complete",
        "/graph/history",
        "/graph/last",
        "/graph/info",
    ];
    for path in paths {
        let answer = post(&server.at(path), "application/octet-stream", &noise);
        assert!(
            (400..500).contains(&answer.status) || answer.status == 200,
            "{path}: {} {}",
            answer.status,
            answer.text
        );
        assert!(!answer.text.is_empty(), "{path} gave no reason");
    }
    assert!(server.process.is_alive() && get(&server.at("/health")).status == 200);
    assert!(!server.process.said().contains("panicked"), "{}", server.process.said());
}
