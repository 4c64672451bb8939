//! Checks against programs we did not make: nginx, dnsmasq, the kernel's own echo; beside curl where Open-Falcon asks it.

use it::http::{numbers, run};
use it::process::{Folder, Running, Server, binary, free_port};
use it::skip;
use it::wait::until;
use std::path::Path;
use std::process::{Command, Output};
use std::time::Duration;

const SOON: Duration = Duration::from_secs(30);

fn exists(program: &str) -> bool {
    let found = |folder: &str| Path::new(folder).join(program).exists();
    ["/usr/sbin", "/usr/bin", "/sbin", "/bin"].into_iter().any(found)
}

pub(crate) fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout == b"0\n")
}

#[track_caller]
fn must(command: &mut Command) -> Output {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    output
}

/// What the command `check` prints and its exit code.
fn check(arguments: &[&str]) -> (String, i32) {
    let output = Command::new(binary()).arg("check").args(arguments).output().unwrap();
    (String::from_utf8(output.stdout).unwrap(), output.status.code().unwrap())
}

/// An authority and a certificate for `shop.test`, for thirty days.
fn papers(folder: &Path) {
    let openssl = |arguments: &str| {
        must(Command::new("openssl").args(arguments.split_whitespace()).current_dir(folder));
    };
    std::fs::write(folder.join("names"), "subjectAltName=DNS:shop.test\n").unwrap();
    let key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes";
    openssl(&format!("req -x509 {key} -keyout ca.key -out ca.pem -subj /CN=Kestrel -days 30"));
    openssl(&format!("req {key} -keyout shop.key -out shop.csr -subj /CN=shop.test"));
    openssl(
        "x509 -req -in shop.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 30 -extfile names -out shop.pem",
    );
}

struct Nginx {
    _process: Running,
    http: u16,
    https: u16,
}

impl Nginx {
    fn start(folder: &Path) -> Self {
        let (http, https) = (free_port(), free_port());
        let path = folder.display();
        let text = format!(
            "daemon off; master_process off; pid {path}/pid; error_log {path}/error.log;\n\
             events {{}}\n\
             http {{ access_log off; client_body_temp_path {path}/t1; proxy_temp_path {path}/t2;\n\
             fastcgi_temp_path {path}/t3; uwsgi_temp_path {path}/t4; scgi_temp_path {path}/t5;\n\
             server {{ listen 127.0.0.1:{http}; listen 127.0.0.1:{https} ssl; ssl_protocols TLSv1.2 TLSv1.3;\n\
             ssl_certificate {path}/shop.pem; ssl_certificate_key {path}/shop.key;\n\
             location = /ok {{ return 200 'all is ready'; }}\n\
             location = /gone {{ return 404; }}\n\
             location = /broken {{ return 500; }}\n\
             location = /moved {{ return 301 /ok; }}\n\
             location = /loop {{ return 302 /loop; }}\n\
             }} }}\n"
        );
        std::fs::write(folder.join("nginx.conf"), text).unwrap();
        let mut command = Command::new("/usr/sbin/nginx");
        let conf = folder.join("nginx.conf");
        command.arg("-e").arg(folder.join("error.log")).arg("-p").arg(folder).arg("-c").arg(conf);
        let process = Running::start(&mut command);
        until("nginx to listen", SOON, || std::net::TcpStream::connect(("127.0.0.1", https)).ok());
        Self { _process: process, http, https }
    }
}

fn dnsmasq(port: u16) -> Running {
    let mut command = Command::new("/usr/sbin/dnsmasq");
    command
        .args(["--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv", "--no-hosts", "--pid-file"])
        .args(["--user=root", "--listen-address=127.0.0.1", "--bind-interfaces", "--local-ttl=77"])
        .args(["--address=/shop.test/192.0.2.7", "--mx-host=shop.test,mail.shop.test,10"])
        .arg(format!("--port={port}"));
    let process = Running::start(&mut command);
    until("dnsmasq to listen", SOON, || std::net::TcpStream::connect(("127.0.0.1", port)).ok());
    process
}

