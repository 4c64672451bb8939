//! The shapes of `rrdtool xport --json` and `rrdtool fetch`.

use super::Look;
use crate::command::query::answer::{Answer, Series};
use std::io::Write;

/// Width of a column of `fetch`.
const COLUMN_CHARS: usize = 20;

/// JSON: `meta` tells the first and the last row and the legends, `data` has a list a row.
pub(super) fn xport(answer: &Answer, _: &Look, out: &mut dyn Write) -> std::io::Result<()> {
    let seconds = |time_ms: Option<&i64>| time_ms.map_or(0, |ms| ms.div_euclid(1000));
    let (start, end) = (seconds(answer.times_ms.first()), seconds(answer.times_ms.last()));
    let legends = answer.series.iter().map(|series| serde_json::to_string(&series.label));
    let legends: Vec<String> = legends.collect::<Result<_, _>>()?;
    writeln!(out, "{{ \"about\": \"RRDtool graph JSON output\",\n  \"meta\": {{")?;
    writeln!(out, "    \"start\": {start},\n    \"end\": {end},\n    \"step\": {},", answer.step_ms / 1000)?;
    writeln!(out, "    \"legend\": [\n      {}\n          ]\n     }},", legends.join(",\n      "))?;
    writeln!(out, "  \"data\": [")?;
    for row in 0..answer.times_ms.len() {
        let values: Vec<String> = answer.series.iter().map(|series| number(series, row, "null")).collect();
        let comma = if row + 1 < answer.times_ms.len() { "," } else { "" };
        writeln!(out, "    [ {} ]{comma}", values.join(", "))?;
    }
    writeln!(out, "  ]\n}}")
}

/// Text: names of columns, an empty line, and a line a row.
pub(super) fn fetch(answer: &Answer, _: &Look, out: &mut dyn Write) -> std::io::Result<()> {
    write!(out, "{:11}", "")?;
    for series in &answer.series {
        write!(out, "{:>COLUMN_CHARS$}", series.label)?;
    }
    writeln!(out, "\n")?;
    for (row, time_ms) in answer.times_ms.iter().enumerate() {
        write!(out, "{:>10}:", time_ms.div_euclid(1000))?;
        for series in &answer.series {
            write!(out, " {}", number(series, row, "-nan"))?;
        }
        writeln!(out)?;
    }
    Ok(())
}

// As C prints it with `%.10e`.
fn number(series: &Series, row: usize, unknown: &str) -> String {
    let Some(value) = series.values.get(row).filter(|value| value.is_finite()) else {
        return unknown.to_owned();
    };
    let text = format!("{value:.10e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let (sign, exponent) = exponent.strip_prefix('-').map_or(('+', exponent), |rest| ('-', rest));
    format!("{digits}e{sign}{exponent:0>2}")
}
