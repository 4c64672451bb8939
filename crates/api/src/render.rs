//! Frames as JSON, in the shape the pages draw.

use model::{NAME, Source};
use query::frame::{Bars, Legend, Lines, Points, Series, YAxis};
use query::{Frame, QueryError};
use serde_json::{Map, Value, json};

/// The answer to one expression.
pub fn result(result: &Result<Frame, QueryError>, source: &dyn Source) -> Value {
    match result {
        Ok(frame) => self::frame(frame, source),
        Err(error) => {
            let span = error.span().unwrap_or_default();
            let told = json!({
                "message": error.message(), "start": span.start, "end": span.end, "hint": error.hint(),
            });
            json!({ "error": told, "note": null, "title": null, "legend": null, "yaxes": [], "series": [] })
        }
    }
}

fn frame(frame: &Frame, source: &dyn Source) -> Value {
    let note = (!frame.notes.is_empty()).then(|| frame.notes.join(" "));
    json!({
        "error": null,
        "note": note,
        "title": frame.title,
        "legend": frame.legend.as_ref().map(legend),
        "yaxes": frame.yaxes.iter().map(|(index, axis)| yaxis(*index, axis)).collect::<Vec<_>>(),
        "series": frame.series.iter().map(|s| series(s, source)).collect::<Vec<_>>(),
    })
}

fn legend(legend: &Legend) -> Value {
    let position = if legend.show { legend.position.as_deref().unwrap_or("nw") } else { "none" };
    json!({ "position": position, "columns": legend.columns.unwrap_or(1) })
}

fn yaxis(index: u8, axis: &YAxis) -> Value {
    json!({
        "index": index,
        "min": axis.min,
        "max": axis.max,
        "label": axis.label,
        "color": axis.color,
        "units": axis.units,
        "position": if axis.right { "right" } else { "left" },
        "decimals": axis.tick_decimals,
    })
}

fn series(series: &Series, source: &dyn Source) -> Value {
    let style = &series.style;
    let labels: Map<String, Value> =
        series.labels.iter().map(|(n, v)| (n.to_owned(), Value::from(v))).collect();
    json!({
        "label": series.label,
        "labels": labels,
        "unit": unit(series, source),
        "color": style.color,
        "yaxis": style.yaxis.unwrap_or(1),
        "hide": style.hide,
        "precision": style.precision,
        "lines": style.lines.as_ref().map(|l| lines(l, style.stack)),
        "bars": style.bars.as_ref().map(|b| bars(b, style.stack)),
        "points": style.points.as_ref().map(points),
        "values": series.values.iter().map(|v| number(*v)).collect::<Vec<_>>(),
    })
}

/// The unit the series brings, or that of its metric.
fn unit(series: &Series, source: &dyn Source) -> String {
    if !series.unit.is_empty() {
        return series.unit.clone();
    }
    let metric = series.labels.get(NAME);
    metric.and_then(|metric| source.describe(metric)).map(|d| d.unit).unwrap_or_default()
}

fn number(value: f64) -> Value {
    // NaN is "no value" and infinities have no JSON: both are null.
    serde_json::Number::from_f64(value).map_or(Value::Null, Value::Number)
}

fn lines(lines: &Lines, stack: Option<bool>) -> Value {
    json!({ "show": lines.show.unwrap_or(true), "width": lines.width, "fill": lines.fill, "stack": stack, "steps": lines.steps })
}

fn bars(bars: &Bars, stack: Option<bool>) -> Value {
    json!({ "show": bars.show, "width": bars.width, "stack": stack })
}

fn points(points: &Points) -> Value {
    json!({
        "show": points.show.unwrap_or(true),
        "radius": points.radius,
        "weight": points.weight,
        "fill": points.fill,
        "fill_color": points.fill_color,
        "symbol": points.symbol,
    })
}
