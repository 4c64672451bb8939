//! The rows, by group.

mod alias;
mod calculate;
mod combine;
mod data;
mod filter;
mod graph;
mod grouping;
mod neighbours;
mod parts;
mod sorting;
mod special;
mod transform;

use super::Function;

/// All of them.
pub(super) static TABLES: &[&[Function]] = &[
    combine::FUNCTIONS,
    grouping::FUNCTIONS,
    transform::FUNCTIONS,
    neighbours::FUNCTIONS,
    calculate::FUNCTIONS,
    filter::FUNCTIONS,
    data::FUNCTIONS,
    sorting::FUNCTIONS,
    alias::FUNCTIONS,
    graph::FUNCTIONS,
    special::FUNCTIONS,
];
