//! An answer as the outputs want it.

use model::timetext;
use serde_json::Value;

/// What was answered.
pub(super) struct Answer {
    /// All of it, as it came.
    pub(super) json: Value,
    /// When each bucket starts.
    pub(super) times_ms: Vec<i64>,
    /// From one bucket to the next.
    pub(super) step_ms: i64,
    /// What is not hidden, of all expressions.
    pub(super) series: Vec<Series>,
    /// Sentences for people.
    pub(super) notes: Vec<String>,
    /// Lines that were asked to be written.
    pub(super) prints: Vec<String>,
}

/// A series.
pub(super) struct Series {
    pub(super) label: String,
    pub(super) unit: String,
    /// `#rrggbb`, when it was asked for.
    pub(super) color: Option<String>,
    /// NaN is null.
    pub(super) values: Vec<f64>,
}

impl Answer {
    pub(super) fn read(json: Value) -> Self {
        let whole = |name: &str| json[name].as_i64().unwrap_or(0);
        let (start_ms, step_ms, count) = (whole("start_ms"), whole("step_ms"), whole("count"));
        let times_ms = match json["times_ms"].as_array() {
            Some(times) => times.iter().filter_map(Value::as_i64).collect(),
            None => (0..count).map(|at| start_ms + step_ms * at).collect(),
        };
        let results = || json["results"].as_array().into_iter().flatten();
        let all = results().flat_map(|result| result["series"].as_array().into_iter().flatten());
        let series = all.filter(|series| series["hide"] != true).map(Series::read).collect();
        let notes = results().filter_map(|result| result["note"].as_str().map(str::to_owned)).collect();
        let prints = results().flat_map(|result| result["prints"].as_array().into_iter().flatten());
        let prints = prints.filter_map(|line| line.as_str().map(str::to_owned)).collect();
        Self { times_ms, step_ms, series, notes, prints, json }
    }

    /// The tiers it was read from.
    pub(super) fn tier(&self) -> &str {
        self.json["stats"]["tier"].as_str().unwrap_or("raw")
    }

    /// Where there is less than what was asked for.
    pub(super) fn gone(&self) -> impl Iterator<Item = String> {
        self.json["gone"].as_array().into_iter().flatten().map(|gone| {
            let [from, to] =
                ["from_ms", "to_ms"].map(|name| timetext::print(gone[name].as_i64().unwrap_or(0)));
            let tier = gone["tier"].as_str().unwrap_or("");
            format!("between {from} and {to} nothing finer than tier {tier} is kept any more")
        })
    }

    /// A whole number of its statistics.
    pub(super) fn stat(&self, name: &str) -> u64 {
        self.json["stats"][name].as_u64().unwrap_or(0)
    }
}

impl Series {
    fn read(json: &Value) -> Self {
        let text = |name: &str| json[name].as_str().unwrap_or("").to_owned();
        let values = json["values"].as_array().into_iter().flatten();
        Self {
            label: text("label"),
            unit: text("unit"),
            color: json["color"].as_str().map(str::to_owned),
            values: values.map(|value| value.as_f64().unwrap_or(f64::NAN)).collect(),
        }
    }

    /// The values that are there.
    pub(super) fn there(&self) -> impl Iterator<Item = f64> {
        self.values.iter().copied().filter(|value| value.is_finite())
    }
}
