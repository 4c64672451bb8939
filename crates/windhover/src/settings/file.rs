//! The configuration file: TOML, and with it every `conf.d/*.toml` beside it in order of names.

use super::{Kind, find, suggestion};
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

/// A `[[store.policy]]` as it stands in a file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PolicyEntry {
    /// What its blocks are marked with; the matcher when it has no name.
    pub name: String,
    /// Which series it is for: `name{label="value"}`.
    pub matcher: String,
    /// What is kept how long: `60s:90d`.
    pub tiers: Vec<String>,
    /// Where: file and line.
    pub place: String,
}

/// The key under which policies stand.
const POLICY: &str = "store.policy";

/// Reads the main file and its `conf.d`. Every problem is told, not only the first.
pub fn read(main: &Path) -> Result<(Vec<Entry>, Vec<PolicyEntry>), Vec<String>> {
    let (mut entries, mut problems) = (Vec::new(), Vec::new());
    let mut policies = Vec::new();
    for path in std::iter::once(main.to_owned()).chain(fragments(main)) {
        match std::fs::read_to_string(&path) {
            Ok(text) => {
                parse(&path.display().to_string(), &text, &mut entries, &mut policies, &mut problems);
            }
            Err(e) => problems.push(format!("{}: {e}", path.display())),
        }
    }
    if problems.is_empty() { Ok((entries, policies)) } else { Err(problems) }
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
pub fn parse(
    name: &str,
    text: &str,
    entries: &mut Vec<Entry>,
    policies: &mut Vec<PolicyEntry>,
    problems: &mut Vec<String>,
) {
    match DeTable::parse(text) {
        Ok(table) => walk(&Reading { name, text }, "", table.get_ref(), entries, policies, problems),
        Err(e) => {
            let line = e.span().map_or(1, |span| line_of(text, span.start));
            problems.push(format!("{name}:{line}: {}", e.message()));
        }
    }
}

struct Reading<'a> {
    name: &'a str,
    text: &'a str,
}

fn line_of(text: &str, offset: usize) -> usize {
    1 + text.bytes().take(offset).filter(|b| *b == b'\n').count()
}

fn walk(
    file: &Reading<'_>,
    prefix: &str,
    table: &DeTable<'_>,
    entries: &mut Vec<Entry>,
    policies: &mut Vec<PolicyEntry>,
    problems: &mut Vec<String>,
) {
    for (name, value) in table {
        let key = if prefix.is_empty() {
            name.get_ref().to_string()
        } else {
            format!("{prefix}.{}", name.get_ref())
        };
        let place = format!("{}:{}", file.name, line_of(file.text, name.span().start));
        match (find(&key), value.get_ref()) {
            (None, DeValue::Array(items)) if key == POLICY => {
                for item in items {
                    let place = format!("{}:{}", file.name, line_of(file.text, item.span().start));
                    match policy(&place, item.get_ref()) {
                        Ok(found) => policies.push(found),
                        Err(why) => problems.push(format!("{place}: {POLICY}: {why}")),
                    }
                }
            }
            (None, DeValue::Table(_)) if key == POLICY => {
                problems.push(format!("{place}: {POLICY}: there can be several, write [[store.policy]]"));
            }
            (None, DeValue::Table(inner)) => walk(file, &key, inner, entries, policies, problems),
            (None, _) => problems.push(unknown(&place, &key)),
            (Some(setting), value) => match as_text(setting.kind, value) {
                Ok(value) => match setting.kind.check(&value) {
                    Ok(()) => entries.push(Entry { key: setting.key, value, place }),
                    Err(why) => problems.push(format!("{place}: {key}: {why}")),
                },
                Err(why) => problems.push(format!("{place}: {key}: {why}")),
            },
        }
    }
}

fn policy(place: &str, value: &DeValue<'_>) -> Result<PolicyEntry, String> {
    let DeValue::Table(table) = value else { return Err("write it as a table, [[store.policy]]".into()) };
    let mut found = PolicyEntry { place: place.to_owned(), ..PolicyEntry::default() };
    for (key, value) in table {
        match (key.get_ref().as_ref(), value.get_ref()) {
            ("name", DeValue::String(text)) => found.name = text.to_string(),
            ("match", DeValue::String(text)) => found.matcher = text.to_string(),
            ("tiers", DeValue::Array(items)) => {
                let texts = items.iter().map(|item| item.get_ref().as_str().map(str::to_owned));
                found.tiers = texts.collect::<Option<_>>().ok_or("`tiers` is not a list of texts")?;
            }
            (key @ ("name" | "match"), _) => return Err(format!("`{key}` is not a text")),
            ("tiers", _) => return Err("`tiers` is not a list of texts".into()),
            (key, _) => return Err(format!("unknown key `{key}`; there are name, match and tiers")),
        }
    }
    if found.matcher.is_empty() || found.tiers.is_empty() {
        return Err("both `match` and `tiers` are needed".into());
    }
    if found.name.is_empty() {
        found.name.clone_from(&found.matcher);
    }
    Ok(found)
}

fn unknown(place: &str, key: &str) -> String {
    match suggestion(key) {
        Some(near) => format!("{place}: unknown key `{key}`; did you mean `{near}`?"),
        None => format!("{place}: unknown key `{key}`; `windhover config show` lists the keys"),
    }
}

fn as_text(kind: Kind, value: &DeValue<'_>) -> Result<String, String> {
    match (kind, value) {
        (Kind::Switch, DeValue::Boolean(b)) => Ok(b.to_string()),
        (Kind::Switch, _) => Err("write true or false, without quotes".into()),
        (Kind::Count | Kind::Bytes, DeValue::Integer(n)) => Ok(n.as_str().replace('_', "")),
        (Kind::Urls, DeValue::Array(items)) => {
            let texts = items
                .iter()
                .map(|item| item.get_ref().as_str().ok_or("a list of texts is needed".to_owned()));
            Ok(texts.collect::<Result<Vec<_>, _>>()?.join(","))
        }
        (_, DeValue::String(text)) => Ok(text.to_string()),
        (kind, _) => Err(format!("write it as a text, such as \"{}\"", kind.placeholder())),
    }
}
