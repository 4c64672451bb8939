use super::*;

mod completion;
mod conformance;
mod grammar;
mod parsing;
mod printing;
mod soup;
