//! Comma-separated values: a row a point in time.

use super::Look;
use crate::command::query::answer::Answer;
use std::io::Write;

pub(super) fn write(answer: &Answer, _: &Look, out: &mut dyn Write) -> std::io::Result<()> {
    write!(out, "time_ms")?;
    for series in &answer.series {
        write!(out, ",\"{}\"", series.label.replace('"', "\"\""))?;
    }
    writeln!(out)?;
    for (row, time_ms) in answer.times_ms.iter().enumerate() {
        write!(out, "{time_ms}")?;
        for series in &answer.series {
            match series.values.get(row).filter(|value| !value.is_nan()) {
                Some(value) => write!(out, ",{value}")?,
                None => write!(out, ",")?,
            }
        }
        writeln!(out)?;
    }
    Ok(())
}
