//! Generations of new series with labels as Kubernetes gives them: fifty metrics a pod, each pod alive for a few
//! scrapes and then gone for good.

use super::labels;
use super::play::Play;
use model::{Labels, NAME};

/// Metrics of a pod.
const METRICS: usize = 50;

/// Series that come and go.
pub struct Churn {
    labels: Vec<Labels>,
    generation_series: usize,
    scrapes: usize,
    next_ms: i64,
    step_ms: i64,
    at: usize,
}

impl Churn {
    /// `generations` of about `series` each (whole pods), alive for `scrapes`; the first scrape is at `start_ms`.
    pub fn new(generations: usize, series: usize, scrapes: usize, start_ms: i64, step_ms: i64) -> Self {
        let pods = series.div_ceil(METRICS);
        let all = |generation| (0..pods).flat_map(move |pod| pod_labels(generation, pod));
        Self {
            labels: (0..generations).flat_map(all).collect(),
            generation_series: pods * METRICS,
            scrapes,
            next_ms: start_ms,
            step_ms,
            at: 0,
        }
    }
}

impl Play for Churn {
    fn labels(&self) -> &[Labels] {
        &self.labels
    }

    fn next(&mut self, rows: &mut Vec<(u32, f64)>) -> Option<i64> {
        let first = self.at / self.scrapes * self.generation_series;
        if first >= self.labels.len() {
            return None;
        }
        let value = |series: usize| ((series * 7919 + self.at * 31) % 100_000) as f64;
        rows.clear();
        rows.extend((first..first + self.generation_series).map(|series| (series as u32, value(series))));
        self.at += 1;
        self.next_ms += self.step_ms;
        Some(self.next_ms - self.step_ms)
    }
}

fn pod_labels(generation: usize, pod: usize) -> Vec<Labels> {
    let namespace = format!("namespace-{}", pod % 40);
    let name = format!("service-{}-{generation:04x}{pod:05x}", pod % 300);
    let container = format!("service-{}", pod % 300);
    let node = format!("node-{}", pod % 200);
    let instance = format!("10.{}.{}.{}:8080", generation % 256, pod / 256 % 256, pod % 256);
    let metric = |number: usize| {
        let metric = format!("container_metric_{number}_total");
        labels([
            (NAME, metric.as_str()),
            ("container", &container),
            ("instance", &instance),
            ("job", "kubernetes-pods"),
            ("namespace", &namespace),
            ("node", &node),
            ("pod", &name),
        ])
    };
    (0..METRICS).map(metric).collect()
}
