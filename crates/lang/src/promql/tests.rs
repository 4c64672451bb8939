use super::*;

mod completion;
mod conformance;
mod parsing;
mod printing;
mod soup;
