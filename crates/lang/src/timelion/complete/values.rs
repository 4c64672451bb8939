//! Values of an argument: what its signature suggests, and names that exist.

use super::place::Argument;
use super::sources;
use crate::Span;
use crate::catalog::{Catalog, Completion, ITEMS_MAX, Item, ItemKind};
use crate::signature::{Names, Parameter, Signature, Type};

/// Limit a completed split gets.
const SPLIT_LIMIT: usize = 5;

/// What may stand in the value the cursor is in.
pub(super) fn complete(
    chars: &[char],
    cursor: usize,
    argument: &Argument,
    parameter: &Parameter,
    functions: &[&Signature],
    catalog: &dyn Catalog,
) -> Completion {
    let start = argument.value.start.min(cursor);
    let prefix: String = chars[start..cursor].iter().collect();
    let written = Written { quote: argument.quote };
    let span = argument.value;
    match parameter.names {
        Names::Metric => Completion { span, items: metrics(&prefix, parameter, &written, catalog) },
        Names::Split => {
            Completion { span, items: splits(&prefix, metric(chars, cursor).as_deref(), catalog) }
        }
        Names::LabelQuery => label_query(&prefix, span, &written, catalog),
        Names::Free => Completion { span, items: suggestions(&prefix, parameter, argument, functions) },
    }
}

fn suggestions(
    prefix: &str,
    parameter: &Parameter,
    argument: &Argument,
    functions: &[&Signature],
) -> Vec<Item> {
    let mut items = choices(prefix, parameter);
    if parameter.types.contains(&Type::Boolean) && parameter.suggestions.is_empty() {
        let words = ["true", "false"].into_iter().filter(|word| word.starts_with(prefix));
        items.extend(words.map(|word| item(word, word, ItemKind::Value, "", "")));
    }
    if parameter.types.contains(&Type::Series) && prefix.is_empty() && argument.quote.is_none() {
        items.extend(sources(functions));
    }
    items
}

fn choices(prefix: &str, parameter: &Parameter) -> Vec<Item> {
    let fitting = parameter.suggestions.iter().filter(|choice| choice.value.starts_with(prefix));
    fitting.map(|choice| item(choice.value, choice.value, ItemKind::Value, "", choice.doc)).collect()
}

fn item(text: &str, label: &str, kind: ItemKind, detail: &str, doc: &str) -> Item {
    Item {
        text: text.to_owned(),
        label: label.to_owned(),
        kind,
        detail: detail.to_owned(),
        doc: doc.to_owned(),
    }
}

// `avg:lo` asks for metrics; before the colon aggregates are offered, and metrics with the mean.
fn metrics(prefix: &str, parameter: &Parameter, written: &Written, catalog: &dyn Catalog) -> Vec<Item> {
    let (aggregate, name, mut items) = match prefix.split_once(':') {
        Some((aggregate, name)) => (aggregate, name, Vec::new()),
        None => ("avg", prefix, choices(prefix, parameter)),
    };
    let room = ITEMS_MAX.saturating_sub(items.len());
    let names = catalog.metrics(&name.replace('\\', ""), room);
    items.extend(names.iter().map(|name| {
        let text = written.argument(&format!("{aggregate}:{}", name.replace(':', "\\:")));
        item(&text, name, ItemKind::Metric, aggregate, "")
    }));
    items
}

/// The metric that was named before the cursor: `load1` of `metric=avg:load1`.
fn metric(chars: &[char], cursor: usize) -> Option<String> {
    let before: String = chars[..cursor].iter().collect();
    let (_, named) = before.rsplit_once("metric=")?;
    let value = named.trim_start_matches(['"', '\'']);
    let value = &value[..value.find(['"', '\'', ',', ')', ' ']).unwrap_or(value.len())];
    Some(value.rsplit_once(':').map_or(value, |(_, name)| name).to_owned()).filter(|name| !name.is_empty())
}

