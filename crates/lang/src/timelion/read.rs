//! The arguments of `.es()`: label queries, metrics, splits, offset, interval, fit.

use super::ast::{Argument, Call, ValueKind};
use crate::nearest::nearest;
use crate::plan::{Aggregate, Filter, Fit, Given, Metric, Offset, Pattern, Query, Read, Scalar, Split};
use crate::signature::Signature;
use crate::{Error, Span, lucene};
use model::Interval;

/// The function that reads.
pub(super) const FUNCTION: &str = "es";
/// Most values of one split.
pub(super) const SPLIT_LIMIT_MAX: usize = 1000;
/// The aggregates by name. `percentiles` takes its percentages after the metric.
pub(super) const AGGREGATES: [(&str, &str); 11] = [
    ("avg", "mean of the samples in a bucket"),
    ("sum", "sum of the samples"),
    ("min", "least sample"),
    ("max", "greatest sample"),
    ("count", "how many samples"),
    ("last", "latest sample"),
    ("first", "earliest sample"),
    ("rate", "growth per second of counters, summed over the series"),
    ("increase", "growth of counters, summed over the series"),
    ("cardinality", "how many different values"),
    ("percentiles", "percentiles:metric:50,95"),
];

/// Percentages of `percentiles:metric` that names none.
const PERCENTS_DEFAULT: [f64; 7] = [1.0, 5.0, 25.0, 50.0, 75.0, 95.0, 99.0];

/// The read that a call of `.es` asks for. Its arguments have been checked against the signature.
pub(super) fn lower(call: &Call, function: &Signature, args: &[Given]) -> Result<Read, Error> {
    let texts = Texts { call, function, args };
    let mut queries = texts.each("q", query)?;
    if queries.is_empty() {
        queries.push(Query { text: "*".to_owned(), filter: Filter::All });
    }
    let mut metrics = texts.each("metric", metric)?;
    if metrics.is_empty() {
        metrics.push(Metric { label: "count".to_owned(), aggregate: Aggregate::Count, name: None });
    }
    Ok(Read {
        queries,
        metrics,
        splits: texts.each("split", split)?,
        offset: texts
            .each("offset", |text, span, _| Offset::parse(text).map_err(|e| sentence(span, &e)))?
            .pop(),
        interval: texts.each("interval", interval)?.pop().flatten(),
        fit: texts.each("fit", |text, _, _| Ok(Fit::parse(text)))?.pop().flatten(),
    })
}

/// Reads an offset that was given.
pub(super) fn offset(given: &Given) -> Result<Option<Offset>, Error> {
    match given.values.first() {
        Some(Scalar::Text(text)) => {
            Offset::parse(text).map(Some).map_err(|error| sentence(given.span, &error))
        }
        _ => Ok(None),
    }
}

struct Texts<'a> {
    call: &'a Call,
    function: &'a Signature,
    args: &'a [Given],
}

impl Texts<'_> {
    // Reads each text given for an argument; `inner` is where its characters stand, if it has no escapes.
    fn each<T>(
        &self,
        name: &str,
        read: impl Fn(&str, Span, Option<Span>) -> Result<T, Error>,
    ) -> Result<Vec<T>, Error> {
        let Some((at, _)) = self.function.arg(name) else { return Ok(Vec::new()) };
        let mut spans = self.spans(at, name);
        let mut found = Vec::new();
        for value in &self.args[at].values {
            let (span, inner) = spans.next().unwrap_or((self.call.span, None));
            if let Scalar::Text(text) = value {
                found.push(read(text, span, inner)?);
            }
        }
        Ok(found)
    }

    fn spans(&self, at: usize, name: &str) -> impl Iterator<Item = (Span, Option<Span>)> {
        let is_it = move |(position, arg): (usize, &Argument)| match &arg.name {
            Some((given, _)) => given == name,
            None => position == at,
        };
        let found: Vec<&Argument> =
            self.call.args.iter().enumerate().filter(|&pair| is_it(pair)).map(|(_, arg)| arg).collect();
        found.into_iter().map(|arg| match &arg.value.kind {
            ValueKind::Text { inner, .. } => (arg.value.span, *inner),
            _ => (arg.value.span, None),
        })
    }
}

fn sentence(span: Span, text: &str) -> Error {
    let mut chars = text.chars();
    let first = chars.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    Error::new(span, first + chars.as_str())
}

fn query(text: &str, span: Span, inner: Option<Span>) -> Result<Query, Error> {
    let filter = lucene::parse(text).map_err(|error| match inner {
        Some(inner) => {
            let at = |place: usize| (inner.start + place).min(inner.end);
            Error { span: Span::new(at(error.span.start), at(error.span.end)), ..error }
        }
        None => Error { span, ..error },
    })?;
    Ok(Query { text: if text.trim().is_empty() { "*".to_owned() } else { text.to_owned() }, filter })
}

