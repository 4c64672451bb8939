//! From a name and tags to labels.
//!
//! The name stays as it came, dots and all. Tags become labels; of a key that stands twice the last counts. A tag `host`
//! is the label `host`, which is this host otherwise. What would be taken for a part of the model is put aside:
//! `__name__`, and of times `quantile` and `le`, become `exported___name__` and so on.

use model::labels::LabelsError;
use model::{HOST, LabelsBuilder, NAME};
use std::fmt;
use wire::protocols::statsd::{Tag, name_and_tags, tags};

/// Why a name cannot be a series.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NameError {
    /// Nothing before the tags.
    Empty,
    /// A name that is not UTF-8 or has control characters.
    NotText,
    /// Labels outside the limits.
    Labels(LabelsError),
}

impl fmt::Display for NameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("the name is empty"),
            Self::NotText => f.write_str("name and tags must be UTF-8 without control characters"),
            Self::Labels(error) => error.fmt(f),
        }
    }
}

/// Fills the builder with the labels of a metric, and returns its bare name; `reserved` are names of labels that we
/// give ourselves.
pub(crate) fn labels<'a>(
    name: &'a [u8],
    tags_text: &[u8],
    host: &str,
    reserved: &[&str],
    out: &mut LabelsBuilder,
) -> Result<&'a str, NameError> {
    let (bare, own) = name_and_tags(name);
    let bare = text(bare)?.trim_ascii();
    if bare.is_empty() {
        return Err(NameError::Empty);
    }
    out.clear();
    out.add(HOST, host);
    for tag in own {
        set(tag, reserved, out)?;
    }
    for tag in tags(tags_text) {
        set(tag, reserved, out)?;
    }
    Ok(bare)
}

fn set((key, value): Tag<'_>, reserved: &[&str], out: &mut LabelsBuilder) -> Result<(), NameError> {
    let value = text(value)?.trim_ascii();
    match text(key)?.trim_ascii() {
        "" => {}
        // An empty host would take away the one that is known.
        HOST if value.is_empty() => {}
        key if key == NAME || reserved.contains(&key) => {
            out.set(&format!("exported_{key}"), value);
        }
        key => {
            out.set(key, value);
        }
    }
    Ok(())
}

/// Bytes as text without control characters.
pub(crate) fn text(bytes: &[u8]) -> Result<&str, NameError> {
    match std::str::from_utf8(bytes) {
        Ok(text) if !text.bytes().any(|b| b.is_ascii_control()) => Ok(text),
        _ => Err(NameError::NotText),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str, tags: &str) -> Result<String, NameError> {
        let mut builder = LabelsBuilder::default();
        let bare = labels(name.as_bytes(), tags.as_bytes(), "here", &["le"], &mut builder)?;
        builder.set(NAME, bare);
        builder.build().map(|labels| labels.to_string()).map_err(NameError::Labels)
    }

    #[test]
    fn tags_become_labels() {
        for (name, tags, wanted) in [
            ("api.hits", "", r#"api.hits{host="here"}"#),
            ("api.hits", "b:2,a:1:x,b:3,bare,", r#"api.hits{a="1:x",b="3",bare="true",host="here"}"#),
            ("api.hits;dc=lg;host=there", "rack:1", r#"api.hits{dc="lg",host="there",rack="1"}"#),
            (
                "api hits",
                "host:,le:5,__name__:x",
                r#"api hits{exported___name__="x",exported_le="5",host="here"}"#,
            ),
        ] {
            assert_eq!(named(name, tags).as_deref(), Ok(wanted));
        }
    }

    #[test]
    fn names_must_be_text_within_the_limits() {
        assert_eq!(named(";a=b", ""), Err(NameError::Empty));
        assert_eq!(named("a\u{7}", ""), Err(NameError::NotText));
        assert_eq!(named("a", "k:\u{1}"), Err(NameError::NotText));
        let many: String = (0..80).map(|i| format!("k{i}:v,")).collect();
        assert!(matches!(named("a", &many), Err(NameError::Labels(LabelsError::TooMany(_)))));
        assert!(matches!(named("a", &format!("k:{}", "v".repeat(3000))), Err(NameError::Labels(_))));
    }
}
