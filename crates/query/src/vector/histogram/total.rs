//! Sums and means, over series and over time.

use super::{inform_rebounded, warn_conflicting, warn_incompatible};
use crate::vector::functions::over_time::mean;
use crate::vector::native::{Mean, Total};
use crate::vector::note::Notes;
use crate::vector::value::Value;
use crate::vector::window::Window;
use lang::Span;
use model::histogram::{Incompatible, Merged};
use model::{Histogram, Sum};
use std::sync::Arc;

/// The sum of a window's histograms.
pub(in crate::vector) fn sum_over_time(window: &Window<'_>, notes: &mut Notes) -> Option<Value> {
    told(sum(window.histograms.iter()), window.span, window.name, notes)
}

/// The mean of a window's histograms.
pub(in crate::vector) fn avg_over_time(window: &Window<'_>, notes: &mut Notes) -> Option<Value> {
    told(average(window.histograms.iter()), window.span, window.name, notes)
}

/// The sum or mean of samples some of which may be histograms. With numbers among them there is none.
pub(in crate::vector) fn aggregated(
    function: &str,
    values: &[Value],
    span: Span,
    notes: &mut Notes,
) -> Option<Value> {
    let numbers = values.iter().filter_map(|value| match value {
        Value::Float(number) => Some(*number),
        Value::Histogram(_) => None,
    });
    let histograms = values.iter().filter_map(|value| match value {
        Value::Float(_) => None,
        Value::Histogram(histogram) => Some(histogram),
    });
    match (numbers.clone().count(), histograms.clone().count()) {
        (0, 0) => None,
        (_, 0) if function == "sum" => {
            let mut sum = Sum::default();
            numbers.for_each(|number| sum.add(number));
            Some(Value::Float(sum.value()))
        }
        (_, 0) => Some(Value::Float(mean(numbers))),
        (0, _) if function == "sum" => told(sum(histograms), span, "", notes),
        (0, _) => told(average(histograms), span, "", notes),
        _ => {
            notes.warn(span, "encountered a mix of histograms and floats for aggregation");
            None
        }
    }
}

/// Says that histograms are ignored by an aggregation.
pub(in crate::vector) fn ignored_in(function: &str, span: Span, notes: &mut Notes) {
    notes.inform(span, format!("ignored histogram in {function} aggregation"));
}

type Came = Result<Option<(Histogram, Merged)>, Incompatible>;

fn sum<'a>(mut histograms: impl Iterator<Item = &'a Arc<Histogram>>) -> Came {
    let Some(mut total) = histograms.next().map(|first| Total::new(first)) else { return Ok(None) };
    histograms.try_for_each(|next| total.add(next))?;
    Ok(Some(total.finish()))
}

fn average<'a>(mut histograms: impl Iterator<Item = &'a Arc<Histogram>>) -> Came {
    let Some(mut mean) = histograms.next().map(|first| Mean::new(first)) else { return Ok(None) };
    histograms.try_for_each(|next| mean.add(next))?;
    Ok(Some(mean.finish()))
}

fn told(came: Came, span: Span, name: &str, notes: &mut Notes) -> Option<Value> {
    let Ok(came) = came else {
        warn_incompatible(span, name, notes);
        return None;
    };
    let (histogram, merged) = came?;
    if merged.conflicting {
        warn_conflicting(span, "aggregation", notes);
    }
    if merged.rebounded {
        inform_rebounded(span, "aggregation", notes);
    }
    Some(Value::Histogram(Arc::new(histogram)))
}
