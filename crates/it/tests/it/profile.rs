//! An agent, and the server itself, say where they spend their processor time: when asked over the server, by a signal,
//! and by schedule.

use it::http::{get, post};
use it::process::{Folder, Running, Server, binary};
use it::wait::until;
use serde_json::Value;
use std::process::Command;
use std::time::Duration;

const SOON: Duration = Duration::from_secs(60);

fn profiles(server: &Server, host: &str) -> Vec<Value> {
    let answer = get(&server.at(&format!("/api/v1/profiles?host={host}"))).json();
    answer["profiles"].as_array().cloned().unwrap_or_default()
}

fn folded(server: &Server, host: &str, profile: &Value) -> String {
    let (time_ms, source) = (&profile["time_ms"], profile["source"].as_str().unwrap());
    get(&server.at(&format!("/api/v1/profile?host={host}&time_ms={time_ms}&source={source}"))).text
}

/// Asks as soon as the server knows whom.
fn ask(server: &Server, host: &str) {
    let path = server.at(&format!("/api/v1/profile?host={host}&seconds=2"));
    until("somebody to ask", SOON, || (post(&path, "text/plain", "").status == 202).then_some(()));
}

/// Whether this machine lets a program look at itself; what it says otherwise is checked here.
fn is_allowed(profile: &Value) -> bool {
    let refused = profile["refused"].as_str();
    if let Some(why) = refused {
        assert!(why.contains("perf") && profile["empty"] == true, "{profile}");
        it::skip("the kernel does not let a program look at itself");
    }
    refused.is_none()
}

#[test]
fn an_agent_is_asked_for_a_profile_and_tells_the_functions_of_its_threads() {
    let (data, spool) = (Folder::new("profile-server"), Folder::new("profile-agent"));
    let server = Server::start("server", data.path(), 0, &["--host", "kestrel"]);
    let path = server.at("/api/v1/profile?host=merlin");
    assert_eq!(post(&path, "text/plain", "").status, 409, "nobody of that name asks for settings");

    let mut command = Command::new(binary());
    command.args(["agent", "--host", "merlin", "--server", &server.url, "--settings-every", "1s"]);
    command.args(["--profile-duration", "1s", "--profile-interval", "0s", "--data"]).arg(spool.path());
    let agent = Running::start(&mut command);
    agent.line_with("watches");
    ask(&server, "merlin");
    let first = until("a profile", SOON, || profiles(&server, "merlin").pop());
    assert_eq!((first["source"].as_str(), first["why"].as_str()), (Some("agent"), Some("asked")));
    if !is_allowed(&first) {
        return;
    }
    assert!(first["samples"].as_f64() > Some(5.0) && first["seconds"].as_f64() >= Some(2.0), "{first}");
    let stacks = folded(&server, "merlin", &first);
    let is_collecting = |line: &str| line.starts_with("collect;") && line.contains("::");
    assert!(stacks.lines().any(is_collecting), "{stacks}");
    let us: f64 = stacks.lines().filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).sum();
    let used = first["cpu_us"].as_f64().unwrap();
    assert!(us > 0.8 * used && us < 1.3 * used + 20_000.0, "{us} of {used}\n{stacks}");

    // By a signal, as long as the settings say.
    agent.signal("USR2");
    let second =
        until("a second one", SOON, || Some(profiles(&server, "merlin")).filter(|all| all.len() == 2));
    assert!(second[0]["seconds"].as_f64() < Some(2.0) && second[1] == first, "{second:?}");

    // The server itself.
    ask(&server, "kestrel");
    let own = until("the server's", SOON, || profiles(&server, "kestrel").pop());
    assert_eq!(own["source"], "server");
    assert!(folded(&server, "kestrel", &own).contains("serve"));
    let log = get(&server.at("/api/v1/events?host=merlin&kind=profile")).json();
    assert_eq!(log["events"].as_array().map(Vec::len), Some(0), "they do not stand in the log");
}

#[test]
fn profiles_are_taken_by_schedule() {
    let data = Folder::new("profile-schedule");
    let more = ["--host", "kestrel", "--profile-interval", "2s", "--profile-duration", "1s"];
    let server = Server::start("up", data.path(), 0, &more);
    let all = until("two profiles", SOON, || {
        let all = profiles(&server, "kestrel");
        let is_refused = all.iter().any(|one| one["refused"].is_string());
        (all.len() >= 2 || is_refused).then_some(all)
    });
    assert_eq!((all[0]["source"].as_str(), all[0]["why"].as_str()), (Some("up"), Some("schedule")));
}
