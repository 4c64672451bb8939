//! rrdtool's `CDEF`, `VDEF`, and what draws.

mod machine;
mod many;
mod predict;
mod print;
mod summary;

use crate::call::{Call, Failure, Outcome, Value};
use crate::frame::{Frame, Lines, Property, Series};
use lang::rpn::{Program, Summary};
use machine::Machine;

/// Opacity of an area.
const AREA_FILL: f64 = 0.5;

/// Runs a program for every row. Without samples for one of its series there is no series.
pub(crate) fn cdef(call: Call<'_>) -> Outcome {
    let text = call.text("program").unwrap_or_default();
    let program = Program::parse(text, 0).map_err(|error| Failure::of("program", error.to_string()))?;
    let mut columns: Vec<&[f64]> = Vec::with_capacity(program.variables.len());
    let mut frame = Frame::default();
    for value in call.values("series") {
        let Value::Series(of) = value else { continue };
        frame.notes.extend(of.notes.iter().cloned());
        match of.series.first() {
            Some(series) => columns.push(&series.values),
            None => return Ok(frame),
        }
    }
    let values = Machine { program: &program, columns: &columns, grid: call.grid, now_ms: call.now_ms }.run();
    let values = values.map_err(|why| Failure::of("program", why))?;
    let label = call.text("label").unwrap_or(text).to_owned();
    frame.series.push(Series { label, values, ..Series::default() });
    Ok(frame)
}

/// A flat series at the value made of each series. When it is one of its rows, `at_ms` among its properties tells which.
pub(crate) fn vdef(call: Call<'_>) -> Outcome {
    let name = call.text("summary").unwrap_or_default();
    let Some(summary) = Summary::find(name) else {
        return Err(Failure::of("summary", format!("`{name}` is not what can be made of a series")));
    };
    let (percent, grid) = (call.number("percent").unwrap_or(0.0), call.grid);
    let label = call.text("label").map(str::to_owned);
    call.each(|series| {
        let (value, row) = summary::of(summary, percent, &series.values, grid.nominal_ms() as f64 / 1000.0);
        if let Some(row) = row {
            series.style.props.insert("at_ms".to_owned(), Property::Number(grid.edge_ms(row) as f64));
        }
        series.values.fill(value);
        rename(series, label.as_ref());
    })
}

/// Names a series and says how it is drawn.
pub(crate) fn draw(call: Call<'_>) -> Outcome {
    let [label, color] = ["label", "color"].map(|name| call.text(name).map(str::to_owned));
    let lines = Lines {
        show: None,
        width: call.number("width").unwrap_or(1.0),
        fill: call.boolean("area").unwrap_or(false).then_some(AREA_FILL),
        steps: None,
    };
    let stack = call.boolean("stack");
    call.each(|series| {
        rename(series, label.as_ref());
        series.style.color.clone_from(&color);
        series.style.lines = Some(lines.clone());
        series.style.stack = stack;
    })
}

/// Writes lines of text.
pub(crate) fn print(call: Call<'_>) -> Outcome {
    let texts = |name: &str| {
        let texts = call.values(name).iter().map(|value| match value {
            Value::Text(text) => text.clone(),
            _ => String::new(),
        });
        texts.collect::<Vec<_>>()
    };
    let (formats, ways) = (texts("formats"), texts("ways"));
    let mut frame = Frame::default();
    let mut scale = print::Scale::default();
    for ((format, way), of) in formats.iter().zip(&ways).zip(call.values("series")) {
        let Value::Series(of) = of else { continue };
        frame.notes.extend(of.notes.iter().cloned());
        let line = print::line(format, way, of.series.first(), &call.grid.zone, &mut scale);
        frame.prints.push(line.map_err(|why| Failure::of("formats", why))?);
    }
    Ok(frame)
}

fn rename(series: &mut Series, label: Option<&String>) {
    if let Some(label) = label {
        series.label.clone_from(label);
    }
}

#[cfg(test)]
mod tests;
