//! Clusters whose members register.

use super::world::{KIND, Peer, World, agree, push_many, until};
use crate::hash::Method;
use crate::leased::Leased;
use crate::output::Output;
use crate::route::Cluster;
use crate::{Options, Relay};
use std::collections::HashSet;
use std::sync::{Arc, Mutex};

/// A world without outputs of its own; addresses are names of these peers.
struct Town {
    world: World,
    peers: Vec<(&'static str, Peer)>,
    told: Arc<Mutex<Vec<String>>>,
}

impl Town {
    fn new() -> Self {
        let mut world = World::new(&[]);
        world.routes.rest = vec!["all".to_owned()];
        let cluster = Cluster::leased(Method::Rendezvous, 1).unwrap();
        world.routes.clusters.insert("all".to_owned(), cluster);
        let peers = ["x", "y", "z"].map(|name| (name, Peer::default())).to_vec();
        Self { world, peers, told: Arc::default() }
    }

    fn options(&self) -> Options {
        let (peers, told) = (self.peers.clone(), self.told.clone());
        let make = move |url: &str| {
            let peer = peers.iter().find(|(name, _)| *name == url).ok_or("no such place")?;
            Ok(Box::new(peer.1.clone()) as Box<dyn Output>)
        };
        let leased = Leased {
            cluster: "all".to_owned(),
            kind: &KIND,
            make: Arc::new(make),
            queue_bytes_max: 1 << 30,
            rows_max: 100,
        };
        let tell = Arc::new(move |_: &str, member: &str, why: Option<&str>| {
            told.lock().unwrap().push(format!("{member} {}", why.unwrap_or("is there")));
        });
        Options { leased: vec![leased], tell, ..self.world.options() }
    }

    fn start(&self) -> Relay {
        self.world.start_with(self.options())
    }

    fn peer(&self, name: &str) -> &Peer {
        &self.peers.iter().find(|(its, _)| *its == name).unwrap().1
    }

    fn total(&self) -> usize {
        self.peers.iter().map(|(_, peer)| peer.len()).sum()
    }

    /// Fails unless exactly these samples came, each once.
    #[track_caller]
    fn until_all(&self, relay: &Relay, count: usize) {
        until("all samples", || self.total() >= count && settled(relay));
        let rows = self.peers.iter().flat_map(|(_, peer)| peer.rows());
        let rows: HashSet<String> = rows.map(|row| format!("{row:?}")).collect();
        assert_eq!((rows.len(), self.total()), (count, count), "nothing is lost, nothing comes twice");
        agree(&relay.stats());
    }
}

fn settled(relay: &Relay) -> bool {
    relay.stats().iter().all(|output| output.held == 0)
}

#[test]
fn what_comes_before_the_first_member_waits_for_it() {
    let town = Town::new();
    let relay = town.start();
    push_many(&relay, 0, 20);
    until("it to wait", || relay.stats()[0].held == 200);
    relay.join("all", "a", "x").unwrap();
    town.until_all(&relay, 200);
    assert_eq!(town.peer("x").len(), 200);
    assert!(relay.join("all", "", "x").is_err() && relay.join("all", "b", "nowhere").is_err());
    assert_eq!(*town.told.lock().unwrap(), ["a is there"]);
}

#[test]
fn members_come_go_move_and_nothing_is_lost() {
    let town = Town::new();
    let relay = town.start();
    relay.join("all", "a", "x").unwrap();
    push_many(&relay, 0, 10);
    relay.join("all", "b", "y").unwrap();
    push_many(&relay, 10, 10);
    town.until_all(&relay, 200);
    assert!(town.peer("y").len() > 0, "the second has its share");
    town.peer("y").die(true);
    push_many(&relay, 20, 10);
    relay.leave("all", "b", "it is silent");
    push_many(&relay, 30, 10);
    town.until_all(&relay, 400);
    assert!(
        relay.stats().iter().any(|output| output.name == "all/b" && output.rehashed > 0 && output.is_out)
    );
    // It comes back in another place.
    relay.join("all", "b", "z").unwrap();
    push_many(&relay, 40, 10);
    town.until_all(&relay, 500);
    assert!(town.peer("z").len() > 0);
    let told = ["a is there", "b is there", "b it is silent", "b is there"];
    assert_eq!(*town.told.lock().unwrap(), told);
}

#[test]
fn the_last_member_stays_until_another_comes() {
    let town = Town::new();
    let relay = town.start();
    relay.join("all", "a", "x").unwrap();
    town.peer("x").die(true);
    push_many(&relay, 0, 10);
    relay.leave("all", "a", "it is silent");
    push_many(&relay, 10, 10);
    until("it to wait", || relay.stats().iter().any(|output| output.name == "all/a" && output.held == 200));
    relay.join("all", "b", "y").unwrap();
    town.until_all(&relay, 200);
    assert_eq!(town.peer("y").len(), 200);
}

#[test]
fn a_restart_knows_who_was_there() {
    let town = Town::new();
    let relay = town.start();
    relay.join("all", "a", "x").unwrap();
    relay.join("all", "b", "y").unwrap();
    push_many(&relay, 0, 10);
    town.until_all(&relay, 100);
    for peer in ["x", "y"] {
        town.peer(peer).die(true);
    }
    push_many(&relay, 10, 10);
    drop(relay);
    // Nobody tells who is there: those who were are.
    let relay = town.start();
    assert_eq!(relay.known("all"), [("a".to_owned(), "x".to_owned()), ("b".to_owned(), "y".to_owned())]);
    push_many(&relay, 20, 10);
    town.peer("x").die(false);
    // One of them is dead for good, and is known to be after the next start.
    drop(relay);
    let relay = town.start();
    relay.leave("all", "b", "it is silent");
    town.until_all(&relay, 300);
    drop(relay);
    // With nothing left to give away it is forgotten.
    let relay = town.start();
    assert!(relay.stats().iter().all(|output| output.name != "all/b"), "{:?}", relay.stats());
    push_many(&relay, 30, 10);
    town.until_all(&relay, 400);
}
