//! Doors with sockets of their own, each spoken to by the programs it is for.

#[path = "socket_doors/collectd.rs"]
mod collectd;
#[path = "socket_doors/falcon.rs"]
mod falcon;
#[path = "socket_doors/graphite.rs"]
mod graphite;
#[path = "socket_doors/graphite_web.rs"]
mod graphite_web;
#[path = "socket_doors/hard.rs"]
mod hard;
#[path = "socket_doors/nsca.rs"]
mod nsca;
#[path = "socket_doors/opentsdb.rs"]
mod opentsdb;
#[path = "socket_doors/zabbix.rs"]
mod zabbix;

use it::http::{numbers, run};
use it::process::{Folder, Server, free_port};
use it::wait::until;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const SOON: Duration = Duration::from_secs(40);

fn now_s() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

/// A server with one door open.
struct House {
    server: Server,
    port: u16,
    folder: Folder,
}

impl House {
    fn with(door: &str, more: &[&str]) -> Self {
        let (folder, port) = (Folder::new(door), free_port());
        let (flag, address) = (format!("--{}", door.replace('_', "-")), format!("127.0.0.1:{port}"));
        let arguments = [&[flag.as_str(), address.as_str()], more].concat();
        let server = Server::start("server", &folder.path().join("data"), 0, &arguments);
        let house = Self { server, port, folder };
        house.process_listens();
        house
    }

    /// Waits until the kernel lists somebody at the port, by TCP or UDP.
    fn process_listens(&self) {
        let port = format!(":{:04X} ", self.port);
        until("the door to open", SOON, || {
            let tables = ["tcp", "udp"]
                .map(|way| std::fs::read_to_string(format!("/proc/net/{way}")).unwrap_or_default());
            tables.iter().any(|table| table.contains(&port)).then_some(())
        });
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(SOON)).unwrap();
        stream
    }

    /// Sends all of it, says that it is all, and reads what is answered until the end.
    fn ask(&self, what: &[u8]) -> String {
        let mut stream = self.connect();
        stream.write_all(what).unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// The last number of a metric, of the series that `q` picks.
    fn last(&self, metric: &str, q: &str) -> Option<f64> {
        let expr = format!(".es(q='{q}', metric='last:{metric}')");
        run(&self.server.url, &expr, "now-1h", "now+1m", "10s").iter().flat_map(numbers).next_back()
    }

    fn wait_for(&self, metric: &str, q: &str, wanted: f64) {
        until(&format!("{metric} of {q} to be {wanted}"), SOON, || {
            (self.last(metric, q)? == wanted).then_some(())
        });
    }

    /// Waits until the program's own count is there.
    fn counted(&self, name: &str, at_least: f64) {
        until(&format!("{name} to be {at_least}"), SOON, || {
            let text = it::http::get(&self.server.at("/metrics")).text;
            let line = text.lines().find(|line| line.starts_with(name))?.to_owned();
            (line.rsplit(' ').next()?.parse::<f64>().ok()? >= at_least).then_some(())
        });
    }
}
