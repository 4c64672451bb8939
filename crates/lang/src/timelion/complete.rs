//! What may stand at the cursor of an expression that is still being written.

mod place;
mod values;

use crate::catalog::{Catalog, Completion, ITEMS_MAX, Item, ItemKind};
use crate::signature::{Parameter, Signature, Type};
use crate::{Span, signature};
use place::{Argument, Place};

/// What may stand at `cursor` (in characters).
pub fn complete(text: &str, cursor: usize, functions: &[&Signature], catalog: &dyn Catalog) -> Completion {
    let chars: Vec<char> = text.chars().collect();
    let cursor = cursor.min(chars.len());
    let mut completion = match place::find(&chars, cursor) {
        Place::Start => Completion { span: Span::new(cursor, cursor), items: sources(functions) },
        Place::Function { span, continues } => function_names(&chars, span, cursor, continues, functions),
        Place::Argument(argument) => arguments(&chars, cursor, &argument, functions, catalog),
        Place::Nothing => Completion { span: Span::new(cursor, cursor), items: Vec::new() },
    };
    completion.items.truncate(ITEMS_MAX);
    completion
}

fn sources(functions: &[&Signature]) -> Vec<Item> {
    let sources = functions.iter().filter(|f| f.source);
    sources.map(|f| Item { text: format!(".{}(", f.name), ..function_item(f, f.name, true) }).collect()
}

fn function_names(
    chars: &[char],
    span: Span,
    cursor: usize,
    continues: bool,
    functions: &[&Signature],
) -> Completion {
    let prefix: String = chars[span.start..cursor].iter().collect();
    let called = chars.get(span.end) == Some(&'(');
    let fitting = functions.iter().filter(|f| f.source != continues);
    let named = fitting.flat_map(|f| f.names().map(move |name| (*f, name)));
    let mut items: Vec<Item> = named
        .filter(|(f, name)| name.starts_with(&prefix) && (*name == f.name || !f.name.starts_with(&prefix)))
        .map(|(f, name)| function_item(f, name, !called))
        .collect();
    items.sort_by(|a, b| a.label.cmp(&b.label));
    Completion { span, items }
}

fn function_item(function: &Signature, name: &str, opens: bool) -> Item {
    let tail = match (opens, function.args.is_empty()) {
        (false, _) => "",
        (true, true) => "()",
        (true, false) => "(",
    };
    let args: Vec<&str> = function.args.iter().map(|p| p.name).collect();
    Item {
        text: format!("{name}{tail}"),
        label: name.to_owned(),
        kind: ItemKind::Function,
        detail: format!("({})", args.join(", ")),
        doc: function.summary.to_owned(),
    }
}

fn arguments(
    chars: &[char],
    cursor: usize,
    argument: &Argument,
    functions: &[&Signature],
    catalog: &dyn Catalog,
) -> Completion {
    let Some(function) = signature::find(functions, &argument.function) else {
        return Completion { span: Span::new(cursor, cursor), items: Vec::new() };
    };
    let parameter = match &argument.name {
        Some(name) => function.arg(name).map(|(_, p)| p),
        None => function.args.get(argument.position),
    };
    let value = parameter.map(|p| values::complete(chars, cursor, argument, p, functions, catalog));
    let names = argument.name.is_none() && argument.quote.is_none();
    match (names, value) {
        (true, value) => {
            let mut completion = argument_names(chars, cursor, argument, function);
            // Values may replace other characters than names do; they are offered where both agree.
            completion
                .items
                .extend(value.filter(|v| v.span == completion.span).into_iter().flat_map(|v| v.items));
            completion
        }
        (false, value) => value.unwrap_or_default(),
    }
}

fn argument_names(chars: &[char], cursor: usize, argument: &Argument, function: &Signature) -> Completion {
    let prefix: String = chars[argument.value.start..cursor].iter().collect();
    let assigned = chars.get(argument.value.end) == Some(&'=');
    let free = |p: &&Parameter| p.multi || !argument.given.iter().any(|given| given == p.name);
    let items = function.args.iter().filter(free).filter(|p| p.name.starts_with(&prefix)).map(|p| {
        let types: Vec<&str> = p.types.iter().filter(|t| **t != Type::Null).map(|t| t.as_str()).collect();
        let default = if p.default.is_empty() { String::new() } else { format!(" = {}", p.default) };
        Item {
            text: format!("{}{}", p.name, if assigned { "" } else { "=" }),
            label: p.name.to_owned(),
            kind: ItemKind::Argument,
            detail: format!("{}{default}", types.join(" | ")),
            doc: p.doc.to_owned(),
        }
    });
    Completion { span: argument.value, items: items.collect() }
}
