//! Bonds of network links, from `/sys/class/net/*/bonding` (Documentation/networking/bonding.rst).

use crate::entities::Entities;
use crate::file::KeptFile;
use crate::folder::Folder;
use crate::text::{fields, trim};
use crate::{Collector, Error, Host, Metric, Pass, Row};

pub(super) static ROW: Row = Row {
    name: "bonding",
    summary: "Bonds of network links: of how many links they are made and how many of these work.",
    interval_ms: 10_000,
    metrics: &METRICS,
    open: |host, _| Box::new(Bonding::new(host)),
};

static METRICS: [Metric; 2] = [
    Metric::gauge("network_bond_links", "", "Links the bond is made of.").by(&["interface"]),
    Metric::gauge("network_bond_links_up", "", "Links of the bond that work.").by(&["interface"]),
];
/// Most bonds.
const BONDS_MAX: usize = 64;

struct Bonding {
    /// Names of the bonds; the file is there once the module is loaded.
    masters: KeptFile,
    folder: Folder,
    bonds: Entities<{ METRICS.len() }>,
    names: Vec<u8>,
    links: Vec<u8>,
}

impl Bonding {
    fn new(host: &Host) -> Self {
        Self {
            masters: host.file("sys/class/net/bonding_masters"),
            folder: host.folder("sys/class/net"),
            bonds: Entities::new(BONDS_MAX),
            names: Vec::new(),
            links: Vec::new(),
        }
    }

    /// Links of the bond, and how many of them work; `None` when it is gone.
    fn links(&mut self, bond: &[u8], buffer: &mut Vec<u8>) -> Option<(u32, u32)> {
        let text = self.folder.read(&path(bond, b"bonding", b"slaves"), buffer).ok()?;
        self.links.clear();
        self.links.extend_from_slice(trim(text));
        let (mut all, mut up) = (0, 0);
        for link in fields(&self.links) {
            all += 1;
            let state = self.folder.read(&path(link, b"bonding_slave", b"mii_status"), buffer);
            up += u32::from(state.is_ok_and(|state| trim(state) == b"up"));
        }
        Some((all, up))
    }
}

fn path(interface: &[u8], folder: &[u8], file: &[u8]) -> Vec<u8> {
    [interface, folder, file].join(&b'/')
}

impl Collector for Bonding {
    fn collect(&mut self, pass: &mut Pass<'_>) -> Result<(), Error> {
        self.bonds.begin();
        let Some(text) = self.masters.read_if_there(pass.buffer)? else {
            self.bonds.finish(&mut pass.out);
            return Ok(());
        };
        let mut names = std::mem::take(&mut self.names);
        names.clear();
        names.extend_from_slice(trim(text));
        for name in fields(&names) {
            let Some(counts) = self.links(name, pass.buffer) else { continue };
            let Some(bond) = self.bonds.meet(name, |_| true) else { continue };
            for ((cell, metric), count) in bond.cells.iter_mut().zip(&METRICS).zip([counts.0, counts.1]) {
                pass.out.push(cell, metric, &[&bond.name], f64::from(count));
            }
        }
        self.names = names;
        self.bonds.finish(&mut pass.out);
        Ok(())
    }
}
