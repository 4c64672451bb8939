//! Graphite's functions: a row names what a function looks like, where it belongs, and what does it.

use crate::graphite::Kernel;
use lang::Signature;
use std::sync::LazyLock;

mod rows;

/// A function.
pub struct Function {
    /// What it looks like from outside.
    pub signature: Signature,
    /// Among which others people look for it.
    pub group: &'static str,
    /// It makes one series of a list, so that `groupByNode` and others can call it.
    pub is_aggregator: bool,
    /// What does it.
    pub kernel: Kernel,
}

static SIGNATURES: LazyLock<Vec<&'static Signature>> =
    LazyLock::new(|| all().map(|function| &function.signature).collect());

/// All of them.
pub fn all() -> impl Iterator<Item = &'static Function> {
    rows::TABLES.iter().copied().flatten()
}

/// Their signatures.
pub fn signatures() -> &'static [&'static Signature] {
    &SIGNATURES
}

/// The function of this name or alias.
pub fn find(name: &str) -> Option<&'static Function> {
    all().find(|function| function.signature.names().any(|known| known == name))
}

#[cfg(test)]
mod tests;
