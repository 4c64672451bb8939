//! Measurements, each beside its peers in one run: `cargo xtask bench [NAME]`. Processor time is the process's own
//! (utime + stime), memory is "Anonymous" of `smaps_rollup`. The machine may be busy: read ratios, not seconds.

// In a binary everything is reachable only from here; `pub` marks what a module offers to the others.
#![allow(unreachable_pub)]

mod build;
mod first_point;
mod footprint;
mod idle;
mod peer;
mod proto;
mod remote_write;
mod stored;

use std::process::ExitCode;

struct Benchmark {
    name: &'static str,
    summary: &'static str,
    run: fn() -> Result<(), String>,
}

const BENCHMARKS: &[Benchmark] = &[
    Benchmark {
        name: "first_point",
        summary: "start to the first point in an answer",
        run: first_point::run,
    },
    Benchmark { name: "footprint", summary: "agent beside node_exporter and collectd", run: footprint::run },
    Benchmark { name: "idle", summary: "memory of an idle server with one host", run: idle::run },
    Benchmark {
        name: "remote_write",
        summary: "remote-write ingest beside victoria-metrics",
        run: remote_write::run,
    },
    Benchmark { name: "stored", summary: "bytes and cost of a stored recording", run: stored::run },
    Benchmark { name: "build", summary: "binary size, build times, bytes of the pages", run: build::run },
];

fn main() -> ExitCode {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    if let Some(wrong) = wanted.iter().find(|name| BENCHMARKS.iter().all(|b| b.name != **name)) {
        eprintln!("no benchmark `{wrong}`; there are:");
        BENCHMARKS.iter().for_each(|b| eprintln!("  {:<14} {}", b.name, b.summary));
        return ExitCode::from(2);
    }
    let mut failed = false;
    for benchmark in BENCHMARKS.iter().filter(|b| wanted.is_empty() || wanted.iter().any(|w| w == b.name)) {
        println!("\n── {}: {}", benchmark.name, benchmark.summary);
        if let Err(why) = (benchmark.run)() {
            println!("not measured: {why}");
            failed = true;
        }
    }
    if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
