//! From the start of the program to the first point of this machine in an answer.

use crate::peer::{Peer, folder, free_port, windhover};
use std::process::Command;
use std::time::{Duration, Instant};

/// Starts five times in an empty folder.
pub fn run() -> Result<(), String> {
    let mut times = Vec::new();
    for _ in 0..5 {
        let (data, port) = (folder("first")?, free_port());
        let started = Instant::now();
        let mut command = Command::new(windhover());
        command.args(["up", "--listen", &format!("127.0.0.1:{port}"), "--data"]).arg(&data);
        let peer = Peer::start("windhover", &mut command)?;
        times.push(first_point(port, started)?);
        peer.stop();
        let _ = std::fs::remove_dir_all(data);
    }
    times.sort();
    println!(
        "start to first point: median {:.2} s, worst {:.2} s (ticks are on whole seconds)",
        times[2].as_secs_f64(),
        times[4].as_secs_f64()
    );
    Ok(())
}

fn first_point(port: u16, started: Instant) -> Result<Duration, String> {
    let url = format!("http://127.0.0.1:{port}/api/v1/run");
    let body = r#"{"language":"timelion","exprs":[".es(metric=avg:load1)"],"from":"now-1m","to":"now","interval":"1s"}"#;
    while started.elapsed() < Duration::from_secs(20) {
        if let Ok(mut answer) = ureq::post(&url).content_type("application/json").send(body) {
            let text = answer.body_mut().read_to_string().unwrap_or_default();
            let json: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
            let values = json["results"][0]["series"][0]["values"].as_array();
            if values.is_some_and(|v| v.iter().any(|x| x.is_number())) {
                return Ok(started.elapsed());
            }
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    Err("no point within 20 s".into())
}
