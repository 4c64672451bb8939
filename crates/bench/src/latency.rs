//! How long a push takes: with nothing else going on, and while blocks are written and joined by another thread. Our
//! store in this process, time moved on by the data.

use crate::data::Feed;
use crate::data::cpu::Cpu;
use crate::local::Local;
use crate::options::Options;
use crate::peer::folder;
use model::{Batch, Kind, Sink};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

const START_MS: i64 = 1_767_225_600_000;
const STEP_MS: i64 = 10_000;
/// Series of one push.
const PUSH_HOSTS: usize = 100;

/// Two rows.
pub fn run(options: &Options) -> Result<(), String> {
    println!(
        "{:<34} {:>8} {:>8} {:>9} {:>9} {:>9}",
        "while", "pushes", "blocks", "p50 us", "p99 us", "worst us"
    );
    let (hosts, steps) = (options.size(100, 1000, 1000), options.size(50, 2160, 8640));
    for (name, working) in [("nothing else goes on", false), ("blocks are written and joined", true)] {
        let data = folder("latency")?;
        let local = Local::open(&data, START_MS)?;
        let mut times = push_all(&local, hosts, steps, working)?;
        times.sort_unstable();
        let part = |percent: usize| times[(times.len() - 1) * percent / 100].as_secs_f64() * 1e6;
        let blocks = local.store.stats().blocks_written;
        println!(
            "{name:<34} {:>8} {blocks:>8} {:>9.0} {:>9.0} {:>9.0}",
            times.len(),
            part(50),
            part(99),
            part(100)
        );
        local.store.close().map_err(|e| e.to_string())?;
        let _ = std::fs::remove_dir_all(data);
    }
    println!("a push has {} samples, a sender's hosts", PUSH_HOSTS * 10);
    Ok(())
}

/// Pushes everything; with `working` a thread does the store's work meanwhile.
fn push_all(local: &Local, hosts: usize, steps: usize, working: bool) -> Result<Vec<Duration>, String> {
    let over = AtomicBool::new(!working);
    std::thread::scope(|scope| {
        let worker = scope.spawn(|| {
            while !over.load(Ordering::SeqCst) {
                use stdx::clock::Clock;
                local.store.tick(local.clock.now_ms()).map_err(|e| e.to_string())?;
                std::thread::sleep(Duration::from_millis(10));
            }
            Ok::<(), String>(())
        });
        let times = push_timed(local, hosts, steps);
        over.store(true, Ordering::SeqCst);
        worker.join().map_err(|_| "the worker panicked".to_owned())??;
        times
    })
}

fn push_timed(local: &Local, hosts: usize, steps: usize) -> Result<Vec<Duration>, String> {
    let mut feed = Cpu::new(hosts, 1);
    let mut batches: Vec<Batch> = Vec::new();
    for labels in feed.labels().chunks(PUSH_HOSTS * 10) {
        let mut batch = Batch::new();
        for labels in labels {
            batch.dictionary.add(labels, Kind::Gauge);
        }
        batches.push(batch);
    }
    let mut times = Vec::new();
    for step in 0..steps as i64 {
        let time_ms = START_MS + step * STEP_MS;
        local.clock.set_ms(time_ms);
        for (batch, values) in batches.iter_mut().zip(feed.step().chunks(PUSH_HOSTS * 10)) {
            batch.clear_rows();
            batch.begin(time_ms);
            (0..).zip(values).for_each(|(slot, value)| batch.push(model::Slot(slot), *value));
            let started = Instant::now();
            local.store.push(batch).map_err(|e| e.to_string())?;
            times.push(started.elapsed());
        }
    }
    Ok(times)
}
