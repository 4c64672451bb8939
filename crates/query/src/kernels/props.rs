//! `.props(global, name=value …)`

use crate::call::{Call, Failure, Outcome, Value};
use crate::frame::{Bars, Frame, Lines, Points, Property, Series};

/// Sets properties of series (or of the chart) by dotted name. Those that drawing knows become what they are; others are
/// handed on.
pub(crate) fn props(mut call: Call<'_>) -> Outcome {
    let global = call.boolean("global").unwrap_or(false);
    for (path, value) in std::mem::take(&mut call.extra) {
        check(&path)?;
        let property = property(&path, value)?;
        if global {
            set_global(&mut call.frame, &path, property);
        } else {
            call.frame.series.iter_mut().for_each(|series| set(series, &path, property.clone()));
        }
    }
    Ok(call.frame)
}

// The columns themselves are not properties.
fn check(path: &str) -> Result<(), Failure> {
    let root = path.split('.').next().unwrap_or(path);
    if ["data", "values", "type", "split", "fit"].contains(&root) {
        return Err(Failure::new(format!("`{path}` cannot be set: it belongs to the data")));
    }
    Ok(())
}

fn property(path: &str, value: Value) -> Result<Property, Failure> {
    match value {
        Value::Number(number) => Ok(Property::Number(number)),
        Value::Text(text) => Ok(Property::Text(text)),
        Value::Boolean(boolean) => Ok(Property::Boolean(boolean)),
        Value::Null => Ok(Property::Null),
        Value::Series(_) => Err(Failure::new(format!("`{path}` cannot be series"))),
    }
}

fn set(series: &mut Series, path: &str, property: Property) {
    let style = &mut series.style;
    match (path, &property) {
        ("label", Property::Text(text)) => series.label.clone_from(text),
        ("color", Property::Text(text)) => style.color = Some(text.clone()),
        ("yaxis", Property::Number(n)) if (1.0..=16.0).contains(n) => style.yaxis = Some(*n as u8),
        ("hide" | "_hide", Property::Boolean(b)) => style.hide = *b,
        ("stack", Property::Boolean(b)) => style.stack = Some(*b),
        ("lines.show", Property::Boolean(b)) => lines(&mut style.lines).show = Some(*b),
        ("lines.steps", Property::Boolean(b)) => lines(&mut style.lines).steps = Some(*b),
        ("lines.lineWidth", Property::Number(n)) => lines(&mut style.lines).width = *n,
        ("lines.fill", Property::Number(n)) => lines(&mut style.lines).fill = Some(*n),
        ("bars.show", Property::Boolean(b)) => style.bars.get_or_insert_with(Bars::default).show = *b,
        ("bars.lineWidth", Property::Number(n)) => style.bars.get_or_insert_with(Bars::default).width = *n,
        ("points.show", Property::Boolean(b)) => points(&mut style.points).show = Some(*b),
        ("points.radius", Property::Number(n)) => points(&mut style.points).radius = Some(*n),
        ("points.lineWidth", Property::Number(n)) => points(&mut style.points).weight = Some(*n),
        ("points.fill", Property::Number(n)) => points(&mut style.points).fill = Some(*n),
        ("points.fillColor", Property::Text(t)) => points(&mut style.points).fill_color = Some(t.clone()),
        ("points.symbol", Property::Text(t)) => points(&mut style.points).symbol = Some(t.clone()),
        _ => drop(style.props.insert(path.to_owned(), property)),
    }
}

fn lines(lines: &mut Option<Lines>) -> &mut Lines {
    lines.get_or_insert_with(|| Lines { width: super::lines::WIDTH, ..Lines::default() })
}

fn points(points: &mut Option<Points>) -> &mut Points {
    points.get_or_insert_with(Points::default)
}

fn set_global(frame: &mut Frame, path: &str, property: Property) {
    match (path, &property) {
        ("title", Property::Text(text)) => frame.title = Some(text.clone()),
        _ => drop(frame.props.insert(path.to_owned(), property)),
    }
}
