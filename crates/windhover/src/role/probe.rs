//! `windhover probe`: answers the pings of monitors, as `socat UDP4-RECVFROM:6666,broadcast,fork EXEC:./probe.sh` does.

use super::watching::collecting::Collecting;
use super::watching::probing;
use crate::settings::Settings;
use crate::signals::{Wish, Wishes};
use crate::{logging, notify};
use clap::{Arg, ArgMatches, Command};
use model::Sink;
use probe::Says;
use std::sync::Arc;
use stdx::clock::{Clock, SystemClock};

const EXAMPLES: &str = "\
Examples:
  windhover probe                                     answer pings with this host's numbers
  windhover probe --exec ./probe.sh                   answer with what a command prints, host:source:value:TYPE
  windhover probe --probe-range 192.168.10.0/24       answer only who is in that network
  windhover probe --probe-listen 0.0.0.0,ff12::6666%eth0        answer on IPv6 too
  socat STDIO UDP4-DATAGRAM:192.168.10.255:6666,broadcast,range=192.168.10.0/24         ask from a shell";

/// The command line.
pub fn command() -> Command {
    Command::new("probe")
        .about("Answers the UDP pings of monitors with this host's numbers or a command's output")
        .before_help(EXAMPLES)
        .arg(Arg::new("exec").long("exec").value_name("COMMAND").help("Line of shell that answers a ping"))
}

/// Runs until told to stop.
pub fn run(matches: &ArgMatches, settings: &Settings) -> anyhow::Result<()> {
    let mut wishes = Wishes::listen()?;
    let _ring = logging::start(settings, "probe");
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let says = match matches.get_one::<String>("exec") {
        Some(line) => Says::Command(line.clone(), settings.duration("probe.timeout")),
        None => probing::says(settings)?,
    };
    let collecting = match &says {
        Says::Numbers(numbers) => {
            let sink: Arc<dyn Sink> = numbers.clone();
            Some(Collecting::start(settings, sink, clock.clone(), None)?)
        }
        Says::Command(..) => None,
    };
    let mut listen = settings.texts("probe.listen");
    if listen.is_empty() {
        listen.push("0.0.0.0".to_owned());
    }
    let heard = listen.join(", ");
    let probing = probing::open(settings, listen, says, &clock)?;
    println!(
        "Windhover probe {} hears pings on {heard} port {}",
        env!("CARGO_PKG_VERSION"),
        probing::port(settings)?
    );
    notify::send("READY=1");
    let watching = super::tell_problems("probe", probing.standings())?;
    while wishes.next() != Wish::Stop {}
    notify::send("STOPPING=1");
    drop(watching);
    drop(probing);
    drop(collecting);
    Ok(())
}
