//! A Prometheus remote-write 1.0 sender in a few lines: enough of protobuf to write, nothing to read.

use stdx::random::Random;
use stdx::varint::{write_bytes, write_u64};

/// The labels of TSBS' `cpu-only` hosts and its ten fields.
const FIELDS: [&str; 10] = [
    "usage_user",
    "usage_system",
    "usage_idle",
    "usage_nice",
    "usage_iowait",
    "usage_irq",
    "usage_softirq",
    "usage_steal",
    "usage_guest",
    "usage_guest_nice",
];
const REGIONS: [&str; 3] = ["eu-west-1", "us-east-1", "ap-southeast-2"];

/// Hosts whose values walk at random by whole percents, as TSBS makes them (Timescale's time series benchmark suite).
pub struct Fleet {
    random: Random,
    values: Vec<f64>,
    labels: Vec<Vec<u8>>,
}

impl Fleet {
    /// `hosts` hosts with ten series each, the same for the same seed.
    pub fn new(hosts: usize, seed: u64) -> Self {
        let mut random = Random::from_seed(seed);
        let values = (0..hosts * FIELDS.len()).map(|_| random.below(101) as f64).collect();
        let labels =
            (0..hosts).flat_map(|host| FIELDS.iter().map(move |field| labels(host, field))).collect();
        Self { random, values, labels }
    }

    /// Series of the fleet.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// The next step of all series as compressed requests of at most `series_max` series.
    pub fn step(&mut self, time_ms: i64, series_max: usize) -> Vec<Vec<u8>> {
        for value in &mut self.values {
            let change = self.random.below(3) as f64 - 1.0;
            *value = (*value + change).clamp(0.0, 100.0);
        }
        let rows: Vec<(&Vec<u8>, f64)> = self.labels.iter().zip(self.values.iter().copied()).collect();
        rows.chunks(series_max).map(|rows| request(rows, time_ms)).collect()
    }
}

fn labels(host: usize, field: &str) -> Vec<u8> {
    let region = REGIONS[host % 3];
    let pairs = [
        ("__name__", format!("cpu_{field}")),
        ("arch", ["x64", "x86"][host % 2].to_owned()),
        ("datacenter", format!("{region}{}", ["a", "b", "c"][host / 3 % 3])),
        ("hostname", format!("host_{host}")),
        ("os", ["Ubuntu16.04LTS", "Ubuntu16.10", "Ubuntu15.10"][host / 9 % 3].to_owned()),
        ("rack", (host % 97).to_string()),
        ("region", region.to_owned()),
        ("service", (host % 20).to_string()),
        ("service_environment", ["production", "staging", "test"][host / 5 % 3].to_owned()),
        ("service_version", (host % 2).to_string()),
        ("team", ["SF", "NYC", "LON", "CHI"][host / 7 % 4].to_owned()),
    ];
    let mut out = Vec::new();
    for (name, value) in pairs {
        let mut label = Vec::new();
        text(&mut label, 1, name);
        text(&mut label, 2, &value);
        out.push(1 << 3 | 2);
        write_bytes(&mut out, &label);
    }
    out
}

fn text(out: &mut Vec<u8>, field: u8, text: &str) {
    out.push(field << 3 | 2);
    write_bytes(out, text.as_bytes());
}

fn request(rows: &[(&Vec<u8>, f64)], time_ms: i64) -> Vec<u8> {
    let (mut body, mut series, mut sample) = (Vec::new(), Vec::new(), Vec::new());
    for (labels, value) in rows {
        sample.clear();
        sample.push(1 << 3 | 1);
        sample.extend_from_slice(&value.to_le_bytes());
        sample.push(2 << 3);
        write_u64(&mut sample, time_ms as u64);
        series.clear();
        series.extend_from_slice(labels);
        series.push(2 << 3 | 2);
        write_bytes(&mut series, &sample);
        body.push(1 << 3 | 2);
        write_bytes(&mut body, &series);
    }
    snap::raw::Encoder::new().compress_vec(&body).expect("requests are far below snappy's limit")
}
