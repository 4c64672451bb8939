//! `windhover sniff`: what services are asked and how long they take, from a capture file or live off an interface,
//! without touching them. Needs neither settings nor a server.

mod table;

use crate::settings::value;
use anyhow::{Context, bail};
use clap::{Arg, ArgAction, ArgMatches, Command};
use sniff::capture::Capture;
use sniff::protocols::{self, PROTOCOLS, Row};
use sniff::ring::{self, Ring};
use sniff::{Wiretap, limits};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, IsTerminal, Read, Write};
use std::process::ExitCode;
use std::time::{Duration, Instant};
use table::Table;

const EXAMPLES: &str = "\
Examples:
  windhover sniff capture.pcap                              what is in a file of tcpdump or Wireshark
  windhover sniff --port 5432=postgresql                    every two seconds, until Ctrl-C; needs CAP_NET_RAW
  windhover sniff --interface lo --port 6379=redis --for 30s --by-peer
  ssh db1 tcpdump -i any -U -w - port 3306 | windhover sniff -";

/// The command line.
pub fn command() -> Command {
    let known: Vec<String> = PROTOCOLS.iter().map(|row| format!("{} ({})", row.name, row.port)).collect();
    let ports = format!(
        "Port and protocol, such as 5432=postgresql; several with commas or repeated. Protocols and their usual ports, \
         which are read from a file when none are given: {}",
        known.join(", ")
    );
    let arg = |name: &'static str, value: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name(value).help(help)
    };
    Command::new("sniff")
        .about("Shows what services are asked, how often, how long it takes and what fails: from a capture file or live")
        .before_help(EXAMPLES)
        .arg(Arg::new("file").value_name("FILE").help("Capture, pcap or pcapng; `-` for standard input"))
        .arg(Arg::new("port").long("port").value_name("PORT=PROTOCOL").action(ArgAction::Append).help(ports))
        .arg(arg("interface", "NAME", "Interface to look at live [all]").conflicts_with("file"))
        .arg(arg("every", "TIME", "Time between two tables [2s]").conflicts_with("file"))
        .arg(arg("for", "TIME", "Ends after so long [never]").conflicts_with("file"))
        .arg(arg("ring-bytes", "SIZE", "Memory of the kernel for packets that wait [8MiB]").conflicts_with("file"))
        .arg(arg("rows", "N", "Most lines of a table [25]"))
        .arg(Arg::new("by-peer").long("by-peer").action(ArgAction::SetTrue).help("A line for each client"))
}

/// What was asked for.
struct Wanted<'m> {
    matches: &'m ArgMatches,
    ports: BTreeMap<u16, &'static Row>,
    rows: usize,
    by_peer: bool,
}

/// Runs the command.
pub fn run(matches: &ArgMatches) -> ExitCode {
    match sniffed(matches) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("windhover: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn sniffed(matches: &ArgMatches) -> anyhow::Result<()> {
    let rows = match matches.get_one::<String>("rows") {
        Some(text) => text.parse().with_context(|| format!("--rows: `{text}` is not a number"))?,
        None => 25,
    };
    let wanted = Wanted { matches, ports: ports(matches)?, rows, by_peer: matches.get_flag("by-peer") };
    let printed = match matches.get_one::<String>("file") {
        Some(path) => file(path, wanted),
        None => live(wanted),
    };
    match printed {
        // Whoever reads us has seen enough (`| head`).
        Err(e) if e.downcast_ref::<io::Error>().is_some_and(|e| e.kind() == io::ErrorKind::BrokenPipe) => {
            Ok(())
        }
        other => other,
    }
}

fn ports(matches: &ArgMatches) -> anyhow::Result<BTreeMap<u16, &'static Row>> {
    let texts = matches.get_many::<String>("port").into_iter().flatten().flat_map(|text| text.split(','));
    let ports: BTreeMap<_, _> = texts.map(port).collect::<anyhow::Result<_>>()?;
    if ports.len() > limits::PORTS_MAX {
        bail!("at most {} ports can be watched", limits::PORTS_MAX);
    }
    Ok(ports)
}

/// A port and its protocol, out of `5432=postgresql`.
pub fn port(text: &str) -> anyhow::Result<(u16, &'static Row)> {
    let (port, name) = text
        .trim()
        .split_once('=')
        .with_context(|| format!("`{text}` is not a port and a protocol, such as 5432=postgresql"))?;
    let number = port.parse().ok().filter(|port| *port > 0);
    let number = number.with_context(|| format!("`{text}`: `{port}` is not a port"))?;
    let row = protocols::named(name).with_context(|| {
        let known: Vec<&str> = PROTOCOLS.iter().map(|row| row.name).collect();
        format!("`{text}`: there is no protocol `{name}`; there are {}", known.join(", "))
    })?;
    Ok((number, row))
}

