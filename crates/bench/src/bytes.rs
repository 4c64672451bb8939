//! Bytes a sample, all files included, when everything is in blocks and joined: our store in this process, and
//! victoria-metrics filled by its own import, flushed and merged.

use crate::cost::cpu_seconds;
use crate::data::cpu::Cpu;
use crate::data::node::Node;
use crate::data::play::{Play, Replay, Steps};
use crate::data::recording::Recording;
use crate::local::Local;
use crate::options::Options;
use crate::peer::{disk_bytes, folder, root};
use crate::victoria::{Victoria, import_line};
use std::path::{Path, PathBuf};
use store::{Policy, Tier};

/// 2026-01-01T00:00:00Z.
const START_MS: i64 = 1_767_225_600_000;
const STEP_MS: i64 = 10_000;
const DAY_MS: i64 = 86_400_000;
const MONTH_MS: i64 = 30 * DAY_MS;
/// Samples of a series in one line of an import.
const IMPORT_SAMPLES: usize = 1000;

/// A row for each kind of data.
pub fn run(options: &Options) -> Result<(), String> {
    println!(
        "{:<34} {:>10} {:>12} {:>12} {:>16}",
        "data", "samples", "windhover", "victoria", "CPU-s/M, store"
    );
    let hosts = options.size(2, 100, 1000);
    let steps = options.size(50, 4320, 4320);
    let cpu = || -> Box<dyn Play> { Box::new(Steps::new(Cpu::new(hosts, 1), START_MS, STEP_MS, steps)) };
    let node =
        || -> Box<dyn Play> { Box::new(Steps::new(Node::new(hosts / 10 + 1, 1), START_MS, STEP_MS, steps)) };
    row(options, &format!("cpu-only, {hosts} hosts, 12 h at 10 s"), &cpu)?;
    row(options, &format!("node_exporter-like, {} hosts", hosts / 10 + 1), &node)?;
    pyramid(options)?;
    let path = recording_path();
    if !path.exists() {
        println!("no recording at {}: WINDHOVER_RECORDING names one", path.display());
        return Ok(());
    }
    let recorded = Recording::open(&path)?;
    let recorded = || -> Box<dyn Play> { Box::new(Replay::new(recorded.clone())) };
    row(options, "recorded node_exporter at 1 s", &recorded)
}

/// Bytes that are left of a series when its samples are gone and rows of hours and days are kept: samples a minute
/// apart, hosts with ten series each.
fn pyramid(options: &Options) -> Result<(), String> {
    let (hosts, days) = options.size((1, 40), (10, 365), (10, 3653));
    let name = format!("hours and days of {days} days");
    if !options.wants(&name) {
        return Ok(());
    }
    let data = folder("pyramid")?;
    let tier = |step_ms, keep_ms| Tier { step_ms, keep_ms };
    let tiers = vec![tier(60_000, 2 * MONTH_MS), tier(3_600_000, i64::MAX), tier(86_400_000, i64::MAX)];
    let policy = Policy { name: "pyramid".to_owned(), matchers: Vec::new(), tiers };
    let start_ms = START_MS - days * DAY_MS;
    let local = Local::open(&data, start_ms)?.with(vec![policy], MONTH_MS)?;
    let mut play = Steps::new(Cpu::new(hosts, 1), start_ms, 60_000, (days * DAY_MS / 60_000) as usize);
    let series = play.labels().len() as f64;
    let (samples, last_ms) = local.load(&mut play)?;
    // So late that no samples are kept any more.
    local.seal(last_ms + 2 * MONTH_MS)?;
    println!("{name:<34} {samples:>10} {:>12.0} bytes a series", disk_bytes(&data) as f64 / series);
    let _ = std::fs::remove_dir_all(data);
    Ok(())
}

/// The recording that is measured.
pub fn recording_path() -> PathBuf {
    let default = || root().join("../shared/data/node-exporter-1s.txt.zst");
    std::env::var_os("WINDHOVER_RECORDING").map_or_else(default, PathBuf::from)
}

fn row(options: &Options, name: &str, play: &dyn Fn() -> Box<dyn Play>) -> Result<(), String> {
    if !options.wants(name) {
        return Ok(());
    }
    let data = folder("bytes")?;
    let (samples, cpu) = ours(&data.join("windhover"), play().as_mut())?;
    let theirs = match options.alone {
        true => Err("not asked for".to_owned()),
        false => theirs(&data.join("victoria-metrics"), play().as_mut()),
    };
    let theirs = theirs.map_or_else(|why| why, |bytes| format!("{:.3}", bytes as f64 / samples as f64));
    let ours = disk_bytes(&data.join("windhover")) as f64 / samples as f64;
    println!("{name:<34} {samples:>10} {ours:>12.3} {theirs:>12} {cpu:>16.3}");
    let _ = std::fs::remove_dir_all(data);
    Ok(())
}

/// Samples, and CPU seconds a million of them from push to joined blocks.
fn ours(data: &Path, play: &mut dyn Play) -> Result<(u64, f64), String> {
    let before = cpu_seconds();
    let local = Local::open(data, START_MS)?;
    let (samples, last_ms) = local.load(play)?;
    local.seal(last_ms)?;
    Ok((samples, (cpu_seconds() - before) * 1e6 / samples as f64))
}

/// Bytes of all files while it still runs: when it ends it writes out its caches.
fn theirs(data: &Path, play: &mut dyn Play) -> Result<u64, String> {
    let victoria = Victoria::start(data)?;
    let labels = play.labels().to_vec();
    let mut columns = vec![(Vec::new(), Vec::new()); labels.len()];
    let (mut rows, mut scrapes) = (Vec::new(), 0);
    while let Some(time_ms) = play.next(&mut rows) {
        for &(series, value) in &rows {
            let (times_ms, values): &mut (Vec<i64>, Vec<f64>) = &mut columns[series as usize];
            times_ms.push(time_ms);
            values.push(value);
        }
        scrapes += 1;
        if scrapes % IMPORT_SAMPLES == 0 {
            import(&victoria, &labels, &mut columns)?;
        }
    }
    import(&victoria, &labels, &mut columns)?;
    victoria.settle()?;
    let bytes = disk_bytes(data);
    victoria.peer.stop();
    Ok(bytes)
}

fn import(
    victoria: &Victoria,
    labels: &[model::Labels],
    columns: &mut [(Vec<i64>, Vec<f64>)],
) -> Result<(), String> {
    let mut body = String::new();
    for (labels, (times_ms, values)) in labels.iter().zip(columns) {
        if !values.is_empty() {
            import_line(labels, times_ms.iter().copied(), values, &mut body);
        }
        times_ms.clear();
        values.clear();
        if body.len() > 4 << 20 {
            victoria.import(&body)?;
            body.clear();
        }
    }
    if body.is_empty() { Ok(()) } else { victoria.import(&body) }
}
