//! The agent's local doors: a real statsd client, bare sockets and curl speak to an agent, and a server answers for it.

use it::http::{numbers, run};
use it::process::{Folder, Running, Server, binary, free_port};
use it::wait::until;
use std::io::Write;
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

const SOON: Duration = Duration::from_secs(40);
/// Debian's python3-statsd lies where only Debian's python looks.
const PYTHON: &str = "/usr/bin/python3";

struct House {
    server: Server,
    agent: Running,
    statsd: u16,
    falcon: u16,
    folders: [Folder; 2],
}

impl House {
    fn new(name: &str) -> Self {
        let folders = [Folder::new(name), Folder::new(name)];
        let server = Server::start("server", folders[0].path(), free_port(), &[]);
        let (statsd, falcon) = (free_port(), free_port());
        let agent = agent(&server.url, folders[1].path(), statsd, falcon);
        agent.line_with("watches");
        Self { server, agent, statsd, falcon, folders }
    }

    /// The last number of a series of this host, the interval before included.
    fn last(&self, metric: &str, more: &str) -> Option<f64> {
        let expr = format!(".es(q='host:kestrel{more}', metric='max:{metric}')");
        let series = run(&self.server.url, &expr, "now-1m", "now+2s", "1s");
        series.first().map(numbers)?.last().copied()
    }

    fn wait_for(&self, metric: &str, more: &str, wanted: f64) {
        until(&format!("{metric}{more} to be {wanted}"), SOON, || {
            (self.last(metric, more)? == wanted).then_some(())
        });
    }
}

fn agent(server: &str, folder: &Path, statsd: u16, falcon: u16) -> Running {
    // The settings as an administrator would write them.
    let file = folder.join("agent.toml");
    let text = format!(
        "data = \"{}\"\nhost = \"kestrel\"\n[agent]\nserver = [\"{server}\"]\n\
         [doors]\nstatsd = \"127.0.0.1:{statsd}\"\nfalcon_agent = \"127.0.0.1:{falcon}\"\n\
         [statsd]\ninterval = \"1s\"\nquantiles = [0.5, 0.9]\nbuckets = [10, 100]\n",
        folder.join("data").display()
    );
    std::fs::write(&file, text).unwrap();
    let mut command = Command::new(binary());
    Running::start(command.arg("agent").arg("--config").arg(file))
}

/// Waits until somebody takes connections on a port.
fn listens(port: u16) {
    until("the door to open", SOON, || TcpStream::connect(("127.0.0.1", port)).ok());
}

#[test]
fn a_statsd_clients_numbers_are_in_the_server() {
    if !Path::new("/usr/lib/python3/dist-packages/statsd").exists() {
        return it::skip("python3-statsd is not installed");
    }
    let house = House::new("statsd-client");
    listens(house.statsd);
    let script = format!(
        "import statsd\n\
         c = statsd.StatsClient('127.0.0.1', {port}, prefix='shop')\n\
         for i in range(100): c.incr('orders')\n\
         c.incr('orders', 5)\n\
         c.gauge('carts', 10); c.gauge('carts', -3, delta=True)\n\
         for i in range(1, 101): c.timing('checkout', i)\n\
         for who in ['ann', 'bob', 'ann']: c.set('users', who)\n\
         t = statsd.TCPStatsClient('127.0.0.1', {port}, prefix='tcp')\n\
         with t.pipeline() as p:\n\
         \x20   for i in range(50): p.incr('hits')\n",
        port = house.statsd
    );
    let output = Command::new(PYTHON).args(["-c", &script]).output().expect("python can be started");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    house.wait_for("shop.orders", "", 105.0);
    house.wait_for("shop.carts", "", 7.0);
    house.wait_for("tcp.hits", "", 50.0);
    house.wait_for("shop.checkout_count", "", 100.0);
    house.wait_for("shop.checkout_sum", "", 5050.0);
    house.wait_for("shop.checkout_max", "", 100.0);
    house.wait_for("shop.checkout_bucket", " AND le:10", 10.0);
    // A counter's first number is there as an increase, too.
    let series = run(&house.server.url, ".es(metric='increase:shop.orders')", "now-1m", "now+2s", "1m");
    let increase: f64 = series.first().map(numbers).unwrap_or_default().iter().sum();
    assert!((increase - 105.0).abs() < 1.0, "{increase}");
    assert!(house.agent.terminate().success());
}

