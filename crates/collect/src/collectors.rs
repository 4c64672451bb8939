//! The table of collectors. To add one, write its file and its two lines here: the module and the row.

use crate::collector::Row;

mod cgroups;
mod cpu;
mod disk;
mod filesystem;
mod interrupts;
mod limits;
mod link;
mod load;
mod memory;
mod network;
mod os;
mod pressure;
mod processes;
mod sockets;
mod tcp;
mod temperature;
mod uptime;
mod vmstat;

/// Every collector, in the order they run.
pub static COLLECTORS: &[&Row] = &[
    &cpu::ROW,
    &interrupts::ROW,
    &load::ROW,
    &memory::ROW,
    &vmstat::ROW,
    &pressure::ROW,
    &disk::ROW,
    &filesystem::ROW,
    &network::ROW,
    &link::ROW,
    &tcp::ROW,
    &sockets::ROW,
    &limits::ROW,
    &temperature::ROW,
    &processes::ROW,
    &cgroups::ROW,
    &uptime::ROW,
    &os::ROW,
];

/// The row of this name.
pub fn find(name: &str) -> Option<&'static Row> {
    COLLECTORS.iter().copied().find(|row| row.name == name)
}
