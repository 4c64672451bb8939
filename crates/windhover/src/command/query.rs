//! `windhover query EXPR…`: asks a running server and prints a table, JSON or CSV.

mod sparkline;

use super::remote::Remote;
use crate::settings::Settings;
use anyhow::{Context, bail};
use clap::ArgMatches;
use model::timetext;
use serde_json::{Value, json};
use sparkline::sparkline;
use std::io::Write;

/// Width of a drawn line in characters.
const LINE_CHARS: usize = 40;

/// Runs the command.
pub fn run(matches: &ArgMatches, settings: &Settings) -> anyhow::Result<()> {
    let text = |name: &str| matches.get_one::<String>(name).map(String::as_str).unwrap_or_default();
    let exprs: Vec<&String> = matches.get_many("expr").into_iter().flatten().collect();
    let request = json!({
        "language": "timelion", "exprs": exprs, "from": text("from"), "to": text("to"), "interval": text("step"), "points": 400,
        "tier": text("tier"),
    });
    let mut remote = Remote::new(matches.get_one("url").map(String::as_str), settings)?;
    let body = remote.post("/api/v1/run", "application/json", request.to_string().as_bytes())?;
    let answer: Value = serde_json::from_slice(&body).context("the server's answer is not JSON")?;
    for (expr, result) in exprs.iter().zip(answer["results"].as_array().into_iter().flatten()) {
        if let Some(message) = result["error"]["message"].as_str() {
            bail!("{}", with_caret(expr, &result["error"], message));
        }
    }
    let mut out = std::io::stdout().lock();
    let printed = match text("output") {
        "json" => writeln!(out, "{}", serde_json::to_string_pretty(&answer)?),
        "csv" => csv(&mut out, &answer),
        _ => table(&mut out, &answer, text("tier")),
    };
    match printed {
        // Whoever reads us has seen enough (`| head`).
        Err(e) if e.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        other => other.context("standard output"),
    }
}

/// The expression with a mark under what is wrong.
fn with_caret(expr: &str, error: &Value, message: &str) -> String {
    let place = |name: &str| error[name].as_u64().unwrap_or(0) as usize;
    let (start, end) = (place("start"), place("end"));
    let marks = "^".repeat(end.saturating_sub(start).max(1));
    let hint = error["hint"].as_str().map_or(String::new(), |hint| format!(" ({hint})"));
    let marked =
        if expr.contains('\n') { String::new() } else { format!("\n  {}{marks}", " ".repeat(start)) };
    format!("{message}{hint}\n  {expr}{marked}")
}

fn series(answer: &Value) -> impl Iterator<Item = &Value> {
    let results = answer["results"].as_array().into_iter().flatten();
    results.flat_map(|r| r["series"].as_array().into_iter().flatten()).filter(|s| s["hide"] != true)
}

fn values(series: &Value) -> Vec<Option<f64>> {
    series["values"].as_array().into_iter().flatten().map(Value::as_f64).collect()
}

fn table(out: &mut impl Write, answer: &Value, asked_tier: &str) -> std::io::Result<()> {
    let rows: Vec<(&str, Vec<Option<f64>>)> =
        series(answer).map(|s| (s["label"].as_str().unwrap_or(""), values(s))).collect();
    if rows.is_empty() {
        for note in answer["results"].as_array().into_iter().flatten().filter_map(|r| r["note"].as_str()) {
            writeln!(out, "{note}")?;
        }
        return writeln!(out, "no series");
    }
    let width = rows.iter().map(|(label, _)| label.chars().count()).max().unwrap_or(0).clamp(5, 60);
    writeln!(out, "{:<width$} {:>12} {:>12} {:>12} {:>12}", "", "last", "min", "max", "avg")?;
    for (label, values) in rows {
        let there: Vec<f64> = values.iter().copied().flatten().collect();
        let label: String = label.chars().take(60).collect();
        let last = there.last().copied();
        let least = there.iter().copied().reduce(f64::min);
        let most = there.iter().copied().reduce(f64::max);
        let mean = (!there.is_empty()).then(|| there.iter().sum::<f64>() / there.len() as f64);
        let [last, least, most, mean] = [last, least, most, mean].map(short);
        writeln!(
            out,
            "{label:<width$} {last:>12} {least:>12} {most:>12} {mean:>12} {}",
            sparkline(&values, LINE_CHARS)
        )?;
    }
    let seconds = |name: &str| answer[name].as_i64().unwrap_or(0) as f64 / 1000.0;
    let interval = answer["interval"].as_str().unwrap_or("");
    let tier = answer["stats"]["tier"].as_str().unwrap_or("raw");
    let length_s = seconds("to_ms") - seconds("from_ms");
    writeln!(out, "{} points of {interval}, {length_s:.0} s, from tier {tier}", answer["count"])?;
    if !["auto", "raw"].contains(&asked_tier) && tier == "raw" {
        writeln!(
            out,
            "note: no rows of {asked_tier} are there, not yet or not any more (--tier auto takes what there is)"
        )?;
    }
    gone(out, answer)
}

/// Where there is less than what was asked for.
fn gone(out: &mut impl Write, answer: &Value) -> std::io::Result<()> {
    for gone in answer["gone"].as_array().into_iter().flatten() {
        let [from, to] = ["from_ms", "to_ms"].map(|name| timetext::print(gone[name].as_i64().unwrap_or(0)));
        let tier = gone["tier"].as_str().unwrap_or("");
        writeln!(out, "note: between {from} and {to} nothing finer than tier {tier} is kept any more")?;
    }
    Ok(())
}

/// A number in at most 12 characters.
fn short(value: Option<f64>) -> String {
    let Some(value) = value else { return "-".into() };
    match value.abs() {
        size if value == value.trunc() && size < 1e9 => format!("{value:.0}"),
        1e9.. => format!("{value:.4e}"),
        100.0.. => format!("{value:.1}"),
        0.01.. => format!("{value:.4}"),
        _ => format!("{value:.3e}"),
    }
}

fn csv(out: &mut impl Write, answer: &Value) -> std::io::Result<()> {
    let all: Vec<(&str, Vec<Option<f64>>)> =
        series(answer).map(|s| (s["label"].as_str().unwrap_or(""), values(s))).collect();
    write!(out, "time_ms")?;
    for (label, _) in &all {
        write!(out, ",\"{}\"", label.replace('"', "\"\""))?;
    }
    writeln!(out)?;
    let times = answer["times_ms"].as_array();
    let (start, step) = (answer["start_ms"].as_i64().unwrap_or(0), answer["step_ms"].as_i64().unwrap_or(0));
    for row in 0..answer["count"].as_u64().unwrap_or(0) as usize {
        let time_ms = times.and_then(|t| t.get(row)?.as_i64()).unwrap_or(start + step * row as i64);
        write!(out, "{time_ms}")?;
        for (_, values) in &all {
            match values.get(row).copied().flatten() {
                Some(value) => write!(out, ",{value}")?,
                None => write!(out, ",")?,
            }
        }
        writeln!(out)?;
    }
    Ok(())
}
