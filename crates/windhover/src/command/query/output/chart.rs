//! A chart of dots: eight a character, with both axes.

mod canvas;
mod scale;

use super::{Look, cut, nothing, short};
use crate::command::query::answer::{Answer, Series};
use canvas::Canvas;
use scale::Scale;
use std::io::Write;

/// Colours of series that asked for none, by their numbers among a terminal's 256.
const COLORS: [u8; 8] = [39, 208, 76, 199, 226, 141, 51, 203];
/// Most series in the legend.
const LEGEND_MAX: usize = 20;

pub(super) fn write(answer: &Answer, look: &Look, out: &mut dyn Write) -> std::io::Result<()> {
    let there = || answer.series.iter().flat_map(Series::there);
    if there().next().is_none() {
        return nothing(answer, out);
    }
    let (least, most) = there().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), v| (a.min(v), b.max(v)));
    let lines = look.lines();
    let unit = common_unit(&answer.series);
    let scale = Scale::of(least, most, (lines / 4).clamp(2, 8), unit);
    let labels: Vec<(usize, String)> =
        scale.ticks().map(|(value, label)| (scale.row(value, lines), label)).collect();
    let gutter = labels.iter().map(|(_, label)| label.chars().count()).max().unwrap_or(0);
    let mut canvas = Canvas::new(look.chars().saturating_sub(gutter + 2).max(10), lines);
    for (at, series) in answer.series.iter().enumerate() {
        draw(&mut canvas, series, &scale, at);
    }
    for line in 0..lines {
        let label = labels.iter().find(|(row, _)| *row == line).map_or("", |(_, label)| label.as_str());
        let mark = if label.is_empty() { '│' } else { '┤' };
        writeln!(out, "{label:>gutter$} {mark}{}", canvas.line(line, &|at| color(&answer.series, at, look)))?;
    }
    time_axis(answer, look, gutter, canvas.chars(), out)?;
    legend(answer, look, out)?;
    super::table::foot(answer, look, out)
}

fn draw(canvas: &mut Canvas, series: &Series, scale: &Scale, number: usize) {
    let (width, height) = canvas.dots();
    let count = series.values.len();
    let x = |at: usize| if count < 2 { 0 } else { at * (width - 1) / (count - 1) };
    let mut before: Option<(usize, usize)> = None;
    for (at, value) in series.values.iter().enumerate() {
        let Some(y) = value.is_finite().then(|| scale.dot(*value, height)) else {
            before = None;
            continue;
        };
        let point = (x(at), y);
        canvas.connect(before.unwrap_or(point), point, number);
        before = Some(point);
    }
}

fn time_axis(
    answer: &Answer,
    look: &Look,
    gutter: usize,
    chars: usize,
    out: &mut dyn Write,
) -> std::io::Result<()> {
    let (Some(first), Some(last)) = (answer.times_ms.first(), answer.times_ms.last()) else { return Ok(()) };
    let span_ms = last - first;
    let count = (chars / 16).max(2);
    let mut marks = String::new();
    let mut texts = String::new();
    for tick in 0..count {
        let place = tick * (chars - 1) / (count - 1);
        let text = look.time(first + span_ms * tick as i64 / (count as i64 - 1), span_ms);
        // The last label ends where the chart does.
        let start =
            place.saturating_sub(text.chars().count() / 2).min(chars.saturating_sub(text.chars().count()));
        let missing = start.saturating_sub(texts.chars().count());
        if texts.chars().count() > start {
            continue;
        }
        texts += &" ".repeat(missing);
        texts += &text;
        marks += &"─".repeat(place.saturating_sub(marks.chars().count()));
        marks.push('┬');
    }
    marks += &"─".repeat(chars.saturating_sub(marks.chars().count()));
    writeln!(out, "{:gutter$} └{marks}", "")?;
    writeln!(out, "{:gutter$}  {texts}", "")
}

fn legend(answer: &Answer, look: &Look, out: &mut dyn Write) -> std::io::Result<()> {
    for (at, series) in answer.series.iter().enumerate().take(LEGEND_MAX) {
        let (begin, end) = color(&answer.series, at, look);
        let last = short(series.there().last());
        writeln!(
            out,
            "{begin}──{end} {} {last}",
            cut(&series.label, look.chars().saturating_sub(16).max(10))
        )?;
    }
    match answer.series.len().checked_sub(LEGEND_MAX) {
        None | Some(0) => Ok(()),
        Some(more) => writeln!(out, "   and {more} more"),
    }
}

// What begins and ends the colour of a series.
fn color(series: &[Series], at: usize, look: &Look) -> (String, &'static str) {
    if !look.is_colored() {
        return (String::new(), "");
    }
    let asked = series.get(at).and_then(|series| series.color.as_deref()).and_then(draw::Color::parse);
    let begin = match asked {
        Some(color) => format!("\x1b[38;2;{};{};{}m", color.r, color.g, color.b),
        None => format!("\x1b[38;5;{}m", COLORS[at % COLORS.len()]),
    };
    (begin, "\x1b[0m")
}

fn common_unit(series: &[Series]) -> &str {
    let first = series.first().map_or("", |series| series.unit.as_str());
    if series.iter().all(|series| series.unit == first) { first } else { "" }
}
