//! What may stand at the cursor of an expression that is still being written.

mod place;

use super::functions::{AGGREGATORS, FUNCTIONS, Function};
use super::lex::unquote;
use crate::Span;
use crate::catalog::{Catalog, Completion, ITEMS_MAX, Item, ItemKind};
use model::NAME;
use place::Place;

/// Keywords that may follow an operand.
const AFTER_OPERAND: [(&str, &str); 9] = [
    ("and", "Series of the left side that the right side has, too"),
    ("or", "Series of both sides, the left side's first"),
    ("unless", "Series of the left side that the right side does not have"),
    ("atan2", "Angle of two values"),
    ("offset", "Looks so much earlier"),
    ("by", "Which labels tell the groups apart"),
    ("without", "Which labels do not tell the groups apart"),
    ("anchored", "Takes the last sample before the window as its start"),
    ("smoothed", "Takes the edges of the window from straight lines"),
];

/// Keywords that may follow an operator.
const AFTER_OPERATOR: [(&str, &str); 8] = [
    ("bool", "Gives 0 and 1 instead of leaving series out"),
    ("on", "These labels alone must be equal"),
    ("ignoring", "All labels but these must be equal"),
    ("group_left", "Many series of the left side meet one of the right"),
    ("group_right", "Many series of the right side meet one of the left"),
    ("fill", "What stands for series that one side does not have"),
    ("fill_left", "What stands for series that the left side does not have"),
    ("fill_right", "What stands for series that the right side does not have"),
];

const LENGTHS: [(&str, &str); 8] = [
    ("1m", "a minute"),
    ("5m", "five minutes"),
    ("10m", "ten minutes"),
    ("30m", "half an hour"),
    ("1h", "an hour"),
    ("6h", "six hours"),
    ("1d", "a day"),
    ("1w", "a week"),
];

/// What may stand at `cursor` (in characters).
pub fn complete(text: &str, cursor: usize, catalog: &dyn Catalog) -> Completion {
    let (place, bytes) = place::find(text, cursor);
    let prefix = &text[bytes.start..place::byte_of(text, cursor).max(bytes.start)];
    let mut items = match place {
        Place::Nothing => Vec::new(),
        Place::Operand { after_operator } => operands(prefix, after_operator, catalog),
        Place::AfterOperand => keywords(&AFTER_OPERAND, prefix),
        Place::Label => labels(place::metric(text, cursor), prefix, catalog),
        Place::Matcher => matchers(),
        Place::Value { label, quote } => values(place::metric(text, cursor), &label, quote, prefix, catalog),
        Place::Length => choices(&LENGTHS, prefix),
    };
    items.truncate(ITEMS_MAX);
    let characters = |byte: usize| text[..byte].chars().count();
    Completion { span: Span::new(characters(bytes.start), characters(bytes.end)), items }
}

fn item(text: &str, kind: ItemKind, detail: &str, doc: &str) -> Item {
    Item {
        text: text.to_owned(),
        label: text.to_owned(),
        kind,
        detail: detail.to_owned(),
        doc: doc.to_owned(),
    }
}

fn choices(list: &[(&str, &str)], prefix: &str) -> Vec<Item> {
    let fitting = list.iter().filter(|(word, _)| word.starts_with(prefix));
    fitting.map(|(word, doc)| item(word, ItemKind::Value, "", doc)).collect()
}

fn keywords(list: &[(&str, &str)], prefix: &str) -> Vec<Item> {
    let lower = prefix.to_ascii_lowercase();
    let fitting = list.iter().filter(|(word, _)| word.starts_with(&lower));
    fitting.map(|(word, doc)| item(word, ItemKind::Keyword, "", doc)).collect()
}

// Functions first: there are few of them, and metrics are many.
fn operands(prefix: &str, after_operator: bool, catalog: &dyn Catalog) -> Vec<Item> {
    let mut items = Vec::new();
    if !prefix.is_empty() {
        let aggregators = AGGREGATORS.iter().filter(|a| a.name.starts_with(prefix));
        items.extend(aggregators.map(|a| Item {
            text: format!("{}(", a.name),
            ..item(a.name, ItemKind::Function, "aggregation", a.summary)
        }));
        items.extend(FUNCTIONS.iter().filter(|f| f.name.starts_with(prefix)).map(function));
    }
    if after_operator {
        items.extend(keywords(&AFTER_OPERATOR, prefix));
    }
    let metrics = catalog.metrics(prefix, ITEMS_MAX);
    items.extend(
        metrics.iter().map(|name| Item { text: metric(name), ..item(name, ItemKind::Metric, "", "") }),
    );
    items
}

fn function(function: &Function) -> Item {
    let types: Vec<&str> = function.args.iter().map(|arg| arg.documented()).collect();
    let detail = format!("({})", types.join(", "));
    let opens = if function.args.is_empty() { "()" } else { "(" };
    Item {
        text: format!("{}{opens}", function.name),
        ..item(function.name, ItemKind::Function, &detail, function.summary)
    }
}

// A name that is no identifier stands in braces.
fn metric(name: &str) -> String {
    if super::is_metric_name(name) { name.to_owned() } else { format!("{{{name:?}}}") }
}

// The name of the metric is in the expression already, and is no question.
fn labels(metric: Option<&str>, prefix: &str, catalog: &dyn Catalog) -> Vec<Item> {
    let prefix = prefix.trim_start_matches(['"', '\'']);
    let names = match metric {
        Some(metric) => catalog.labels_of(metric, prefix, ITEMS_MAX),
        None => catalog.labels(prefix, ITEMS_MAX),
    };
    let names: Vec<String> = names.into_iter().filter(|name| metric.is_none() || name != NAME).collect();
    let quoted = |name: &str| if super::is_label_name(name) { name.to_owned() } else { format!("{name:?}") };
    names.iter().map(|name| Item { text: quoted(name), ..item(name, ItemKind::Label, "", "") }).collect()
}

fn matchers() -> Vec<Item> {
    let all = [("=", "is"), ("!=", "is not"), ("=~", "matches"), ("!~", "does not match")];
    all.iter().map(|(operator, doc)| item(operator, ItemKind::Keyword, "", doc)).collect()
}

fn values(
    metric: Option<&str>,
    label: &str,
    quote: Option<char>,
    prefix: &str,
    catalog: &dyn Catalog,
) -> Vec<Item> {
    let asked = match quote {
        // What is there of the text so far, as if it were closed here.
        Some(quote) => unquote(&format!("{quote}{prefix}{quote}")).unwrap_or_else(|_| prefix.to_owned()),
        None => prefix.to_owned(),
    };
    let values = match metric {
        Some(metric) => catalog.values_of(metric, label, &asked, ITEMS_MAX),
        None => catalog.values(label, &asked, ITEMS_MAX),
    };
    let written = |value: &str| match quote {
        Some(quote) => escaped(value, quote),
        None => format!("{value:?}"),
    };
    values.iter().map(|value| Item { text: written(value), ..item(value, ItemKind::Value, "", "") }).collect()
}

fn escaped(value: &str, quote: char) -> String {
    if quote == '`' {
        return value.to_owned();
    }
    value.chars().fold(String::new(), |mut out, c| {
        if c == quote || c == '\\' {
            out.push('\\');
        }
        out.push(c);
        out
    })
}
