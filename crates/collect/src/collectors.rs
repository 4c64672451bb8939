//! The table of collectors. To add one, write its file and its two lines here: the module and the row.

use crate::collector::Row;

mod bcache;
mod bonding;
mod btrfs;
pub mod certificates;
mod cgroups;
mod clock;
mod conntrack;
mod cooling;
mod core_interrupts;
mod cpu;
mod disk;
mod disk_state;
mod energy;
mod ext4;
mod falcon;
mod fibre_channel;
mod filesystem;
mod gpu;
mod infiniband;
mod interrupts;
mod ipvs;
mod kernel_messages;
mod limits;
mod link;
mod load;
mod mdraid;
mod memory;
mod memory_details;
mod memory_errors;
mod neighbours;
mod network;
mod nfs;
mod nfs_server;
mod numa;
mod os;
mod power;
mod pressure;
mod process_groups;
mod processes;
mod protocols;
mod schedstat;
mod sensors;
mod smart;
mod snmp6;
mod sockets;
mod softnet;
mod systemd;
mod tape;
mod tcp;
mod udp_queues;
mod updates;
mod ups;
mod uptime;
mod users;
mod vmstat;
mod xfs;
mod zfs;
mod zfs_pools;

/// Every collector, in the order they run.
pub static COLLECTORS: &[&Row] = &[
    &cpu::ROW,
    &interrupts::ROW,
    &core_interrupts::ROW,
    &schedstat::ROW,
    &load::ROW,
    &memory::ROW,
    &numa::ROW,
    &memory_errors::ROW,
    &vmstat::ROW,
    &memory_details::ROW,
    &pressure::ROW,
    &disk::ROW,
    &disk_state::ROW,
    &smart::ROW,
    &tape::ROW,
    &mdraid::ROW,
    &filesystem::ROW,
    &btrfs::ROW,
    &ext4::ROW,
    &xfs::ROW,
    &bcache::ROW,
    &zfs::ROW,
    &zfs_pools::ROW,
    &nfs::ROW,
    &nfs_server::ROW,
    &network::ROW,
    &link::ROW,
    &bonding::ROW,
    &softnet::ROW,
    &neighbours::ROW,
    &infiniband::ROW,
    &fibre_channel::ROW,
    &ipvs::ROW,
    &tcp::ROW,
    &snmp6::ROW,
    &protocols::ROW,
    &sockets::ROW,
    &udp_queues::ROW,
    &limits::ROW,
    &conntrack::ROW,
    &sensors::ROW,
    &cooling::ROW,
    &energy::ROW,
    &gpu::ROW,
    &power::ROW,
    &ups::ROW,
    &processes::ROW,
    &process_groups::ROW,
    &cgroups::ROW,
    &systemd::ROW,
    &falcon::ROW,
    &users::ROW,
    &updates::ROW,
    &certificates::ROW,
    &kernel_messages::ROW,
    &uptime::ROW,
    &clock::ROW,
    &os::ROW,
];

/// The row of this name.
pub fn find(name: &str) -> Option<&'static Row> {
    COLLECTORS.iter().copied().find(|row| row.name == name)
}
