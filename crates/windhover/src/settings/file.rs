//! The configuration file: TOML, and with it every `conf.d/*.toml` beside it in order of names.

use super::tables::{self, Section, Table};
use super::{Kind, find, suggestion};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use toml::de::{DeTable, DeValue};

/// A value as it stands in a file.
#[derive(Debug, PartialEq, Eq)]
pub struct Entry {
    /// Dotted key.
    pub key: &'static str,
    /// Value as text.
    pub value: String,
    /// Where: file and line.
    pub place: String,
}

/// What the files say.
#[derive(Debug, Default)]
pub struct Found {
    /// Single keys.
    pub entries: Vec<Entry>,
    /// Tables that may stand several times, in their order.
    pub sections: Vec<Section>,
    /// What is wrong, with file and line.
    pub problems: Vec<String>,
}

/// Reads the main file and its `conf.d`. Every problem is told, not only the first.
pub fn read(main: &Path) -> Found {
    let mut found = Found::default();
    for path in std::iter::once(main.to_owned()).chain(fragments(main)) {
        match std::fs::read_to_string(&path) {
            Ok(text) => parse(&path.display().to_string(), &text, &mut found),
            Err(e) => found.problems.push(format!("{}: {e}", path.display())),
        }
    }
    found
}

fn fragments(main: &Path) -> Vec<PathBuf> {
    let folder = main.parent().unwrap_or(Path::new(".")).join("conf.d");
    let Ok(listing) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = listing.filter_map(|e| Some(e.ok()?.path())).collect();
    paths.retain(|p| p.extension().is_some_and(|e| e == "toml"));
    paths.sort();
    paths
}

/// Reads one file's text.
pub fn parse(name: &str, text: &str, found: &mut Found) {
    match DeTable::parse(text) {
        Ok(table) => walk(&Reading { name, text }, "", table.get_ref(), found),
        Err(e) => {
            let line = e.span().map_or(1, |span| line_of(text, span.start));
            found.problems.push(format!("{name}:{line}: {}", e.message()));
        }
    }
}

struct Reading<'a> {
    name: &'a str,
    text: &'a str,
}

impl Reading<'_> {
    fn place(&self, offset: usize) -> String {
        format!("{}:{}", self.name, line_of(self.text, offset))
    }
}

fn line_of(text: &str, offset: usize) -> usize {
    1 + text.bytes().take(offset).filter(|b| *b == b'\n').count()
}

fn walk(file: &Reading<'_>, prefix: &str, table: &DeTable<'_>, found: &mut Found) {
    for (name, value) in table {
        let key = if prefix.is_empty() {
            name.get_ref().to_string()
        } else {
            format!("{prefix}.{}", name.get_ref())
        };
        let place = file.place(name.span().start);
        match (find(&key), tables::find(&key), value.get_ref()) {
            (Some(setting), _, value) => match checked(setting.kind, value) {
                Ok(texts) => {
                    found.entries.push(Entry { key: setting.key, value: texts.join(","), place });
                }
                Err(why) => found.problems.push(format!("{place}: {key}: {why}")),
            },
            (None, Some(table), DeValue::Array(items)) => {
                for item in items {
                    let place = file.place(item.span().start);
                    match section(file, table, &place, item.get_ref()) {
                        Ok(section) => found.sections.push(section),
                        Err(why) => found.problems.push(format!("{place}: {key}: {why}")),
                    }
                }
            }
            (None, Some(_), DeValue::Table(_)) => {
                found.problems.push(format!("{place}: {key}: there can be several, write [[{key}]]"));
            }
            (None, None, DeValue::Table(inner)) => walk(file, &key, inner, found),
            (None, _, _) => found.problems.push(unknown(&place, &key)),
        }
    }
}

fn section(
    file: &Reading<'_>,
    table: &'static Table,
    place: &str,
    value: &DeValue<'_>,
) -> Result<Section, String> {
    let DeValue::Table(given) = value else { return Err(format!("write it as a table, [[{}]]", table.key)) };
    let (mut values, mut parts) = (BTreeMap::new(), BTreeMap::new());
    for (key, value) in given {
        let key = key.get_ref();
        let Some(column) = table.columns.iter().find(|column| column.name == key.as_ref()) else {
            let known: Vec<_> = table.columns.iter().map(|column| column.name).collect();
            return Err(format!("unknown key `{key}`; there are {}", known.join(", ")));
        };
        if let Kind::Tables(below) = column.kind {
            parts.insert(column.name, inner_tables(file, below, value.get_ref())?);
            continue;
        }
        let texts = checked(column.kind, value.get_ref()).map_err(|why| format!("{key}: {why}"))?;
        values.insert(column.name, texts);
    }
    Ok(Section::new(table, place.to_owned(), values)?.with_parts(parts))
}

fn inner_tables(
    file: &Reading<'_>,
    table: &'static Table,
    value: &DeValue<'_>,
) -> Result<Vec<Section>, String> {
    let DeValue::Array(items) = value else {
        return Err(format!("there can be several, write [[{}]]", table.key));
    };
    let read = |item: &toml::Spanned<DeValue<'_>>| {
        let place = file.place(item.span().start);
        section(file, table, &place, item.get_ref()).map_err(|why| format!("{}: {why} ({place})", table.key))
    };
    items.iter().map(read).collect()
}

fn unknown(place: &str, key: &str) -> String {
    match suggestion(key) {
        Some(near) => format!("{place}: unknown key `{key}`; did you mean `{near}`?"),
        None => format!("{place}: unknown key `{key}`; `windhover config show` lists the keys"),
    }
}

/// The texts of a value that fits: one for all kinds but lists.
fn checked(kind: Kind, value: &DeValue<'_>) -> Result<Vec<String>, String> {
    let texts = as_texts(kind, value)?;
    texts.iter().try_for_each(|text| kind.check(text))?;
    Ok(texts)
}

fn as_texts(kind: Kind, value: &DeValue<'_>) -> Result<Vec<String>, String> {
    match (kind, value) {
        (Kind::Switch, DeValue::Boolean(b)) => Ok(vec![b.to_string()]),
        (Kind::Switch, _) => Err("write true or false, without quotes".into()),
        (Kind::Count | Kind::Bytes, DeValue::Integer(n)) => Ok(vec![n.as_str().replace('_', "")]),
        (Kind::Urls | Kind::Texts | Kind::Servers, DeValue::Array(items)) => {
            let text = |item: &DeValue<'_>| match item {
                DeValue::String(text) => Some(text.to_string()),
                DeValue::Integer(n) if kind == Kind::Texts => Some(n.as_str().replace('_', "")),
                DeValue::Float(n) if kind == Kind::Texts => Some(n.as_str().replace('_', "")),
                _ => None,
            };
            let texts = items.iter().map(|item| text(item.get_ref()).ok_or("a list of texts is needed"));
            Ok(texts.collect::<Result<_, _>>()?)
        }
        (Kind::Pairs, DeValue::Table(table)) => {
            let pair = |(name, value): (&str, &DeValue<'_>)| Some(format!("{name}={}", value.as_str()?));
            let pairs = table.iter().map(|(name, value)| pair((name.get_ref(), value.get_ref())));
            Ok(pairs.map(|pair| pair.ok_or("a table of texts is needed")).collect::<Result<_, _>>()?)
        }
        (Kind::Pairs, _) => Err("write it as a table of texts, such as { name = \"text\" }".into()),
        (_, DeValue::String(text)) => Ok(vec![text.to_string()]),
        (kind, _) => Err(format!("write it as a text, such as \"{}\"", kind.placeholder())),
    }
}
