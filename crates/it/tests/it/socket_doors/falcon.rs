//! Open-Falcon's transfer and heartbeat service, against the cases of the original where they are at hand.

use super::{House, now_s};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

#[test]
fn an_agent_reports_asks_and_sends() {
    let house = House::with(
        "falcon_rpc",
        &["--falcon-rpc-plugins", "sys/ntp", "--falcon-rpc-metrics", "net.port.listen/port=22"],
    );
    let mut stream = house.connect();
    let mut answers = BufReader::new(stream.try_clone().unwrap());
    let mut call = |method: &str, param: Value| -> Value {
        writeln!(stream, "{}", json!({ "method": method, "params": [param], "id": 7 })).unwrap();
        let mut line = String::new();
        answers.read_line(&mut line).unwrap();
        let answer: Value = serde_json::from_str(&line).unwrap();
        assert_eq!((&answer["id"], &answer["error"]), (&json!(7), &Value::Null), "{line}");
        answer["result"].clone()
    };
    let host = json!({ "Hostname": "db1", "IP": "10.0.0.1", "AgentVersion": "5.1.2", "PluginVersion": "x" });
    assert_eq!(call("Agent.ReportStatus", host.clone())["code"], 0);
    assert_eq!(call("Agent.MinePlugins", host.clone())["Plugins"], json!(["sys/ntp"]));
    let told = call("Agent.BuiltinMetrics", host);
    assert_eq!(told["Metrics"], json!([{ "Metric": "net.port.listen", "Tags": "port=22" }]));
    assert_eq!(told["Checksum"], "5c61e014128d737e21b7626d182a8864");
    let items: Vec<_> = (0..200)
        .map(|i| json!({ "endpoint": "db1", "metric": format!("m{i}"), "value": i, "step": 60, "counterType": "GAUGE", "tags": "", "timestamp": now_s() }))
        .collect();
    let taken = call("Transfer.Update", json!(items));
    assert_eq!(
        (&taken["Message"], &taken["Total"], &taken["Invalid"]),
        (&json!("ok"), &json!(200), &json!(0))
    );
    house.wait_for("m199", "host:db1", 199.0);
}

/// Open-Falcon's cases. They lie beside the repository, not in it.
fn cases(kind: &str) -> Vec<Value> {
    let above = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().map(|f| f.join("shared/conformance"));
    let named = std::env::var_os("WINDHOVER_CONFORMANCE").map(PathBuf::from);
    let found = named.into_iter().chain(above).map(|f| f.join("openfalcon.json")).find(|p| p.exists());
    let Some(path) = found else {
        it::skip("no cases of Open-Falcon; set WINDHOVER_CONFORMANCE");
        return Vec::new();
    };
    let file: Value = serde_json::from_str(&filled(&std::fs::read_to_string(path).unwrap())).unwrap();
    file["cases"].as_array().unwrap().iter().filter(|case| case["kind"] == kind).cloned().collect()
}

/// The text with `{now}`, `{now-7200}` and `{2*now+10}` made numbers.
fn filled(text: &str) -> String {
    let now = i64::try_from(now_s()).unwrap();
    let mut parts = text.split("{now").peekable();
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (change, rest) = part.split_once('}').unwrap();
        fill(&mut out, now + change.parse::<i64>().unwrap_or(0), rest);
    }
    let mut doubled = String::new();
    let mut parts = out.split("{2*now");
    doubled.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let (change, rest) = part.split_once('}').unwrap();
        fill(&mut doubled, 2 * now + change.parse::<i64>().unwrap_or(0), rest);
    }
    doubled
}

/// Appends a number, in place of the whole text when it was all of one.
fn fill(out: &mut String, number: i64, rest: &str) {
    match (out.ends_with('"'), rest.strip_prefix('"')) {
        (true, Some(rest)) => {
            out.pop();
            *out += &format!("{number}{rest}");
        }
        _ => *out += &format!("{number}{rest}"),
    }
}