fn last(server: &Server, query: &str) -> Option<f64> {
    let series = run(&server.url, &format!(".es({query})"), "now-20s", "now+2s", "1s");
    numbers(series.first()?).last().copied()
}

#[test]
fn checks_of_a_file_become_series() {
    if !["nginx", "dnsmasq", "openssl"].into_iter().all(exists) {
        return skip("nginx, dnsmasq or openssl is not installed");
    }
    let folder = Folder::new("checks");
    papers(folder.path());
    let nginx = Nginx::start(folder.path());
    let name_port = free_port();
    let _names = dnsmasq(name_port);
    let (http, https, ca) = (nginx.http, nginx.https, folder.path().join("ca.pem"));
    let ca = ca.display();
    let text = format!(
        r#"
        [[check]]
        kind = "http"
        name = "beats"
        targets = ["http://127.0.0.1:{http}/ok", "http://127.0.0.1:{http}/broken"]
        interval = "1s"
        [[check]]
        kind = "http"
        name = "shop"
        url = "https://shop.test:{https}/moved?x=1"
        address = "127.0.0.1"
        ca = "{ca}"
        redirects = 3
        body_has = ["ready"]
        interval = "1s"
        labels = {{ team = "kestrels" }}
        [[check]]
        kind = "dns"
        name = "mail"
        target = "shop.test"
        name_server = "127.0.0.1:{name_port}"
        type = "mx"
        values = ["10 mail.shop.test"]
        interval = "1s"
        [[check]]
        kind = "tcp"
        name = "door"
        target = "127.0.0.1:{http}"
        send = 'HEAD /ok HTTP/1.0\r\n\r\n'
        expect = ["200 OK", "nginx"]
        interval = "1s"
        [[check]]
        kind = "url.check.health"
        url = "http://127.0.0.1:{http}/ok"
        timeout = "5s"
        interval = "1s"
        "#
    );
    let config = folder.path().join("windhover.toml");
    std::fs::write(&config, text).unwrap();
    let config = config.display().to_string();
    let server =
        Server::start("up", &folder.path().join("data"), 0, &["--host", "merlin", "--config", &config]);
    let is = |query: &str, wanted: f64| {
        let what = format!("{query} to be {wanted}");
        until(&what, SOON, || last(&server, query).filter(|value| *value == wanted));
    };
    let ok = format!("target:\"http://127.0.0.1:{http}/ok\"");
    let broken = format!("target:\"http://127.0.0.1:{http}/broken\"");
    is(&format!("q='check:beats AND kind:http AND {ok}', metric='max:check_up'"), 1.0);
    is(&format!("q='check:beats AND {broken}', metric='max:check_up'"), 0.0);
    is(&format!("q='{broken} AND reason:status', metric='max:check_failed'"), 1.0);
    is(&format!("q='{broken}', metric='max:check_http_status'"), 500.0);
    is("q='check:shop AND team:kestrels AND host:merlin', metric='max:check_up'", 1.0);
    is("q='check:shop', metric='max:check_http_redirects'", 1.0);
    is("q='check:shop', metric='max:check_http_body_bytes'", 12.0);
    is("q='check:shop', metric='max:check_certificate_trusted'", 1.0);
    is("q='check:mail', metric='max:check_up'", 1.0);
    is("q='check:mail', metric='max:check_dns_answers'", 1.0);
    is("q='check:door', metric='max:check_tcp_answer_right'", 1.0);
    is("q='src:merlin AND timeout:5 AND host:merlin', metric='max:url.check.health'", 1.0);
    let expiry = last(&server, "q='check:shop', metric='max:check_certificate_expiry_seconds'").unwrap();
    assert!((29.0..=30.0).contains(&(expiry / 86_400.0)), "{expiry}");
    for phase in ["connect", "tls", "first_byte", "transfer"] {
        let seconds =
            last(&server, &format!("q='check:shop AND phase:{phase}', metric='max:check_phase_seconds'"));
        assert!(seconds.is_some_and(|s| s > 0.0 && s < 5.0), "{phase}: {seconds:?}");
    }
    // Each stands beside the collectors, the broken one with its reason.
    let path = server.at("/api/v1/standings?host=merlin");
    until("the standing of the broken page", SOON, || {
        let text = it::http::get(&path).text;
        let is_told =
            text.contains("answered 500, expected 200") && text.contains("\"shop https://shop.test:");
        is_told.then_some(())
    });
    assert!(server.process.terminate().success());
}

