//! Measurements, each beside its peers in one run: `cargo xtask bench [NAME]`. Processor time is the process's own
//! (utime + stime), memory is "Anonymous" of `smaps_rollup`. The machine may be busy: read ratios, not seconds.

// In a binary everything is reachable only from here; `pub` marks what a module offers to the others.
#![allow(unreachable_pub)]

mod build;
mod bytes;
mod codec;
mod cost;
mod data;
mod decode;
mod discovery;
mod doors;
mod drain;
// It sets breakpoints, and knows those of one processor.
#[cfg(target_arch = "x86_64")]
mod entered;
mod first_point;
mod footprint;
mod idle;
mod ingest;
mod latency;
mod local;
mod logs;
mod names;
mod options;
mod parse;
mod peer;
mod pictures;
mod queries;
mod relay;
mod sender;
mod series;
mod servers;
mod sniff;
mod soak;
mod stages;
mod statsd;
mod victoria;
mod write;

use options::Options;
use std::process::ExitCode;

struct Benchmark {
    name: &'static str,
    summary: &'static str,
    run: fn(&Options) -> Result<(), String>,
}

const fn row(
    name: &'static str,
    summary: &'static str,
    run: fn(&Options) -> Result<(), String>,
) -> Benchmark {
    Benchmark { name, summary, run }
}

// What can be measured in this process runs as a test too, with next to no data, so that it never rots; the servers are
// measured only when they are asked for.
#[cfg(test)]
mod tests;

const BENCHMARKS: &[Benchmark] = &[
    row("first_point", "start to the first point in an answer", |_| first_point::run()),
    row("footprint", "agent beside node_exporter and collectd", footprint::run),
    row("idle", "memory of an idle server with one host", |_| idle::run()),
    row("ingest", "ingest by remote write beside the peers, and as agents send", ingest::run),
    row("stages", "where the time of the native protocol goes, stage by stage", stages::run),
    row("decode", "what a sample costs from each dialect into a batch", decode::run),
    row("bytes", "bytes a sample on disk beside victoria-metrics", bytes::run),
    row("codec", "bytes and speed of the codec alone", codec::run),
    row("parse", "how many small texts of each language are understood in a second", parse::run),
    row("pictures", "what drawing a chart costs", pictures::run),
    row("names", "how long finding and completing names takes among a million", names::run),
    row("queries", "TSBS' query classes beside victoria-metrics", queries::run),
    row("series", "cost of new series, churn, memory of active ones, beside victoria-metrics", series::run),
    row("drain", "how fast an agent's backlog goes to a server, and what holds it up", drain::run),
    row("soak", "memory of an agent through a simulated day", soak::run),
    row("latency", "how long a push takes while blocks are written and joined", latency::run),
    row("statsd", "what a statsd packet costs, beside collectd", statsd::run),
    row("relay", "what passing a sample on to three outputs costs, and what a dead output costs", relay::run),
    row("doors", "what a line costs at the doors, beside carbon-cache", doors::run),
    row("discovery", "what following services costs when nothing changes", discovery::run),
    row("sniff", "what the sniffer costs a request, beside tcpdump and a recv per packet", sniff::run),
    row("logs", "what a line of a log costs, beside goaccess, mtail and mawk", logs::run),
    row("build", "binary size, build times, bytes of the pages", |_| build::run()),
];

fn main() -> ExitCode {
    let options = match Options::parse(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(why) => {
            eprintln!("{why}");
            return usage();
        }
    };
    if let [word, url, seconds, file] = options.words.as_slice()
        && word == "record"
    {
        return record(url, seconds, file);
    }
    #[cfg(target_arch = "x86_64")]
    if let [word, file, binaries @ ..] = options.words.as_slice()
        && word == "entered"
    {
        return ended(entered::run(file, binaries));
    }
    if let Some(wrong) = options.words.iter().find(|name| BENCHMARKS.iter().all(|b| b.name != **name)) {
        eprintln!("no benchmark `{wrong}`");
        return usage();
    }
    let is_wanted = |b: &&Benchmark| options.words.is_empty() || options.words.iter().any(|w| w == b.name);
    let mut failed = false;
    for benchmark in BENCHMARKS.iter().filter(is_wanted) {
        println!("\n── {}: {}", benchmark.name, benchmark.summary);
        if let Err(why) = (benchmark.run)(&options) {
            println!("not measured: {why}");
            failed = true;
        }
    }
    if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn usage() -> ExitCode {
    eprintln!("usage: bench [--full] [--keep FOLDER] [NAME...]   all benchmarks, or those named");
    eprintln!("       bench record URL SECONDS FILE              record a text endpoint, a scrape a second");
    eprintln!(
        "       bench entered FILE BINARY...               list the functions that a steady agent enters\n"
    );
    BENCHMARKS.iter().for_each(|b| eprintln!("  {:<14} {}", b.name, b.summary));
    eprintln!("\n  --full         the sizes that figures are quoted for; minutes instead of seconds");
    eprintln!("  --alone        without the peers");
    eprintln!("  --only TEXT    only rows whose names contain this");
    eprintln!("  --keep FOLDER  loaded data stay there for the next run");
    ExitCode::from(2)
}

fn record(url: &str, seconds: &str, file: &str) -> ExitCode {
    let seconds = seconds.parse().map_err(|_| format!("`{seconds}` is not a number of seconds"));
    let scrapes = seconds.and_then(|seconds| data::recording::record(url, seconds, file.as_ref()));
    ended(scrapes.map(|scrapes| println!("{scrapes} scrapes in {file}")))
}

fn ended(outcome: Result<(), String>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}
