//! Quantiles and fractions of classic histograms: series that count what is at most their `le`.

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
use model::Labels;

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

/// One bucket at an instant.
#[derive(Debug, Clone, Copy)]
struct Bucket {
    upper: f64,
    count: f64,
}

pub(super) fn quantile(
    evaluator: &mut Evaluator<'_>,
    site: &Site<'_>,
    steps: Steps,
) -> Result<Outcome, QueryError> {
    let ranks = evaluator.scalar(site.args[0], steps)?;
    ranks.iter().for_each(|rank| check_quantile(*rank, evaluator.span(site.args[0]), &mut evaluator.notes));
    let matrix = evaluator.matrix(site.args[1], steps)?;
    let span = evaluator.span(site.args[1]);
    let groups = groups(&matrix, span, &mut evaluator.notes);
    let of = |group: &Group, step: usize, notes: &mut Notes| {
        let name = group.labels.name();
        at(
            group,
            &matrix,
            step,
            span,
            notes,
            |buckets, notes| quantile_of(ranks[step], buckets, name, span, notes),
            |native, notes| histogram::quantile(ranks[step], native, name, span, notes),
        )
    };
    Ok(Outcome::Vector(columns(&groups, steps, &mut evaluator.notes, of)))
}

pub(super) fn quantiles(
    evaluator: &mut Evaluator<'_>,
    site: &Site<'_>,
    steps: Steps,
) -> Result<Outcome, QueryError> {
    let matrix = evaluator.matrix(site.args[0], steps)?;
    let label = evaluator.text(site.args[1])?;
    let span = evaluator.span(site.args[0]);
    let groups = groups(&matrix, span, &mut evaluator.notes);
    let mut out = Matrix::new();
    for arg in &site.args[2..] {
        let ranks = evaluator.scalar(*arg, steps)?;
        ranks.iter().for_each(|rank| check_quantile(*rank, evaluator.span(*arg), &mut evaluator.notes));
        let of = |group: &Group, step: usize, notes: &mut Notes| {
            let name = group.labels.name();
            at(
                group,
                &matrix,
                step,
                span,
                notes,
                |buckets, notes| quantile_of(ranks[step], buckets, name, span, notes),
                |native, notes| histogram::quantiles(ranks[step], native, name, span, notes),
            )
        };
        let value = open_metrics(ranks.first().copied().unwrap_or(f64::NAN));
        for series in columns(&groups, steps, &mut evaluator.notes, of) {
            let labels = key::with(&series.labels, [(label, value.as_str())])
                .map_err(|why| refusal(evaluator.span(site.args[1]), why))?;
            out.push(Series { labels, ..series });
        }
    }
    Ok(Outcome::Vector(out))
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
    let matrix = evaluator.matrix(site.args[2], steps)?;
    let span = evaluator.span(site.args[2]);
    let groups = groups(&matrix, span, &mut evaluator.notes);
    let of = |group: &Group, step: usize, notes: &mut Notes| {
        let name = group.labels.name();
        at(
            group,
            &matrix,
            step,
            span,
            notes,
            |buckets, _| fraction_of(lower[step], upper[step], buckets),
            |native, notes| histogram::fraction(lower[step], upper[step], native, name, span, notes),
        )
    };
    Ok(Outcome::Vector(columns(&groups, steps, &mut evaluator.notes, of)))
}

