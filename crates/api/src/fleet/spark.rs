//! The last hour of four numbers for every host, asked as anybody could ask. While nothing is an hour old yet, less
//! than an hour: a line that fills its place says more than a dot at its end.

use crate::Api;
use crate::run::{Asked, evaluate};
use serde_json::{Map, Value, json};

/// Most hosts that get lines; the table shows the rest without.
const HOSTS_MAX: usize = 500;
const POINTS: i64 = 60;
const SPAN_MS_MIN: i64 = 5 * 60_000;
const SPAN_MS_MAX: i64 = 60 * 60_000;

/// Name of the line and how it is made; each gives a series per host, labelled by its name.
const LINES: &[(&str, &str, &str)] = &[
    (
        "cpu",
        "NOT mode:idle AND NOT mode:iowait AND NOT mode:guest AND NOT mode:guest_nice",
        "rate:cpu_seconds_total",
    ),
    ("memory", "*", "avg:memory_used_bytes"),
    ("load", "*", "avg:load1"),
    ("network", "NOT interface:lo", "rate:network_receive_bytes_total"),
];

/// The lines of all hosts.
pub(super) struct Sparks {
    start_ms: i64,
    step_ms: i64,
    /// By line and host.
    values: Map<String, Value>,
}

/// Draws what lies between `first_ms`, the oldest sample there is, and now.
pub(super) fn all(api: &Api, first_ms: i64, now_ms: i64) -> Sparks {
    let step_ms = ((now_ms - first_ms).clamp(SPAN_MS_MIN, SPAN_MS_MAX) / POINTS / 1000).max(1) * 1000;
    // The step under way is left out: half of it would look like a fall.
    let end_ms = now_ms - now_ms.rem_euclid(step_ms);
    let start_ms = end_ms - POINTS * step_ms;
    let exprs: Vec<String> = LINES
        .iter()
        .map(|(_, query, metric)| {
            format!(".es(q='{query}', metric='{metric}', split=host:{HOSTS_MAX}).label('$2', '^(.* > )?host:(.*) > [^>]*$')")
        })
        .collect();
    let request = json!({
        "exprs": exprs, "from": start_ms.to_string(), "to": end_ms.to_string(), "interval": format!("{}s", step_ms / 1000),
        "points": POINTS,
    });
    let answer = Asked::parse(request.to_string().as_bytes()).and_then(|asked| evaluate(api, &asked, now_ms));
    let mut values = Map::new();
    // Without lines the table is still worth showing: whatever failed shows where it is asked by itself.
    let results = answer.map(|evaluated| evaluated.answer.results).unwrap_or_default();
    for ((line, ..), result) in LINES.iter().zip(results) {
        for series in result.into_iter().flat_map(|frame| frame.series) {
            values.insert(format!("{line} {}", series.label), series.values.into());
        }
    }
    Sparks { start_ms, step_ms, values }
}

impl Sparks {
    /// The lines of one host.
    pub(super) fn of(&self, host: &str) -> Value {
        let mut spark = json!({ "start_ms": self.start_ms, "step_ms": self.step_ms });
        for (line, ..) in LINES {
            spark[*line] = self.values.get(&format!("{line} {host}")).cloned().unwrap_or_else(|| json!([]));
        }
        spark
    }
}
