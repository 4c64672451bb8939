//! Generations of new series with labels as Kubernetes gives them: fifty metrics a pod, each pod alive for a few
//! scrapes and then gone for good.

use super::labels;
use model::{Labels, NAME};

/// Metrics of a pod.
const METRICS: usize = 50;

/// The labels of one generation, about `series` of them (whole pods).
pub fn generation(number: usize, series: usize) -> Vec<Labels> {
    let pods = series.div_ceil(METRICS);
    (0..pods).flat_map(|pod| pod_labels(number, pod)).collect()
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