fn columns(
    groups: &[Group],
    steps: Steps,
    notes: &mut Notes,
    of: impl Fn(&Group, usize, &mut Notes) -> Option<f64>,
) -> Matrix {
    let series = |group: &Group| {
        let mut column = Column::absent(steps.count);
        for step in 0..steps.count {
            column.set(step, of(group, step, notes).map(Value::Float));
        }
        Series { labels: group.labels.clone(), is_nameless: true, column }
    };
    groups.iter().map(series).collect()
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

/// How much less than the bucket before a bucket may count before it is said: rounding does that much.
const SLACK: f64 = 1e-12;

// Joins equal bounds and makes counts grow with the bounds.
fn put_right(buckets: &mut Vec<Bucket>) -> Option<Fixed> {
    buckets.dedup_by(|next, kept| {
        let is_same = next.upper == kept.upper;
        if is_same {
            kept.count += next.count;
        }
        is_same
    });
    let mut fixed: Option<Fixed> = None;
    let mut before = buckets[0].count;
    for bucket in buckets.iter_mut().skip(1) {
        if bucket.count < before {
            let (low, high) = (bucket.count, before);
            if (high - low) / (high.abs() + low.abs()).max(f64::MIN_POSITIVE) > SLACK {
                let fixed = fixed.get_or_insert(Fixed { from: bucket.upper, to: bucket.upper, most: 0.0 });
                fixed.to = bucket.upper;
                fixed.most = fixed.most.max(high - low);
            }
            bucket.count = before;
        }
        before = bucket.count;
    }
    fixed
}

/// Which buckets had to be raised, and by how much.
struct Fixed {
    from: f64,
    to: f64,
    most: f64,
}

fn quantile_of(rank: f64, buckets: &mut Vec<Bucket>, name: &str, span: Span, notes: &mut Notes) -> f64 {
    if rank.is_nan() {
        return f64::NAN;
    }
    if !(0.0..=1.0).contains(&rank) {
        return if rank < 0.0 { f64::NEG_INFINITY } else { f64::INFINITY };
    }
    if buckets.last().is_none_or(|last| last.upper != f64::INFINITY) {
        return f64::NAN;
    }
    if let Some(Fixed { from, to, most }) = put_right(buckets) {
        let of = of_metric(name);
        notes.inform(
            span,
            format!("input to histogram_quantile needed to be fixed for monotonicity (see https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile){of}, from buckets {from} to {to}, with a max diff of {most}"),
        );
    }
    let last = buckets.len() - 1;
    if last < 1 {
        return f64::NAN;
    }
    let observations = buckets[last].count;
    if observations == 0.0 {
        return f64::NAN;
    }
    let wanted = rank * observations;
    let at = buckets[..last].partition_point(|bucket| bucket.count < wanted);
    if at == last {
        return buckets[last - 1].upper;
    }
    if at == 0 && buckets[0].upper <= 0.0 {
        return buckets[0].upper;
    }
    let (start, before) = if at == 0 { (0.0, 0.0) } else { (buckets[at - 1].upper, buckets[at - 1].count) };
    let (end, count) = (buckets[at].upper, buckets[at].count - before);
    start + (end - start) * ((wanted - before) / count)
}

fn fraction_of(lower: f64, upper: f64, buckets: &mut Vec<Bucket>) -> f64 {
    if buckets.last().is_none_or(|last| last.upper != f64::INFINITY) {
        return f64::NAN;
    }
    put_right(buckets);
    let last = buckets.len() - 1;
    let observations = buckets[last].count;
    if last < 1 || observations == 0.0 || lower.is_nan() || upper.is_nan() {
        return f64::NAN;
    }
    if lower >= upper {
        return 0.0;
    }
    (rank_of(upper, buckets) - rank_of(lower, buckets)) / observations
}

// How many observations are at most `value`, by straight lines within buckets.
fn rank_of(value: f64, buckets: &[Bucket]) -> f64 {
    let at = buckets.partition_point(|bucket| bucket.upper < value);
    if at >= buckets.len() {
        return buckets.last().map_or(0.0, |last| last.count);
    }
    let bucket = buckets[at];
    let (start, before) = match at.checked_sub(1) {
        Some(before) => (buckets[before].upper, buckets[before].count),
        None if bucket.upper > 0.0 => (0.0, 0.0),
        None => (f64::NEG_INFINITY, 0.0),
    };
    if value == bucket.upper {
        return bucket.count;
    }
    // Nothing is known within a bucket without an end: all of it lies at the far side of what is asked.
    if bucket.upper.is_infinite() || start.is_infinite() || value <= start {
        return before;
    }
    before + (bucket.count - before) * (value - start) / (bucket.upper - start)
}
