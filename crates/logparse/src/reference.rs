//! The reference page of logs, drawn from the tables.

use crate::envelope::ENVELOPES;
use crate::formats::FAMILIES;
use crate::metrics::all;
use crate::{Field, TELEMETRY};
use std::fmt::Write;

/// The page `docs/reference/logs.md`.
pub fn reference_markdown() -> String {
    let mut page = String::from(
        "# Logs: formats and series\n\nWhat `[[log]]` takes and what comes of it; the manual is [here](../manual/logs.md). This page is generated \
         from the tables.\n\n## Families of formats\n",
    );
    for family in FAMILIES {
        let _ = write!(page, "\n### {}\n\n{}.\n", family.name, family.summary);
        let format = if family.example_format.is_empty() { family.default } else { family.example_format };
        if !format.is_empty() {
            let _ = write!(page, "\n```text\n{format}\n```\n");
        }
        let _ = write!(page, "\n```text\n{}\n```\n", family.example);
    }
    page.push_str("\n## Envelopes\n\nWhat runtimes of containers wrap around each line, and `envelope` takes off. `auto` takes off what a line shows.\n");
    for row in ENVELOPES {
        let _ = write!(page, "\n### {}\n\n{}.\n\n```text\n{}\n```\n", row.name, row.summary, row.example);
    }
    page.push_str(
        "\n## Fields\n\nNames of groups of a regular expression, and of what a key is chosen for:\n\n",
    );
    let names: Vec<String> = Field::ALL.iter().map(|field| format!("`{}`", field.as_str())).collect();
    let _ = writeln!(page, "{}.", names.join(", "));
    page.push_str(
        "\n## Series\n\nEvery series also has the labels `host`, `name`, `log_file` and those of the settings. Sums begin at zero when the agent \
         starts.\n\n| metric | kind | unit | labels | what it says |\n|---|---|---|---|---|\n",
    );
    for metric in all() {
        let labels: Vec<String> = metric.labels.iter().map(|label| format!("`{label}`")).collect();
        let (name, kind, unit, help) = (metric.name, metric.kind.as_str(), metric.unit, metric.help);
        let _ = writeln!(page, "| `{name}` | {kind} | {unit} | {} | {help} |", labels.join(", "));
    }
    page.push_str("\n## Counters of the process\n\nOn its `/metrics`:\n\n| metric | kind | what it says |\n|---|---|---|\n");
    for item in TELEMETRY {
        let kind = if item.is_counter() { "counter" } else { "gauge" };
        let _ = writeln!(page, "| `{}` | {kind} | {} |", item.name(), item.help());
    }
    page
}

#[cfg(test)]
mod tests {
    #[test]
    fn reference_page_is_fresh() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reference/logs.md");
        let page = super::reference_markdown();
        if std::env::var_os("WINDHOVER_BLESS").is_some() {
            std::fs::write(path, &page).unwrap();
        }
        let there = std::fs::read_to_string(path).unwrap_or_default();
        assert!(there == page, "docs/reference/logs.md is not what the tables say; run `cargo xtask docs`");
    }
}
