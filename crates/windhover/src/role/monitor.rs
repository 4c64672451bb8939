//! `windhover monitor`: pings the probes of a network and keeps what they answer, beside any number of other monitors.

mod csv;
#[cfg(feature = "server")]
mod rrd;
mod stdout;

use super::agent;
use super::tee::Tee;
use super::watching::monitoring;
use crate::settings::Settings;
use crate::signals::{Wish, Wishes};
use crate::{logging, notify};
use anyhow::Context;
use clap::{Arg, ArgAction, ArgMatches, Command};
use model::Sink;
use ship::Outbox;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use stdx::clock::{Clock, SystemClock};

const EXAMPLES: &str = "\
Examples:
  windhover monitor                                   print what the probes of all networks of this host answer
  windhover monitor --csv . --rrd .                   keep it in HOST.SOURCE.csv and HOST.SOURCE.rrd
  windhover monitor --server http://mon:9463          ship it to a server
  windhover monitor --monitor-to 192.168.10.255 --monitor-period 10s
  windhover monitor --monitor-to ff12::6666%eth0      by IPv6 multicast
  socat UDP4-RECVFROM:6666,broadcast,fork EXEC:./probe.sh       a probe of shell";

/// How long a stopping monitor tries to send what is left; the rest stays on disk for its next start.
const LAST_SENDING: Duration = Duration::from_secs(3);

/// The command line.
pub fn command() -> Command {
    let folder =
        |name: &'static str, help: &'static str| Arg::new(name).long(name).value_name("DIR").help(help);
    let command = Command::new("monitor")
        .about(
            "Pings the probes of a network by UDP broadcast and keeps what they answer; any number may run",
        )
        .before_help(EXAMPLES)
        .arg(
            Arg::new("stdout")
                .long("stdout")
                .action(ArgAction::SetTrue)
                .help("Print the lines, as when nothing else is asked for"),
        )
        .arg(folder("csv", "Append lines `<epoch> <value>` to files HOST.SOURCE.csv in this folder"));
    #[cfg(feature = "server")]
    let command = command.arg(folder("rrd", "Make and update files HOST.SOURCE.rrd in this folder"));
    command
}

/// Runs until told to stop.
pub fn run(matches: &ArgMatches, settings: &Settings) -> anyhow::Result<()> {
    let mut wishes = Wishes::listen()?;
    let _ring = logging::start(settings, "monitor");
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let ships = !settings.urls("agent.server").is_empty();
    let lock = if ships { agent::lock(settings, "monitor")? } else { None };
    let outbox = ships.then(|| agent::outbox(settings, "monitor-spool", clock.clone())).transpose()?;
    let outbox = outbox.map(Arc::new);
    let sink: Arc<dyn Sink> = Arc::new(Tee(sinks(matches, settings, &outbox)?));
    let monitoring = monitoring::open(settings, &sink, &clock)?;
    // Not on the standard output, which may be for the lines of the probes.
    tracing::info!("pinging {}, or lurking while another monitor does", monitoring.targets.join(", "));
    notify::send("READY=1");
    let watching = super::tell_problems("monitor", monitoring.standings())?;
    while wishes.next() != Wish::Stop {}
    notify::send("STOPPING=1");
    drop(watching);
    drop(monitoring);
    if let Some(outbox) = outbox {
        outbox.close(LAST_SENDING);
    }
    drop(lock);
    Ok(())
}

fn sinks(
    matches: &ArgMatches,
    settings: &Settings,
    outbox: &Option<Arc<Outbox>>,
) -> anyhow::Result<Vec<Arc<dyn Sink>>> {
    let mut sinks: Vec<Arc<dyn Sink>> = Vec::new();
    sinks.extend(outbox.clone().map(|outbox| outbox as Arc<dyn Sink>));
    let folder = |flag: &str, key: &str| {
        let flagged = matches.try_get_one::<String>(flag).ok().flatten().map(PathBuf::from);
        let folder = flagged.or_else(|| settings.path(key));
        if let Some(folder) = &folder {
            std::fs::create_dir_all(folder).with_context(|| format!("the folder {}", folder.display()))?;
        }
        anyhow::Ok(folder)
    };
    if let Some(folder) = folder("csv", "monitor.csv")? {
        sinks.push(Arc::new(csv::Csv::new(folder)));
    }
    #[cfg(feature = "server")]
    if let Some(folder) = folder("rrd", "monitor.rrd")? {
        sinks.push(Arc::new(rrd::Rrd::new(folder, settings.duration("monitor.period"))));
    }
    if matches.get_flag("stdout") || sinks.is_empty() {
        sinks.push(Arc::new(stdout::Stdout));
    }
    Ok(sinks)
}

/// Name of the file for a series: what a host calls itself comes from the network and must not leave the folder.
fn file_name(host: &str, source: &str, ending: &str) -> String {
    let clean = |c: char| if c == '/' || c.is_control() { '_' } else { c };
    let mut name: String = format!("{host}.{source}").chars().map(clean).collect();
    // 255 bytes is what file systems take.
    while name.len() + ending.len() > 255 {
        name.pop();
    }
    name + ending
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_from_the_network_stay_in_the_folder() {
        assert_eq!(file_name("web", "load_5", ".csv"), "web.load_5.csv");
        assert_eq!(file_name("../../etc/cron.d", "x\n", ".csv"), ".._.._etc_cron.d.x_.csv");
        assert_eq!(file_name(&"ä".repeat(300), "x", ".rrd").len(), 254);
    }
}
