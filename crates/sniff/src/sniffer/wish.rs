//! What is to be listened to: ports, each of a network. Pure.

use super::{Place, Refusal};
use crate::limits::{NETWORKS_MAX, PORTS_MAX};
use crate::protocols::Row;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// A network name space: its number as the kernel tells it (the inode of `/proc/PID/ns/net`); 0 for our own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) struct Network(pub(super) u64);

impl Network {
    /// The one we are in.
    pub(super) const OURS: Self = Self(0);
}

/// A port of a network.
pub(super) type Spot = (Network, u16);

/// A port that somebody wants.
#[derive(Clone)]
pub(super) struct Wished {
    pub(super) row: &'static Row,
    pub(super) container: String,
    /// Whether the settings want it.
    pub(super) is_own: bool,
    /// The files that stood for its network when others came to want it, one for each of them.
    pub(super) lent: Vec<PathBuf>,
}

/// See the module's text.
#[derive(Default)]
pub(super) struct Wish {
    pub(super) ports: BTreeMap<Spot, Wished>,
    /// Changes with every change of the ports.
    pub(super) version: u64,
    pub(super) stops: bool,
}

impl Wish {
    /// The settings want a port of ours.
    pub(super) fn own(&mut self, port: u16, row: &'static Row) -> Result<(), Refusal> {
        let spot = (Network::OURS, port);
        self.room_for(spot)?;
        let wished = self.ports.entry(spot).or_insert_with(|| Wished::new(row));
        let was_there = wished.row.name == row.name && (wished.is_own || !wished.lent.is_empty());
        (wished.row, wished.is_own) = (row, true);
        self.changed(!was_there);
        Ok(())
    }

    /// Somebody wants the port of a place, until he gives it back.
    pub(super) fn lend(&mut self, network: Network, place: &Place, row: &'static Row) -> Result<(), Refusal> {
        let spot = (network, place.port);
        self.room_for(spot)?;
        let wished = self.ports.entry(spot).or_insert_with(|| Wished::new(row));
        // What the settings say of a port stays.
        if !wished.is_own {
            wished.row = row;
        }
        wished.container.clone_from(&place.container);
        wished.lent.push(place.network.clone().unwrap_or_default());
        self.changed(true);
        Ok(())
    }

    fn room_for(&self, spot: Spot) -> Result<(), Refusal> {
        if self.ports.contains_key(&spot) {
            return Ok(());
        }
        let networks: BTreeSet<Network> = self.ports.keys().map(|(network, _)| *network).collect();
        let is_new = spot.0 != Network::OURS && !networks.contains(&spot.0);
        let others = networks.iter().filter(|network| **network != Network::OURS).count();
        match () {
            () if self.ports.len() >= PORTS_MAX => Err(Refusal::Full),
            () if is_new && others >= NETWORKS_MAX => Err(Refusal::Networks),
            () => Ok(()),
        }
    }

    /// The settings want it no longer.
    pub(super) fn disown(&mut self, port: u16) {
        self.forget((Network::OURS, port), |wished| wished.is_own = false);
    }

    /// One of those who were lent a port gives it back.
    pub(super) fn give_back(&mut self, spot: Spot, file: &PathBuf) {
        self.forget(spot, |wished| {
            if let Some(at) = wished.lent.iter().position(|it| it == file) {
                wished.lent.remove(at);
            }
        });
    }

    fn forget(&mut self, spot: Spot, forget: impl FnOnce(&mut Wished)) {
        let Some(wished) = self.ports.get_mut(&spot) else { return };
        forget(wished);
        if !wished.is_own && wished.lent.is_empty() {
            self.ports.remove(&spot);
        }
        self.changed(true);
        self.stops = self.ports.is_empty();
    }

    fn changed(&mut self, has_changed: bool) {
        self.version += u64::from(has_changed);
        self.stops = false;
    }

    /// The ports of a network.
    pub(super) fn of(&self, network: Network) -> impl Iterator<Item = (u16, &Wished)> {
        let all = (network, 0)..=(network, u16::MAX);
        self.ports.range(all).map(|((_, port), wished)| (*port, wished))
    }
}

impl Wished {
    fn new(row: &'static Row) -> Self {
        Self { row, container: String::new(), is_own: false, lent: Vec::new() }
    }
}

#[cfg(test)]
mod tests;
