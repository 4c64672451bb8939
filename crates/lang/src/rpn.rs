//! The language of rrdtool's graphs: named series, and arithmetic on a stack.
//!
//! ```text
//! text       := statement (white space statement)*
//! statement  := "DEF:" name "=" selector [":" source] ":" fold (":step=" duration)?
//!             | "CDEF:" name "=" program
//!             | "VDEF:" name "=" name "," [number ","] summary
//!             | "SHIFT:" name ":" seconds                       later by so much, in what follows
//!             | ("LINE" width? | "AREA" | "STACK") ":" name ["#" colour] [":" legend] [":STACK"]
//!             | "XPORT:" name [":" legend]
//! selector   := metric ["{" label="value" ("," …)* "}"]         as in PromQL, instead of a file
//! fold       := AVERAGE | MIN | MAX | LAST | FIRST | SUM | COUNT | RATE | INCREASE
//! program    := token ("," token)*                              see [`program`]
//! ```
//!
//! White space within quotes or braces separates nothing, and `\:` is a colon of a name. All series that a selector finds
//! are folded into one. What is drawn or exported is the answer; without such statements it is what no other statement
//! uses. A row is stamped with the start of its bucket, which is what `TIME` says.
//!
//! Statements that only place text (`COMMENT`, `TEXTALIGN`, `GPRINT`, `PRINT`) or marks (`HRULE`, `VRULE`, `TICK`) on a
//! drawing are passed over: they have no series.

mod complete;
mod lower;
pub mod program;
mod select;
mod statement;
mod summary;

pub use complete::complete;
pub use lower::plan;
pub use program::Program;
pub use summary::Summary;

#[cfg(test)]
mod tests;
