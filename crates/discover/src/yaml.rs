//! As much of YAML as configuration files of services use: maps by indentation, plain and quoted values, lists. Keys come
//! out joined with dots, so that `net.port: 1` and `net:` with `port: 1` below it are the same.

use crate::text::unquoted;

/// Every value with its key, in order; the elements of a list have the same key.
pub(crate) fn pairs(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    // Keys that are open, with how far each is indented.
    let mut open: Vec<(usize, String)> = Vec::new();
    for line in text.lines() {
        let content = without_comment(line).trim_end();
        let inner = content.trim_start();
        if inner.is_empty() || inner.starts_with("---") || inner.starts_with('%') {
            continue;
        }
        let indent = content.len() - inner.len();
        if let Some(element) = inner.strip_prefix("- ") {
            // A list may stand as far out as its key.
            open.retain(|(at, _)| *at <= indent);
            push(&mut found, &open, "", element.trim());
            continue;
        }
        open.retain(|(at, _)| *at < indent);
        let Some((key, value)) = split(inner) else { continue };
        if value.is_empty() {
            open.push((indent, key.to_owned()));
        } else {
            push(&mut found, &open, key, value);
        }
    }
    found
}

fn push(found: &mut Vec<(String, String)>, open: &[(usize, String)], key: &str, value: &str) {
    let mut words: Vec<&str> = open.iter().map(|(_, key)| key.as_str()).collect();
    words.extend([key].into_iter().filter(|key| !key.is_empty()));
    let key = words.join(".");
    let list = value.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    match list {
        Some(list) => {
            let elements = list.split(',').map(|element| unquoted(element.trim()).to_owned());
            found
                .extend(elements.filter(|element| !element.is_empty()).map(|element| (key.clone(), element)));
        }
        None => found.push((key, unquoted(value).to_owned())),
    }
}

/// A key ends at a colon with a blank or nothing after it.
fn split(line: &str) -> Option<(&str, &str)> {
    let end = line.find(": ").or_else(|| line.strip_suffix(':').map(str::len))?;
    Some((unquoted(line[..end].trim()), line[end + 1..].trim()))
}

/// A comment begins at a `#` that is the first or has a blank before it, and is not in quotes.
fn without_comment(line: &str) -> &str {
    let (mut quote, mut before) = (None, b' ');
    for (at, byte) in line.bytes().enumerate() {
        match (quote, byte) {
            (None, b'#') if before.is_ascii_whitespace() => return &line[..at],
            (None, b'"' | b'\'') if before.is_ascii_whitespace() || before == b'[' => quote = Some(byte),
            (Some(q), byte) if q == byte => quote = None,
            _ => {}
        }
        before = byte;
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maps_lists_and_values_come_out_flat() {
        let text = "# c\n---\nnet:\n  port: 27018 # odd\n  bindIp: \"127.0.0.1,::1\"\n  unixDomainSocket:\n    enabled: true\n\
                    a.b: '#x'\nlist:\n- one\n- two\nother:\n  - three\nflow: [a, \"b\"]\nhttp://x: y\nempty:\nlast: z\n";
        let found = pairs(text);
        let shown: Vec<String> = found.iter().map(|(key, value)| format!("{key}={value}")).collect();
        assert_eq!(
            shown,
            [
                "net.port=27018",
                "net.bindIp=127.0.0.1,::1",
                "net.unixDomainSocket.enabled=true",
                "a.b=#x",
                "list=one",
                "list=two",
                "other=three",
                "flow=a",
                "flow=b",
                "http://x=y",
                "last=z"
            ]
        );
        assert!(pairs("\t: :\n-\n:").len() < 3);
    }
}
