//! Why nothing was found, and what the numbers of a series mean.

use super::groups::Group;
use crate::QueryError;
use lang::nearest::ranked;
use lang::plan::{Aggregate, Field, Filter, Metric, Pattern, Query, Split};
use model::{Matcher, NAME, Source, TimeRange};

/// Most names looked at for one that is near.
const NAMES_MAX: usize = 10_000;
/// Most series whose newest samples tell where samples are.
const SERIES_MAX: usize = 1_000;
/// Most names offered.
const OFFERED_MAX: usize = 3;

/// A sentence for an empty answer.
pub(super) fn nothing(
    source: &dyn Source,
    query: &Query,
    metric: &Metric,
    range: TimeRange,
) -> Result<String, QueryError> {
    let names = source.label_values(NAME, &[], range, NAMES_MAX).map_err(QueryError::Source)?;
    if names.is_empty() {
        let told = "The store has no samples in this time range".to_owned();
        return Ok(told + &elsewhere(source, &[], range)?.map(|when| format!("; {when}")).unwrap_or_default());
    }
    if let Some(name) = &metric.name
        && !names.iter().any(|known| name.matches(known))
    {
        if let Some(literal) = name.as_literal()
            && let Some(when) = elsewhere(source, &[Matcher::equal(NAME, literal)], range)?
        {
            return Ok(format!("{literal} has no samples in this time range; {when}"));
        }
        return Ok(unknown("No series is named", &name.to_string(), &names, "in this time range"));
    }
    for (label, pattern) in label_terms(&query.filter) {
        let values = source.label_values(label, &[], range, NAMES_MAX).map_err(QueryError::Source)?;
        if values.is_empty() {
            let labels = source.label_names(&[], range, NAMES_MAX).map_err(QueryError::Source)?;
            return Ok(unknown("No series has the label", label, &labels, ""));
        }
        if !values.iter().any(|known| pattern.matches(known)) {
            return Ok(unknown(&format!("No series has {label}"), &pattern.to_string(), &values, ""));
        }
    }
    Ok(match metric.name.as_ref().and_then(Pattern::as_literal) {
        Some(name) => format!("No series of {name} satisfies q='{}'", query.text),
        None => format!("No series satisfies q='{}'", query.text),
    })
}

// Where the samples are that a range has missed, told by the newest of some of the series.
fn elsewhere(
    source: &dyn Source,
    matchers: &[Matcher],
    range: TimeRange,
) -> Result<Option<String>, QueryError> {
    let found = source.select(matchers, TimeRange::ALL, SERIES_MAX).map_err(QueryError::Source)?;
    let ids: Vec<_> = found.series.iter().map(|series| series.id).collect();
    let newest = source.last(&ids, TimeRange::ALL).map_err(QueryError::Source)?;
    let Some(newest_ms) = newest.into_iter().flatten().map(|sample| sample.time_ms).max() else {
        return Ok(None);
    };
    let newest = model::timetext::print(newest_ms);
    Ok(Some(match newest_ms < range.start_ms {
        true => format!("the newest is of {newest}"),
        false => format!("there are some outside of it, up to {newest}"),
    }))
}

/// A sentence for series of which none has the labels they are to be split by.
pub(super) fn nothing_to_split(splits: &[Split], found: usize) -> String {
    let labels: Vec<&str> = splits.iter().map(|split| split.label.as_str()).collect();
    format!("None of the {found} series found has the label {} to split by", labels.join(" and "))
}

fn unknown(what: &str, word: &str, known: &[String], tail: &str) -> String {
    let near = ranked(word.trim_matches('*'), known.iter().map(String::as_str));
    let tail = if tail.is_empty() { String::new() } else { format!(" {tail}") };
    match near.as_slice() {
        [] => format!("{what} {word}{tail}"),
        near => format!("{what} {word}{tail}; nearest: {}", near[..near.len().min(OFFERED_MAX)].join(", ")),
    }
}

// Conditions on single labels that must hold.
fn label_terms(filter: &Filter) -> Vec<(&str, &Pattern)> {
    match filter {
        Filter::Term(Field::Label(label), pattern) => vec![(label, pattern)],
        Filter::And(parts) => parts.iter().flat_map(label_terms).collect(),
        _ => Vec::new(),
    }
}

/// Units of what a metric makes of groups' samples. Groups are nearly always of one metric name.
pub(super) struct Units<'a> {
    source: &'a dyn Source,
    metric: &'a Metric,
    last: Option<(String, String)>,
}

impl<'a> Units<'a> {
    /// Units of what `metric` makes.
    pub(super) fn new(source: &'a dyn Source, metric: &'a Metric) -> Self {
        Self { source, metric, last: None }
    }

    /// The unit of a group; empty when unknown.
    pub(super) fn of(&mut self, group: &Group) -> String {
        let literal = self.metric.name.as_ref().and_then(Pattern::as_literal);
        let mut names = group.series.iter().map(|series| series.labels.name());
        let common = || names.next().filter(|name| names.all(|other| other == *name));
        let Some(name) = literal.or_else(common) else { return String::new() };
        if self.last.as_ref().is_none_or(|(last, _)| last != name) {
            self.last = Some((name.to_owned(), self.of_metric(name)));
        }
        self.last.as_ref().map(|(_, unit)| unit.clone()).unwrap_or_default()
    }

    fn of_metric(&self, name: &str) -> String {
        let unit = || self.source.describe(name).map(|d| d.unit.into_owned()).unwrap_or_default();
        match self.metric.aggregate {
            Aggregate::Count | Aggregate::Cardinality => String::new(),
            Aggregate::Rate => {
                Some(unit()).filter(|unit| !unit.is_empty()).map_or_else(String::new, |u| u + "/s")
            }
            _ => unit(),
        }
    }
}
