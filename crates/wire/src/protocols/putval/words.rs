//! The words of a line of collectd's text protocol: separated by blanks; in double quotes a word may hold blanks, and
//! `\` takes the meaning of the character after it away.

use std::borrow::Cow;

/// Takes the first word off a text; `None` at its end. An error when its quotes are not closed.
pub(super) fn next<'t>(text: &mut &'t str) -> Result<Option<Cow<'t, str>>, String> {
    let trimmed = text.trim_ascii_start();
    let Some(quoted) = trimmed.strip_prefix('"') else {
        let end = trimmed.bytes().position(|b| matches!(b, b' ' | b'\t')).unwrap_or(trimmed.len());
        *text = &trimmed[end..];
        return Ok((end > 0).then(|| trimmed[..end].into()));
    };
    let (word, rest) = unquote(quoted).ok_or_else(|| format!("the quotes of `{trimmed}` are not closed"))?;
    if !rest.is_empty() && !rest.starts_with([' ', '\t']) {
        return Err(format!("after `\"{word}\"` comes no blank"));
    }
    *text = rest;
    Ok(Some(word))
}

/// The name of an option and the rest after its `=`, when the text begins with one.
pub(super) fn option_name<'t>(text: &mut &'t str) -> Option<&'t str> {
    let trimmed = text.trim_ascii_start();
    let end = trimmed.bytes().position(|b| matches!(b, b'=' | b'"' | b' ' | b'\t'))?;
    if end == 0 || trimmed.as_bytes()[end] != b'=' {
        return None;
    }
    *text = &trimmed[end + 1..];
    Some(&trimmed[..end])
}

fn unquote(text: &str) -> Option<(Cow<'_, str>, &str)> {
    let end = text.find(['"', '\\'])?;
    if text.as_bytes()[end] == b'"' {
        return Some((text[..end].into(), &text[end + 1..]));
    }
    let (mut word, mut chars) = (text[..end].to_owned(), text[end..].chars());
    loop {
        match chars.next()? {
            '"' => return Some((word.into(), chars.as_str())),
            '\\' => word.push(chars.next()?),
            plain => word.push(plain),
        }
    }
}
