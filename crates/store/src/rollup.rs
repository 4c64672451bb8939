//! What samples come to, kept beside them: [`summary`] for each chunk in the index of a block, and rows of coarser
//! tiers in blocks of their own ([`rows`] codes them).

pub(crate) mod chain;
pub(crate) mod choice;
pub(crate) mod levels;
pub(crate) mod load;
pub(crate) mod making;
pub(crate) mod number;
pub(crate) mod proof;
pub(crate) mod roll;
pub(crate) mod rows;
pub(crate) mod spans;
pub(crate) mod summary;
