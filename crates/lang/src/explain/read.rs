//! Reads in words.

use crate::plan::{Aggregate, Metric, Offset, Read};

pub(super) fn describe(read: &Read) -> String {
    let metrics: Vec<String> = read.metrics.iter().map(metric).collect();
    let mut text = format!("Reads {}", metrics.join(" and "));
    let queries: Vec<&str> =
        read.queries.iter().map(|query| query.text.as_str()).filter(|q| *q != "*").collect();
    if !queries.is_empty() {
        text += &format!(" where {}", queries.join(", and where "));
    }
    for split in &read.splits {
        text += &format!(", split by {} (the {} that stand out most)", split.label, split.limit);
    }
    if let Some(offset) = read.offset {
        text += &format!(", {}", moved(offset));
    }
    if let Some(interval) = read.interval {
        text += &format!(", in buckets of {interval}");
    }
    if let Some(fit) = read.fit {
        text += &format!(", gaps filled by {}", fit.as_str());
    }
    text
}

/// How far away, and which way.
pub(super) fn moved(offset: Offset) -> String {
    match offset {
        Offset::Units(count, unit) => {
            let way = if count < 0 { "earlier" } else { "later" };
            format!("{}{} {way}", count.unsigned_abs(), unit.as_str())
        }
        Offset::Thousandths(factor) => {
            format!("{} times the range earlier", factor.unsigned_abs() as f64 / 1000.0)
        }
    }
}

fn metric(metric: &Metric) -> String {
    let of = metric.name.as_ref().map_or_else(|| "all metrics".to_owned(), ToString::to_string);
    match &metric.aggregate {
        Aggregate::Avg => format!("the mean of {of}"),
        Aggregate::Sum => format!("the sum of {of}"),
        Aggregate::Min => format!("the least of {of}"),
        Aggregate::Max => format!("the greatest of {of}"),
        Aggregate::Count => format!("how many samples of {of} there are"),
        Aggregate::First => format!("the earliest of {of}"),
        Aggregate::Last => format!("the latest of {of}"),
        Aggregate::Cardinality => format!("how many different values of {of} there are"),
        Aggregate::Percentiles(percents) => {
            let percents: Vec<String> = percents.iter().map(ToString::to_string).collect();
            format!("the percentiles {} of {of}", percents.join(", "))
        }
        Aggregate::Rate => format!("the growth per second of {of}, summed over the series"),
        Aggregate::Increase => format!("the growth of {of}, summed over the series"),
    }
}
