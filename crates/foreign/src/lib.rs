//! Other programs' files to batches and back: one file per format, one row each in [`formats`].
//!
//! A reader walks an [`Input`] from its start to its end and hands over batches of bounded size through an [`Output`];
//! what is broken costs itself only and is told with its place. A writer gets series and samples and makes the bytes of
//! the other program. Nothing here knows a store or a network.

pub mod carbon;
mod crc32c;
pub mod error;
pub mod formats;
pub mod input;
pub mod malformed;
pub mod naming;
pub mod options;
pub mod origin;
pub mod output;
pub mod pour;
pub mod step;
pub mod write;

pub use error::Error;
pub use formats::{FORMATS, Format};
pub use input::{Input, Sight};
pub use malformed::Malformed;
pub use naming::Naming;
pub use options::{OPTIONS, OptionRow, Options};
pub use origin::{Origin, StoreOrigin};
pub use output::{Output, Parcel};
pub use step::{Aggregate, Step, Way};
pub use write::{RowWriter, SeriesWriter, Writing};

#[cfg(test)]
mod tests;
