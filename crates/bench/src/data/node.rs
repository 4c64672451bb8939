//! A mix of series like node_exporter's: of a hundred series a host, half never change; the rest are counters that
//! rest and burst, memory in whole pages, load averages, full-precision ratios, rare states.

use super::{Feed, labels, normal};
use model::{Labels, NAME};
use stdx::random::Random;

/// Kinds of series and how many of a hundred are of each.
const MIX: [(&str, usize, Shape); 8] = [
    ("node_info", 50, Shape::Constant),
    ("node_network_bytes_total", 12, Shape::Bytes),
    ("node_cpu_seconds_total", 12, Shape::Seconds),
    ("node_memory_bytes", 8, Shape::Pages),
    ("node_load", 4, Shape::Load),
    ("node_ratio", 4, Shape::Ratio),
    ("node_state", 4, Shape::State),
    ("node_events_total", 6, Shape::Events),
];

#[derive(Debug, Clone, Copy)]
enum Shape {
    /// Never changes.
    Constant,
    /// Grows by packets; idle in two of three scrapes.
    Bytes,
    /// Processor seconds in hundredths.
    Seconds,
    /// Moves by whole pages.
    Pages,
    /// Two decimals.
    Load,
    /// All 53 bits.
    Ratio,
    /// Changes once in hundreds of scrapes.
    State,
    /// Grows by a few.
    Events,
}

/// Hosts with a hundred series each.
pub struct Node {
    labels: Vec<Labels>,
    series: Vec<(Shape, Random, f64)>,
    values: Vec<f64>,
}

impl Node {
    /// So many hosts.
    pub fn new(hosts: usize, seed: u64) -> Self {
        let (mut all, mut series) = (Vec::new(), Vec::new());
        for host in 0..hosts {
            let instance = format!("node-{host:04}:9100");
            for (name, count, shape) in MIX {
                for number in 0..count {
                    let number = number.to_string();
                    let pairs = [(NAME, name), ("device", &number), ("instance", &instance), ("job", "node")];
                    let mut random =
                        Random::from_seed(seed ^ (all.len() as u64 + 1).wrapping_mul(0x94d0_49bb_1331_11eb));
                    let start = (random.unit() * 1e6).trunc();
                    all.push(labels(pairs));
                    series.push((shape, random, start));
                }
            }
        }
        let values = vec![0.0; all.len()];
        Self { labels: all, series, values }
    }
}

impl Feed for Node {
    fn labels(&self) -> &[Labels] {
        &self.labels
    }

    fn step(&mut self) -> &[f64] {
        for (value, (shape, random, state)) in self.values.iter_mut().zip(&mut self.series) {
            *value = shape.next(random, state);
        }
        &self.values
    }
}

impl Shape {
    /// The next value of a series in `state`.
    fn next(self, random: &mut Random, state: &mut f64) -> f64 {
        match self {
            Self::Constant => {}
            Self::Bytes if random.below(3) == 0 => *state += (random.below(1 << 20) + 60) as f64,
            Self::Bytes => {}
            Self::Seconds => *state += random.below(101) as f64,
            Self::Pages => *state = (*state + (normal(random) * 40.0).trunc()).max(0.0),
            Self::Load => *state = (*state + (normal(random) * 3.0).trunc()).max(0.0),
            Self::Ratio => *state = random.unit(),
            Self::State if random.below(400) == 0 => *state = random.below(4) as f64,
            Self::State => {}
            Self::Events => *state += random.below(4) as f64,
        }
        match self {
            Self::Seconds | Self::Load => *state / 100.0,
            Self::Pages => *state * 4096.0,
            _ => *state,
        }
    }
}
