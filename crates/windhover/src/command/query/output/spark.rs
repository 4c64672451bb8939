//! A line of blocks for each series.

use super::super::sparkline::sparkline;
use super::{Look, cut, nothing, short};
use crate::command::query::answer::Answer;
use std::io::Write;

pub(super) fn write(answer: &Answer, look: &Look, out: &mut dyn Write) -> std::io::Result<()> {
    if answer.series.is_empty() {
        return nothing(answer, out);
    }
    let chars = look.chars();
    let labels = answer.series.iter().map(|series| series.label.chars().count()).max().unwrap_or(0);
    let labels = labels.min(chars / 3);
    for series in &answer.series {
        let last = short(series.there().last());
        let line = sparkline(&series.values, chars.saturating_sub(labels + 15).max(5));
        writeln!(out, "{:<labels$} {line} {last:>12}", cut(&series.label, labels))?;
    }
    Ok(())
}
