//! The table of collectors. To add one, write its file and its two lines here: the module and the row.

use crate::collector::Row;

mod btrfs;
mod cgroups;
mod cpu;
mod disk;
mod falcon;
mod filesystem;
mod interrupts;
mod kernel_messages;
mod limits;
mod link;
mod load;
mod mdraid;
mod memory;
mod network;
mod nfs;
mod numa;
mod os;
mod power;
mod pressure;
mod processes;
mod snmp6;
mod sockets;
mod tcp;
mod temperature;
mod uptime;
mod users;
mod vmstat;
mod zfs;

/// Every collector, in the order they run.
pub static COLLECTORS: &[&Row] = &[
    &cpu::ROW,
    &interrupts::ROW,
    &load::ROW,
    &memory::ROW,
    &numa::ROW,
    &vmstat::ROW,
    &pressure::ROW,
    &disk::ROW,
    &mdraid::ROW,
    &filesystem::ROW,
    &btrfs::ROW,
    &zfs::ROW,
    &nfs::ROW,
    &network::ROW,
    &link::ROW,
    &tcp::ROW,
    &snmp6::ROW,
    &sockets::ROW,
    &limits::ROW,
    &temperature::ROW,
    &power::ROW,
    &processes::ROW,
    &cgroups::ROW,
    &falcon::ROW,
    &users::ROW,
    &kernel_messages::ROW,
    &uptime::ROW,
    &os::ROW,
];

/// The row of this name.
pub fn find(name: &str) -> Option<&'static Row> {
    COLLECTORS.iter().copied().find(|row| row.name == name)
}
