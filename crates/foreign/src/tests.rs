//! What holds for every row of the table, and how the formats are told apart.

pub(crate) mod rig;
mod round_trip;
mod table;
