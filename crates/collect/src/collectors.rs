//! The table of collectors. To add one, write its file and its two lines here: the module and the row.

use crate::collector::Row;

mod cpu;
mod disk;
mod load;
mod memory;
mod network;
mod uptime;

/// Every collector, in the order they run.
pub static COLLECTORS: &[&Row] =
    &[&cpu::ROW, &load::ROW, &memory::ROW, &disk::ROW, &network::ROW, &uptime::ROW];

/// The row of this name.
pub fn find(name: &str) -> Option<&'static Row> {
    COLLECTORS.iter().copied().find(|row| row.name == name)
}
