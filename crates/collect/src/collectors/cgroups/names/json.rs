//! Strings out of JSON that managers of containers write, without reading all of it.

/// The rest of the string that the needle begins. Inside of JSON's strings quotes are escaped, so a needle with its
/// quotes is never found there. Values with escapes are none of ours.
pub(super) fn string_after(text: &str, needle: &str) -> Option<String> {
    let rest = &text[text.find(needle)? + needle.len()..];
    let value = &rest[..rest.find('"')?];
    Some(value.to_owned()).filter(|value| !value.contains('\\'))
}

/// The text of a key; "" when it has none.
pub(super) fn value_of(text: &str, key: &str) -> String {
    string_after(text, &format!(r#""{key}":""#)).unwrap_or_default()
}

/// The text of a key in JSON that is itself a text within JSON.
pub(super) fn value_within(text: &str, key: &str) -> String {
    let needle = format!(r#"\"{key}\":\""#);
    let rest = text.find(&needle).map(|at| &text[at + needle.len()..]);
    rest.and_then(|rest| Some(rest[..rest.find('\\')?].to_owned())).unwrap_or_default()
}
