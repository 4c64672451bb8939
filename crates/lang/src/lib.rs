//! Query texts in, [`Plan`]s out: one folder a language, each with its own syntax tree whose nodes know where they stand
//! in the text. Nothing here knows a store or a kernel; which functions there are is an argument.

pub mod catalog;
pub mod cursor;
pub mod error;
pub mod explain;
pub mod graphite;
pub mod languages;
pub mod lucene;
pub mod nearest;
pub mod plan;
pub mod promql;
pub mod rpn;
pub mod scope;
pub mod signature;
pub mod timelion;

pub use catalog::{Catalog, Completion};
pub use error::{Error, Span};
pub use languages::{LANGUAGES, Language};
pub use plan::Plan;
pub use scope::Scope;
pub use signature::{Parameter, Signature, Type};
