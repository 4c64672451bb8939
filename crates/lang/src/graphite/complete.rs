//! What may stand at the cursor of a target that is still being written.

use crate::Span;
use crate::catalog::{Catalog, Completion, ITEMS_MAX, Item, ItemKind};
use crate::signature::{self, Signature, Type};

/// What may stand at `cursor` (in characters).
pub fn complete(text: &str, cursor: usize, functions: &[&Signature], catalog: &dyn Catalog) -> Completion {
    let chars: Vec<char> = text.chars().collect();
    let cursor = cursor.min(chars.len());
    let place = Place::find(&chars[..cursor]);
    let word: String = chars[place.start..cursor].iter().collect();
    let span = Span::new(place.start, cursor);
    let mut items = match place.quote {
        Some(_) if place.is_by_tag() => conditions(&word, catalog),
        Some(_) => values(&place, &word, functions),
        None => words(&place, &word, functions, catalog),
    };
    items.truncate(ITEMS_MAX);
    Completion { span, items }
}

struct Place {
    /// Where the word at the cursor starts.
    start: usize,
    /// The quote it stands in.
    quote: Option<char>,
    /// The innermost open call, and how many commas of it are passed.
    call: Option<(String, usize)>,
    /// It follows a pipe.
    piped: bool,
}

impl Place {
    fn find(chars: &[char]) -> Self {
        let (mut open, mut quote, mut start) = (Vec::<(String, usize)>::new(), None, 0);
        let (mut piped, mut braces) = (false, 0usize);
        let mut at = 0;
        while at < chars.len() {
            let c = chars[at];
            match (quote, c) {
                (Some(_), '\\') => at += 1,
                (Some(q), c) if q == c => (quote, start) = (None, at + 1),
                (Some(_), _) => {}
                (None, '"' | '\'') => (quote, start) = (Some(c), at + 1),
                (None, '{') => braces += 1,
                (None, '}') => braces = braces.saturating_sub(1),
                (None, '(') => {
                    open.push((
                        chars[start..at].iter().filter(|c| !c.is_whitespace()).collect(),
                        usize::from(piped),
                    ));
                    (start, piped) = (at + 1, false);
                }
                (None, ')') => {
                    open.pop();
                    (start, piped) = (at + 1, false);
                }
                (None, ',') if braces == 0 => {
                    if let Some((_, commas)) = open.last_mut() {
                        *commas += 1;
                    }
                    (start, piped) = (at + 1, false);
                }
                (None, '|') => (start, piped) = (at + 1, true),
                (None, c) if c.is_whitespace() && start == at => start = at + 1,
                _ => {}
            }
            at += 1;
        }
        Self { start: start.min(chars.len()), quote, call: open.pop(), piped }
    }

    fn is_by_tag(&self) -> bool {
        self.call.as_ref().is_some_and(|(name, _)| name == "seriesByTag")
    }

    // Outside of a call stands a target, within one what its argument is.
    fn takes_series(&self, functions: &[&Signature]) -> bool {
        let Some((name, commas)) = &self.call else { return true };
        let Some(function) = signature::find(functions, name) else { return true };
        let parameter = function.args.get(*commas).or(function.args.last().filter(|p| p.multi));
        parameter.is_some_and(|p| p.types.contains(&Type::SeriesList) || p.types.contains(&Type::SeriesLists))
    }
}

fn words(place: &Place, word: &str, functions: &[&Signature], catalog: &dyn Catalog) -> Vec<Item> {
    let mut items = Vec::new();
    if !place.piped && place.takes_series(functions) && !word.contains(['{', '[']) {
        items.extend(catalog.paths(word, ITEMS_MAX / 2).into_iter().map(path));
    }
    let fits = |function: &&&Signature| !place.piped || !function.source;
    let named = functions.iter().filter(fits).flat_map(|f| f.names().map(move |name| (*f, name)));
    let mut found: Vec<Item> =
        named.filter(|(_, name)| starts_with(name, word)).map(|(f, name)| function_item(f, name)).collect();
    found.sort_by(|a, b| a.label.cmp(&b.label));
    items.extend(found);
    items.extend(argument_names(place, word, functions));
    items
}

