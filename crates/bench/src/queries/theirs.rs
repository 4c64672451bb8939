//! Questions put over HTTP to whoever speaks Prometheus' API, and the answers as rows.

use super::classes::{Instance, Shape};
use super::ours::Rows;
use crate::victoria::Victoria;
use serde_json::Value;

/// Asks one metric after the other; the answers unread.
pub fn answer(
    get: impl Fn(&str) -> Result<String, String>,
    instance: &Instance,
) -> Result<Vec<String>, String> {
    let ask = |query: &String| {
        get(&match instance.shape {
            Shape::LastByHost => Victoria::instant_path(query, instance.end_ms),
            _ => {
                // A point tells of the window before it.
                let first_ms = instance.start_ms + instance.step_ms;
                Victoria::range_path(query, first_ms, instance.end_ms, instance.step_ms)
            }
        })
    };
    instance.promql().iter().map(ask).collect()
}

/// The values of the answers, one a metric.
pub fn rows(instance: &Instance, answers: &[String]) -> Result<Rows, String> {
    let mut rows = Rows::new();
    for (metric, text) in instance.metrics.iter().zip(answers) {
        let json: Value = serde_json::from_str(text).map_err(|e| format!("{e}: {text:.200}"))?;
        for series in json["data"]["result"].as_array().ok_or_else(|| format!("{text:.200}"))? {
            let host = match instance.shape {
                Shape::Max => "",
                _ => series["metric"]["hostname"].as_str().unwrap_or(""),
            };
            let single = series["value"].as_array().map(|point| vec![Value::from(point.clone())]);
            for point in single.as_ref().or_else(|| series["values"].as_array()).into_iter().flatten() {
                let time_s = point[0].as_f64().unwrap_or(f64::NAN);
                let value = point[1].as_str().and_then(|text| text.parse().ok()).unwrap_or(f64::NAN);
                rows.insert(((*metric).to_owned(), host.to_owned(), (time_s * 1000.0).round() as i64), value);
            }
        }
    }
    Ok(rows)
}
