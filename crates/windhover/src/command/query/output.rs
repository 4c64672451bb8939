//! How an answer is shown, one row each.

mod chart;
mod csv;
mod json;
mod picture;
mod roundrobin;
mod spark;
mod table;

use super::answer::Answer;
use model::{Zone, timetext};
use std::io::{IsTerminal, Write};

/// A way to show an answer.
pub(super) struct Output {
    /// Its name.
    pub(super) name: &'static str,
    /// A few words.
    pub(super) summary: &'static str,
    /// Not for terminals.
    pub(super) is_binary: bool,
    /// For programs: nothing may follow it.
    pub(super) is_data: bool,
    /// Writes it.
    pub(super) write: fn(&Answer, &Look, &mut dyn Write) -> std::io::Result<()>,
}

/// All of them.
pub(super) static OUTPUTS: &[Output] = &[
    text("table", "Last, least, greatest and mean of each series, and a line of blocks", table::write),
    text("spark", "A line of blocks for each series, as wide as the terminal", spark::write),
    text("chart", "A chart of dots with axes, as wide as the terminal", chart::write),
    data("csv", "A row for each point in time, a column for each series", csv::write),
    data("json", "The whole answer", json::write),
    data("xport", "JSON as `rrdtool xport --json` has it", roundrobin::xport),
    data("fetch", "Rows as `rrdtool fetch` prints them", roundrobin::fetch),
    Output { is_binary: true, ..data("png", "A picture", picture::png) },
    data("svg", "A drawing", picture::svg),
];

type Writer = fn(&Answer, &Look, &mut dyn Write) -> std::io::Result<()>;

const fn text(name: &'static str, summary: &'static str, write: Writer) -> Output {
    Output { name, summary, is_binary: false, is_data: false, write }
}

const fn data(name: &'static str, summary: &'static str, write: Writer) -> Output {
    Output { is_data: true, ..text(name, summary, write) }
}

/// The output of this name.
pub(super) fn find(name: &str) -> Option<&'static Output> {
    OUTPUTS.iter().find(|output| output.name == name)
}

/// What there is to draw on.
#[derive(Clone)]
pub(super) struct Look {
    /// As asked for.
    pub(super) width: Option<usize>,
    pub(super) height: Option<usize>,
    pub(super) color_always: bool,
    pub(super) color_auto: bool,
    pub(super) zone: Zone,
    /// The tier asked for.
    pub(super) tier: String,
}

/// Characters where there is no terminal.
const WIDTH: usize = 100;
/// Lines of a chart.
const HEIGHT: usize = 15;

impl Look {
    pub(super) fn of(color: &str, width: Option<u32>, height: Option<u32>, zone: &Zone, tier: &str) -> Self {
        let is_wanted = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        Self {
            width: width.map(|n| n as usize),
            height: height.map(|n| n as usize),
            color_always: color == "always",
            color_auto: color == "auto" && is_wanted,
            zone: zone.clone(),
            tier: tier.to_owned(),
        }
    }

    /// Characters of a line.
    fn chars(&self) -> usize {
        let terminal = || terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
        self.width.or_else(terminal).unwrap_or(WIDTH).clamp(20, 1000)
    }

    /// Lines of a chart.
    fn lines(&self) -> usize {
        let half = || terminal_size::terminal_size().map(|(_, height)| usize::from(height.0) / 2);
        self.height.or_else(half).unwrap_or(HEIGHT).clamp(3, 200)
    }

    /// Whether standard output is coloured.
    fn is_colored(&self) -> bool {
        self.color_always || (self.color_auto && std::io::stdout().is_terminal())
    }

    /// A time as people of the zone read it: with its date where a chart is long, with seconds where it is short.
    fn time(&self, time_ms: i64, span_ms: i64) -> String {
        let local = timetext::print(time_ms + self.zone.offset_ms(time_ms));
        let (date, rest) = local.split_once('T').unwrap_or((&local, ""));
        let cut = |text: &str, at: usize| text.get(..at).unwrap_or(text).to_owned();
        match span_ms {
            0..=600_000 => cut(rest, 8),
            600_001..=86_400_000 => cut(rest, 5),
            86_400_001..=1_209_600_000 => format!("{} {}", date.get(5..).unwrap_or(date), cut(rest, 5)),
            _ => date.to_owned(),
        }
    }
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

/// At most so many characters, the last of which says that there were more.
fn cut(text: &str, chars: usize) -> String {
    match text.chars().count() > chars {
        true => text.chars().take(chars.saturating_sub(1)).chain(['…']).collect(),
        false => text.to_owned(),
    }
}

/// Why there is nothing.
fn nothing(answer: &Answer, out: &mut dyn Write) -> std::io::Result<()> {
    answer.notes.iter().try_for_each(|note| writeln!(out, "{note}"))?;
    if !answer.prints.is_empty() {
        return Ok(());
    }
    writeln!(out, "no series")
}

#[cfg(test)]
mod tests;
