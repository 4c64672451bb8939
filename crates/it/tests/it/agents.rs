//! Settings that the server gives a group of agents: tried, trusted, taken back.

use it::process::{Folder, Running, Server, binary};
use it::wait::until;
use std::path::Path;
use std::process::{Command, Output};
use std::time::Duration;

const SOON: Duration = Duration::from_secs(40);

fn agents(server: &Server, folder: &Path, line: &str) -> Output {
    let mut command = Command::new(binary());
    command
        .arg("agents")
        .args(line.split_whitespace())
        .args(["--url", &server.url])
        .current_dir(folder)
        .output()
        .unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

fn agent(server: &Server, folder: &Path, trial: &str) -> Running {
    let mut command = Command::new(binary());
    command.args(["agent", "--host", "merlin", "--data", "spool", "--server", &server.url]);
    command.args(["--settings-every", "1s", "--settings-trial", trial]);
    Running::start(command.current_dir(folder))
}

fn shown(folder: &Path, key: &str) -> String {
    let output = Command::new(binary())
        .args(["config", "show", "--data", "spool"])
        .current_dir(folder)
        .output()
        .unwrap();
    said(&output).lines().find(|line| line.starts_with(key)).unwrap_or("").to_owned()
}

fn state(server: &Server, folder: &Path, wanted: &str) {
    until(wanted, SOON, || said(&agents(server, folder, "list")).contains(wanted).then_some(()));
}

#[test]
fn settings_from_the_server_are_tried_trusted_and_taken_back() {
    let folder = Folder::new("given");
    let server = Server::start("server", &folder.path().join("data"), 0, &[]);
    let write = |text: &str| std::fs::write(folder.path().join("web.toml"), text).unwrap();
    let agent = agent(&server, folder.path(), "2s");
    agent.line_with("watches merlin");

    // What a server may not say is refused before any host sees it.
    write("[agent]\nserver = [\"http://elsewhere\"]\n");
    let refused = agents(&server, folder.path(), "set web web.toml --hosts mer*");
    assert!(
        !refused.status.success() && said(&refused).contains("for the host's own file only"),
        "{}",
        said(&refused)
    );

    write("[agent]\nper_core = true\ntop_processes = 3\n");
    let made = agents(&server, folder.path(), "set web web.toml --hosts mer* --hosts db1");
    assert!(made.status.success(), "{}", said(&made));
    state(&server, folder.path(), "web 1 in-use");
    agent.line_with("passed their trial");
    assert!(
        shown(folder.path(), "agent.top_processes").contains("3"),
        "{}",
        shown(folder.path(), "agent.top_processes")
    );
    assert!(shown(folder.path(), "agent.per_core").contains("from the server"));

    // A version that kills the agent again and again: the test is the one that kills.
    write("[agent]\ntop_processes = 4\n");
    assert!(agents(&server, folder.path(), "set web web.toml").status.success());
    agent.line_with("web 2 from the server go on trial");
    until("version 2 on disk", SOON, || {
        shown(folder.path(), "agent.top_processes").contains(" 4 ").then_some(())
    });
    agent.kill();
    for _ in 0..4 {
        let again = self::agent(&server, folder.path(), "1h");
        again.line_with("ships to");
        again.kill();
    }
    let agent = self::agent(&server, folder.path(), "1h");
    state(&server, folder.path(), "web 2 taken-back");
    state(&server, folder.path(), "HALTED: merlin: the agent was started");
    assert!(shown(folder.path(), "agent.top_processes").contains("3"));

    // A group that is removed leaves the host to itself.
    assert!(agents(&server, folder.path(), "remove web").status.success());
    until("the host's own settings", SOON, || {
        (!shown(folder.path(), "agent.per_core").contains("from the server")).then_some(())
    });
    assert!(agent.terminate().success());
}

#[test]
fn an_agent_that_is_told_to_reads_its_file_again() {
    let folder = Folder::new("reread");
    let server = Server::start("server", &folder.path().join("data"), 0, &[]);
    let file = folder.path().join("agent.toml");
    std::fs::write(&file, "host = \"merlin\"\n").unwrap();
    let mut command = Command::new(binary());
    command.args(["agent", "--config", "agent.toml", "--data", "spool", "--server", &server.url]);
    let agent = Running::start(command.current_dir(folder.path()));
    agent.line_with("watches merlin");
    std::fs::write(&file, "hots = \"kestrel\"\n").unwrap();
    agent.signal("HUP");
    agent.line_with("unknown key `hots`");
    std::fs::write(&file, "host = \"kestrel\"\n").unwrap();
    agent.signal("HUP");
    agent.line_with("watches kestrel");
    assert!(agent.terminate().success());
}

#[test]
fn an_agent_that_begins_anew_still_hears_that_it_is_to_stop() {
    let folder = Folder::new("anew");
    let server = Server::start("server", &folder.path().join("data"), 0, &[]);
    // Each time the word to stop comes a little later on the way from one start to the next.
    for wait_ms in [0, 1, 3, 10, 20, 40, 80] {
        let mut command = Command::new(binary());
        command.args(["agent", "--data", "spool", "--server", &server.url]);
        let agent = Running::start(command.current_dir(folder.path()));
        agent.line_with("ships to");
        agent.signal("HUP");
        std::thread::sleep(Duration::from_millis(wait_ms));
        assert!(agent.terminate().success(), "told to stop {wait_ms} ms after it was to begin anew");
    }
}
