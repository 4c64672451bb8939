//! A line a series: figures and a line of blocks.

use super::super::sparkline::sparkline;
use super::{Look, cut, nothing, short};
use crate::command::query::answer::Answer;
use std::io::Write;

/// Longest label.
const LABEL_CHARS_MAX: usize = 60;
/// Widest line of blocks.
const LINE_CHARS: usize = 40;

pub(super) fn write(answer: &Answer, look: &Look, out: &mut dyn Write) -> std::io::Result<()> {
    if answer.series.is_empty() {
        return nothing(answer, out);
    }
    let width = answer.series.iter().map(|series| series.label.chars().count()).max().unwrap_or(0);
    let width = width.clamp(5, LABEL_CHARS_MAX);
    writeln!(out, "{:<width$} {:>12} {:>12} {:>12} {:>12}", "", "last", "min", "max", "avg")?;
    for series in &answer.series {
        let (mut count, mut sum) = (0_u64, 0.0);
        series.there().for_each(|value| (count, sum) = (count + 1, sum + value));
        let mean = (count > 0).then(|| sum / count as f64);
        let figures =
            [series.there().last(), series.there().reduce(f64::min), series.there().reduce(f64::max), mean];
        let [last, least, most, mean] = figures.map(short);
        let label = cut(&series.label, width);
        let line = sparkline(&series.values, LINE_CHARS);
        writeln!(out, "{label:<width$} {last:>12} {least:>12} {most:>12} {mean:>12} {line}")?;
    }
    foot(answer, look, out)
}

/// What the answer was made of, and what is missing.
pub(super) fn foot(answer: &Answer, look: &Look, out: &mut dyn Write) -> std::io::Result<()> {
    let seconds = |name: &str| answer.json[name].as_i64().unwrap_or(0) as f64 / 1000.0;
    let interval = answer.json["interval"].as_str().unwrap_or("");
    let length_s = seconds("to_ms") - seconds("from_ms");
    let (count, tier) = (answer.times_ms.len(), answer.tier());
    writeln!(out, "{count} points of {interval}, {length_s:.0} s, from tier {tier}")?;
    if !["auto", "raw"].contains(&look.tier.as_str()) && tier == "raw" {
        writeln!(
            out,
            "note: no rows of {} are there, not yet or not any more (--tier auto takes what there is)",
            look.tier
        )?;
    }
    answer.notes.iter().try_for_each(|note| writeln!(out, "note: {note}"))?;
    answer.gone().try_for_each(|note| writeln!(out, "note: {note}"))
}
