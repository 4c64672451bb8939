//! The functions of the languages, one row each: what it looks like, and what does it.

use crate::call::Kernel;
use lang::Signature;

pub mod graphite;
pub mod rpn;
pub mod timelion;

/// A function.
#[derive(Clone, Copy)]
pub struct Row {
    /// What it looks like from outside.
    pub signature: Signature,
    /// What does it.
    pub kernel: Kernel,
}

/// The table of a language of [`lang::LANGUAGES`].
pub fn table(language: &str) -> Option<&'static [Row]> {
    match language {
        "timelion" => Some(timelion::FUNCTIONS),
        // Calls of PromQL are within its vectors; the rows of its functions are `lang::promql::functions`.
        "promql" => Some(&[]),
        // Graphite's functions are called by nodes of paths, see `graphite`.
        "graphite" => Some(&[]),
        "rpn" => Some(rpn::FUNCTIONS),
        _ => None,
    }
}

/// The signatures of a language's functions, whatever its table is made of.
pub fn signatures_of(language: &str) -> Option<Vec<&'static Signature>> {
    match language {
        "graphite" => Some(graphite::signatures().to_vec()),
        other => table(other).map(signatures),
    }
}

/// The signatures of a table, as languages want them.
pub fn signatures(rows: &[Row]) -> Vec<&Signature> {
    rows.iter().map(|row| &row.signature).collect()
}

#[cfg(test)]
mod tests;
