//! Frames as the cases look at them: series with style properties by dotted path.

use crate::frame::{Property, Series};
use crate::{Frame, Grid};
use serde_json::{Value, json};

pub(super) fn compare(frame: &Frame, grid: &Grid, case: &Value) -> Result<(), String> {
    let tolerance = case["tolerance"].as_f64().unwrap_or(1e-9);
    if let Some(wanted) = case["expect"]["series"].as_array() {
        let found: Vec<Value> = frame.series.iter().map(|s| with_points(frame, s, grid)).collect();
        if found.len() != wanted.len() {
            return Err(format!("{} series instead of {}", found.len(), wanted.len()));
        }
        for (found, wanted) in found.iter().zip(wanted) {
            let wanted = without_canvas(wanted.clone());
            contains(found, &wanted, tolerance, "")?;
        }
        return Ok(());
    }
    for assert in case["expect"]["assert"].as_array().ok_or("nothing to compare")? {
        let is_before_buckets = case["level"] == "function";
        check(frame, grid, assert, tolerance, is_before_buckets).map_err(|why| format!("{assert}: {why}"))?;
    }
    Ok(())
}

// The 2016 version set an axis' lower end to 0 and told its canvas about fonts.
fn without_canvas(mut wanted: Value) -> Value {
    if let Some(axes) = wanted.pointer_mut("/props/_global/yaxes").and_then(Value::as_array_mut) {
        for axis in axes.iter_mut().filter_map(Value::as_object_mut) {
            axis.retain(|key, _| {
                !key.starts_with("axisLabelFont") && !key.ends_with("Canvas") && key != "min"
            });
        }
    }
    wanted
}

fn check(
    frame: &Frame,
    grid: &Grid,
    assert: &Value,
    tolerance: f64,
    is_before_buckets: bool,
) -> Result<(), String> {
    let path = assert["path"].as_str().unwrap();
    let all: Vec<&Series> = match &assert["series"] {
        Value::Number(at) => vec![frame.series.get(at.as_u64().unwrap() as usize).ok_or("no such series")?],
        Value::String(_) => frame.series.iter().collect(),
        _ => {
            let found = match path {
                "count" | "length" | "list.length" => json!(frame.series.len()),
                path => lookup(&global(frame), path),
            };
            return condition(&found, assert, tolerance);
        }
    };
    all.into_iter().try_for_each(|series| {
        let mut found = lookup(&whole(frame, series, grid), path);
        // Before it is brought to buckets a series may have fewer points; ours has null in their place.
        let wanted = assert["equals"].as_array().map_or(usize::MAX, Vec::len);
        if let Value::Array(values) = &mut found
            && is_before_buckets
            && values.len() > wanted
        {
            values.retain(|value| !value.is_null());
        }
        condition(&found, assert, tolerance)
    })
}

fn condition(found: &Value, assert: &Value, tolerance: f64) -> Result<(), String> {
    let wrong = || Err(format!("found {found}"));
    if let Some(wanted) = assert.get("equals") {
        return contains(found, wanted, tolerance, "");
    }
    if assert["absent"] == true {
        return if found.is_null() { Ok(()) } else { wrong() };
    }
    if let Some(kind) = assert["type"].as_str() {
        let is = match kind {
            "array" => found.is_array(),
            "number" => found.is_number(),
            "string" => found.is_string(),
            "boolean" => found.is_boolean(),
            _ => found.is_object(),
        };
        return if is { Ok(()) } else { wrong() };
    }
    let number = found.as_f64();
    if let Some([low, high]) = assert["within"].as_array().map(Vec::as_slice) {
        let inside = number.is_some_and(|n| low.as_f64() <= Some(n) && Some(n) <= high.as_f64());
        return if inside { Ok(()) } else { wrong() };
    }
    if let Some(near) = assert["near"].as_f64() {
        let within = assert["tol_abs"].as_f64().unwrap_or(1e-9);
        return if number.is_some_and(|n| (n - near).abs() <= within) { Ok(()) } else { wrong() };
    }
    if let Some(each) = assert.get("each") {
        let fine = |v: &Value| each["min"].as_f64().is_none_or(|min| v.as_f64().is_some_and(|v| v >= min));
        return if found.as_array().is_some_and(|all| all.iter().all(fine)) { Ok(()) } else { wrong() };
    }
    Err("unknown condition".to_owned())
}

