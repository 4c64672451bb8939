//! Random series.

use super::T0;
use model::memory::MemoryStore;
use model::{Kind, Labels, NAME};
use serde_json::{Value, json};
use stdx::random::Random;

/// Three hours before the range and a little after it.
const BEFORE_S: i64 = 3 * 3600;

/// A series as both get it.
pub(super) struct Stored {
    /// Its path, or its name and tags with `;` between.
    name: String,
    pub(super) step_s: i64,
    values: Vec<Option<f64>>,
}

impl Stored {
    fn start_s(&self) -> i64 {
        (T0 - BEFORE_S).div_euclid(self.step_s) * self.step_s
    }

    pub(super) fn shown(&self) -> Value {
        json!({"name": self.name, "step": self.step_s, "start": self.start_s(), "values": self.values})
    }

    fn labels(&self) -> Labels {
        let mut parts = self.name.split(';');
        let name = (NAME, parts.next().unwrap());
        Labels::from_pairs(std::iter::once(name).chain(parts.filter_map(|part| part.split_once('='))))
            .unwrap()
    }
}

/// A store of them. A value that is missing is there as no number, so that what has nothing else is found, too.
pub(super) fn store(series: &[Stored]) -> MemoryStore {
    let store = MemoryStore::new();
    for one in series {
        let samples =
            one.values.iter().enumerate().map(|(at, value)| {
                ((one.start_s() + at as i64 * one.step_s) * 1000, value.unwrap_or(f64::NAN))
            });
        store.insert(&one.labels(), Kind::Gauge, samples);
    }
    store
}

/// What the targets that are written down ask for.
pub(super) fn usual(random: &mut Random, nulls_of_all: Option<u64>) -> Vec<Stored> {
    let mut all = Vec::new();
    let mut add = |name: String, step_s: i64, nulls: u64, grows: bool, random: &mut Random| {
        let count = (BEFORE_S + 7200) / step_s;
        let nulls = nulls_of_all.unwrap_or(nulls);
        let mut now = 0.0;
        let mut value = |random: &mut Random| {
            if grows {
                now = if random.below(40) == 0 { 0.0 } else { now + random.below(30) as f64 };
                return now;
            }
            (random.unit() * 10_000.0).round() / 100.0
        };
        let values = (0..count).map(|_| {
            let value = value(random);
            (random.below(100) >= nulls).then_some(value)
        });
        all.push(Stored { name, step_s, values: values.collect() });
    };
    for host in ["web1", "web2", "web10"] {
        for kind in ["user", "sys"] {
            let nulls = [0, 5, 40][random.below(3) as usize];
            add(format!("hosts.{host}.cpu.{kind}"), 60, nulls, false, random);
        }
        add(format!("net.{host}.bytes"), 30, 10, true, random);
    }
    for step_s in [10, 30, 60] {
        add(format!("mixed.every{step_s}"), step_s, 10, false, random);
    }
    add("hosts.full.load".to_owned(), 60, 0, false, random);
    add("hosts.full.count".to_owned(), 60, 0, true, random);
    all
}

/// Besides, what is seldom: other signs and sizes, other steps, odd names, tags, nothing at all.
pub(super) fn odd(random: &mut Random) -> Vec<Stored> {
    let mut all = usual(random, None);
    for (name, step_s) in [
        ("kinds.negative", 60),
        ("kinds.huge", 60),
        ("kinds.tiny", 60),
        ("kinds.zero", 60),
        ("kinds.same", 60),
        ("kinds.whole", 60),
        ("gone.all", 60),
        ("gone.late", 60),
        ("gone.early", 60),
        ("gone.middle", 60),
        ("steps.s7", 7),
        ("steps.s45", 45),
        ("steps.s90", 90),
        ("steps.s300", 300),
        ("odd.a-b:c.x=1", 60),
        ("odd.größe.y", 60),
        ("odd.A_B.100%", 60),
        ("disk;dc=eu;host=a", 60),
        ("disk;dc=us;host=b", 60),
        ("disk;dc=eu;host=c", 30),
    ] {
        let values = one(name, (BEFORE_S + 7200) / step_s, BEFORE_S / step_s, random);
        all.push(Stored { name: name.to_owned(), step_s, values });
    }
    all
}

// `middle` is where the range begins, about.
fn one(name: &str, count: i64, middle: i64, random: &mut Random) -> Vec<Option<f64>> {
    let kind = name.split('.').nth(1).unwrap_or("");
    let nulls = [0, 10, 30][random.below(3) as usize];
    let value = |at: i64, random: &mut Random| {
        let is_gone = match kind {
            "all" => true,
            "late" => at < middle + 20,
            "early" => at > middle + 15,
            "middle" => at > middle + 3 && at < middle + 30,
            _ => random.below(100) < nulls,
        };
        let unit = (random.unit() * 10_000.0).round() / 100.0;
        let value = match kind {
            "negative" => unit - 60.0,
            "huge" => unit * 1e17,
            "tiny" => unit * 1e-12,
            "zero" => 0.0,
            "same" => 7.0,
            "whole" => random.below(5) as f64,
            _ => unit,
        };
        (!is_gone).then_some(value)
    };
    (0..count).map(|at| value(at, random)).collect()
}
