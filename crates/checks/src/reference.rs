//! The reference page of checks, drawn from the tables.

use crate::metric::COMMON;
use crate::options::{self, OPTIONS, Opt};
use crate::{Metric, ROWS, Row, TELEMETRY};
use std::fmt::Write;

const INTRODUCTION: &str = "\
# Checks

Each is a table `[[check]]` in the settings with its `kind`, and a command: `windhover check KIND TARGET` with the same
options as flags (dashes for underscores). [The manual](../manual/checks.md) tells how to use them. This page is generated
from the tables.
";

/// The page `docs/reference/checks.md`.
pub fn reference_markdown() -> String {
    let mut page = String::from(INTRODUCTION);
    page.push_str("\n## Every kind\n\n");
    table_of_options(&mut page, options::COMMON);
    table_of_metrics(&mut page, &COMMON);
    ROWS.iter().for_each(|row| section(&mut page, row));
    page.push_str("\n## Counters of the process\n\n| metric | kind | what it says |\n|---|---|---|\n");
    for item in TELEMETRY {
        let kind = if item.is_counter() { "counter" } else { "gauge" };
        let _ = writeln!(page, "| `{}` | {kind} | {} |", item.name(), item.help());
    }
    page
}

fn section(page: &mut String, row: &Row) {
    let Row { name, summary, target, example, .. } = row;
    let _ = writeln!(
        page,
        "\n## {name}\n\n{summary}. A target is {target}.\n\n```toml\n[[check]]\nkind = \"{name}\"\n{example}\n```\n"
    );
    if !row.options.is_empty() {
        table_of_options(page, row.options);
    }
    table_of_metrics(page, row.metrics);
}

fn table_of_options(page: &mut String, names: &[&str]) {
    page.push_str("| option | default | |\n|---|---|---|\n");
    let is_named = |option: &&Opt| names.contains(&option.name);
    for Opt { name, default, help, .. } in OPTIONS.iter().filter(is_named) {
        let default = if default.is_empty() { "–".to_owned() } else { format!("`{default}`") };
        let _ = writeln!(page, "| `{name}` | {default} | {help} |");
    }
    page.push('\n');
}

fn table_of_metrics(page: &mut String, metrics: &[&Metric]) {
    page.push_str("| metric | unit | label | what it says |\n|---|---|---|---|\n");
    for Metric { name, unit, help, label, .. } in metrics {
        let label = if label.is_empty() { String::new() } else { format!("`{label}`") };
        let _ = writeln!(page, "| `{name}` | {unit} | {label} | {help} |");
    }
}