#[test]
fn lines_tags_and_broken_senders() {
    let house = House::new("statsd-lines");
    listens(house.statsd);
    let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
    let send = |line: &[u8]| udp.send_to(line, ("127.0.0.1", house.statsd)).unwrap();
    send(b"page.views:1|c|@0.1|#country:china,env:prod\nsong.length:1:2:3|d|#env:prod\nbroken\n\xff\xfe");
    send(b"_sc|Redis connection|2|#env:prod|m:timed out");
    send(b"_e{6,5}:deploy|2.0.1|t:warning|#env:prod");
    // A line in two halves, and a sender that is killed in the middle of another.
    let mut stream = TcpStream::connect(("127.0.0.1", house.statsd)).unwrap();
    stream.write_all(b"half.lines:1").unwrap();
    stream.flush().unwrap();
    let mut killed = TcpStream::connect(("127.0.0.1", house.statsd)).unwrap();
    killed.write_all(b"half.lines:1000").unwrap();
    drop(killed);
    stream.write_all(b"|c\n").unwrap();
    house.wait_for("page.views", " AND country:china", 10.0);
    house.wait_for("song.length_sum", " AND env:prod", 6.0);
    house.wait_for("half.lines", "", 1.0);
    house.wait_for("check_state", " AND env:prod", 2.0);
    house.agent.line_with("2.0.1");
    until("the refusals to be counted", SOON, || {
        (house.last("windhover_doors_statsd_refused_total", "")? >= 2.0).then_some(())
    });
    // What came in the last interval is handed on before the end.
    send(b"last.words:1|c");
    until("the line to be read", SOON, || {
        let table = std::fs::read_to_string("/proc/net/udp").ok()?;
        let port = format!(":{:04X}", house.statsd);
        let line = table.lines().find(|l| l.contains(&port))?.to_owned();
        line.contains(":00000000 00:").then_some(())
    });
    let House { server, agent, .. } = house;
    assert!(agent.terminate().success());
    let series = run(&server.url, ".es(metric='max:last.words')", "now-1m", "now+2s", "1s");
    assert_eq!(series.first().map(numbers).unwrap_or_default().last(), Some(&1.0));
}

#[test]
fn scripts_for_open_falcons_agent_go_on() {
    let house = House::new("falcon-agent");
    listens(house.falcon);
    let url = |path: &str| format!("http://127.0.0.1:{}{path}", house.falcon);
    let curl = |arguments: &[&str], path: &str| {
        let output =
            Command::new("curl").args(["-sS", "--max-time", "20"]).args(arguments).arg(url(path)).output();
        String::from_utf8(output.expect("curl can be started").stdout).unwrap()
    };
    let push = |body: &str| curl(&["-X", "POST", "-d", body], "/v1/push");
    let item = |metric: &str, endpoint: &str| {
        format!(
            r#"[{{{endpoint}"metric":"{metric}","step":60,"value":7,"counterType":"GAUGE","tags":"idc=lg"}}]"#
        )
    };
    assert_eq!(push(&item("disk.free", "")), "success");
    assert_eq!(push(&item("disk.free", r#""endpoint":"other","#)), "success");
    assert_eq!(push("["), "connot decode body\n");
    assert_eq!(push(""), "body is blank\n");
    assert_eq!(curl(&[], "/health"), "ok");
    // Large enough that curl asks first, and in chunks, packed.
    let many = item("disk.many", "").trim_matches(['[', ']']).to_owned();
    let file = house.folders[1].path().join("many.json");
    std::fs::write(&file, format!("[{}]", vec![many; 2000].join(","))).unwrap();
    assert!(Command::new("gzip").arg("-k").arg(&file).status().unwrap().success());
    let body = |ending: &str| format!("@{}{ending}", file.display());
    let expecting = ["-H", "Transfer-Encoding: chunked", "-H", "Expect: 100-continue", "--data-binary"];
    assert_eq!(curl(&[&expecting[..], &[&body("")]].concat(), "/v1/push"), "success");
    let packed = ["-H", "Content-Encoding: gzip", "--data-binary", &body(".gz")];
    assert_eq!(curl(&packed, "/v1/push"), "success");
    let found = |q: &str| {
        let expr = format!(".es(q='{q}', metric='max:disk.free')");
        let series = run(&house.server.url, &expr, "now-5m", "now+1m", "1m");
        series.first().map(numbers)?.last().copied()
    };
    until("the item of this host", SOON, || found("host:kestrel AND idc:lg"));
    until("the item of another", SOON, || found("host:other"));
    assert!(house.agent.terminate().success());
}

#[test]
fn a_taken_port_stops_nothing() {
    let (folder, statsd, falcon) = (Folder::new("taken"), free_port(), free_port());
    let _other = TcpListener::bind(("127.0.0.1", falcon)).unwrap();
    let mut agent = agent("http://127.0.0.1:1", folder.path(), statsd, falcon);
    agent.line_with("is taken: another program listens there");
    assert!(agent.is_alive());
    listens(statsd);
    assert!(agent.terminate().success());
}
