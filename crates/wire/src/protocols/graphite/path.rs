//! The path of a line: name and tags.

use model::{LabelsBuilder, NAME};
use std::borrow::Cow;

/// Reads name and tags into `labels` and returns what follows them.
pub(super) fn read<'l>(line: &'l str, labels: &mut LabelsBuilder) -> Result<&'l str, String> {
    let end = memchr::memchr2(b' ', b'\t', line.as_bytes()).unwrap_or(line.len());
    let (path, rest) = line.split_at(end);
    if let Some(brace) = memchr::memchr(b'{', path.as_bytes()) {
        let (name, tags) = (&line[..brace], &line[brace + 1..]);
        if is_quoted_tags(name, tags) {
            add_name(name, labels)?;
            return read_quoted_tags(tags, labels);
        }
    }
    let Some(tags) = memchr::memchr(b';', path.as_bytes()) else {
        add_name(path, labels)?;
        return Ok(rest);
    };
    add_name(&path[..tags], labels)?;
    for part in path[tags + 1..].split(';') {
        let (tag, value) = part.split_once('=').ok_or_else(|| format!("tag `{part}` has no `=`"))?;
        add_tag(tag, value, labels)?;
    }
    Ok(rest)
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