fn splits(prefix: &str, metric: Option<&str>, catalog: &dyn Catalog) -> Vec<Item> {
    let label = prefix.rsplit_once(':').map_or(prefix, |(label, _)| label);
    let names = match metric {
        Some(metric) => catalog.labels_of(metric, label, ITEMS_MAX),
        None => catalog.labels(label, ITEMS_MAX),
    };
    let names: Vec<String> =
        names.into_iter().filter(|name| metric.is_none() || name != model::NAME).collect();
    names.iter().map(|name| item(&format!("{name}:{SPLIT_LIMIT}"), name, ItemKind::Label, "", "")).collect()
}

// The word the cursor is in: a label, the value of a label, or a metric name.
fn label_query(prefix: &str, value: Span, written: &Written, catalog: &dyn Catalog) -> Completion {
    let before: Vec<char> = prefix.chars().collect();
    let start =
        before.iter().rposition(|c| c.is_whitespace() || matches!(c, '(' | ')')).map_or(0, |at| at + 1);
    let word: String = before[start..].iter().collect();
    let word = word.trim_start_matches(['+', '-', '!']);
    let start = value.start + before.len() - word.chars().count();
    // What follows the cursor stays, unless the value is this word alone.
    let end =
        if written.quote.is_none() && start == value.start { value.end } else { value.start + before.len() };
    let items = match word.split_once(':') {
        Some((label, rest)) => values_of(label, rest, written, catalog),
        None => words(word, written, catalog),
    };
    Completion { span: Span::new(start, end), items }
}

fn values_of(label: &str, rest: &str, written: &Written, catalog: &dyn Catalog) -> Vec<Item> {
    let name = crate::plan::Field::label(label);
    let values = if label == "_exists_" {
        catalog.labels(rest, ITEMS_MAX)
    } else {
        catalog.values(&name, rest.trim_start_matches('"'), ITEMS_MAX)
    };
    let text = |value: &str| written.query(&format!("{label}:{}", word_or_phrase(value)));
    values.iter().map(|value| item(&text(value), value, ItemKind::Value, label, "")).collect()
}

fn words(word: &str, written: &Written, catalog: &dyn Catalog) -> Vec<Item> {
    let labels = catalog.labels(word, ITEMS_MAX / 2);
    let shown = labels.iter().filter(|name| *name != model::NAME);
    let mut items: Vec<Item> =
        shown.map(|name| item(&format!("{name}:"), name, ItemKind::Label, "label", "")).collect();
    let metrics = catalog.metrics(word, ITEMS_MAX / 2);
    items.extend(
        metrics
            .iter()
            .map(|name| item(&written.query(&word_or_phrase(name)), name, ItemKind::Metric, "metric", "")),
    );
    if word.is_empty() && written.quote.is_some() {
        let keywords = ["AND", "OR", "NOT"].into_iter();
        items.extend(keywords.map(|word| item(word, word, ItemKind::Keyword, "", "")));
    }
    items
}

/// How a value must be written where the cursor is.
struct Written {
    quote: Option<char>,
}

impl Written {
    // A whole argument: quoted if it has to be and is not yet.
    fn argument(&self, text: &str) -> String {
        let bare =
            text.chars().all(|c| !c.is_whitespace() && !matches!(c, '(' | ')' | '"' | '\'' | ',' | '='));
        match self.quote {
            None if !bare => format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'")),
            _ => text.to_owned(),
        }
    }

    // A piece of a label query, within the quotes it is in or to be put into some.
    fn query(&self, piece: &str) -> String {
        match self.quote {
            Some('"') => piece.replace('\\', "\\\\").replace('"', "\\\""),
            Some(_) => piece.replace('\'', "\\'"),
            None => self.argument(piece),
        }
    }
}

// As a word of a label query, or as a phrase if it has signs in it.
fn word_or_phrase(text: &str) -> String {
    let bare = text.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '-'))
        && !text.starts_with('-')
        && !["AND", "OR", "NOT"].contains(&text);
    if bare { text.to_owned() } else { format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")) }
}
