//! Answers of databases. Queries call their columns as the metrics are called, after those that are the values of their
//! labels; so an answer is read without code of its own.

use super::Metric;
use super::ask::{Ask, number};

/// What a query gave: names of columns, and rows of texts; `None` is NULL.
#[derive(Debug, Default)]
pub(super) struct Table {
    pub(super) columns: Vec<String>,
    pub(super) rows: Vec<Vec<Option<String>>>,
}

impl Table {
    /// A value of the first row.
    pub(super) fn first(&self, column: usize) -> Option<&str> {
        self.rows.first()?.get(column)?.as_deref()
    }

    /// Records the numbers of all rows.
    pub(super) fn record(&self, metrics: &[Metric], ask: &mut Ask<'_>) {
        let of: Vec<_> = self.columns.iter().map(|name| metrics.iter().find(|m| m.name == name)).collect();
        let labels = of.iter().take_while(|metric| metric.is_none()).count();
        for row in &self.rows {
            let values: Vec<&str> =
                row.iter().take(labels).map(|value| value.as_deref().unwrap_or_default()).collect();
            for (metric, value) in of.iter().zip(row).skip(labels) {
                if let (Some(metric), Some(value)) = (metric, value.as_deref().and_then(as_number))
                    && metric.labels.len() == labels
                {
                    ask.push(metric, &values, value);
                }
            }
        }
    }
}

fn as_number(text: &str) -> Option<f64> {
    match text {
        "t" => Some(1.0),
        "f" => Some(0.0),
        text => number(text),
    }
}
