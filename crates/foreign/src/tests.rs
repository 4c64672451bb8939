//! What holds for every row of the table, and how the formats are told apart.

mod rig;
mod table;