// Everything wanted is there; what is more does not matter.
fn contains(found: &Value, wanted: &Value, tolerance: f64, path: &str) -> Result<(), String> {
    match (found, wanted) {
        (Value::Object(found), Value::Object(wanted)) => wanted.iter().try_for_each(|(key, wanted)| {
            contains(found.get(key).unwrap_or(&Value::Null), wanted, tolerance, &format!("{path}.{key}"))
        }),
        (Value::Array(found), Value::Array(wanted)) if found.len() == wanted.len() => {
            found.iter().zip(wanted).try_for_each(|(f, w)| contains(f, w, tolerance, path))
        }
        (Value::Bool(found), Value::Number(wanted)) if *found == (wanted.as_f64() != Some(0.0)) => Ok(()),
        (Value::String(found), Value::String(wanted)) if same_color(found, wanted) => Ok(()),
        _ => match (found.as_f64(), wanted.as_f64()) {
            (Some(f), Some(w)) if (f - w).abs() <= tolerance * w.abs().max(1.0) => Ok(()),
            _ if found == wanted => Ok(()),
            _ => Err(format!("{path}: found {found}, wanted {wanted}")),
        },
    }
}

// `#333` is `#333333`.
fn same_color(found: &str, wanted: &str) -> bool {
    let long: String = wanted.chars().flat_map(|c| if c == '#' { vec![c] } else { vec![c, c] }).collect();
    found == wanted || (wanted.len() == 4 && wanted.starts_with('#') && found == long)
}

fn lookup(value: &Value, path: &str) -> Value {
    let mut at = value.clone();
    for part in path.replace('[', ".").replace(']', "").split('.') {
        at = match part.parse::<usize>() {
            Ok(index) => at[index].clone(),
            Err(_) => at[part].clone(),
        };
    }
    at
}

fn number(value: f64) -> Value {
    if value.is_finite() { json!(value) } else { Value::Null }
}

// In a whole series `points` are its values with their times; as a property of one they are how it is drawn.
fn with_points(frame: &Frame, series: &Series, grid: &Grid) -> Value {
    let mut all = whole(frame, series, grid);
    let points = all["data"].clone();
    merge(&mut all, json!({"points": points}));
    all
}

fn whole(frame: &Frame, series: &Series, grid: &Grid) -> Value {
    let values: Vec<Value> = series.values.iter().map(|v| number(*v)).collect();
    let points: Vec<Value> = grid.times_ms().into_iter().zip(&values).map(|(t, v)| json!([t, v])).collect();
    let mut all = props(frame, series);
    let props = all.clone();
    let more = json!({"label": series.label, "values": values, "data": points, "split": series.split,
        "props": props});
    merge(&mut all, more);
    all
}

fn merge(into: &mut Value, more: Value) {
    if let (Some(into), Value::Object(more)) = (into.as_object_mut(), more) {
        into.extend(more);
    }
}

fn props(frame: &Frame, series: &Series) -> Value {
    let style = &series.style;
    let lines = style
        .lines
        .as_ref()
        .map(|l| json!({"show": l.show, "lineWidth": l.width, "fill": l.fill, "steps": l.steps}));
    let bars = style.bars.as_ref().map(|b| json!({"show": b.show, "lineWidth": b.width}));
    let points = style.points.as_ref().map(|p| {
        json!({"show": p.show, "radius": p.radius, "lineWidth": p.weight, "fill": p.fill,
            "fillColor": p.fill_color, "symbol": p.symbol})
    });
    let mut all = json!({"color": style.color, "yaxis": style.yaxis, "_hide": style.hide, "hide": style.hide,
        "stack": style.stack, "lines": lines, "bars": bars, "points": points, "_global": global(frame),
        "_meta": {"precision": style.precision}});
    for (path, property) in &style.props {
        insert(&mut all, path, property);
    }
    all
}

fn global(frame: &Frame) -> Value {
    let last = frame.yaxes.keys().copied().max().unwrap_or(0);
    let axes: Vec<Value> = (1..=last)
        .map(|n| match frame.yaxes.get(&n) {
            None => Value::Null,
            Some(a) => json!({"position": if a.right { "right" } else { "left" }, "min": a.min, "max": a.max,
            "axisLabel": a.label, "axisLabelColour": a.color, "tickDecimals": a.tick_decimals,
            "units": a.units.as_ref().map(|u| {
                let mut parts = u.split(':');
                json!({"type": parts.next(), "prefix": parts.next(), "suffix": parts.next()})
            })}),
        })
        .collect();
    let legend = frame.legend.as_ref().map(|l| {
        json!({"show": l.show, "position": l.position, "noColumns": l.columns, "showTime": l.show_time,
            "timeFormat": l.time_format})
    });
    let mut all = json!({"title": frame.title, "legend": legend, "yaxes": axes});
    for (path, property) in &frame.props {
        insert(&mut all, path, property);
    }
    all
}

fn insert(into: &mut Value, path: &str, property: &Property) {
    let mut at = into;
    for part in path.split('.') {
        if !at[part].is_object() && !at.is_object() {
            *at = json!({});
        }
        at = &mut at[part];
    }
    *at = match property {
        Property::Number(n) => json!(n),
        Property::Text(t) => json!(t),
        Property::Boolean(b) => json!(b),
        Property::Null => Value::Null,
    };
}
