//! Open-Falcon's built-in monitors, with its names, tags and values: open ports, numbers of processes, sizes of folders.

mod usage;

use super::sockets::Ports;
use crate::collector::EVERY_TICK;
use crate::options::falcon::{Monitor, Target};
use crate::{Collector, Error, Host, Metric, Options, Pass, Process, ProcessTable, Row, SeriesCell};
use std::path::PathBuf;
use usage::{Outcome, Usage};

pub(super) static ROW: Row = Row {
    name: "falcon",
    summary: "Open-Falcon's built-in monitors, where the settings ask for them.",
    interval_ms: EVERY_TICK,
    metrics: &[PORT, PROCESSES, FOLDER],
    open: |host, options| Box::new(Falcon::new(host, options)),
};

const PORT: Metric = Metric::gauge(
    "net.port.listen",
    "",
    "1 when a TCP socket listens at the port or a UDP socket is bound to it, else 0.",
)
.by(&["port"]);
const PROCESSES: Metric = Metric::gauge(
    "proc.num",
    "",
    "Processes of this name whose command line, without the zeros in it, contains this; only the labels asked for are there.",
)
.by(&["name", "cmdline"]);
const PROCESSES_BY_NAME: Metric = PROCESSES.by(&["name"]);
const PROCESSES_BY_COMMAND_LINE: Metric = PROCESSES.by(&["cmdline"]);
const FOLDER: Metric = Metric::gauge(
    "du.bs",
    "",
    "Bytes in the folder and all below it, as files say their size; -1 when that could not be told within half a minute.",
)
.by(&["path"]);

struct Falcon {
    watches: Vec<Watch>,
    ports: Ports,
}

/// A monitor at work.
struct Watch {
    monitor: Monitor,
    /// The label's value, where it is not a text already.
    port: String,
    usage: Usage,
    last_ms: Option<i64>,
    cell: SeriesCell,
}

impl Falcon {
    fn new(host: &Host, options: &Options) -> Self {
        let watches = options.falcon.iter().map(|monitor| Watch::new(host, monitor.clone())).collect();
        Self { watches, ports: Ports::new(host) }
    }
}

impl Collector for Falcon {
    fn collect(&mut self, pass: &mut Pass<'_>) -> Result<(), Error> {
        let now_ms = pass.now_ms;
        let is_due = |watch: &&mut Watch| watch.is_due(now_ms);
        let is_port = |watch: &Watch| matches!(watch.monitor.target, Target::Port(_));
        let mut outcome = Ok(());
        if self.watches.iter().any(|watch| is_port(watch) && watch.is_due(now_ms)) {
            outcome = self.ports.read(pass.buffer);
        }
        let are_ports_known = outcome.is_ok();
        for watch in self.watches.iter_mut().filter(is_due).filter(|watch| are_ports_known || !is_port(watch))
        {
            watch.last_ms = Some(now_ms);
            outcome = watch.look(&self.ports, pass).and(outcome);
        }
        self.watches.iter_mut().for_each(|watch| watch.finish_usage(pass));
        outcome
    }

    fn is_wanted(&self) -> bool {
        !self.watches.is_empty()
    }
}

impl Watch {
    fn new(host: &Host, monitor: Monitor) -> Self {
        let (mut port, mut folder) = (String::new(), PathBuf::new());
        match &monitor.target {
            Target::Port(number) => port = number.to_string(),
            Target::Folder(path) => folder = host.path(path.trim_start_matches('/')),
            Target::Processes { .. } => {}
        }
        Self { monitor, port, usage: Usage::new(folder), last_ms: None, cell: SeriesCell::default() }
    }

    fn is_due(&self, now_ms: i64) -> bool {
        crate::schedule::begins_period(self.monitor.every_ms, self.last_ms, now_ms)
    }

    fn look(&mut self, ports: &Ports, pass: &mut Pass<'_>) -> Result<(), Error> {
        match &self.monitor.target {
            Target::Port(port) => {
                pass.out.push(&mut self.cell, &PORT, &[&self.port], f64::from(ports.is_open(*port)));
            }
            Target::Processes { name, command_line } => {
                pass.read_processes()?;
                let count = count(pass.processes, name.as_deref(), command_line.as_deref(), pass.buffer);
                let (metric, labels): (_, &[&str]) = match (name, command_line) {
                    (Some(name), Some(line)) => (&PROCESSES, &[name, line]),
                    (Some(name), None) => (&PROCESSES_BY_NAME, &[name]),
                    (None, line) => (&PROCESSES_BY_COMMAND_LINE, &[line.as_deref().unwrap_or("")]),
                };
                pass.out.push(&mut self.cell, metric, labels, count as f64);
            }
            Target::Folder(_) => self.usage.start(),
        }
        Ok(())
    }

    /// Says what came of adding up a folder, at the tick by which it is done or given up.
    fn finish_usage(&mut self, pass: &mut Pass<'_>) {
        let Target::Folder(path) = &self.monitor.target else { return };
        let value = match self.usage.take() {
            Outcome::Pending => return,
            Outcome::Bytes(bytes) => bytes as f64,
            Outcome::Failed => -1.0,
        };
        pass.out.push(&mut self.cell, &FOLDER, &[path], value);
    }
}

fn count(
    table: &ProcessTable,
    name: Option<&str>,
    command_line: Option<&str>,
    buffer: &mut Vec<u8>,
) -> usize {
    let is_named =
        |process: &&Process| name.is_none_or(|name| process.stat.name.as_bytes() == name.as_bytes());
    let mut runs = |process: &&Process| {
        command_line.is_none_or(|wanted| {
            if table.read_command_line(process, buffer).is_none() {
                return false;
            }
            buffer.retain(|byte| *byte != 0);
            memchr::memmem::find(buffer, wanted.as_bytes()).is_some()
        })
    };
    table.processes().iter().filter(is_named).filter(|process| runs(process)).count()
}

#[cfg(test)]
mod tests;