#[test]
fn the_command_speaks_as_plugins_do() {
    if !["nginx", "openssl", "curl", "dnsmasq"].into_iter().all(exists) {
        return skip("nginx, openssl, curl or dnsmasq is not installed");
    }
    let folder = Folder::new("check-command");
    papers(folder.path());
    let nginx = Nginx::start(folder.path());
    let base = format!("http://127.0.0.1:{}", nginx.http);
    let (line, code) = check(&["http", &format!("{base}/ok"), "--body-has", "ready"]);
    assert!(code == 0 && line.starts_with("HTTP OK: answered 200 in 0."), "{line}");
    assert!(line.contains(" time_connect=0.") && line.contains(" size=12B;;;0 "), "{line}");
    let (line, code) = check(&["http", &format!("{base}/ok"), "--time-warning", "0s"]);
    assert!(code == 1 && line.starts_with("HTTP WARNING: it took 0."), "{line}");
    let (line, code) = check(&["http", &format!("{base}/loop"), "--redirects", "4"]);
    assert!(code == 2 && line.starts_with("HTTP CRITICAL: more than 4 redirects"), "{line}");
    let (line, code) = check(&["http"]);
    assert_eq!((line.as_str(), code), ("HTTP UNKNOWN: one target is needed: a URL\n", 3));
    let (line, code) = check(&["http", "--no-such-flag"]);
    assert!(code == 3 && line.starts_with("UNKNOWN: error: unexpected argument '--no-such-flag'"), "{line}");
    let ca = folder.path().join("ca.pem").display().to_string();
    let target = format!("shop.test:{}", nginx.https);
    let (line, code) = check(&["tls", &target, "--address", "127.0.0.1", "--ca", &ca]);
    assert!(
        code == 0 && line.starts_with("TLS OK: TLS 1.3, signed by `Kestrel`, runs out in 30.0 days"),
        "{line}"
    );
    let (line, code) = check(&["tls", &target, "--address", "127.0.0.1"]);
    assert!(code == 2 && line.contains("UnknownIssuer"), "{line}");
    let port = free_port();
    let _names = dnsmasq(port);
    let server = format!("127.0.0.1:{port}");
    let (line, code) = check(&["dns", "shop.test", "--name-server", &server]);
    assert!(code == 0 && line.starts_with("DNS OK: A 192.0.2.7 from 127.0.0.1 in 0."), "{line}");
    assert!(line.contains("ttl=77.000000s"), "{line}");
    let (line, code) = check(&["dns", "other.test", "--name-server", &server]);
    assert!(code == 2 && (line.contains("REFUSED") || line.contains("NXDOMAIN")), "{line}");

    // Open-Falcon's agent asks curl; where curl sees a 200, so must we, and nowhere else.
    let nobody = format!("http://127.0.0.1:{}", free_port());
    for url in ["/ok", "/gone", "/broken", "/moved", "/loop"]
        .map(|path| format!("{base}{path}"))
        .iter()
        .chain([&nobody])
    {
        let curl =
            ["--max-filesize", "102400", "-I", "-m", "3", "-o", "/dev/null", "-s", "-w", "%{http_code}", url];
        let seen = Command::new("curl").args(curl).output().unwrap().stdout;
        let (line, code) = check(&["url.check.health", url, "--timeout", "3s"]);
        assert_eq!(code == 0, seen == b"200", "{url}: {line}");
        assert!(line.contains(if code == 0 { "health=1" } else { "health=0" }), "{line}");
    }
}

