//! `windhover join` sets an agent up, and `windhover doctor` says where a sample's way ends.

use it::process::{Folder, Running, Server, binary, free_port};
use it::wait::until;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};
use std::time::Duration;

const SOON: Duration = Duration::from_secs(30);

fn windhover(folder: &Path, line: &str) -> Output {
    Command::new(binary()).args(line.split_whitespace()).current_dir(folder).output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// A server that wants the token `sesame`, also from this machine: the agent's host name in the address is none of ours.
fn server(folder: &Path) -> Server {
    std::fs::write(folder.join("tokens"), "sesame\n").unwrap();
    let tokens = folder.join("tokens").display().to_string();
    Server::start("server", &folder.join("data"), 0, &["--access-token-file", &tokens])
}

#[test]
fn join_writes_what_an_agent_needs_and_the_doctor_confirms_it() {
    let folder = Folder::new("join");
    let server = server(folder.path());
    let join = format!("join {} --token sesame --into etc/agent.toml --no-start --host merlin", server.url);
    let joined = windhover(folder.path(), &join);
    assert!(joined.status.success(), "{}", said(&joined));
    let token = folder.path().join("etc/agent-token");
    assert_eq!(std::fs::metadata(&token).unwrap().permissions().mode() & 0o777, 0o600);

    let data = folder.path().join("spool").display().to_string();
    let mut command = Command::new(binary());
    command.args(["agent", "--config", "etc/agent.toml", "--data", &data]).current_dir(folder.path());
    let agent = Running::start(&mut command);
    agent.line_with("watches merlin");
    let doctor = format!("doctor --config etc/agent.toml --data {data}");
    until("the server to hear the host", SOON, || {
        let output = windhover(folder.path(), &doctor);
        (output.status.success() && said(&output).contains("The host merlin arrives")).then_some(())
    });
    // Joining again keeps what was there.
    assert!(windhover(folder.path(), &join).status.success());
    assert!(folder.path().join("etc/agent.toml.before-join").exists());
}

#[test]
fn the_doctor_names_the_step_where_the_way_ends() {
    let folder = Folder::new("doctor");
    let port = free_port();
    let deaf = windhover(folder.path(), &format!("doctor --server http://127.0.0.1:{port} --data d"));
    assert_eq!(deaf.status.code(), Some(1));
    assert!(said(&deaf).contains("takes no connection"), "{}", said(&deaf));
    assert!(!folder.path().join("d").exists(), "looking changes nothing");

    let nameless = windhover(folder.path(), "doctor --server http://no-such-name.invalid:1 --data d");
    assert!(said(&nameless).contains("no address for `no-such-name.invalid`"), "{}", said(&nameless));

    let refused = windhover(folder.path(), &format!("join http://127.0.0.1:{port} --into agent.toml"));
    assert!(
        !refused.status.success() && said(&refused).contains("nothing was changed"),
        "{}",
        said(&refused)
    );
    assert!(!folder.path().join("agent.toml").exists());
}
