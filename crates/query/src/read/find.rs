//! From a label query to series: what matchers can say goes to the source, the rest is looked at here.

use crate::QueryError;
use lang::plan::{Field, Filter, Pattern};
use lang::{Error, Span};
use model::{MatchOp, Matcher, NAME, Series, Source, TimeRange};

/// The series of a query and metric name in a range.
pub(super) fn series(
    source: &dyn Source,
    filter: &Filter,
    name: Option<&Pattern>,
    range: TimeRange,
    series_max: usize,
) -> Result<Vec<Series>, QueryError> {
    let mut matchers: Vec<Matcher> = name.and_then(|name| term(NAME, name, false)).into_iter().collect();
    let rest = push_down(filter, &mut matchers);
    let selection = source.select(&matchers, range, series_max).map_err(QueryError::Source)?;
    if selection.truncated {
        let message = format!("The query finds more than the limit of {series_max} series");
        let error = Error::new(Span::default(), message).hint("narrow it down by a metric name or a label");
        return Err(QueryError::Limit(error));
    }
    let mut found = selection.series;
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
