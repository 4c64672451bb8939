//! The classes, and questions of a class: which hosts, which time.

use super::load::{START_MS, Size};
use crate::data::cpu::METRICS;
use stdx::random::Random;

/// What is asked of the samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// The greatest sample of all hosts in each bucket.
    Max,
    /// The mean of each host in each bucket.
    MeanByHost,
    /// The latest sample of each host in each bucket, where it is above 90.
    Above90ByHost,
    /// The latest sample of each host.
    LastByHost,
}

/// A class of questions.
#[derive(Debug, Clone, Copy)]
pub struct Class {
    /// As TSBS calls it.
    pub name: &'static str,
    pub shape: Shape,
    /// How many of the ten metrics.
    pub metrics: usize,
    /// How many hosts; 0 is all.
    pub hosts: usize,
    /// Length of the window, in minutes.
    pub minutes: i64,
    /// Length of a bucket, in seconds.
    pub step_s: i64,
    /// How many questions are timed.
    pub runs: usize,
}

const fn class(
    name: &'static str,
    shape: Shape,
    metrics: usize,
    hosts: usize,
    minutes: i64,
    step_s: i64,
) -> Class {
    let runs = if hosts == 0 { 7 } else { 15 };
    Class { name, shape, metrics, hosts, minutes, step_s, runs }
}

/// All of them.
pub const CLASSES: &[Class] = &[
    class("single-groupby-1-1-1", Shape::Max, 1, 1, 60, 60),
    class("single-groupby-1-1-12", Shape::Max, 1, 1, 720, 60),
    class("single-groupby-1-8-1", Shape::Max, 1, 8, 60, 60),
    class("single-groupby-5-1-1", Shape::Max, 5, 1, 60, 60),
    class("single-groupby-5-8-1", Shape::Max, 5, 8, 60, 60),
    class("cpu-max-all-1", Shape::Max, 10, 1, 480, 3600),
    class("cpu-max-all-8", Shape::Max, 10, 8, 480, 3600),
    class("double-groupby-1", Shape::MeanByHost, 1, 0, 720, 3600),
    class("double-groupby-5", Shape::MeanByHost, 5, 0, 720, 3600),
    class("double-groupby-all", Shape::MeanByHost, 10, 0, 720, 3600),
    class("high-cpu-1", Shape::Above90ByHost, 1, 1, 720, 10),
    class("high-cpu-all", Shape::Above90ByHost, 1, 0, 720, 60),
    class("lastpoint", Shape::LastByHost, 10, 0, 10, 600),
    class("groupby-orderby-limit", Shape::Max, 1, 0, 5, 60),
];

/// A question.
#[derive(Debug, Clone)]
pub struct Instance {
    pub shape: Shape,
    pub metrics: &'static [&'static str],
    /// None is all.
    pub hosts: Vec<String>,
    pub start_ms: i64,
    pub end_ms: i64,
    pub step_ms: i64,
}

impl Class {
    /// A question: hosts and a window at whole steps, drawn at random. A lastpoint is at the end of the data.
    pub fn instance(&self, size: &Size, random: &mut Random) -> Instance {
        let step_ms = self.step_s * 1000;
        let length_ms = self.minutes * 60_000;
        let places = (size.length_ms() - length_ms) / step_ms;
        let place = match self.shape {
            Shape::LastByHost => places,
            _ => random.below(places.max(0) as u64 + 1) as i64,
        };
        let mut hosts: Vec<String> = Vec::new();
        while hosts.len() < self.hosts.min(size.hosts) {
            let host = format!("host_{}", random.below(size.hosts as u64));
            if !hosts.contains(&host) {
                hosts.push(host);
            }
        }
        let start_ms = START_MS + place * step_ms;
        let end_ms = start_ms + length_ms;
        Instance { shape: self.shape, metrics: &METRICS[..self.metrics], hosts, start_ms, end_ms, step_ms }
    }
}

impl Instance {
    /// The question in our language.
    pub fn timelion(&self) -> String {
        let aggregate = match self.shape {
            Shape::Max => "max",
            Shape::MeanByHost => "avg",
            Shape::Above90ByHost | Shape::LastByHost => "last",
        };
        let mut text = ".es(".to_owned();
        if !self.hosts.is_empty() {
            text += &format!("q='hostname:({})', ", self.hosts.join(" OR "));
        }
        let metrics: Vec<String> = self.metrics.iter().map(|m| format!("metric={aggregate}:{m}")).collect();
        text += &metrics.join(", ");
        if self.shape != Shape::Max {
            text += ", split=hostname:1000";
        }
        text.push(')');
        if self.shape == Shape::Above90ByHost {
            text += ".condition(lte, 90, null)";
        }
        text
    }

    /// The question in PromQL, a query a metric.
    pub fn promql(&self) -> Vec<String> {
        let one = |metric: &&str| {
            let hosts = match self.hosts.as_slice() {
                [] => String::new(),
                [host] => format!("{{hostname=\"{host}\"}}"),
                hosts => format!("{{hostname=~\"{}\"}}", hosts.join("|")),
            };
            let step = format!("{}s", self.step_ms / 1000);
            match self.shape {
                Shape::Max => format!("max(max_over_time({metric}{hosts}[{step}]))"),
                Shape::MeanByHost => format!("avg(avg_over_time({metric}{hosts}[{step}])) by (hostname)"),
                Shape::Above90ByHost => format!("{metric}{hosts} > 90"),
                Shape::LastByHost => format!("last_over_time({metric}{hosts}[{step}])"),
            }
        };
        self.metrics.iter().map(one).collect()
    }
}
