//! The languages, one row each.

use crate::catalog::{Catalog, Completion};
use crate::graphite;
use crate::plan::Plan;
use crate::signature::Signature;
use crate::{Scope, promql, rpn, timelion};

/// A language.
#[derive(Debug, Clone, Copy)]
pub struct Language {
    /// Its name in requests.
    pub name: &'static str,
    /// One sentence.
    pub summary: &'static str,
    /// Understands a sheet of texts.
    pub plan: fn(texts: &[&str], functions: &[&Signature], scope: &Scope) -> Plan,
    /// What may stand at `cursor` (in characters).
    pub complete:
        fn(text: &str, cursor: usize, functions: &[&Signature], catalog: &dyn Catalog) -> Completion,
}

/// All of them.
pub static LANGUAGES: &[Language] = &[
    Language {
        name: "timelion",
        summary: "Chains of functions over lists of series, as in Kibana's Timelion",
        plan: timelion::plan_within,
        complete: timelion::complete,
    },
    Language {
        name: "graphite",
        summary: "Paths with wildcards and nested functions over them, as in graphite-web's render targets",
        plan: |texts, functions, _| graphite::plan(texts, functions),
        complete: graphite::complete,
    },
    Language {
        name: "promql",
        summary: "Selectors, functions and operators over labelled vectors, as in Prometheus",
        plan: |texts, _, scope| promql::plan(texts, scope),
        complete: |text, cursor, _, catalog| promql::complete(text, cursor, catalog),
    },
    Language {
        name: "rpn",
        summary: "Definitions and arithmetic on a stack, as in rrdtool's graphs",
        plan: |texts, functions, _| rpn::plan(texts, functions),
        complete: rpn::complete,
    },
];

/// The language of this name.
pub fn find(name: &str) -> Option<&'static Language> {
    LANGUAGES.iter().find(|language| language.name == name)
}
