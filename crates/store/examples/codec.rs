//! What the codec makes of columns: bytes per sample, and millions of samples per second and core both ways, for chunks
//! of several lengths. Thread CPU time, best of several passes; every chunk is first compared bit by bit.
//!
//! `cargo run --release -p store --example codec -- [SET …] [< RECORDING]`
//!
//! Sets: `cpu` (what the Time Series Benchmark Suite calls cpu-only: whole percents that wander), `node` (a mix like
//! node_exporter's), `floats` (full precision), `times` (of scrapes, in ms), and `real`: a recording from the standard
//! input, text with a line `#T <unix ms>` before each scrape and then lines `name{label="value"} number`.

use std::collections::HashMap;
use std::error::Error;
use std::io::Read;
use stdx::random::Random;
use store::inside::codec;

const CHUNKS: [usize; 5] = [120, 256, 512, 1024, 4096];
const PASSES: usize = 12;

fn main() -> Result<(), Box<dyn Error>> {
    let mut sets: Vec<String> = std::env::args().skip(1).collect();
    if sets.is_empty() {
        sets = ["cpu", "node", "floats", "times"].map(String::from).to_vec();
    }
    println!("{:<16} {:>6}  {:>8} {:>8} {:>8}", "set", "chunk", "B/sample", "enc M/s", "dec M/s");
    for set in sets {
        match set.as_str() {
            "cpu" => measure("cpu", &many(300, 4320, cpu)),
            "node" => measure("node", &node(500, 4320)),
            "floats" => {
                measure("floats ratio", &many(20, 4320, ratio));
                measure("floats walk", &many(20, 4320, float_walk));
                measure("floats sensor", &many(20, 4320, sensor));
                measure(
                    "floats noise",
                    &many(20, 4320, |random, steps| (0..steps).map(|_| random.unit()).collect()),
                );
            }
            "times" => {
                measure_times("times regular", &many(20, 4320, |random, steps| times(random, steps, 0.0)));
                measure_times("times jittered", &many(20, 4320, |random, steps| times(random, steps, 1.5)));
            }
            "real" => {
                let mut text = String::new();
                std::io::stdin().read_to_string(&mut text)?;
                let columns = recording(&text)?;
                measure("real", &columns);
                let wanted = |v: &[f64]| v.iter().any(|x| x.to_bits() != v[0].to_bits());
                let changing: Vec<_> = columns.into_iter().filter(|v| wanted(v)).collect();
                measure("real, changing", &changing);
            }
            other => return Err(format!("there is no set {other}").into()),
        }
    }
    Ok(())
}

fn measure(name: &str, columns: &[Vec<f64>]) {
    for chunk in CHUNKS {
        let chunks: Vec<&[f64]> = columns.iter().flat_map(|column| column.chunks(chunk)).collect();
        let same = |a: &[f64], b: &[f64]| a.iter().zip(b).all(|(a, b)| a.to_bits() == b.to_bits());
        report(name, chunk, &chunks, codec::encode_values, codec::decode_values, same);
    }
}

fn measure_times(name: &str, columns: &[Vec<i64>]) {
    for chunk in CHUNKS {
        let chunks: Vec<&[i64]> = columns.iter().flat_map(|column| column.chunks(chunk)).collect();
        report(name, chunk, &chunks, codec::encode_times, codec::decode_times, |a, b| a == b);
    }
}

fn report<T>(
    name: &str,
    chunk: usize,
    chunks: &[&[T]],
    encode: fn(&[T], &mut Vec<u8>),
    decode: fn(&[u8], usize, &mut Vec<T>) -> Option<()>,
    same: impl Fn(&[T], &[T]) -> bool,
) {
    let samples: usize = chunks.iter().map(|c| c.len()).sum();
    let (mut coded, mut ends, mut back) = (Vec::new(), Vec::new(), Vec::with_capacity(chunk));
    let encode_s = best_s(|| {
        coded.clear();
        ends.clear();
        for chunk in chunks {
            encode(chunk, &mut coded);
            ends.push(coded.len());
        }
    });
    let each = |visit: &mut dyn FnMut(&[u8], &[T])| {
        let mut start = 0;
        for (chunk, &end) in chunks.iter().zip(&ends) {
            visit(&coded[start..end], chunk);
            start = end;
        }
    };
    each(&mut |bytes, chunk| {
        back.clear();
        decode(bytes, chunk.len(), &mut back).expect("what was encoded can be decoded");
        assert!(back.len() == chunk.len() && same(&back, chunk), "{name}: a chunk came back different");
    });
    let decode_s = best_s(|| {
        each(&mut |bytes, chunk| {
            back.clear();
            decode(bytes, chunk.len(), &mut back).expect("decoded before");
            std::hint::black_box(&back);
        });
    });
    let rate = |seconds: f64| samples as f64 / seconds / 1e6;
    let size = coded.len() as f64 / samples as f64;
    println!("{name:<16} {chunk:>6}  {size:>8.4} {:>8.0} {:>8.0}", rate(encode_s), rate(decode_s));
}

fn best_s(mut work: impl FnMut()) -> f64 {
    let mut best = f64::INFINITY;
    for _ in 0..PASSES {
        let start = thread_cpu_s();
        work();
        best = best.min(thread_cpu_s() - start);
    }
    best
}

fn thread_cpu_s() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

