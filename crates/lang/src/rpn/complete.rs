//! What may stand at the cursor: statements, names, operators, metrics.

use super::lower::STATEMENTS;
use super::program::OPERATORS;
use super::select::FOLDS;
use super::summary;
use crate::Span;
use crate::catalog::{Catalog, Completion, ITEMS_MAX, Item, ItemKind};
use crate::signature::Signature;

/// What may stand at `cursor` (in characters).
pub fn complete(text: &str, cursor: usize, _: &[&Signature], catalog: &dyn Catalog) -> Completion {
    let chars: Vec<char> = text.chars().collect();
    let cursor = cursor.min(chars.len());
    let start = chars[..cursor].iter().rposition(|c| c.is_whitespace()).map_or(0, |at| at + 1);
    let statement: String = chars[start..cursor].iter().collect();
    let fields: Vec<&str> = statement.split(':').collect();
    let last = fields[fields.len() - 1];
    // What is being written: after the last mark.
    let word = last.rsplit([',', '=']).next().unwrap_or(last);
    let mut items = match (fields[0], fields.len()) {
        (_, 1) => statements(),
        ("DEF", 2) if last.contains('=') => metrics(catalog, word),
        ("DEF", 3..) => rows(&FOLDS, ItemKind::Keyword),
        ("CDEF", 2) if last.contains('=') => [names(&chars[..start]), operators()].concat(),
        ("VDEF", 2) if last.contains(',') => summaries(),
        ("VDEF", 2) if last.contains('=') => names(&chars[..start]),
        ("DEF" | "CDEF" | "VDEF", 2) => Vec::new(),
        (_, 2) => names(&chars[..start]),
        _ => Vec::new(),
    };
    items.retain(|item| item.label.starts_with(word));
    items.truncate(ITEMS_MAX);
    Completion { span: Span::new(cursor - word.chars().count(), cursor), items }
}

fn item(text: &str, kind: ItemKind, doc: &str) -> Item {
    Item { text: text.to_owned(), label: text.to_owned(), kind, detail: String::new(), doc: doc.to_owned() }
}

fn rows(rows: &[(&str, &str)], kind: ItemKind) -> Vec<Item> {
    rows.iter().map(|(name, doc)| item(name, kind, doc)).collect()
}

fn statements() -> Vec<Item> {
    let with_colon =
        |(name, doc): &(&str, &str)| Item { text: format!("{name}:"), ..item(name, ItemKind::Keyword, doc) };
    STATEMENTS.iter().map(with_colon).collect()
}

fn operators() -> Vec<Item> {
    OPERATORS.iter().map(|row| item(row.name, ItemKind::Function, row.doc)).collect()
}

fn summaries() -> Vec<Item> {
    summary::NAMES.iter().map(|(name, _)| item(name, ItemKind::Function, "")).collect()
}

fn metrics(catalog: &dyn Catalog, prefix: &str) -> Vec<Item> {
    catalog.metrics(prefix, ITEMS_MAX).iter().map(|name| item(name, ItemKind::Metric, "")).collect()
}

// Names defined before the cursor.
fn names(before: &[char]) -> Vec<Item> {
    let text: String = before.iter().collect();
    let defined = text.split_whitespace().filter_map(|statement| {
        let (kind, rest) = statement.trim_start_matches(['"', '\'']).split_once(':')?;
        let name = rest.split_once('=')?.0;
        ["DEF", "CDEF", "VDEF"].contains(&kind).then(|| item(name, ItemKind::Value, kind))
    });
    defined.collect()
}
