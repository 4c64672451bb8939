//! The reference page of services, drawn from the table.

use super::{COMMON, Metric, ROWS, Row};
use std::fmt::Write;

const INTRODUCTION: &str = "\
# Metrics of services

What services are asked for by themselves. Every series also has the label `host`, the label `instance` where the service
has an address, and the labels the agent was given. Counters end in `_total` and start anew when the service restarts. What
a version of a service does not have is left out. Metrics marked *slow* cost the service something and are asked for every
five minutes; in between the last value is repeated. `windhover service NAME ADDRESS` prints the numbers once.
This page is generated from the tables of the services.
";

/// The page `docs/reference/services.md`.
pub fn reference_markdown() -> String {
    let mut page = String::from(INTRODUCTION);
    page.push_str("\n## every service\n\n");
    table(&mut page, &COMMON);
    ROWS.iter().for_each(|row| section(&mut page, row));
    page
}

fn section(page: &mut String, row: &Row) {
    let Row { name, summary, needs, metrics, .. } = row;
    let _ = writeln!(page, "\n## {name}\n\n{summary}\n\n{needs}\n");
    table(page, metrics);
}

fn table(page: &mut String, metrics: &[Metric]) {
    page.push_str("| metric | kind | unit | labels | what it says | from |\n|---|---|---|---|---|---|\n");
    for Metric { name, kind, unit, help, labels, source, is_slow, .. } in metrics {
        let labels: Vec<String> = labels.iter().map(|label| format!("`{label}`")).collect();
        let source = if source.is_empty() { String::new() } else { format!("`{source}`") };
        let slow = if *is_slow { " *slow*" } else { "" };
        let _ = writeln!(
            page,
            "| `{name}` | {}{slow} | {unit} | {} | {help} | {source} |",
            kind.as_str(),
            labels.join(", ")
        );
    }
}
