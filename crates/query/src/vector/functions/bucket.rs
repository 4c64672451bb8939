//! Quantiles and fractions of classic histograms: series that count what is at most their `le`.

mod rank;

use super::Site;
use super::over_time::check_quantile;
use crate::QueryError;
use crate::vector::evaluate::Evaluator;
use crate::vector::histogram;
use crate::vector::key::{self, Pick};
use crate::vector::note::{Notes, of_metric};
use crate::vector::value::{Column, Matrix, Outcome, Series, Steps, Value, refusal};
use hashbrown::HashMap;
use lang::Span;
use lang::plan::NodeId;
use model::Labels;
use rank::{Bucket, fraction_of, quantile_of};

/// The label that says what a bucket counts.
const LE: &str = "le";

/// Buckets of one histogram: series that differ in `le` alone.
struct Group {
    labels: Labels,
    /// Upper bounds, with the places of their series, in order of the bounds.
    buckets: Vec<(f64, usize)>,
    /// Places of series of native histograms.
    natives: Vec<usize>,
}

pub(super) fn quantile(
    evaluator: &mut Evaluator<'_>,
    site: &Site<'_>,
    steps: Steps,
) -> Result<Outcome, QueryError> {
    let ranks = ranks(evaluator, site.args[0], steps)?;
    let found = Histograms::read(evaluator, site.args[1], steps)?;
    let span = found.span;
    Ok(Outcome::Vector(found.values(
        steps,
        &mut evaluator.notes,
        |step, buckets, name, notes| quantile_of(ranks[step], buckets, name, span, notes),
        |step, native, name, notes| histogram::quantile(ranks[step], native, name, span, notes),
    )))
}

pub(super) fn quantiles(
    evaluator: &mut Evaluator<'_>,
    site: &Site<'_>,
    steps: Steps,
) -> Result<Outcome, QueryError> {
    let found = Histograms::read(evaluator, site.args[0], steps)?;
    let label = evaluator.text(site.args[1])?;
    let span = found.span;
    let mut out = Matrix::new();
    for arg in &site.args[2..] {
        let ranks = ranks(evaluator, *arg, steps)?;
        let values = found.values(
            steps,
            &mut evaluator.notes,
            |step, buckets, name, notes| quantile_of(ranks[step], buckets, name, span, notes),
            |step, native, name, notes| histogram::quantiles(ranks[step], native, name, span, notes),
        );
        let value = open_metrics(ranks.first().copied().unwrap_or(f64::NAN));
        for series in values {
            let labels = key::with(&series.labels, [(label, value.as_str())])
                .map_err(|why| refusal(evaluator.span(site.args[1]), why))?;
            out.push(Series { labels, ..series });
        }
    }
    Ok(Outcome::Vector(out))
}

// The ranks asked for at each instant, after a word about those that are none.
fn ranks(evaluator: &mut Evaluator<'_>, arg: NodeId, steps: Steps) -> Result<Vec<f64>, QueryError> {
    let ranks = evaluator.scalar(arg, steps)?;
    ranks.iter().for_each(|rank| check_quantile(*rank, evaluator.span(arg), &mut evaluator.notes));
    Ok(ranks)
}

// As OpenMetrics writes a number in a label: always with a point.
fn open_metrics(value: f64) -> String {
    let text = key::number(value);
    if value.is_finite() && !text.contains('.') { text + ".0" } else { text }
}

pub(super) fn fraction(
    evaluator: &mut Evaluator<'_>,
    site: &Site<'_>,
    steps: Steps,
) -> Result<Outcome, QueryError> {
    let lower = evaluator.scalar(site.args[0], steps)?;
    let upper = evaluator.scalar(site.args[1], steps)?;
    let found = Histograms::read(evaluator, site.args[2], steps)?;
    let span = found.span;
    Ok(Outcome::Vector(found.values(
        steps,
        &mut evaluator.notes,
        |step, buckets, _, _| fraction_of(lower[step], upper[step], buckets),
        |step, native, name, notes| histogram::fraction(lower[step], upper[step], native, name, span, notes),
    )))
}

