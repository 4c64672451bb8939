//! The arithmetic of updates, bit for bit.

use super::rrdtool::{Dice, Rrdtool};
use crate::formats::rrd::update::{ArchiveDefinition, Reading, SourceDefinition, Updater};
use crate::formats::rrd::{Consolidation, RoundRobin, SourceKind, binary};
use std::fmt::Write;

const FILES: u64 = 400;

/// A file, and what happens to it.
pub(super) struct Case {
    pub(super) step_s: u64,
    pub(super) start_s: i64,
    pub(super) sources: Vec<SourceDefinition>,
    pub(super) archives: Vec<ArchiveDefinition>,
    pub(super) updates: Vec<(i64, Vec<Reading>)>,
}

impl Case {
    pub(super) fn random(seed: u64) -> Self {
        let mut dice = Dice(seed);
        let step_s = dice.one(&[1, 2, 7, 10, 60, 300]);
        let start_s = 1_000_000_000 + dice.below(1000) as i64;
        let sources: Vec<_> = (0..1 + dice.below(3)).map(|n| source(&mut dice, n, step_s)).collect();
        let archives = (0..1 + dice.below(4)).map(|_| archive(&mut dice)).collect();
        let mut state = vec![1000.0; sources.len()];
        let mut time_us = start_s * 1_000_000;
        // rrdtool reads times as doubles and cuts the rest of a microsecond: only binary fractions arrive whole.
        let is_micros = dice.below(3) == 0;
        let longest = step_s * dice.one(&[1, 1, 2, 5, 30]);
        let updates = (0..dice.below(60)).map(|_| {
            let wait_us = (1 + dice.below(longest)) as i64 * 1_000_000;
            time_us +=
                if is_micros { (1 + dice.below(wait_us as u64 / 15_625) as i64) * 15_625 } else { wait_us };
            let readings = sources.iter().zip(&mut state);
            (time_us, readings.map(|(source, last)| reading(&mut dice, source.kind, last)).collect())
        });
        let updates = updates.collect();
        Self { step_s, start_s, sources, archives, updates }
    }

    pub(super) fn commands(&self, name: &str) -> String {
        let bound = |b: f64| if b.is_nan() { "U".into() } else { b.to_string() };
        let mut text = format!("create {name} --start {} --step {}", self.start_s, self.step_s);
        for s in &self.sources {
            let (min, max) = (bound(s.min), bound(s.max));
            write!(text, " DS:{}:{}:{}:{min}:{max}", s.name, s.kind.as_str(), s.heartbeat_s).unwrap();
        }
        for a in &self.archives {
            write!(text, " RRA:{}:{}:{}:{}", a.function.as_str(), a.xff, a.steps, a.rows).unwrap();
        }
        for (time_us, readings) in &self.updates {
            write!(text, "\nupdate {name} {}.{:06}", time_us / 1_000_000, time_us % 1_000_000).unwrap();
            for (source, reading) in self.sources.iter().zip(readings) {
                write!(text, ":{}", reading.to_text(source.kind)).unwrap();
            }
        }
        text.push('\n');
        text
    }

    pub(super) fn ours(&self) -> RoundRobin {
        let mut updater = Updater::new(self.step_s, self.start_s, &self.sources, &self.archives);
        for (time_us, readings) in &self.updates {
            updater.update(*time_us, readings).unwrap();
        }
        updater.finish()
    }
}

impl Case {
    /// A case that can be updated in place: one source, of version 3.
    pub(super) fn random_of_one(seed: u64) -> Self {
        let mut case = Self::random(seed);
        case.sources.truncate(1);
        case.sources[0].kind = match case.sources[0].kind {
            SourceKind::DCounter => SourceKind::Gauge,
            SourceKind::DDerive => SourceKind::Absolute,
            kind => kind,
        };
        case.updates.iter_mut().for_each(|(_, readings)| readings.truncate(1));
        case
    }
}

