//! The path of a line: name and tags.

use model::{LabelsBuilder, NAME};
use std::borrow::Cow;

/// Reads name and tags into `labels` and returns what follows them.
pub(super) fn read<'l>(line: &'l str, labels: &mut LabelsBuilder) -> Result<&'l str, String> {
    let end = memchr::memchr2(b' ', b'\t', line.as_bytes()).unwrap_or(line.len());
    let (path, rest) = line.split_at(end);
    match read_braces(line, path.find('{'), labels)? {
        Some(rest) => Ok(rest),
        None => read_semicolons(path, labels).map(|()| rest),
    }
}

/// Reads a path that is known to be one, blanks and all.
pub(crate) fn read_whole(path: &str, labels: &mut LabelsBuilder) -> Result<(), String> {
    match read_braces(path, path.find('{'), labels)? {
        Some("") => Ok(()),
        Some(more) => Err(format!("behind the tags comes `{more}`")),
        None => read_semicolons(path, labels),
    }
}

/// Reads a name with tags in braces, if that is what it is, and returns what follows.
fn read_braces<'l>(
    line: &'l str,
    brace: Option<usize>,
    labels: &mut LabelsBuilder,
) -> Result<Option<&'l str>, String> {
    let Some(brace) = brace else { return Ok(None) };
    let (name, tags) = (&line[..brace], &line[brace + 1..]);
    if !is_quoted_tags(name, tags) {
        return Ok(None);
    }
    add_name(name, labels)?;
    read_quoted_tags(tags, labels).map(Some)
}

/// Reads a name with carbon's tags, if it has any.
fn read_semicolons(path: &str, labels: &mut LabelsBuilder) -> Result<(), String> {
    let (name, tags) = match memchr::memchr(b';', path.as_bytes()) {
        Some(end) => (&path[..end], Some(&path[end + 1..])),
        None => (path, None),
    };
    add_name(name, labels)?;
    for part in tags.into_iter().flat_map(|tags| tags.split(';')) {
        let (tag, value) = part.split_once('=').ok_or_else(|| format!("tag `{part}` has no `=`"))?;
        add_tag(tag, value, labels)?;
    }
    Ok(())
}

/// Whether braces hold tags. They may also be part of a plain name.
fn is_quoted_tags(name: &str, tags: &str) -> bool {
    !name.contains(';') && tags.find("=\"").is_some_and(|end| !tags[..end].contains(['}', ' ', '\t']))
}

fn read_quoted_tags<'l>(mut text: &'l str, labels: &mut LabelsBuilder) -> Result<&'l str, String> {
    loop {
        let (tag, rest) = text.split_once("=\"").ok_or("a tag in braces is not `tag=\"value\"`")?;
        let (value, rest) =
            read_quoted(rest).ok_or_else(|| format!("the value of tag `{tag}` has no end"))?;
        add_tag(tag, &value, labels)?;
        text = match rest.strip_prefix(',') {
            Some(more) => more,
            None => return rest.strip_prefix('}').ok_or_else(|| format!("after tag `{tag}` comes no `}}`")),
        };
    }
}

/// A text up to its closing quote, with what `\` escapes made plain, and what follows.
fn read_quoted(text: &str) -> Option<(Cow<'_, str>, &str)> {
    let end = text.find(['"', '\\'])?;
    if text.as_bytes()[end] == b'"' {
        return Some((text[..end].into(), &text[end + 1..]));
    }
    let (mut value, mut chars) = (text[..end].to_owned(), text[end..].chars());
    loop {
        match chars.next()? {
            '"' => return Some((value.into(), chars.as_str())),
            '\\' => match chars.next()? {
                'n' => value.push('\n'),
                plain => value.push(plain),
            },
            plain => value.push(plain),
        }
    }
}

fn add_name(name: &str, labels: &mut LabelsBuilder) -> Result<(), String> {
    if name.is_empty() {
        return Err("the path is empty".to_owned());
    }
    labels.add(NAME, name);
    Ok(())
}

fn add_tag(tag: &str, value: &str, labels: &mut LabelsBuilder) -> Result<(), String> {
    if tag.is_empty() || tag.bytes().any(|byte| matches!(byte, b';' | b'!' | b'^' | b'=')) {
        return Err(format!("tag name `{tag}` is empty or has one of `;!^=`"));
    }
    if value.is_empty() || value.starts_with('~') || value.contains(';') {
        return Err(format!("the value `{value}` of tag `{tag}` is empty, starts with `~` or has a `;`"));
    }
    labels.set(if tag == NAME { "exported___name__" } else { tag }, value);
    Ok(())
}
