//! The reference page of metrics, drawn from the tables.

use crate::collector::EVERY_TICK;
use crate::collectors::COLLECTORS;
use crate::schedule::SELF_METRICS;
use crate::{Metric, TELEMETRY};
use std::fmt::Write;

/// The page `docs/reference/metrics.md`.
pub fn reference_markdown() -> String {
    let mut page = String::from(INTRODUCTION);
    for row in COLLECTORS {
        heading(&mut page, row.name, row.summary);
        let _ = writeln!(page, "Measured {}.\n", often(row.interval_ms));
        table(&mut page, row.metrics.iter());
    }
    heading(
        &mut page,
        "the agent's own",
        "How the collectors themselves fare; a pass is one run of one collector.",
    );
    table(&mut page, SELF_METRICS.iter());
    counters(&mut page);
    page
}

const INTRODUCTION: &str = "\
# Metrics of a host

Every series also has the label `host` and the labels the agent was given. Counters end in `_total` and start anew when
the host restarts, those of units and containers (`unit_*`, `container_*`) when these do, and those the agent keeps itself
(`process_*`, `kernel_*`, every `other`) when the agent does. What a host does not have (no sensors, a kernel without a
file or a field) is left out. A series whose device, interface, process name, unit or container is gone ends with a
staleness marker.
This page is generated from the tables of the collectors.
";

fn heading(page: &mut String, name: &str, summary: &str) {
    let _ = writeln!(page, "\n## {name}\n\n{summary}\n");
}

fn often(interval_ms: u64) -> String {
    match interval_ms {
        EVERY_TICK => "at every tick of the agent, every second unless configured otherwise".to_owned(),
        _ => format!("every {} seconds at most", interval_ms / 1000),
    }
}

fn table<'m>(page: &mut String, metrics: impl Iterator<Item = &'m Metric>) {
    page.push_str("| metric | kind | unit | labels | what it says | from |\n|---|---|---|---|---|---|\n");
    for Metric { name, kind, unit, help, labels, source } in metrics {
        let labels: Vec<String> = labels.iter().map(|label| format!("`{label}`")).collect();
        let source = if source.is_empty() { String::new() } else { format!("`{source}`") };
        let _ = writeln!(
            page,
            "| `{name}` | {} | {unit} | {} | {help} | {source} |",
            kind.as_str(),
            labels.join(", ")
        );
    }
}

fn counters(page: &mut String) {
    page.push_str(
        "\nCounters of the process, on its `/metrics`:\n\n| metric | kind | what it says |\n|---|---|---|\n",
    );
    for item in TELEMETRY {
        let kind = if item.is_counter() { "counter" } else { "gauge" };
        let _ = writeln!(page, "| `{}` | {kind} | {} |", item.name(), item.help());
    }
}
