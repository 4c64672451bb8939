//! Series with what is said of how they are drawn, in the words of the library Flot, which Timelion draws with.

use query::frame::{Legend, Property, Series, Style, YAxis};
use query::{Frame, Grid};
use serde_json::{Map, Value, json};

/// A list of series.
pub(super) fn list(frame: &Frame, grid: &Grid) -> Value {
    let times_ms = grid.times_ms();
    let global = global(frame);
    let all = frame.series.iter().map(|series| {
        let mut one = described(series, &times_ms);
        if let Some(title) = &frame.title {
            one["_title"] = json!(title);
        }
        if !global.is_empty() {
            one["_global"] = Value::from(global.clone());
        }
        one
    });
    let mut list = json!({ "type": "seriesList", "list": all.collect::<Vec<_>>() });
    frame.props.iter().for_each(|(path, property)| set(&mut list, path, property));
    list
}

fn described(series: &Series, times_ms: &[i64]) -> Value {
    let number = |value: &f64| if value.is_finite() { json!(value) } else { Value::Null };
    let data: Vec<Value> =
        times_ms.iter().zip(&series.values).map(|(time_ms, value)| json!([time_ms, number(value)])).collect();
    let mut one = json!({ "type": "series", "label": series.label, "data": data });
    let fit = series.fit.map_or("nearest", lang::plan::Fit::as_str);
    put(&mut one, "fit", Some(fit.into()));
    put(&mut one, "split", series.split.as_deref().map(Value::from));
    styled(&mut one, &series.style);
    one
}

fn styled(one: &mut Value, style: &Style) {
    put(one, "color", style.color.as_deref().map(Value::from));
    put(one, "yaxis", style.yaxis.map(Value::from));
    put(one, "stack", style.stack.map(Value::from));
    put(one, "_hide", style.hide.then_some(true.into()));
    put(one, "_meta", style.precision.map(|digits| json!({ "precision": digits })));
    let lines = style.lines.as_ref().map(|lines| {
        object([
            ("show", lines.show.map(Value::from)),
            ("lineWidth", Some(lines.width.into())),
            ("fill", lines.fill.map(Value::from)),
            ("steps", lines.steps.map(Value::from)),
        ])
    });
    put(one, "lines", lines);
    put(one, "bars", style.bars.as_ref().map(|bars| json!({ "show": bars.show, "lineWidth": bars.width })));
    let points = style.points.as_ref().map(|points| {
        object([
            ("show", points.show.map(Value::from)),
            ("radius", points.radius.map(Value::from)),
            ("lineWidth", points.weight.map(Value::from)),
            ("fill", points.fill.map(Value::from)),
            ("fillColor", points.fill_color.as_deref().map(Value::from)),
            ("symbol", points.symbol.as_deref().map(Value::from)),
        ])
    });
    put(one, "points", points);
    style.props.iter().for_each(|(path, property)| set(one, path, property));
}

fn global(frame: &Frame) -> Map<String, Value> {
    let mut all = Map::new();
    if let Some(legend) = &frame.legend {
        all.insert("legend".to_owned(), placed(legend));
    }
    if let Some(last) = frame.yaxes.keys().max() {
        let axes = (1..=*last).map(|number| frame.yaxes.get(&number).map_or(Value::Null, axis));
        all.insert("yaxes".to_owned(), axes.collect());
    }
    all
}

fn placed(legend: &Legend) -> Value {
    object([
        ("show", (!legend.show).then_some(false.into())),
        ("position", legend.position.as_deref().map(Value::from)),
        ("noColumns", legend.columns.map(Value::from)),
        ("showTime", Some(legend.show_time.into())),
        ("timeFormat", Some(legend.time_format.as_str().into())),
    ])
}

/// Of shares, two places more are told: a hundredth part is a percent.
const PERCENT_SHIFT: u8 = 2;

fn axis(axis: &YAxis) -> Value {
    let units = axis.units.as_deref().map(|units| {
        let mut parts = units.split(':');
        let mut part = || parts.next().unwrap_or("");
        json!({ "type": part(), "prefix": part(), "suffix": part() })
    });
    let is_percent = axis.units.as_deref() == Some("percent");
    let decimals = match is_percent {
        true => Some(axis.tick_decimals.unwrap_or(0) + PERCENT_SHIFT),
        false => axis.tick_decimals,
    };
    let units = units.map(|mut units| {
        put(&mut units, "tickDecimalsShift", is_percent.then_some(PERCENT_SHIFT.into()));
        units
    });
    object([
        ("position", Some(if axis.right { "right" } else { "left" }.into())),
        ("min", axis.min.map(Value::from)),
        ("max", axis.max.map(Value::from)),
        ("axisLabelFontSizePixels", Some(11.into())),
        ("axisLabel", axis.label.as_deref().map(Value::from)),
        ("axisLabelColour", axis.color.as_deref().map(Value::from)),
        ("axisLabelUseCanvas", Some(true.into())),
        ("tickDecimals", decimals.map(Value::from)),
        ("units", units),
    ])
}

fn object<const N: usize>(fields: [(&str, Option<Value>); N]) -> Value {
    let mut all = json!({});
    fields.into_iter().for_each(|(name, value)| put(&mut all, name, value));
    all
}

// What was not said is left out.
fn put(into: &mut Value, name: &str, value: Option<Value>) {
    if let Some(value) = value {
        into[name] = value;
    }
}

// `a.b` within `a`; what stands in the way gives way.
fn set(into: &mut Value, path: &str, property: &Property) {
    let mut at = into;
    for part in path.split('.') {
        if !at.is_object() {
            *at = json!({});
        }
        at = &mut at[part];
    }
    *at = match property {
        Property::Number(number) => json!(number),
        Property::Text(text) => json!(text),
        Property::Boolean(boolean) => json!(boolean),
        Property::Null => Value::Null,
    };
}