fn many<T>(series: u64, steps: usize, make: impl Fn(&mut Random, usize) -> Vec<T>) -> Vec<Vec<T>> {
    (0..series).map(|seed| make(&mut Random::from_seed(seed * 7919 + 1), steps)).collect()
}

fn normal(random: &mut Random) -> f64 {
    let radius = (-2.0 * (1.0 - random.unit()).ln()).sqrt();
    radius * (std::f64::consts::TAU * random.unit()).cos()
}

/// A walk in [0, 100] with N(0, 1) steps, cut to whole numbers.
fn cpu(random: &mut Random, steps: usize) -> Vec<f64> {
    let mut at = random.unit() * 100.0;
    let walk = (0..steps).map(|_| {
        at = (at + normal(random)).clamp(0.0, 100.0);
        at.trunc()
    });
    walk.collect()
}

/// Makes a column of so many steps.
type Column = fn(&mut Random, usize) -> Vec<f64>;

/// Half constants, then counters, gauges and the rest in the shares a node_exporter has.
fn node(series: u64, steps: usize) -> Vec<Vec<f64>> {
    let kinds: [(u64, Column); 8] = [
        (50, |random, steps| vec![random.below(1 << 33) as f64; steps]),
        (12, bytes_counter),
        (12, cpu_seconds),
        (8, |random, steps| {
            let mut pages = 1e6;
            (0..steps)
                .map(|_| {
                    pages += (normal(random) * 40.0).round();
                    pages * 4096.0
                })
                .collect()
        }),
        (4, |random, steps| {
            let mut load = 1.0;
            (0..steps)
                .map(|_| {
                    load += (random.unit() * 4.0 - load) / 30.0;
                    (load * 100.0).round() / 100.0
                })
                .collect()
        }),
        (4, ratio),
        (4, |random, steps| {
            let mut state = 0.0;
            (0..steps)
                .map(|_| {
                    if random.below(200) == 0 {
                        state = random.below(4) as f64;
                    }
                    state
                })
                .collect()
        }),
        (6, |random, steps| {
            let mut count = random.below(1 << 30) as f64;
            (0..steps)
                .map(|_| {
                    count += random.below(9).saturating_sub(3) as f64;
                    count
                })
                .collect()
        }),
    ];
    let kind = |number: u64| {
        let mut rest = number % 100;
        kinds.iter().find(|(share, _)| {
            let here = rest < *share;
            rest = rest.saturating_sub(*share);
            here
        })
    };
    let column = |number| {
        kind(number).expect("the shares make a hundred").1(
            &mut Random::from_seed(number * 104_729 + 3),
            steps,
        )
    };
    (0..series).map(column).collect()
}

fn bytes_counter(random: &mut Random, steps: usize) -> Vec<f64> {
    let (mut count, mut busy) = (random.below(1 << 40) as f64, true);
    let counter = (0..steps).map(|_| {
        if random.below(20) == 0 {
            busy = !busy;
        }
        if busy {
            count += random.below(60) as f64 * 1448.0 + random.below(2000) as f64;
        }
        count
    });
    counter.collect()
}

fn cpu_seconds(random: &mut Random, steps: usize) -> Vec<f64> {
    let (mut hundredths, share) = (random.below(1 << 24), 5.0 + 80.0 * random.unit());
    let counter = (0..steps).map(|_| {
        hundredths += (share + normal(random) * 4.0).max(0.0) as u64;
        hundredths as f64 / 100.0
    });
    counter.collect()
}

/// Quotients of two counts, as hit rates are.
fn ratio(random: &mut Random, steps: usize) -> Vec<f64> {
    (0..steps)
        .map(|_| {
            let all = 500 + random.below(500);
            (all - random.below(100)) as f64 / all as f64
        })
        .collect()
}

fn float_walk(random: &mut Random, steps: usize) -> Vec<f64> {
    let mut at = 40.0;
    (0..steps)
        .map(|_| {
            at += normal(random) * 0.1;
            at
        })
        .collect()
}

/// A daily curve with some noise, from a sensor of twelve bits.
fn sensor(random: &mut Random, steps: usize) -> Vec<f64> {
    let raw = |i: usize, noise: f64| (2000.0 + 900.0 * (i as f64 / 700.0).sin() + 6.0 * noise).round();
    (0..steps).map(|i| raw(i, normal(random)) * (3.3 / 4096.0) + 0.1).collect()
}

fn times(random: &mut Random, steps: usize, jitter_ms: f64) -> Vec<i64> {
    (0..steps as i64)
        .map(|i| 1_795_132_800_123 + i * 1000 + (normal(random) * jitter_ms).round() as i64)
        .collect()
}

/// The columns of a recording; series that are not in every scrape are left out.
fn recording(text: &str) -> Result<Vec<Vec<f64>>, Box<dyn Error>> {
    let (mut columns, mut scrapes) = (HashMap::<&str, Vec<f64>>::new(), 0);
    for line in text.lines() {
        if line.starts_with("#T ") {
            scrapes += 1;
            continue;
        }
        let (name, value) = line.rsplit_once(' ').ok_or("a line without a value")?;
        columns.entry(name).or_default().push(value.parse()?);
    }
    columns.retain(|_, column| column.len() == scrapes);
    let mut columns: Vec<_> = columns.into_iter().collect();
    columns.sort_unstable_by_key(|(name, _)| *name);
    Ok(columns.into_iter().map(|(_, column)| column).collect())
}