fn source(dice: &mut Dice, number: u64, step_s: u64) -> SourceDefinition {
    use SourceKind::{Absolute, Counter, DCounter, DDerive, Derive, Gauge};
    let kind = dice.one(&[Gauge, Gauge, Counter, Counter, Derive, Absolute, DCounter, DDerive]);
    SourceDefinition {
        name: format!("s{number}"),
        kind,
        heartbeat_s: step_s * dice.one(&[1, 2, 10, 100]),
        min: dice.one(&[f64::NAN, 0.0, -100.0]),
        max: dice.one(&[f64::NAN, f64::NAN, 1e6, 1e12]),
    }
}

fn archive(dice: &mut Dice) -> ArchiveDefinition {
    use Consolidation::{Average, Last, Max, Min};
    ArchiveDefinition {
        function: dice.one(&[Average, Average, Min, Max, Last]),
        xff: dice.one(&[0.0, 0.1, 0.25, 0.5, 0.75, 0.99]),
        steps: dice.one(&[1, 1, 2, 3, 5, 12]),
        rows: 1 + dice.below(30) as usize,
    }
}

// Numbers of two decimals that are binary fractions too: others lose a bit when rrdtool reads their text.
fn reading(dice: &mut Dice, kind: SourceKind, last: &mut f64) -> Reading {
    if dice.below(8) == 0 {
        return Reading::Unknown;
    }
    let grown = match dice.below(20) {
        0 => dice.below(1000) as f64,
        1 => 4_294_967_000.0 + dice.below(290) as f64,
        2 if kind.is_whole() => 18_446_744_073_709_500_000.0,
        3 => *last - dice.below(50) as f64,
        _ => *last + dice.below(10_000) as f64,
    };
    *last = match kind {
        SourceKind::Counter => grown.clamp(0.0, 18_446_744_073_709_540_000.0),
        SourceKind::Derive => grown.min(1e15) - 2000.0,
        _ => grown + dice.below(100_000) as f64 / 4.0,
    };
    Reading::Number(*last)
}

/// What must be equal, a line each.
pub(super) fn lines(file: &RoundRobin) -> Vec<String> {
    let mut lines = vec![format!("updated {}.{:06}", file.updated_s, file.updated_us)];
    for s in &file.sources {
        lines.push(format!("{} {} {:?} {}", s.name, s.kind.as_str(), s.pending.value, s.pending.unknown_s));
    }
    for (number, a) in file.archives.iter().enumerate() {
        lines.push(format!("archive {number} {} xff {} of {} steps", a.function.as_str(), a.xff, a.steps));
        for pending in a.pending.iter().filter(|_| a.steps > 1) {
            lines.push(format!("  pending {:?} {}", pending.value, pending.unknown));
        }
        for (row, values) in a.values.chunks(file.sources.len()).enumerate() {
            lines.push(format!("  {} {values:?}", file.row_end_s(a, row)));
        }
    }
    lines
}

#[test]
fn random_updates_give_the_same_bits_as_rrdtool() {
    let Some(tool) = Rrdtool::new() else { return };
    let cases: Vec<_> = (0..FILES).map(Case::random).collect();
    let mut commands = String::new();
    for (seed, case) in cases.iter().enumerate() {
        commands.push_str(&case.commands(&format!("{seed}.rrd")));
    }
    tool.must(&commands);
    let mut known = 0;
    for (seed, case) in cases.iter().enumerate() {
        let theirs = binary::read(&tool.read(&format!("{seed}.rrd"))).unwrap();
        let ours = case.ours();
        for (ours, theirs) in lines(&ours).iter().zip(lines(&theirs)) {
            assert_eq!(*ours, theirs, "seed {seed}:\n{}", case.commands("a.rrd"));
        }
        known += ours.archives.iter().flat_map(|a| &a.values).filter(|v| !v.is_nan()).count();
    }
    assert!(known > 5_000, "{known} known values were compared");
}
