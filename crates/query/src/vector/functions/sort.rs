//! Order of an instant's series. Series of a range are in order of their labels whatever is asked.

use super::Site;
use crate::QueryError;
use crate::vector::evaluate::Evaluator;
use crate::vector::value::{Matrix, Outcome, Steps, is_float};
use model::Labels;
use std::cmp::Ordering;

fn sorted(
    evaluator: &mut Evaluator<'_>,
    site: &Site<'_>,
    steps: Steps,
    sort: impl FnOnce(&mut Matrix),
) -> Result<Outcome, QueryError> {
    let mut matrix = evaluator.matrix(site.args[0], steps)?;
    if evaluator.is_instant {
        matrix.retain(|series| series.column.is_present(0));
        sort(&mut matrix);
    } else {
        let message = "sort is ineffective for range queries since results are always ordered by labels";
        evaluator.notes.warn(evaluator.span(site.node), message);
    }
    Ok(Outcome::Vector(matrix))
}

fn by_value(matrix: &mut Matrix, is_descending: bool) {
    matrix.retain(|series| is_float(series.column.values[0]));
    matrix.sort_by(|a, b| by_number(a.column.values[0], b.column.values[0], is_descending));
}

/// NaN comes last either way.
pub(in crate::vector) fn by_number(a: f64, b: f64, is_descending: bool) -> Ordering {
    match (a.is_nan(), b.is_nan()) {
        (true, true) => Ordering::Equal,
        (true, false) => Ordering::Greater,
        (false, true) => Ordering::Less,
        _ if is_descending => b.partial_cmp(&a).unwrap_or(Ordering::Equal),
        _ => a.partial_cmp(&b).unwrap_or(Ordering::Equal),
    }
}

pub(super) fn ascending(e: &mut Evaluator<'_>, site: &Site<'_>, steps: Steps) -> Result<Outcome, QueryError> {
    sorted(e, site, steps, |matrix| by_value(matrix, false))
}

pub(super) fn descending(
    e: &mut Evaluator<'_>,
    site: &Site<'_>,
    steps: Steps,
) -> Result<Outcome, QueryError> {
    sorted(e, site, steps, |matrix| by_value(matrix, true))
}

pub(super) fn by_label(e: &mut Evaluator<'_>, site: &Site<'_>, steps: Steps) -> Result<Outcome, QueryError> {
    let names = names(e, site)?;
    sorted(e, site, steps, |matrix| matrix.sort_by(|a, b| by_labels(&names, &a.labels, &b.labels)))
}

pub(super) fn by_label_descending(
    e: &mut Evaluator<'_>,
    site: &Site<'_>,
    steps: Steps,
) -> Result<Outcome, QueryError> {
    let names = names(e, site)?;
    sorted(e, site, steps, |matrix| matrix.sort_by(|a, b| by_labels(&names, &b.labels, &a.labels)))
}

fn names<'a>(evaluator: &mut Evaluator<'a>, site: &Site<'_>) -> Result<Vec<&'a str>, QueryError> {
    site.args[1..].iter().map(|arg| evaluator.text(*arg)).collect()
}

fn by_labels(names: &[&str], a: &Labels, b: &Labels) -> Ordering {
    let value = |labels: &Labels, name: &str| labels.get(name).unwrap_or("").to_owned();
    let named = names.iter().map(|name| natural(&value(a, name), &value(b, name)));
    named.fold(Ordering::Equal, Ordering::then).then_with(|| a.iter().cmp(b.iter()))
}

/// Text with numbers in it, by their size: `node2` before `node10`.
fn natural(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a, b);
    while let (Some(x), Some(y)) = (a.chars().next(), b.chars().next()) {
        if x.is_ascii_digit() && y.is_ascii_digit() {
            let (digits_a, rest_a) = digits(a);
            let (digits_b, rest_b) = digits(b);
            let (short_a, short_b) = (digits_a.trim_start_matches('0'), digits_b.trim_start_matches('0'));
            let order = short_a.len().cmp(&short_b.len()).then_with(|| short_a.cmp(short_b));
            let order = order.then_with(|| digits_a.len().cmp(&digits_b.len()));
            if order.is_ne() {
                return order;
            }
            (a, b) = (rest_a, rest_b);
        } else if x == y {
            (a, b) = (&a[x.len_utf8()..], &b[y.len_utf8()..]);
        } else {
            return x.cmp(&y);
        }
    }
    a.len().cmp(&b.len())
}

fn digits(text: &str) -> (&str, &str) {
    text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()))
}
