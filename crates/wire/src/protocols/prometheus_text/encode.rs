//! Writes samples as text exposition 0.0.4. Names beyond `[a-zA-Z_:][a-zA-Z0-9_:]*` are written quoted, inside the braces.

use model::{Batch, Description, Kind, Labels, LabelsBuilder, NAME};
use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;
use stdx::telemetry;

/// Appends a batch: families in order of their names, within one the rows in the order they came. With `with_times`
/// each line has its time in milliseconds, otherwise a reader takes it as of now.
pub fn encode(batch: &Batch, with_times: bool, out: &mut String) {
    let descriptions: HashMap<&str, &Description> =
        batch.dictionary.descriptions().iter().map(|d| (d.metric.as_ref(), d)).collect();
    let mut families: BTreeMap<String, Vec<(Labels, Kind, i64, f64)>> = BTreeMap::new();
    for rows in batch.groups() {
        for (&slot, &value) in rows.slots.iter().zip(rows.values) {
            let labels = batch.dictionary.labels(slot);
            let row = (labels, batch.dictionary.kind(slot), rows.time_ms, value);
            families.entry(row.0.name().to_owned()).or_default().push(row);
        }
    }
    for (name, rows) in families.iter().filter(|(name, _)| !name.is_empty()) {
        let about = descriptions.get(name.as_str());
        let kind = about.map(|d| d.kind).filter(|k| *k != Kind::Unknown).or(rows.first().map(|r| r.1));
        write_comments(out, name, kind.unwrap_or_default(), about.map_or("", |d| &d.help));
        for (labels, _, time_ms, value) in rows {
            write_sample(out, name, labels.iter().filter(|(n, _)| *n != NAME), *value);
            if with_times {
                let _infallible = write!(out, " {time_ms}");
            }
            out.push('\n');
        }
    }
}

/// Appends the numbers that crates keep about themselves, `extra` labels added to each.
pub fn encode_telemetry(tables: &[&[telemetry::Item]], extra: &[(&str, &str)], out: &mut String) {
    let mut families: BTreeMap<&str, Vec<&telemetry::Item>> = BTreeMap::new();
    for item in tables.iter().copied().flatten() {
        families.entry(item.name()).or_default().push(item);
    }
    for (name, items) in families {
        let kind = if items[0].is_counter() { Kind::Counter } else { Kind::Gauge };
        write_comments(out, name, kind, items[0].help());
        for item in items {
            let labels = item.labels().iter().chain(extra).copied();
            write_sample(out, name, labels, item.value());
            out.push('\n');
        }
    }
}

/// Appends what OpenMetrics says before the samples of the metric `name`. Counters are families without their `_total`;
/// one of another name, and a unit that the name does not end in, cannot be told there.
pub fn write_family(out: &mut String, name: &str, kind: Kind, unit: &str, help: &str) {
    let (family, kind) = match (kind, name.strip_suffix("_total")) {
        (Kind::Counter, Some(family)) => (family, "counter"),
        (Kind::Counter | Kind::Unknown, _) => (name, "unknown"),
        (Kind::Gauge | Kind::Derive | Kind::Absolute, _) => (name, "gauge"),
    };
    let mut line = |keyword: &str, text: &str| {
        out.push_str("# ");
        out.push_str(keyword);
        out.push(' ');
        write_name(out, family);
        out.push(' ');
        write_escaped(out, text, true);
        out.push('\n');
    };
    line("TYPE", kind);
    if !unit.is_empty() && family.strip_suffix(unit).is_some_and(|rest| rest.ends_with('_')) {
        line("UNIT", unit);
    }
    if !help.is_empty() {
        line("HELP", help);
    }
}

/// Appends name and labels as they stand before a value.
pub fn write_series(out: &mut String, labels: &Labels) {
    write_labels(out, labels.name(), labels.iter().filter(|(name, _)| *name != NAME));
}

/// Reads name and labels as [`write_series`] writes them; nothing may follow.
pub fn read_series(text: &str, labels: &mut LabelsBuilder) -> Result<(), String> {
    match super::sample::read_series(text, labels)? {
        "" => Ok(()),
        rest => Err(format!("`{rest}` after the labels")),
    }
}

fn write_comments(out: &mut String, name: &str, kind: Kind, help: &str) {
    if !help.is_empty() {
        out.push_str("# HELP ");
        write_name(out, name);
        out.push(' ');
        write_escaped(out, help, false);
        out.push('\n');
    }
    out.push_str("# TYPE ");
    write_name(out, name);
    out.push_str(match kind {
        Kind::Counter => " counter\n",
        Kind::Unknown => " untyped\n",
        Kind::Gauge | Kind::Derive | Kind::Absolute => " gauge\n",
    });
}

/// Name, labels and value, without a line end.
fn write_sample<'a>(
    out: &mut String,
    name: &str,
    labels: impl Iterator<Item = (&'a str, &'a str)>,
    value: f64,
) {
    write_labels(out, name, labels);
    out.push(' ');
    write_number(out, value);
}

fn write_labels<'a>(out: &mut String, name: &str, labels: impl Iterator<Item = (&'a str, &'a str)>) {
    let name_is_plain = is_plain(name, ':');
    let mut separator = '{';
    if name_is_plain {
        out.push_str(name);
    } else {
        out.push('{');
        write_name(out, name);
        separator = ',';
    }
    for (label, value) in labels {
        out.push(separator);
        separator = ',';
        if is_plain(label, '_') {
            out.push_str(label);
        } else {
            write_quoted(out, label);
        }
        out.push('=');
        write_quoted(out, value);
    }
    if separator == ',' {
        out.push('}');
    }
}

fn write_name(out: &mut String, name: &str) {
    if is_plain(name, ':') { out.push_str(name) } else { write_quoted(out, name) }
}

/// Whether a name needs no quotes; metric names may hold a colon, which `also` says.
fn is_plain(name: &str, also: char) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == also;
    !name.is_empty() && !name.starts_with(|c: char| c.is_ascii_digit()) && name.chars().all(plain)
}

fn write_quoted(out: &mut String, text: &str) {
    out.push('"');
    write_escaped(out, text, true);
    out.push('"');
}

fn write_escaped(out: &mut String, text: &str, quotes: bool) {
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '"' if quotes => out.push_str("\\\""),
            c => out.push(c),
        }
    }
}

/// Appends a number in the fewest digits that read back to the same bits; NaN has one form only.
pub fn write_number(out: &mut String, value: f64) {
    let _infallible = match value {
        value if value.is_nan() => write!(out, "NaN"),
        f64::INFINITY => write!(out, "+Inf"),
        f64::NEG_INFINITY => write!(out, "-Inf"),
        value if value != 0.0 && !(1e-5..1e16).contains(&value.abs()) => write!(out, "{value:e}"),
        value => write!(out, "{value}"),
    };
}
