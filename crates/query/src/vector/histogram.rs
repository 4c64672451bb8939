//! What functions and operators make of native histograms: `native` computes, here are windows, columns and notes.

mod growth;
mod operator;
mod series;
mod total;

pub(super) use growth::{between, grown, latest};
pub(super) use operator::{negated, pair};
pub(super) use series::{counted, differ, is_reset};
pub(super) use total::{aggregated, avg_over_time, ignored_in, sum_over_time};

use super::evaluate::Evaluator;
use super::functions::Site;
use super::native::{self, NanEffect};
use super::note::{Notes, of_metric};
use super::value::{Column, Outcome, Steps, Value};
use crate::QueryError;
use lang::Span;
use model::Histogram;

pub(super) fn count(e: &mut Evaluator<'_>, site: &Site<'_>, steps: Steps) -> Result<Outcome, QueryError> {
    without_buckets(e, site, steps, |histogram| histogram.count)
}

pub(super) fn sum(e: &mut Evaluator<'_>, site: &Site<'_>, steps: Steps) -> Result<Outcome, QueryError> {
    without_buckets(e, site, steps, |histogram| histogram.sum)
}

pub(super) fn avg(e: &mut Evaluator<'_>, site: &Site<'_>, steps: Steps) -> Result<Outcome, QueryError> {
    without_buckets(e, site, steps, native::mean)
}

pub(super) fn stddev(e: &mut Evaluator<'_>, site: &Site<'_>, steps: Steps) -> Result<Outcome, QueryError> {
    each(e, site, steps, |histogram| native::variance(histogram).sqrt())
}

pub(super) fn stdvar(e: &mut Evaluator<'_>, site: &Site<'_>, steps: Steps) -> Result<Outcome, QueryError> {
    each(e, site, steps, native::variance)
}

// Where only counts and sums are asked for, Prometheus compares every histogram with the one before it, and so knows of
// resets that it does not else.
fn without_buckets(
    evaluator: &mut Evaluator<'_>,
    site: &Site<'_>,
    steps: Steps,
    value: impl Fn(&Histogram) -> f64,
) -> Result<Outcome, QueryError> {
    let before = std::mem::replace(&mut evaluator.knows_resets, true);
    let came = each(evaluator, site, steps, value);
    evaluator.knows_resets = before;
    came
}

// A number of every histogram; numbers have none.
fn each(
    evaluator: &mut Evaluator<'_>,
    site: &Site<'_>,
    steps: Steps,
    value: impl Fn(&Histogram) -> f64,
) -> Result<Outcome, QueryError> {
    let mut matrix = evaluator.matrix(site.args[0], steps)?;
    matrix.retain(|series| series.column.has_histograms());
    for series in &mut matrix {
        let mut column = Column::absent(steps.count);
        for step in 0..steps.count {
            column.set(step, series.column.histogram(step).map(|histogram| Value::Float(value(histogram))));
        }
        series.column = column;
        series.is_nameless = true;
    }
    Ok(Outcome::Vector(matrix))
}

/// A histogram as the value of a label.
pub(super) fn text(histogram: &Histogram) -> String {
    histogram.to_string()
}

/// The φ-quantile of a histogram.
pub(super) fn quantile(rank: f64, histogram: &Histogram, name: &str, span: Span, notes: &mut Notes) -> f64 {
    let (value, effect) = native::quantile(rank, histogram);
    let what = match effect {
        NanEffect::None => return value,
        NanEffect::IsNan => "result is NaN",
        NanEffect::Skewed => "result is skewed higher",
    };
    let of = of_metric(name);
    notes.inform(span, format!("input to histogram_quantile has NaN observations, {what}{of}"));
    value
}

/// The same, for `histogram_quantiles`.
pub(super) fn quantiles(rank: f64, histogram: &Histogram, name: &str, span: Span, notes: &mut Notes) -> f64 {
    quantile(rank, histogram, name, span, notes)
}

/// Which fraction of observations lies between two bounds.
pub(super) fn fraction(
    lower: f64,
    upper: f64,
    histogram: &Histogram,
    name: &str,
    span: Span,
    notes: &mut Notes,
) -> f64 {
    let (value, has_nan) = native::fraction(lower, upper, histogram);
    if has_nan {
        let what = "input to histogram_fraction has NaN observations, which are excluded from all fractions";
        notes.inform(span, format!("{what}{}", of_metric(name)));
    }
    value
}

// Some have exponential bounds and some have listed ones.
fn warn_incompatible(span: Span, name: &str, notes: &mut Notes) {
    let what = "vector contains a mix of histograms with exponential and custom buckets schemas";
    notes.warn(span, format!("{what}{}", of_metric(name)));
}

fn warn_mixed(span: Span, name: &str, notes: &mut Notes) {
    notes.warn(span, format!("encountered a mix of histograms and floats{}", of_metric(name)));
}

fn inform_rebounded(span: Span, during: &str, notes: &mut Notes) {
    notes.inform(span, format!("mismatched custom buckets were reconciled during {during}"));
}

fn warn_conflicting(span: Span, during: &str, notes: &mut Notes) {
    notes.warn(span, format!("conflicting counter resets during histogram {during}"));
}
