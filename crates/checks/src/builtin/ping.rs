//! A host: how far is it, how many packets get lost on the way?

mod packet;
mod round;
mod socket;

use super::common::{Common, conclude, ip};
use super::{Check, Row};
use crate::outcome::Bounds;
use crate::{Given, Metric, Network, Outcome, State};
use net::probe::{Target, Watch};
use round::Round;
use std::net::IpAddr;
use std::time::Duration;

static SENT: Metric = Metric::new("check_ping_sent", "", "", "Packets sent.");
static LOSS: Metric =
    Metric::new("check_ping_loss_ratio", "ratio", "loss", "Share of the packets that were not answered.");
static RTT: Metric = Metric::new(
    "check_ping_rtt_seconds",
    "seconds",
    "rtt",
    "Time to the host and back: `min`, `mean`, `max`, and `jitter`, the mean difference between neighbours.",
)
.by("stat");

/// The row in the table.
pub(super) static ROW: Row = Row {
    name: "ping",
    summary: "A host answers ICMP echo; how long that takes and how much is lost",
    target: "a host",
    options: &["address", "count", "loss_warning", "loss_critical"],
    metrics: &[&SENT, &LOSS, &RTT],
    example: "targets = [\"gateway.example\", \"2001:db8::1\"]\ninterval = \"10s\"\nloss_warning = 20",
    open: |target, given| Ok(Box::new(Ping::open(target, given)?)),
    labels: None,
};

/// Most packets of one check.
const COUNT_MAX: u64 = 100;

/// A host to check.
struct Ping {
    host: String,
    address: Option<IpAddr>,
    count: u16,
    loss: Bounds,
    common: Common,
}

impl Ping {
    fn open(target: &str, given: &dyn Given) -> Result<Self, String> {
        let count = given.count("count").filter(|count| (1..=COUNT_MAX).contains(count));
        let count = count.ok_or_else(|| format!("`count` must be 1 to {COUNT_MAX}"))?;
        let share = |name: &str| match given.count(name) {
            Some(percent) if percent > 100 => Err(format!("`{name}` is a share of 100")),
            percent => Ok(percent.map(|percent| percent as f64 / 100.0)),
        };
        let host = target.trim_matches(['[', ']']);
        if host.is_empty() || host.contains(|c: char| !c.is_ascii_graphic() || c == '/') {
            return Err(format!("`{}` is not a host", target.escape_debug()));
        }
        Ok(Self {
            host: host.to_owned(),
            address: ip(given.text("address"), "address")?,
            count: count as u16,
            loss: Bounds {
                warning: share("loss_warning")?,
                critical: share("loss_critical")?,
                is_floor: false,
            },
            common: Common::read(given)?,
        })
    }

    fn judge(&self, sent: u16, times: &[Duration], outcome: &mut Outcome) {
        let loss = 1.0 - times.len() as f64 / f64::from(sent.max(1));
        outcome.read(&SENT, "", f64::from(sent));
        if times.is_empty() {
            outcome.worsen(State::Critical, "loss", format!("none of {sent} packets was answered"));
        }
        let text = format!("{:.0} % of {sent} packets were not answered", loss * 100.0);
        outcome.judge(&LOSS, loss, self.loss, "loss", text);
        for (stat, seconds) in stats(times) {
            outcome.read(&RTT, stat, seconds);
        }
    }
}

impl Check for Ping {
    fn run(&self, network: &Network<'_>) -> Outcome {
        let mut outcome = Outcome::default();
        let mut watch = Watch::start(self.common.limits);
        let target = Target { host: &self.host, port: 0, address: self.address, family: self.common.family };
        let addresses = match target.addresses(network.surroundings(), &mut watch) {
            Ok(addresses) => addresses,
            Err(failure) => {
                outcome.fail(&failure);
                outcome.time(&watch, self.common.time);
                return outcome;
            }
        };
        let address = addresses[0].ip();
        let round =
            Round { address, count: self.count, deadline: watch.deadline(), interrupt: network.interrupt };
        match round.run() {
            Ok(times) => self.judge(self.count, &times, &mut outcome),
            Err(round::Error::Socket(why)) => outcome.worsen(State::Unknown, "setup", why),
            Err(round::Error::Network(why)) => {
                outcome.worsen(State::Critical, "connect", format!("{address}: {why}"));
            }
        }
        outcome.time(&watch, self.common.time);
        let mean = outcome.readings.iter().find(|r| r.detail == "mean").map_or(0.0, |r| r.value * 1000.0);
        conclude(outcome, || format!("{address} answers in {mean:.3} ms"))
    }
}

/// The figures of the times it took, in seconds; those that need more times than there are are left out.
fn stats(times: &[Duration]) -> impl Iterator<Item = (&'static str, f64)> {
    let seconds: Vec<f64> = times.iter().map(Duration::as_secs_f64).collect();
    let mean =
        |values: &[f64]| (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64);
    let steps: Vec<f64> = seconds.windows(2).map(|pair| (pair[1] - pair[0]).abs()).collect();
    let stats = [
        ("min", seconds.iter().copied().reduce(f64::min)),
        ("mean", mean(&seconds)),
        ("max", seconds.iter().copied().reduce(f64::max)),
        ("jitter", mean(&steps)),
    ];
    stats.into_iter().filter_map(|(name, value)| Some((name, value?)))
}

#[cfg(test)]
mod tests;
