//! From a label query to series: what matchers can say goes to the source, the rest is looked at here.

use crate::QueryError;
use lang::plan::{Field, Filter, Pattern};
use lang::{Error, Span};
use model::{MatchOp, Matcher, NAME, Series, Source, TimeRange};

/// The series of a query in a range, for each of several metric names. When all are plain names they are looked for at
/// once, so that the query's conditions are looked at once too.
pub(super) fn each_series(
    source: &dyn Source,
    filter: &Filter,
    names: &[Option<&Pattern>],
    range: TimeRange,
    series_max: usize,
) -> Result<Vec<Vec<Series>>, QueryError> {
    let literals = names.iter().map(|name| name.and_then(Pattern::as_literal)).collect::<Option<Vec<&str>>>();
    let together = literals.filter(|literals| literals.len() > 1).and_then(|mut literals| {
        let patterns: Vec<String> = names.iter().flatten().map(|name| name.to_regex()).collect();
        let any = Matcher::new(NAME, MatchOp::Regex, patterns.join("|")).ok()?;
        let wanted = literals.clone();
        literals.sort_unstable();
        literals.dedup();
        // A name asked for twice is rare and looked for twice.
        (literals.len() == wanted.len()).then_some((any, wanted))
    });
    let Some((any, literals)) = together else {
        return names.iter().map(|name| series(source, filter, *name, range, series_max)).collect();
    };
    let mut found = vec![Vec::new(); literals.len()];
    let mut last = 0;
    for series in matching(source, filter, vec![any], range, series_max.saturating_mul(literals.len()))? {
        let name = series.labels.name();
        // Series of one host stand together, with its metrics in the order in which they were first sent.
        let next = (last + 1) % literals.len();
        last =
            if literals[next] == name { next } else { literals.iter().position(|l| *l == name).unwrap_or(0) };
        found[last].push(series);
    }
    found.into_iter().map(|series| within(series, series_max)).collect()
}

fn within(found: Vec<Series>, series_max: usize) -> Result<Vec<Series>, QueryError> {
    if found.len() <= series_max {
        return Ok(found);
    }
    let message = format!("The query finds more than the limit of {series_max} series");
    let error = Error::new(Span::default(), message).hint("narrow it down by a metric name or a label");
    Err(QueryError::Limit(error))
}

/// The series of a query and metric name in a range.
fn series(
    source: &dyn Source,
    filter: &Filter,
    name: Option<&Pattern>,
    range: TimeRange,
    series_max: usize,
) -> Result<Vec<Series>, QueryError> {
    let matchers = name.and_then(|name| term(NAME, name, false)).into_iter().collect();
    matching(source, filter, matchers, range, series_max)
}

fn matching(
    source: &dyn Source,
    filter: &Filter,
    mut matchers: Vec<Matcher>,
    range: TimeRange,
    series_max: usize,
) -> Result<Vec<Series>, QueryError> {
    let rest = push_down(filter, &mut matchers);
    // One more than allowed, so that what is too much is seen here.
    let selection =
        source.select(&matchers, range, series_max.saturating_add(1)).map_err(QueryError::Source)?;
    let mut found = within(selection.series, series_max)?;
    if let Some(rest) = rest {
        found.retain(|series| rest.matches(&series.labels));
    }
    Ok(found)
}

/// Adds what matchers can say of a filter to `matchers`; gives back what they cannot.
pub(super) fn push_down(filter: &Filter, matchers: &mut Vec<Matcher>) -> Option<Filter> {
    match filter {
        Filter::All => None,
        Filter::And(parts) => {
            let rest: Vec<Filter> = parts.iter().filter_map(|part| push_down(part, matchers)).collect();
            (!rest.is_empty()).then(|| Filter::and(rest))
        }
        _ => match matcher(filter, false) {
            Some(matcher) => {
                matchers.push(matcher);
                None
            }
            None => Some(filter.clone()),
        },
    }
}

// One matcher that says the same, if there is one.
fn matcher(filter: &Filter, negated: bool) -> Option<Matcher> {
    match filter {
        Filter::Exists(label) => {
            let op = if negated { MatchOp::Equal } else { MatchOp::NotEqual };
            Matcher::new(label.as_str(), op, "").ok()
        }
        Filter::Term(Field::Label(label), pattern) => term(label, pattern, negated),
        Filter::Not(inner) => matcher(inner, !negated),
        Filter::Or(parts) => alternatives(parts, negated),
        Filter::Matcher(known) if !negated => Some(known.clone()),
        _ => None,
    }
}

fn term(label: &str, pattern: &Pattern, negated: bool) -> Option<Matcher> {
    match (pattern.as_literal(), negated) {
        (Some(text), false) => Some(Matcher::equal(label, text)),
        (Some(text), true) => Matcher::new(label, MatchOp::NotEqual, text).ok(),
        (None, false) => Matcher::new(label, MatchOp::Regex, pattern.to_regex()).ok(),
        (None, true) => Matcher::new(label, MatchOp::NotRegex, pattern.to_regex()).ok(),
    }
}

// `host:(a OR b)` is one regular expression.
fn alternatives(parts: &[Filter], negated: bool) -> Option<Matcher> {
    let mut name: Option<&str> = None;
    let mut regexes = Vec::new();
    for part in parts {
        let Filter::Term(Field::Label(label), pattern) = part else { return None };
        if name.is_some_and(|name| name != label) {
            return None;
        }
        name = Some(label);
        regexes.push(pattern.to_regex());
    }
    let op = if negated { MatchOp::NotRegex } else { MatchOp::Regex };
    Matcher::new(name?, op, regexes.join("|")).ok()
}
