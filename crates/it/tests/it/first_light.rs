//! The first minute: one command, a page that shows this machine, and nothing lost when it stops.

use it::http::{get, numbers, run};
use it::process::{Folder, Server};
use it::wait::until;
use std::time::Duration;

const SOON: Duration = Duration::from_secs(20);

#[test]
fn one_command_shows_this_machine_and_keeps_it_over_a_restart() {
    let folder = Folder::new("first-light");
    let server = Server::start("up", folder.path(), 0, &["--host", "kestrel"]);
    let row = until("this machine on the fleet page", SOON, || {
        let fleet = get(&server.at("/api/v1/fleet")).json();
        fleet["hosts"]
            .as_array()?
            .iter()
            .find(|h| h["host"] == "kestrel" && h["cpu_ratio"].is_number())
            .cloned()
    });
    assert_ne!(row["state"], "silent", "{row}");
    assert!(row["memory_total_bytes"].as_f64().is_some_and(|b| b > 1e6), "{row}");

    let host = get(&server.at("/api/v1/host?name=kestrel")).json();
    let charts: Vec<&str> = host["sections"]
        .as_array()
        .into_iter()
        .flatten()
        .flat_map(|s| s["charts"].as_array().into_iter().flatten())
        .filter_map(|c| c["expr"].as_str())
        .collect();
    assert!(charts.len() >= 8, "{host}");
    for expr in charts {
        // Every chart that is offered must be drawable.
        run(&server.url, expr, "now-1m", "now", "1s");
    }

    let about = get(&server.at("/api/v1/about")).json();
    assert!(about["loopback_only"] == true && about["series"].as_u64().is_some_and(|n| n > 100), "{about}");
    let page = get(&server.url);
    assert!(page.status == 200 && page.text.contains("<script"), "{}", page.text);
    assert_eq!(get(&server.at("/api/v1/nothing")).status, 404);

    let before = points(&server, "now-10m");
    assert!(server.process.terminate().success());
    let server = Server::start("up", folder.path(), 0, &["--host", "kestrel"]);
    let after = points(&server, "now-10m");
    assert!(after >= before, "{after} points after the restart, {before} before");
}

fn points(server: &Server, from: &str) -> usize {
    let series = run(&server.url, ".es(q='host:kestrel', metric=count:load1)", from, "now", "1s");
    series.iter().flat_map(numbers).filter(|n| *n > 0.0).count()
}

#[test]
fn the_live_stream_moves() {
    use std::io::{BufRead, BufReader, Write};
    let folder = Folder::new("live");
    let server = Server::start("up", folder.path(), 0, &[]);
    let mut stream = std::net::TcpStream::connect(("127.0.0.1", server.port())).unwrap();
    let request = "%7B%22exprs%22%3A%5B%22.es(metric%3Davg%3Aload1)%22%5D%2C%22from%22%3A%22now-1m%22%2C%22to%22%3A%22now%22%2C%22interval%22%3A%221s%22%7D";
    write!(stream, "GET /api/v1/live?request={request} HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    stream.set_read_timeout(Some(SOON)).unwrap();
    let mut frames = BufReader::new(stream)
        .lines()
        .map_while(Result::ok)
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line.strip_prefix("data: ")?).ok());
    let first = frames.next().expect("a first frame");
    assert_eq!(first["replace"], true, "{first}");
    let moved = frames.take(15).any(|frame| {
        let series = &frame["results"][0]["series"][0];
        frame["replace"] == false && !numbers(series).is_empty()
    });
    assert!(moved, "no later frame brought a point");
}

#[test]
fn another_address_needs_a_lock() {
    let folder = Folder::new("lock");
    let output = std::process::Command::new(it::process::binary())
        .args(["server", "--listen", "0.0.0.0:0", "--data"])
        .arg(folder.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains("--access-token-file"), "{said}");
}

#[test]
fn a_second_server_on_the_same_folder_is_told() {
    let folder = Folder::new("second");
    let _first = Server::start("server", folder.path(), 0, &[]);
    let output = std::process::Command::new(it::process::binary())
        .args(["server", "--listen", "127.0.0.1:0", "--data"])
        .arg(folder.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains("another process"), "{said}");
}
