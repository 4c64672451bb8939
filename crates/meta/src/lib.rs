//! The small durable facts that people decide and the program must not forget. Each kind is a folder of JSON files that a
//! person can read, changed only through here and each time as a whole.

pub mod error;
pub mod glob;
pub mod groups;
pub mod sheets;

pub use error::Error;
pub use groups::{Group, Groups, Offer, Report, State, Version};
pub use sheets::{Sheet, Sheets};
