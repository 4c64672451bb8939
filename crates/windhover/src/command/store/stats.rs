//! `windhover store stats`: what the series are that fill a store.

use super::super::remote::Remote;
use anyhow::Context;
use clap::ArgMatches;
use serde_json::Value;
use std::io::Write;
use std::time::SystemTime;

/// The lists of the answer: field, and what its numbers are.
const LISTS: &[(&str, &str)] = &[
    ("seriesCountByMetricName", "series by metric name"),
    ("seriesCountBySource", "series by source"),
    ("seriesCountByLabelValuePair", "series by label and value"),
    ("labelValueCountByLabelName", "different values by label"),
    ("growingMetricNames", "metric names with most new series in 24 hours"),
];

/// Asks the server and prints.
pub fn run(remote: &mut Remote, matches: &ArgMatches) -> anyhow::Result<()> {
    let rows = matches.get_one::<String>("rows").map(String::as_str).unwrap_or("10");
    let body = remote.get(&format!("/api/v1/status/tsdb?limit={rows}"))?;
    let answer: Value = serde_json::from_slice(&body).context("the server's answer is not JSON")?;
    match print(&mut std::io::stdout().lock(), &answer["data"]) {
        Err(e) if e.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        other => other.context("standard output"),
    }
}

fn print(out: &mut impl Write, data: &Value) -> std::io::Result<()> {
    let number = |value: &Value| value.as_u64().unwrap_or(0);
    writeln!(
        out,
        "{} series in the last 24 hours, {} of them new, {} in the last hour",
        number(&data["headStats"]["numSeries"]),
        number(&data["seriesCreated"]["lastDay"]),
        number(&data["seriesCreated"]["lastHour"]),
    )?;
    for (field, title) in LISTS {
        let rows = data[field].as_array().map_or(&[][..], Vec::as_slice);
        if rows.is_empty() {
            continue;
        }
        writeln!(out, "\n{title}")?;
        for row in rows {
            write!(out, "{:>10}  {}", number(&row["value"]), row["name"].as_str().unwrap_or(""))?;
            if row.get("createdLastDay").is_some() {
                write!(out, "  (new in 24 h: {}, {})", number(&row["createdLastDay"]), queried(row))?;
            }
            writeln!(out)?;
        }
    }
    Ok(())
}

fn queried(row: &Value) -> String {
    let now_ms = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |d| d.as_millis() as i64);
    match row["lastQueried"].as_i64() {
        Some(time_ms) => format!("last query {} h ago", (now_ms - time_ms).max(0) / 3_600_000),
        None => "no query seen".to_owned(),
    }
}
