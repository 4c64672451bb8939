use super::*;

mod conformance;
mod parsing;