// A path that goes on is written with its dot, so that what is below can be asked for at once.
fn path((path, is_leaf): (String, bool)) -> Item {
    let text = if is_leaf { path.clone() } else { format!("{path}.") };
    let detail = if is_leaf { "" } else { "…" };
    Item {
        text,
        label: path.rsplit('.').next().unwrap_or(&path).to_owned(),
        detail: detail.to_owned(),
        ..plain(path, ItemKind::Metric)
    }
}

// `tag=value` as seriesByTag takes it; a metric's name is the tag `name`.
fn conditions(word: &str, catalog: &dyn Catalog) -> Vec<Item> {
    let label = |tag: &str| if tag == "name" { model::NAME.to_owned() } else { tag.to_owned() };
    let sign = ["!=~", "=~", "!=", "="]
        .into_iter()
        .filter_map(|sign| Some((word.find(sign)?, sign)))
        .min_by_key(|found| found.0);
    let Some((at, sign)) = sign else {
        let labels = catalog
            .labels("", ITEMS_MAX)
            .into_iter()
            .map(|tag| if tag == model::NAME { "name".to_owned() } else { tag });
        let mut tags: Vec<String> = labels.filter(|tag| tag.starts_with(word)).collect();
        tags.sort_by_key(|tag| tag != "name");
        // A label may be called so, too.
        tags.dedup();
        return tags
            .into_iter()
            .map(|tag| Item { text: format!("{tag}="), ..plain(tag, ItemKind::Label) })
            .collect();
    };
    let (tag, value) = (&word[..at], &word[at + sign.len()..]);
    let values = catalog.values(&label(tag), value, ITEMS_MAX).into_iter();
    values
        .map(|value| Item { text: format!("{tag}{sign}{value}"), ..plain(value, ItemKind::Value) })
        .collect()
}

fn starts_with(name: &str, word: &str) -> bool {
    name.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word))
}

fn argument_names(place: &Place, word: &str, functions: &[&Signature]) -> Vec<Item> {
    let Some((name, commas)) = &place.call else { return Vec::new() };
    let Some(function) = signature::find(functions, name) else { return Vec::new() };
    let args = function.args.iter().skip((*commas).max(1)).filter(|p| !p.multi && starts_with(p.name, word));
    let item = |p: &signature::Parameter| Item {
        text: format!("{}=", p.name),
        label: p.name.to_owned(),
        kind: ItemKind::Argument,
        detail: p.types.first().map_or("", |t| t.as_str()).to_owned(),
        doc: p.doc.to_owned(),
    };
    args.map(item).collect()
}

fn values(place: &Place, word: &str, functions: &[&Signature]) -> Vec<Item> {
    let Some((name, commas)) = &place.call else { return Vec::new() };
    let Some(function) = signature::find(functions, name) else { return Vec::new() };
    let parameter = function.args.get(*commas).or(function.args.last().filter(|p| p.multi));
    let Some(parameter) = parameter else { return Vec::new() };
    let fitting = parameter.suggestions.iter().filter(|choice| starts_with(choice.value, word));
    let item = |choice: &signature::Choice| Item {
        doc: choice.doc.to_owned(),
        ..plain(choice.value.to_owned(), ItemKind::Value)
    };
    fitting.map(item).collect()
}

fn plain(text: String, kind: ItemKind) -> Item {
    Item { label: text.clone(), text, kind, detail: String::new(), doc: String::new() }
}

fn function_item(function: &Signature, name: &str) -> Item {
    let args: Vec<&str> = function.args.iter().map(|p| p.name).collect();
    Item {
        text: format!("{name}("),
        label: name.to_owned(),
        kind: ItemKind::Function,
        detail: format!("({})", args.join(", ")),
        doc: function.summary.to_owned(),
    }
}