/// What an argument holds of histograms, classic and native ones together.
struct Histograms {
    matrix: Matrix,
    groups: Vec<Group>,
    span: Span,
}

impl Histograms {
    fn read(evaluator: &mut Evaluator<'_>, arg: NodeId, steps: Steps) -> Result<Self, QueryError> {
        let matrix = evaluator.matrix(arg, steps)?;
        let span = evaluator.span(arg);
        let groups = groups(&matrix, span, &mut evaluator.notes);
        Ok(Self { matrix, groups, span })
    }

    /// A series for each histogram: at each instant what `classic` makes of its buckets, or `native` of itself.
    fn values(
        &self,
        steps: Steps,
        notes: &mut Notes,
        classic: impl Fn(usize, &mut Vec<Bucket>, &str, &mut Notes) -> f64,
        native: impl Fn(usize, &model::Histogram, &str, &mut Notes) -> f64,
    ) -> Matrix {
        let series = |group: &Group| {
            let name = group.labels.name();
            let mut column = Column::absent(steps.count);
            for step in 0..steps.count {
                let value = at(
                    group,
                    &self.matrix,
                    step,
                    self.span,
                    notes,
                    |buckets, notes| classic(step, buckets, name, notes),
                    |histogram, notes| native(step, histogram, name, notes),
                );
                column.set(step, value.map(Value::Float));
            }
            Series { labels: group.labels.clone(), is_nameless: true, column }
        };
        self.groups.iter().map(series).collect()
    }
}

// The value of a group at an instant: of its buckets, or of its native histogram, but not of both.
fn at(
    group: &Group,
    matrix: &Matrix,
    step: usize,
    span: Span,
    notes: &mut Notes,
    classic: impl Fn(&mut Vec<Bucket>, &mut Notes) -> f64,
    native: impl Fn(&model::Histogram, &mut Notes) -> f64,
) -> Option<f64> {
    let mut buckets: Vec<Bucket> = Vec::with_capacity(group.buckets.len());
    for (upper, place) in &group.buckets {
        if let Some(Value::Float(count)) = matrix[*place].column.get(step) {
            buckets.push(Bucket { upper: *upper, count });
        }
    }
    let histogram = group.natives.iter().find_map(|place| matrix[*place].column.histogram(step));
    match histogram {
        Some(_) if !buckets.is_empty() => {
            let name = of_metric(group.labels.name());
            notes.warn(span, format!("vector contains a mix of classic and native histograms{name}"));
            None
        }
        Some(histogram) => Some(native(histogram, notes)),
        None if buckets.is_empty() => None,
        None => Some(classic(&mut buckets, notes)),
    }
}

fn groups(matrix: &Matrix, span: Span, notes: &mut Notes) -> Vec<Group> {
    let (mut places, mut groups): (HashMap<Labels, usize>, Vec<Group>) = (HashMap::new(), Vec::new());
    let mut put = |groups: &mut Vec<Group>, labels: Labels| {
        *places.entry(labels.clone()).or_insert_with(|| {
            groups.push(Group { labels, buckets: Vec::new(), natives: Vec::new() });
            groups.len() - 1
        })
    };
    for (place, series) in matrix.iter().enumerate() {
        let le = series.labels.get(LE);
        let bound = le.and_then(bound);
        let has_numbers = series.column.values.iter().any(|value| crate::vector::value::is_float(*value));
        if bound.is_none() && has_numbers {
            let (le, name) = (le.unwrap_or(""), of_metric(series.labels.name()));
            notes.warn(
                span,
                format!("bucket label \"le\" is missing or has a malformed value of {le:?}{name}"),
            );
        }
        if let Some(bound) = bound.filter(|_| has_numbers) {
            let at = put(&mut groups, Pick::Except(LE).labels(&series.labels));
            groups[at].buckets.push((bound, place));
        }
        if series.column.has_histograms() {
            let at = put(&mut groups, series.labels.clone());
            groups[at].natives.push(place);
        }
    }
    groups.iter_mut().for_each(|group| group.buckets.sort_by(|a, b| a.0.total_cmp(&b.0)));
    groups
}

fn bound(text: &str) -> Option<f64> {
    text.parse().ok()
}
