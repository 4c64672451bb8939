//! Sheets as Kibana exports and imports them: saved objects, one JSON object a line, a list of them, or one.

use super::Sheet;
use super::sheet::{COLUMNS_MAX, ROWS_MAX};
use crate::Error;
use serde_json::{Value, json};

/// The sheets in an export: sheets, charts of their own, and the charts that a dashboard holds. They take null for 0 where
/// Kibana's Timelion does.
///
/// # Errors
/// When a line is not JSON, or nothing in it is Timelion's.
pub fn read(text: &str) -> Result<Vec<Sheet>, Error> {
    let objects = match serde_json::from_str::<Value>(text) {
        Ok(Value::Array(objects)) => objects,
        Ok(object) => vec![object],
        Err(_) => {
            let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
            let object = |(at, line)| {
                serde_json::from_str(line).map_err(|e| Error::Bad(format!("line {}: {e}", at + 1)))
            };
            lines.map(object).collect::<Result<_, _>>()?
        }
    };
    let sheets: Vec<Sheet> = objects.iter().filter_map(sheet).collect();
    if sheets.is_empty() {
        let why = "no sheet or chart of Timelion is in it (Kibana: Saved objects, Export)";
        return Err(Error::Bad(why.to_owned()));
    }
    Ok(sheets)
}

/// What Kibana saved, if it is Timelion's. Old exports have `_source` where later ones have `attributes`.
fn sheet(object: &Value) -> Option<Sheet> {
    let saved = object.get("attributes").or_else(|| object.get("_source"))?;
    let text = |name: &str| saved[name].as_str().unwrap_or("").to_owned();
    let of = |exprs: Vec<String>, interval: String| Sheet {
        interval,
        description: text("description"),
        compatible: true,
        ..Sheet::new(title(&text("title")), exprs)
    };
    if let Some(exprs) = saved["timelion_sheet"].as_array() {
        let exprs = exprs.iter().filter_map(Value::as_str).map(str::to_owned).collect();
        return Some(Sheet {
            columns: number(&saved["timelion_columns"], COLUMNS_MAX),
            rows: number(&saved["timelion_rows"], ROWS_MAX),
            ..of(exprs, interval(&saved["timelion_interval"], &saved["timelion_other_interval"]))
        });
    }
    // A chart holds what it shows as text in text; so does a dashboard with what is only on it.
    let inner = |name: &str| serde_json::from_str::<Value>(saved[name].as_str()?).ok();
    if let Some(params) = inner("visState").as_ref().and_then(params) {
        let interval = interval(&params["interval"], &Value::Null);
        return Some(Sheet {
            columns: 1,
            rows: 1,
            ..of(vec![params["expression"].as_str()?.to_owned()], interval)
        });
    }
    let panels = inner("panelsJSON")?;
    let charts = panels.as_array()?.iter().filter_map(|panel| params(&panel["embeddableConfig"]["savedVis"]));
    let exprs: Vec<String> =
        charts.filter_map(|chart| chart["expression"].as_str()).map(str::to_owned).collect();
    (!exprs.is_empty()).then(|| of(exprs, "auto".to_owned()))
}

fn params(chart: &Value) -> Option<&Value> {
    (chart["type"] == "timelion").then(|| &chart["params"])
}

fn title(saved: &str) -> &str {
    if saved.trim().is_empty() { "Untitled" } else { saved }
}

fn interval(saved: &Value, other: &Value) -> String {
    let text = |value: &Value| value.as_str().filter(|text| !["", "other"].contains(text)).map(str::to_owned);
    text(saved).or_else(|| text(other)).unwrap_or_else(|| "auto".to_owned())
}

// Old versions wrote numbers as texts.
fn number(saved: &Value, most: u32) -> u32 {
    let number = saved.as_u64().or_else(|| saved.as_str()?.parse().ok());
    number.map_or(2, |n| n.clamp(1, u64::from(most)) as u32)
}

/// A sheet as a line that Kibana imports.
pub fn write(id: &str, sheet: &Sheet) -> String {
    json!({
        "id": id,
        "type": "timelion-sheet",
        "attributes": {
            "title": sheet.title,
            "description": sheet.description,
            "hits": 0,
            "timelion_sheet": sheet.exprs,
            "timelion_interval": sheet.interval,
            "timelion_columns": sheet.columns,
            "timelion_rows": sheet.rows,
            "version": 1,
        },
        "references": [],
    })
    .to_string()
}
