//! Uninterruptible power supplies, by the word of the daemons that watch them on this host: NUT's `upsd` and apcupsd.
//! Those the kernel knows by itself are in `power`.

mod apcupsd;
mod nut;

use crate::inquiry::{Findings, Inquiry};
use crate::{Collector, Error, Host, Metric, Pass, Row};
use std::fs::File;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::PathBuf;
use std::time::Duration;

pub(super) static ROW: Row = Row {
    name: "ups",
    summary: "Uninterruptible power supplies watched by NUT or apcupsd: mains, charge, time left, load, voltages.",
    interval_ms: 30_000,
    metrics: &METRICS,
    open: |host, _| Box::new(Ups::new(host)),
};

const fn gauge(name: &'static str, unit: &'static str, help: &'static str) -> Metric {
    Metric::gauge(name, unit, help).by(&["ups"])
}

static METRICS: [Metric; 13] = [
    Metric::gauge("ups_info", "", "Always 1; the labels tell.").by(&["ups", "model"]),
    gauge("ups_online", "", "1 when it feeds on mains, else 0."),
    gauge("ups_on_battery", "", "1 when it feeds on its battery, else 0."),
    gauge("ups_battery_low", "", "1 when the battery is nearly empty, else 0."),
    gauge("ups_battery_replace", "", "1 when the battery must be replaced, else 0."),
    gauge("ups_overloaded", "", "1 when it feeds more than it can, else 0."),
    gauge("ups_charge_ratio", "ratio", "How full the battery is."),
    gauge("ups_runtime_seconds", "seconds", "How long the battery would last now."),
    gauge("ups_load_ratio", "ratio", "Load as a part of what it can feed."),
    gauge("ups_input_volts", "volts", "Voltage of the mains."),
    gauge("ups_output_volts", "volts", "Voltage it gives."),
    gauge("ups_battery_volts", "volts", "Voltage of the battery."),
    gauge("ups_temperature_celsius", "celsius", "Its temperature."),
];
const INFO: usize = 0;
/// The first of those that are part of its status, in the order of the words for them.
const STATUS: usize = 1;
const STATES: usize = 5;
const CHARGE: usize = 6;
const RUNTIME: usize = 7;
const LOAD: usize = 8;
const INPUT: usize = 9;
const OUTPUT: usize = 10;
const BATTERY: usize = 11;
const TEMPERATURE: usize = 12;

const EVERY_MS: i64 = 30_000;
const SERIES_MAX: usize = 512;
/// How long each step of a conversation may take.
const WITHIN: Duration = Duration::from_secs(3);
/// Longest answer, in bytes.
const ANSWER_BYTES_MAX: u64 = 256 << 10;

/// A daemon: what it is called, its settings (in one of these files), whether they name a supply, its port, and how it
/// is asked.
struct Daemon {
    name: &'static str,
    signs: &'static [&'static str],
    is_used: fn(&str) -> bool,
    port: u16,
    ask: fn(&mut dyn Conversation, &mut Findings) -> io::Result<()>,
}

static DAEMONS: [Daemon; 2] = [
    Daemon {
        name: "upsd",
        signs: &["etc/nut/ups.conf", "etc/ups/ups.conf"],
        // A section for each.
        is_used: |settings| settings.lines().any(|line| line.trim_start().starts_with('[')),
        port: 3493,
        ask: nut::ask,
    },
    Daemon {
        name: "apcupsd",
        signs: &["etc/apcupsd/apcupsd.conf"],
        is_used: |_| true,
        port: 3551,
        ask: apcupsd::ask,
    },
];

/// What is said and heard.
trait Conversation: io::Read + io::Write {}
impl<T: io::Read + io::Write> Conversation for T {}

struct Ups {
    host: Host,
    signs: [Vec<PathBuf>; DAEMONS.len()],
    inquiry: Inquiry,
}

impl Ups {
    fn new(host: &Host) -> Self {
        let signs =
            DAEMONS.each_ref().map(|daemon| daemon.signs.iter().map(|sign| host.path(sign)).collect());
        let inquiry = Inquiry::new(host, "the daemon of the power supply", &METRICS, EVERY_MS, SERIES_MAX);
        Self { host: host.clone(), signs, inquiry }
    }
}

impl Collector for Ups {
    fn collect(&mut self, pass: &mut Pass<'_>) -> Result<(), Error> {
        let is_there = |at: usize| self.signs[at].iter().any(|sign| sign.exists());
        let there: [bool; DAEMONS.len()] = std::array::from_fn(is_there);
        if there.contains(&true) && self.inquiry.is_due(pass.now_ms) {
            let host = self.host.clone();
            self.inquiry.ask(pass.now_ms, move || Ok(ask(&host, there)));
        }
        self.inquiry.tell(pass)
    }

    fn remark(&self) -> &str {
        self.inquiry.remark()
    }
}

fn ask(host: &Host, there: [bool; DAEMONS.len()]) -> Findings {
    let mut findings = Findings::default();
    for (daemon, _) in DAEMONS.iter().zip(there).filter(|(_, is_there)| *is_there) {
        let mut settings =
            daemon.signs.iter().filter_map(|sign| std::fs::read_to_string(host.path(sign)).ok());
        // Where it may not be read (it may hold passwords) the daemon itself knows.
        if settings.next().is_some_and(|settings| !(daemon.is_used)(&settings)) {
            continue;
        }
        let outcome = if host.has_kernel {
            connect(daemon.port).and_then(|mut stream| (daemon.ask)(&mut stream, &mut findings))
        } else {
            let path = host.path(&format!("tcp/{}", daemon.port));
            File::open(path).and_then(|file| (daemon.ask)(&mut Recorded(file), &mut findings))
        };
        if let Err(error) = outcome {
            findings.remark = format!("{}: {error}", daemon.name);
        }
    }
    findings
}

fn connect(port: u16) -> io::Result<TcpStream> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let stream = TcpStream::connect_timeout(&address, WITHIN)?;
    stream.set_read_timeout(Some(WITHIN))?;
    stream.set_write_timeout(Some(WITHIN))?;
    Ok(stream)
}

/// What a daemon said; what is said to it is forgotten.
struct Recorded(File);

impl io::Read for Recorded {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        self.0.read(to)
    }
}

impl io::Write for Recorded {
    fn write(&mut self, from: &[u8]) -> io::Result<usize> {
        Ok(from.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn malformed() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "the answer is malformed")
}

#[cfg(test)]
mod tests;
