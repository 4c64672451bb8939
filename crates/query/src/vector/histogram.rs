//! What functions and operators make of native histograms.

use super::evaluate::Evaluator;
use super::functions::Site;
use super::functions::rate::Growth;
use super::note::Notes;
use super::value::{Outcome, Steps, Value};
use super::window::Window;
use crate::QueryError;
use lang::Span;
use lang::plan::vector::Operator;
use model::Histogram;

pub(super) fn count(e: &mut Evaluator<'_>, site: &Site<'_>, steps: Steps) -> Result<Outcome, QueryError> {
    each(e, site, steps)
}
pub(super) fn sum(e: &mut Evaluator<'_>, site: &Site<'_>, steps: Steps) -> Result<Outcome, QueryError> {
    each(e, site, steps)
}
pub(super) fn avg(e: &mut Evaluator<'_>, site: &Site<'_>, steps: Steps) -> Result<Outcome, QueryError> {
    each(e, site, steps)
}
pub(super) fn stddev(e: &mut Evaluator<'_>, site: &Site<'_>, steps: Steps) -> Result<Outcome, QueryError> {
    each(e, site, steps)
}
pub(super) fn stdvar(e: &mut Evaluator<'_>, site: &Site<'_>, steps: Steps) -> Result<Outcome, QueryError> {
    each(e, site, steps)
}

fn each(e: &mut Evaluator<'_>, site: &Site<'_>, steps: Steps) -> Result<Outcome, QueryError> {
    e.matrix(site.args[0], steps).map(|_| Outcome::Vector(Vec::new()))
}

/// The opposite of a histogram.
pub(super) fn negated(_: &Histogram) -> Option<Value> {
    None
}
/// A histogram as the value of a label.
pub(super) fn text(_: &Histogram) -> String {
    String::new()
}
/// The sum of a window's histograms.
pub(super) fn sum_over_time(_: &Window<'_>, _: &mut Notes) -> Option<Value> {
    None
}
/// The mean of a window's histograms.
pub(super) fn avg_over_time(_: &Window<'_>, _: &mut Notes) -> Option<Value> {
    None
}
/// Growth over a window of histograms only.
pub(super) fn grown(_: &Window<'_>, _: Growth, _: &mut Notes) -> Option<Value> {
    None
}
/// Growth between the last two samples, at least one of which may be a histogram.
pub(super) fn latest(_: &Window<'_>, _: Growth, _: &mut Notes) -> Option<Value> {
    None
}
/// Whether the histogram at a place of a window differs from the one before.
pub(super) fn differ(_: &Window<'_>, _: usize) -> bool {
    false
}
/// Whether the histogram at a place of a window counts anew.
pub(super) fn is_reset(_: &Window<'_>, _: usize) -> bool {
    false
}
/// How often something holds of neighbours, with histograms among them.
pub(super) fn counted(
    _: &Window<'_>,
    _: impl Fn(f64, f64) -> bool,
    _: impl Fn(&Window<'_>, usize) -> bool,
) -> Option<Value> {
    None
}
/// The φ-quantile of a histogram.
pub(super) fn quantile(_: f64, _: &Histogram, _: &str, _: Span, _: &mut Notes) -> f64 {
    f64::NAN
}
/// The same, for `histogram_quantiles`.
pub(super) fn quantiles(rank: f64, histogram: &Histogram, name: &str, span: Span, notes: &mut Notes) -> f64 {
    quantile(rank, histogram, name, span, notes)
}
/// Which fraction of observations lies between two bounds.
pub(super) fn fraction(_: f64, _: f64, _: &Histogram, _: &str, _: Span, _: &mut Notes) -> f64 {
    f64::NAN
}
/// The sum or mean of samples some of which are histograms.
pub(super) fn aggregated(_: &str, _: &[Value], _: Span, _: &mut Notes) -> Option<Value> {
    None
}
/// Says that histograms are ignored by an aggregation.
pub(super) fn ignored_in(function: &str, span: Span, notes: &mut Notes) {
    notes.inform(span, format!("ignored histogram in {function} aggregation"));
}
/// What an operator makes of two samples, at least one of which is a histogram.
pub(super) fn pair(_: Operator, _: bool, _: &Value, _: &Value, _: Span, _: &mut Notes) -> Option<Value> {
    None
}
