//! What a body must contain and must not.

use super::super::common::contains;
use crate::Given;
use regex::bytes::{Regex, RegexBuilder};

/// Most memory a compiled expression and its cache may take each, in bytes: an agent has little.
const REGEX_BYTES_MAX: usize = 512 << 10;

/// What is expected of a body.
#[derive(Debug, Default)]
pub(super) struct Body {
    has: Vec<String>,
    lacks: Vec<String>,
    matches: Option<Regex>,
    matches_not: Option<Regex>,
}

impl Body {
    pub(super) fn read(given: &dyn Given) -> Result<Self, String> {
        Ok(Self {
            has: given.texts("body_has"),
            lacks: given.texts("body_lacks"),
            matches: regex(given, "body_matches")?,
            matches_not: regex(given, "body_matches_not")?,
        })
    }

    /// Whether the body matters at all.
    pub(super) fn is_looked_at(&self) -> bool {
        !self.has.is_empty() || !self.lacks.is_empty() || self.matches.is_some() || self.matches_not.is_some()
    }

    /// What is wrong with a body, of which only the start may be known.
    pub(super) fn problem(&self, body: &[u8], is_cut: bool) -> Option<String> {
        let start = if is_cut { format!(" (in its first {} bytes)", body.len()) } else { String::new() };
        if let Some(text) = self.has.iter().find(|text| !contains(body, text)) {
            return Some(format!("the body lacks `{}`{start}", text.escape_debug()));
        }
        if let Some(text) = self.lacks.iter().find(|text| contains(body, text)) {
            return Some(format!("the body has `{}`", text.escape_debug()));
        }
        if let Some(regex) = self.matches.as_ref().filter(|regex| !regex.is_match(body)) {
            return Some(format!("nothing in the body matches `{regex}`{start}"));
        }
        let found = self.matches_not.as_ref().and_then(|regex| regex.find(body))?;
        let found = String::from_utf8_lossy(&found.as_bytes()[..found.len().min(80)]);
        Some(format!("the body has `{}`", found.escape_debug()))
    }
}

fn regex(given: &dyn Given, name: &str) -> Result<Option<Regex>, String> {
    match given.text(name) {
        "" => Ok(None),
        text => RegexBuilder::new(text)
            .size_limit(REGEX_BYTES_MAX)
            .dfa_size_limit(REGEX_BYTES_MAX)
            .build()
            .map(Some)
            .map_err(|e| format!("`{name}`: {e}")),
    }
}