fn tap(ports: &BTreeMap<u16, &'static Row>) -> Wiretap {
    let mut tap = Wiretap::default();
    for (port, row) in ports {
        tap.watch(*port, row);
    }
    tap
}

fn file(path: &str, mut wanted: Wanted<'_>) -> anyhow::Result<()> {
    if wanted.ports.is_empty() {
        wanted.ports = PROTOCOLS.iter().map(|row| (row.port, row)).collect();
    }
    let mut tap = tap(&wanted.ports);
    let mut input: Box<dyn Read> = match path {
        "-" => Box::new(io::stdin().lock()),
        path => Box::new(File::open(path).with_context(|| path.to_owned())?),
    };
    let (mut capture, mut span) = (Capture::default(), None);
    let result = capture.read(&mut input, |frame| {
        let (first, last) = span.get_or_insert((frame.time_ns, frame.time_ns));
        (*first, *last) = (frame.time_ns.min(*first), frame.time_ns.max(*last));
        tap.frame(&frame);
    });
    tap.finish();
    if span.is_none() && result.is_err() {
        return result.with_context(|| path.to_owned());
    }
    let (first, last) = span.unwrap_or((0, 0));
    let table =
        Table { rows: wanted.rows, by_peer: wanted.by_peer, span: Duration::from_nanos(last - first) };
    let mut out = io::stdout().lock();
    table.print(&mut out, &tap, &mut BTreeMap::new())?;
    table.services(&mut out, &tap)?;
    for (count, what) in [
        (capture.dropped(), "were lost when it was captured"),
        (capture.foreign(), "are of links that cannot be read"),
    ] {
        if count > 0 {
            writeln!(out, "note: {count} frames {what}")?;
        }
    }
    // What was good is shown; that there was more is told, and the exit code says so.
    result.with_context(|| path.to_owned())
}

fn live(wanted: Wanted<'_>) -> anyhow::Result<()> {
    if wanted.ports.is_empty() {
        bail!("say what to look at: a capture file, or --port 5432=postgresql and the like");
    }
    let duration = |name: &str| {
        let text = wanted.matches.get_one::<String>(name);
        let read = |text: &String| value::duration(text).map_err(|why| anyhow::anyhow!("--{name}: {why}"));
        text.map(read).transpose()
    };
    let every = duration("every")?.unwrap_or(Duration::from_secs(2)).max(Duration::from_millis(100));
    let until = duration("for")?.map(|length| Instant::now() + length);
    let mut options = ring::Options::default();
    if let Some(name) = wanted.matches.get_one::<String>("interface") {
        options.interface.clone_from(name);
    }
    if let Some(text) = wanted.matches.get_one::<String>("ring-bytes") {
        let bytes = value::bytes(text).map_err(|why| anyhow::anyhow!("--ring-bytes: {why}"))?;
        options.ring_bytes = usize::try_from(bytes).unwrap_or(usize::MAX);
    }
    let ports: Vec<u16> = wanted.ports.keys().copied().collect();
    let mut ring = Ring::open(&options, &ports)?;
    let mut tap = tap(&wanted.ports);
    let (mut before, is_terminal) = (BTreeMap::new(), io::stdout().is_terminal());
    loop {
        let started = Instant::now();
        let end = started + every;
        let end = until.map_or(end, |until| until.min(end));
        ring.read_until(end, |frame| tap.frame(&frame));
        let mut out = io::stdout().lock();
        if is_terminal {
            write!(out, "\x1b[H\x1b[2J")?;
        }
        let table = Table { rows: wanted.rows, by_peer: wanted.by_peer, span: started.elapsed() };
        table.print(&mut out, &tap, &mut before)?;
        table.services(&mut out, &tap)?;
        match ring.dropped() {
            0 => {}
            lost => writeln!(out, "note: {lost} packets were lost, as the ring was full (--ring-bytes)")?,
        }
        writeln!(out)?;
        out.flush()?;
        tap.tally.clear_times();
        tap.expire(0);
        if until.is_some_and(|until| Instant::now() >= until) {
            return Ok(());
        }
    }
}
