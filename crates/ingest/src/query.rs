//! The query of a URL and the form of a body: `name=value&name=value`, percent-encoded.

use std::borrow::Cow;

/// Most `extra_label` parameters of one request.
pub const EXTRA_LABELS_MAX: usize = 16;

/// Names and values in order, decoded; what is not UTF-8 is mended.
pub(crate) fn pairs(text: &str) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
    text.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decode(name), decode(value))
    })
}

/// The first value of this name.
pub(crate) fn value<'a>(text: &'a str, name: &str) -> Option<Cow<'a, str>> {
    pairs(text).find(|(n, _)| n == name).map(|(_, value)| value)
}

/// The labels that `extra_label=name=value` parameters add to every series.
pub(crate) fn extra_labels(text: &str) -> Result<Vec<(String, String)>, String> {
    let mut labels = Vec::new();
    for (_, label) in pairs(text).filter(|(name, _)| name == "extra_label") {
        let pair = label.split_once('=').filter(|(name, _)| !name.is_empty());
        let (name, value) = pair.ok_or_else(|| format!("extra_label `{label}` is not name=value"))?;
        labels.push((name.to_owned(), value.to_owned()));
        if labels.len() > EXTRA_LABELS_MAX {
            return Err(format!("more than {EXTRA_LABELS_MAX} extra_label parameters"));
        }
    }
    Ok(labels)
}

fn decode(text: &str) -> Cow<'_, str> {
    if !text.contains(['%', '+']) {
        return Cow::Borrowed(text);
    }
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let escaped = after.get(..2).filter(|_| byte == b'%').and_then(hex_byte);
        out.push(match (byte, escaped) {
            (_, Some(escaped)) => escaped,
            (b'+', None) => b' ',
            (byte, None) => byte,
        });
        rest = if escaped.is_some() { &after[2..] } else { after };
    }
    Cow::Owned(String::from_utf8_lossy(&out).into_owned())
}

fn hex_byte(digits: &[u8]) -> Option<u8> {
    let digit = |b: u8| char::from(b).to_digit(16);
    u8::try_from(digit(digits[0])? << 4 | digit(digits[1])?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_decoded() {
        let text = "db=a%20b+c&&precision=ms&x&bad=%zz%4&%C3%A9=%ff";
        let seen: Vec<_> = pairs(text).map(|(n, v)| format!("{n}|{v}")).collect();
        assert_eq!(seen, ["db|a b c", "precision|ms", "x|", "bad|%zz%4", "é|\u{fffd}"]);
        assert_eq!(value(text, "precision").as_deref(), Some("ms"));
        assert_eq!(value(text, "none"), None);
    }

    #[test]
    fn extra_labels_are_bounded_pairs() {
        let pair = |n: &str, v: &str| (n.to_owned(), v.to_owned());
        assert_eq!(
            extra_labels("extra_label=job%3Dx&extra_label=u=a=b&extra_label=e="),
            Ok(vec![pair("job", "x"), pair("u", "a=b"), pair("e", "")])
        );
        assert!(extra_labels("extra_label=x").is_err());
        assert!(extra_labels(&"extra_label=a=b&".repeat(EXTRA_LABELS_MAX + 1)).is_err());
    }
}