#[test]
fn wrong_checks_are_told_with_their_lines() {
    let folder = Folder::new("wrong-checks");
    let config = folder.path().join("windhover.toml");
    std::fs::write(
        &config,
        "[[check]]\nkind = 'http'\nurl = 'a'\n\n[[check]]\nkind = 'ping'\ntarget = 'a'\nbody = 'x'\n",
    )
    .unwrap();
    let output = Command::new(binary()).args(["config", "check", "--config"]).arg(&config).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(said.contains("windhover.toml:1: check: `a` is not an address of a page"), "{said}");
    assert!(
        said.contains("windhover.toml:5: check: `body` is not for ping, which takes address, count, "),
        "{said}"
    );
}

/// Runs a script in a network namespace of its own, with the binary as `$W` where nobody may run it.
fn apart(folder: &Path, script: &str) -> String {
    let copy = folder.join("windhover");
    std::fs::copy(binary(), &copy).unwrap();
    let nobody = "setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps -all --bounding-set -all";
    let script = format!("set -e; W={}; N='{nobody}'; ip link set lo up; {script}", copy.display());
    let output = must(Command::new("unshare").args(["--net", "sh", "-c", &script]));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn pinging_needs_a_right_and_says_which() {
    if !is_root() || !["unshare", "setpriv", "ip"].into_iter().all(exists) {
        return skip("network namespaces need root, unshare, setpriv and ip");
    }
    let folder = Folder::new("ping");
    let said = apart(
        folder.path(),
        "echo '1 0' > /proc/sys/net/ipv4/ping_group_range\n\
         $N $W check ping 127.0.0.1 || echo code $?\n\
         $W check ping 127.0.0.1 --count 2; $W check ping ::1 --count 2\n\
         echo '0 65534' > /proc/sys/net/ipv4/ping_group_range\n\
         $N $W check ping 127.0.0.1 --count 2; $N $W check ping ::1 --count 2\n",
    );
    let lines: Vec<&str> = said.lines().collect();
    assert!(
        lines[0].starts_with("PING UNKNOWN: pinging is not allowed: let our group ping with `sysctl"),
        "{said}"
    );
    assert!(lines[0].contains("CAP_NET_RAW") && lines[1] == "code 3", "{said}");
    for (line, host) in lines[2..].iter().zip(["127.0.0.1", "::1", "127.0.0.1", "::1"]) {
        assert!(line.starts_with(&format!("PING OK: {host} answers in ")), "{said}");
    }
    assert_eq!(lines.len(), 6, "{said}");
}

#[test]
fn a_black_hole_is_a_loss_and_a_timeout() {
    if !is_root() || !["unshare", "setpriv", "ip"].into_iter().all(exists) {
        return skip("network namespaces need root, unshare, setpriv and ip");
    }
    let folder = Folder::new("black-hole");
    // What is sent to a host that has no such address is never seen again.
    let said = apart(
        folder.path(),
        "ip link add hole type veth peer name end; ip addr add 192.0.2.1/24 dev hole\n\
         ip link set hole up; ip link set end up; ip neigh add 192.0.2.2 lladdr 02:00:00:00:00:01 dev hole\n\
         $W check ping 192.0.2.2 --count 3 --timeout 500ms || echo code $?\n\
         $W check http http://192.0.2.2/ --timeout 500ms || echo code $?\n\
         $W check ping 198.51.100.1 --timeout 500ms || echo code $?\n\
         $W check dns a.example --name-server 192.0.2.2 --timeout 300ms || echo code $?\n",
    );
    let lines: Vec<&str> = said.lines().collect();
    assert!(lines[0].starts_with("PING CRITICAL: none of 3 packets was answered | loss=100.0%"), "{said}");
    assert!(lines[2].starts_with("HTTP CRITICAL: waited 0.500 s in vain for a connection"), "{said}");
    assert!(lines[4].starts_with("PING CRITICAL: 198.51.100.1: Network is unreachable"), "{said}");
    assert!(lines[6].starts_with("DNS CRITICAL: "), "{said}");
    assert!([1, 3, 5, 7].iter().all(|at| lines[*at] == "code 2"), "{said}");
}