/// Whether an answer has the shape that a case wants.
fn fits(said: &Value, shape: &Value) -> bool {
    match shape {
        Value::String(kind) if kind == "<any>" => true,
        Value::String(kind) if kind == "<int>" => said.is_i64() || said.is_u64(),
        Value::String(kind) if kind == "<string>" => said.is_string(),
        Value::Object(fields) => fields.iter().all(|(name, shape)| fits(&said[name], shape)),
        Value::Array(items) if items.is_empty() => said.as_array().is_some_and(Vec::is_empty),
        Value::Array(items) => {
            said.as_array().is_some_and(|all| all.iter().all(|said| fits(said, &items[0])))
        }
        shape => said == shape,
    }
}

#[test]
fn requests_are_answered_as_by_open_falcon() {
    let all = cases("jsonrpc");
    if all.is_empty() {
        return;
    }
    let house = House::with("falcon_rpc", &[]);
    for case in all {
        let request = case["request"].to_string();
        let mut stream = house.connect();
        let cut =
            if case["framing"].is_string() { request.find("ansfer").unwrap_or(1) } else { request.len() };
        for part in [&request[..cut], &request[cut..]] {
            stream.write_all(part.as_bytes()).unwrap();
            stream.flush().unwrap();
            // Only so that the parts are likely to come apart; nothing depends on it.
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        let mut line = String::new();
        BufReader::new(stream).read_line(&mut line).unwrap();
        let said: Value = serde_json::from_str(&line).unwrap_or_else(|e| panic!("{case}: {line}: {e}"));
        assert!(fits(&said, &case["expect"]), "{case}: {said}");
    }
}

#[test]
fn items_are_judged_as_by_open_falcon() {
    let all = cases("push");
    if all.is_empty() {
        return;
    }
    let house = House::with("falcon_rpc", &[]);
    for case in all {
        let Some(items) = case.get("items") else { continue };
        let said = house
            .ask(json!({ "method": "Transfer.Update", "params": [items], "id": 1 }).to_string().as_bytes());
        let said: Value = serde_json::from_str(&said).unwrap_or_else(|e| panic!("{case}: {said}: {e}"));
        for count in ["Total", "Invalid"] {
            assert_eq!(said["result"][count], case["expect"][count], "{case}: {said}");
        }
    }
}

#[test]
fn telnet_lines_are_taken_as_by_open_falcon() {
    let house = House::with("falcon_telnet", &[]);
    house.ask(
        format!("update tell m1 {} 0x1p4 GAUGE 60\nquit\nupdate tell m2 {} 1\n", now_s(), now_s()).as_bytes(),
    );
    house.wait_for("m1", "host:tell", 16.0);
    assert_eq!(house.last("m2", "host:tell"), None);
    for (number, case) in cases("telnet").into_iter().enumerate() {
        let lines: Vec<_> =
            case["lines"].as_array().unwrap().iter().map(|line| line.as_str().unwrap()).collect();
        // An endpoint of its own for each case.
        let text = (lines.join("\n") + "\n").replace("update h ", &format!("update case{number} "));
        assert_eq!(house.ask(text.as_bytes()), "", "{case}");
        let stored = case["stored"].as_array().unwrap();
        for sample in stored {
            house.wait_for(
                sample["counter"].as_str().unwrap(),
                &format!("host:case{number}"),
                sample["value"].as_f64().unwrap(),
            );
        }
        let path = format!("/api/v1/series?match[]=%7Bhost%3D%22case{number}%22%7D");
        let series = it::http::get(&house.server.at(&path)).json();
        assert_eq!(series["data"].as_array().map(Vec::len), Some(stored.len()), "{case}: {series}");
    }
    if !cases("telnet").is_empty() {
        house.counted("windhover_doors_refused_total{door=\"falcon_telnet\"}", 5.0);
    }
}