/// Reads `avg:load1`. `\:` is a colon of the metric's name, `*` and `?` are wildcards in it.
pub(crate) fn metric(text: &str, span: Span, _: Option<Span>) -> Result<Metric, Error> {
    let mut parts = split_at_colons(text).into_iter();
    let word = parts.next().unwrap_or_default();
    let name = parts.next().filter(|name| !name.is_empty());
    let rest: Vec<String> = parts.collect();
    let mut aggregate = aggregate(&word, text, span)?;
    match &mut aggregate {
        Aggregate::Percentiles(percents) => *percents = percentages(&rest, span)?,
        _ if !rest.is_empty() => {
            let name = text.split_once(':').map_or("", |(_, name)| name);
            return Err(Error::new(span, format!("`{text}` has too many colons"))
                .hint(format!("write {word}:{}", name.replace(':', "\\:"))));
        }
        Aggregate::Count => {}
        _ if name.is_none() => {
            return Err(Error::new(span, format!("A metric must follow `{word}`"))
                .hint(format!("such as {word}:load1")));
        }
        _ => {}
    }
    let label = match &name {
        Some(name) if aggregate != Aggregate::Count => format!("{word}({})", name.replace('\\', "")),
        _ => word,
    };
    Ok(Metric { label, aggregate, name: name.map(|name| Pattern::wildcard(&name)) })
}

fn aggregate(word: &str, text: &str, span: Span) -> Result<Aggregate, Error> {
    Ok(match word {
        "avg" => Aggregate::Avg,
        "sum" => Aggregate::Sum,
        "min" => Aggregate::Min,
        "max" => Aggregate::Max,
        "count" => Aggregate::Count,
        "last" => Aggregate::Last,
        "first" => Aggregate::First,
        "rate" => Aggregate::Rate,
        "increase" => Aggregate::Increase,
        "cardinality" => Aggregate::Cardinality,
        "percentiles" => Aggregate::Percentiles(PERCENTS_DEFAULT.to_vec()),
        _ => {
            let error = Error::new(span, format!("`{word}` is not an aggregate"));
            return Err(match nearest(word, AGGREGATES.iter().map(|(name, _)| *name)) {
                Some(near) => error.hint(format!("did you mean {near}?")),
                None if !text.contains(':') => error.hint(format!("to read a metric write avg:{text}")),
                None => error.hint(
                    "one of avg, sum, min, max, count, last, first, rate, increase, cardinality, percentiles",
                ),
            });
        }
    })
}

fn percentages(rest: &[String], span: Span) -> Result<Vec<f64>, Error> {
    let Some(list) = rest.first() else { return Ok(PERCENTS_DEFAULT.to_vec()) };
    let numbers: Option<Vec<f64>> =
        list.split(',').map(|n| n.trim().parse().ok().filter(|n| (0.0..=100.0).contains(n))).collect();
    numbers.filter(|_| rest.len() == 1).ok_or_else(|| {
        Error::new(span, "The percentages must be numbers from 0 to 100")
            .hint("such as percentiles:latency:50,95,99")
    })
}

// Pieces between the colons that have no backslash before them; other backslashes stay for the pattern.
fn split_at_colons(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        let last = parts.last_mut().expect("starts with one");
        match c {
            ':' => parts.push(String::new()),
            '\\' => match chars.next() {
                Some(':') => last.push(':'),
                next => {
                    last.push('\\');
                    last.extend(next);
                }
            },
            c => last.push(c),
        }
    }
    parts
}

/// Reads `host:10`; the limit follows the last colon.
pub(crate) fn split(text: &str, span: Span, _: Option<Span>) -> Result<Split, Error> {
    let missing = || {
        Error::new(span, format!("`{text}` has no limit"))
            .hint(format!("such as {}:10", text.trim_end_matches(':')))
    };
    let (label, limit) = text.rsplit_once(':').ok_or_else(missing)?;
    let limit: usize = limit.parse().map_err(|_| missing())?;
    if label.is_empty() || limit == 0 || limit > SPLIT_LIMIT_MAX {
        return Err(Error::new(span, format!("A split is label:N with N from 1 to {SPLIT_LIMIT_MAX}")));
    }
    Ok(Split { label: crate::plan::Field::label(label), limit })
}

fn interval(text: &str, span: Span, _: Option<Span>) -> Result<Option<Interval>, Error> {
    if text == "auto" {
        return Ok(None);
    }
    Interval::parse(text).map(Some).ok_or_else(|| {
        Error::new(span, format!("`{text}` is not an interval"))
            .hint("such as 10s, 1m, 1h, 1d, 1w, 1M, 1y or auto")
    })
}
