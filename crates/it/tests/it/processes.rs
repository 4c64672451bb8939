//! Processes as the settings group them, and Open-Falcon's monitors, over a real nginx that is started anew.

use it::http::{numbers, run};
use it::process::{Folder, Running, Server, free_port};
use it::skip;
use it::wait::until;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

const NGINX: &str = "/usr/sbin/nginx";
const SOON: Duration = Duration::from_secs(60);

/// A program of our own name, so that another nginx on the machine is none of ours.
fn nginx(folder: &Path, port: u16) -> Running {
    let path = folder.display();
    let text = format!(
        "daemon off; worker_processes 2; user root; pid {path}/pid; error_log {path}/error.log;\n\
         events {{}}\n\
         http {{ access_log off; client_body_temp_path {path}/t1; proxy_temp_path {path}/t2;\n\
         fastcgi_temp_path {path}/t3; uwsgi_temp_path {path}/t4; scgi_temp_path {path}/t5;\n\
         server {{ listen 127.0.0.1:{port}; }} }}\n"
    );
    let config = folder.join("nginx.conf");
    std::fs::write(&config, text).unwrap();
    let program = folder.join("nginx-of-ours");
    if !program.exists() {
        std::fs::copy(NGINX, &program).unwrap();
    }
    let mut command = Command::new(program);
    command.arg("-e").arg(folder.join("error.log")).arg("-p").arg(folder).arg("-c").arg(config);
    Running::start(&mut command)
}

fn last(server: &Server, query: &str) -> Option<f64> {
    let series = run(&server.url, &format!(".es({query})"), "now-20s", "now+2s", "1s");
    numbers(series.first()?).last().copied()
}

#[test]
fn groups_and_monitors_of_a_file_become_series() {
    if !Path::new(NGINX).exists() {
        return skip("nginx is not installed");
    }
    let folder = Folder::new("processes");
    let port = free_port();
    let at = folder.path().display();
    let text = format!(
        r#"
        [[process]]
        group = "web"
        name = "nginx-of-ou*"
        exe = "{at}/nginx-of-ours"
        cmdline = ["*-c {at}/nginx.conf", "~^nginx: worker"]
        pss = true
        [[falcon.monitor]]
        metric = "net.port.listen"
        tags = "port={port}"
        every = "1s"
        [[falcon.monitor]]
        metric = "proc.num"
        tags = "cmdline={at}/nginx.conf"
        every = "1s"
        [[falcon.monitor]]
        metric = "du.bs"
        tags = "path={at}/sized"
        every = "1s"
        "#
    );
    let config = folder.path().join("windhover.toml");
    std::fs::write(&config, text).unwrap();
    std::fs::create_dir(folder.path().join("sized")).unwrap();
    let config = config.display().to_string();
    let server =
        Server::start("up", &folder.path().join("data"), 0, &["--host", "merlin", "--config", &config]);
    let is = |query: &str, wanted: f64| {
        let what = format!("{query} to be {wanted}");
        until(&what, SOON, || last(&server, query).filter(|value| *value == wanted));
    };
    is("q='host:merlin', metric='max:net.port.listen'", 0.0);
    let first = nginx(folder.path(), port);
    is(&format!("q='host:merlin AND port:{port}', metric='max:net.port.listen'"), 1.0);
    is("q='host:merlin', metric='max:proc.num'", 1.0);
    is("q='group:web', metric='max:process_group_restarts_total'", 0.0);
    until("a master and its workers", SOON, || {
        last(&server, "q='group:web', metric='max:process_group_processes'").filter(|count| *count == 3.0)
    });
    until("memory in parts", SOON, || {
        last(&server, "q='group:web', metric='max:process_group_proportional_bytes'")
            .filter(|bytes| *bytes > 1e5)
    });
    let empty = until("a folder's size", SOON, || last(&server, "q='host:merlin', metric='max:du.bs'"));
    std::fs::write(folder.path().join("sized/file"), vec![0; 4321]).unwrap();
    is("q='host:merlin', metric='max:du.bs'", empty + 4321.0);
    assert!(first.terminate().success());
    is("q='host:merlin', metric='max:net.port.listen'", 0.0);
    let second = nginx(folder.path(), port);
    is("q='group:web', metric='max:process_group_restarts_total'", 1.0);
    is("q='host:merlin', metric='max:net.port.listen'", 1.0);
    assert!(second.terminate().success());
    assert!(server.process.terminate().success());
}
