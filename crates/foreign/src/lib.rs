//! Other programs' files to batches and back: one file per format, one row each in [`formats`].

pub mod formats;
pub mod malformed;

pub use malformed::Malformed;
