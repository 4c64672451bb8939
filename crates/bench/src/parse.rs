//! What it costs to understand a small text of each language: parsed and checked, not evaluated.

use crate::cost::cpu_seconds;
use crate::options::Options;

const ROUNDS: usize = 5;

/// What dashboards ask most.
const PROMQL: [&str; 6] = [
    "up",
    "node_load1{instance=\"web1:9100\"}",
    "rate(http_requests_total[5m])",
    "sum by (job) (rate(http_requests_total{code=\"500\"}[5m]))",
    "1 - avg(rate(node_cpu_seconds_total{mode=\"idle\"}[1m])) by (instance)",
    "histogram_quantile(0.99, sum by (le) (rate(request_seconds_bucket[5m])))",
];

const TIMELION: [&str; 3] =
    [".es(metric=avg:load1)", ".es(q='host:web1', metric=avg:load1).lines(fill=1)", ".static(5).label(five)"];

const GRAPHITE: [&str; 4] = [
    "servers.web1.load",
    "sumSeries(servers.*.load)",
    "alias(scale(perSecond(servers.{web1,web2}.net.eth0.bytes), 8), 'bits')",
    "servers.*.cpu.user|movingAverage('5min')|aliasByNode(1)",
];

/// Measures each language.
pub fn run(options: &Options) -> Result<(), String> {
    let count = options.size(10, 20_000, 200_000);
    println!("   {:<10} {:<74} {:>12} {:>9}", "language", "text", "texts/s", "ns");
    for text in PROMQL {
        each("promql", text, count, || lang::promql::parse(text).is_ok())?;
    }
    for text in TIMELION {
        each("timelion", text, count, || lang::timelion::parse(text).is_ok())?;
    }
    for text in GRAPHITE {
        each("graphite", text, count, || lang::graphite::parse(text).is_ok())?;
    }
    Ok(())
}

fn each(language: &str, text: &str, count: usize, parse: impl Fn() -> bool) -> Result<(), String> {
    if !parse() {
        return Err(format!("{text} is not understood"));
    }
    let round = || {
        let before = cpu_seconds();
        (0..count).for_each(|_| _ = std::hint::black_box(parse()));
        (cpu_seconds() - before) / count as f64
    };
    let least = (0..ROUNDS).map(|_| round()).fold(f64::INFINITY, f64::min).max(1e-12);
    println!("   {language:<10} {text:<74} {:>12.0} {:>9.0}", 1.0 / least, least * 1e9);
    Ok(())
}
