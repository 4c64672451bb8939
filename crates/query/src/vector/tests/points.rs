//! Points as the conformance cases write them.

use model::{Histogram, STALE};
use serde_json::Value as Json;
use std::sync::Arc;

/// A point of a series.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Point {
    Nothing,
    Number(f64),
    Histogram(Arc<Histogram>),
}

/// The points of a series: a list of numbers, or a text with histograms.
pub(super) fn of(series: &Json) -> Vec<Point> {
    match (series["points"].as_array(), series["hist"].as_str()) {
        (Some(points), _) => points.iter().map(one).collect(),
        (_, Some(text)) => notation(text),
        _ => vec![one(&series["value"])],
    }
}

fn one(json: &Json) -> Point {
    match json {
        Json::Null => Point::Nothing,
        Json::String(text) => number(text).map_or(Point::Nothing, Point::Number),
        other => Point::Number(other.as_f64().unwrap()),
    }
}

pub(super) fn number(text: &str) -> Option<f64> {
    if text == "stale" { Some(STALE) } else { text.parse().ok() }
}

fn notation(text: &str) -> Vec<Point> {
    let mut points = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        rest = if rest.starts_with("{{") { histograms(rest, &mut points) } else { plain(rest, &mut points) };
        rest = rest.trim_start();
    }
    points
}

// `{{…}}`, `{{…}}x3`, `{{…}}+{{…}}x3`.
fn histograms<'a>(text: &'a str, points: &mut Vec<Point>) -> &'a str {
    let (first, rest) = braces(text);
    let mut value = Histogram::parse(first).unwrap();
    points.push(Point::Histogram(Arc::new(value.clone())));
    if let Some(after) = rest.strip_prefix(['+', '-']) {
        let is_minus = rest.starts_with('-');
        let (step, after) = braces(after);
        let step = Histogram::parse(step).unwrap();
        let (times, after) = times(after);
        for _ in 0..times {
            let hint = value.hint;
            if is_minus { value.subtract(&step) } else { value.add(&step) }.unwrap();
            value.hint = hint;
            points.push(Point::Histogram(Arc::new(value.clone())));
        }
        return after;
    }
    let (times, after) = times(rest);
    (0..times).for_each(|_| points.push(Point::Histogram(Arc::new(value.clone()))));
    after
}

fn braces(text: &str) -> (&str, &str) {
    text.split_at(text.find("}}").unwrap() + 2)
}

fn times(text: &str) -> (usize, &str) {
    let Some(after) = text.strip_prefix('x') else { return (0, text) };
    let end = after.find(|c: char| !c.is_ascii_digit()).unwrap_or(after.len());
    (after[..end].parse().unwrap(), &after[end..])
}

// `_`, `_x3`, `5`, `7x4`, `1+2x3`, `stale`.
fn plain<'a>(text: &'a str, points: &mut Vec<Point>) -> &'a str {
    let (token, rest) = text.split_at(text.find(char::is_whitespace).unwrap_or(text.len()));
    if let Some(count) = token.strip_prefix('_') {
        let count = count.strip_prefix('x').map_or(1, |n| n.parse().unwrap());
        points.extend(std::iter::repeat_n(Point::Nothing, count));
        return rest;
    }
    let Some((value, count)) = token.split_once('x') else {
        points.push(Point::Number(number(token).unwrap()));
        return rest;
    };
    let sign = value[1..].find(['+', '-']).map(|at| at + 1);
    let (start, step) = match sign {
        Some(at) => (value[..at].parse().unwrap(), value[at..].parse().unwrap()),
        None => (number(value).unwrap(), 0.0),
    };
    let (mut value, count): (f64, usize) = (start, count.parse().unwrap());
    for _ in 0..=count {
        points.push(Point::Number(value));
        value += step;
    }
    rest
}
