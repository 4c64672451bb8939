//! TSBS' `cpu-only` use case in our own code: hosts with ten tags and ten metrics, each a random walk between 0 and 100
//! with normally distributed steps, written as a whole number.

use super::{Feed, labels, normal, pick};
use model::{Labels, NAME};
use stdx::random::Random;

/// The metrics.
pub const METRICS: [&str; 10] = [
    "cpu_usage_user",
    "cpu_usage_system",
    "cpu_usage_idle",
    "cpu_usage_nice",
    "cpu_usage_iowait",
    "cpu_usage_irq",
    "cpu_usage_softirq",
    "cpu_usage_steal",
    "cpu_usage_guest",
    "cpu_usage_guest_nice",
];

/// Regions and the letters of their data centres.
const REGIONS: [(&str, &str); 9] = [
    ("us-east-1", "abcde"),
    ("us-west-1", "ab"),
    ("us-west-2", "abc"),
    ("eu-west-1", "abc"),
    ("eu-central-1", "ab"),
    ("ap-southeast-1", "ab"),
    ("ap-southeast-2", "ab"),
    ("ap-northeast-1", "ac"),
    ("sa-east-1", "abc"),
];
const SYSTEMS: [&str; 3] = ["Ubuntu16.10", "Ubuntu16.04LTS", "Ubuntu15.10"];
const TEAMS: [&str; 4] = ["SF", "NYC", "LON", "CHI"];
const ENVIRONMENTS: [&str; 3] = ["production", "staging", "test"];

/// Hosts, each with the series of all metrics one after the other.
pub struct Cpu {
    labels: Vec<Labels>,
    walks: Vec<Walk>,
    values: Vec<f64>,
}

impl Cpu {
    /// So many hosts.
    pub fn new(hosts: usize, seed: u64) -> Self {
        let series = hosts * METRICS.len();
        Self {
            labels: (0..hosts).flat_map(|host| host_labels(host, seed)).collect(),
            walks: (0..series).map(|number| Walk::new(seed, number)).collect(),
            values: vec![0.0; series],
        }
    }

    /// The first values of one series: what [`Feed::step`] gives for it, step by step.
    pub fn column(seed: u64, series: usize, steps: usize) -> Vec<f64> {
        let mut walk = Walk::new(seed, series);
        (0..steps).map(|_| walk.next()).collect()
    }
}

impl Feed for Cpu {
    fn labels(&self) -> &[Labels] {
        &self.labels
    }

    fn step(&mut self) -> &[f64] {
        self.values.iter_mut().zip(&mut self.walks).for_each(|(value, walk)| *value = walk.next());
        &self.values
    }
}

struct Walk {
    random: Random,
    value: f64,
}

impl Walk {
    fn new(seed: u64, number: usize) -> Self {
        let mut random = Random::from_seed(seed ^ (number as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let value = random.unit() * 100.0;
        Self { random, value }
    }

    fn next(&mut self) -> f64 {
        self.value = (self.value + normal(&mut self.random)).clamp(0.0, 100.0);
        self.value.trunc()
    }
}

fn host_labels(host: usize, seed: u64) -> Vec<Labels> {
    let mut random = Random::from_seed(seed.wrapping_add(host as u64).wrapping_mul(0xbf58_476d_1ce4_e5b9));
    let (region, letters) = REGIONS[random.below(REGIONS.len() as u64) as usize];
    let letter = letters.as_bytes()[random.below(letters.len() as u64) as usize] as char;
    let datacenter = format!("{region}{letter}");
    let rack = random.below(100).to_string();
    let service = random.below(20).to_string();
    let version = random.below(2).to_string();
    let hostname = format!("host_{host}");
    let tags = [
        ("arch", pick(&mut random, &["x64", "x86"])),
        ("datacenter", &datacenter),
        ("hostname", &hostname),
        ("os", pick(&mut random, &SYSTEMS)),
        ("rack", &rack),
        ("region", region),
        ("service", &service),
        ("service_environment", pick(&mut random, &ENVIRONMENTS)),
        ("service_version", &version),
        ("team", pick(&mut random, &TEAMS)),
    ];
    METRICS.iter().map(|metric| labels([(NAME, *metric)].into_iter().chain(tags))).collect()
}
