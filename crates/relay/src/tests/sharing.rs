//! Clusters: who has what, and what becomes of it when one leaves.

use super::world::{World, agree, push_many, until};
use crate::hash::{Method, Node};
use crate::members::{Check, Way};
use crate::route::Cluster;
use std::collections::HashSet;
use std::net::TcpListener;
use std::time::Duration;

fn shared(replicas: usize) -> World {
    let mut world = World::new(&["a", "b", "c"]);
    let members = ["a", "b", "c"].map(|name| (name.to_owned(), Node::parse(name))).to_vec();
    world.routes.rest = vec!["all".to_owned()];
    world
        .routes
        .clusters
        .insert("all".to_owned(), Cluster::new(members, Method::Rendezvous, replicas, false));
    world
}

#[test]
fn each_series_has_as_many_owners_as_replicas() {
    for replicas in [1, 2] {
        let world = shared(replicas);
        let relay = world.start();
        push_many(&relay, 0, 20);
        until("all", || relay.stats().iter().all(|output| output.entered == 200 && output.held == 0));
        let total: usize = world.peers.iter().map(|(_, peer)| peer.len()).sum();
        assert_eq!(total, 200 * replicas);
        let series: usize = world.peers.iter().map(|(_, peer)| peer.names().len()).sum();
        assert_eq!(series, 10 * replicas, "a series stays where it is");
        agree(&relay.stats());
    }
}

#[test]
fn who_leaves_gives_what_waits_to_the_others_and_comes_back() {
    let world = shared(1);
    let listeners: Vec<TcpListener> = (0..3).map(|_| TcpListener::bind("127.0.0.1:0").unwrap()).collect();
    let address = |n: usize| listeners[n].local_addr().unwrap().to_string();
    let members = ["a", "b", "c"].iter().enumerate().map(|(n, name)| ((*name).to_owned(), address(n)));
    let mut options = world.options();
    let told: std::sync::Arc<std::sync::Mutex<Vec<String>>> = std::sync::Arc::default();
    let tells = told.clone();
    options.tell = std::sync::Arc::new(move |cluster, member, why| {
        tells
            .lock()
            .unwrap()
            .push(format!("{cluster} {member} {}", if why.is_some() { "left" } else { "returned" }));
    });
    options.checks = vec![Check {
        cluster: "all".to_owned(),
        members: members.collect(),
        way: Way::Tcp,
        every: Duration::from_millis(20),
        timeout: Duration::from_secs(1),
        fall: 3,
        rise: 2,
    }];
    let relay = world.start_with(options);
    world.peer("b").die(true);
    push_many(&relay, 0, 50);
    until("those who live", || {
        world.peer("a").len() + world.peer("c").len() > 0 && relay.stats()[1].held > 0
    });
    // Its port goes, too: it leaves.
    let mut listeners = listeners;
    let port = listeners.remove(1).local_addr().unwrap();
    until("b to leave", || relay.stats()[1].is_out);
    push_many(&relay, 50, 50);
    until("everything", || world.peer("a").len() + world.peer("c").len() == 1000);
    assert_eq!(world.peer("b").len(), 0);
    let rows: HashSet<String> =
        ["a", "c"].iter().flat_map(|name| world.peer(name).rows()).map(|row| format!("{row:?}")).collect();
    assert_eq!(rows.len(), 1000, "nothing is lost, nothing comes twice");
    until("all to be settled", || relay.stats().iter().all(|output| output.held == 0));
    assert!(relay.stats()[1].rehashed > 0);
    agree(&relay.stats());
    // It returns.
    let _again = TcpListener::bind(port).unwrap();
    world.peer("b").die(false);
    until("b to return", || !relay.stats()[1].is_out && told.lock().unwrap().len() == 2);
    push_many(&relay, 100, 10);
    until("b to get its share", || world.peer("b").len() > 0);
    until("all to be settled", || relay.stats().iter().all(|output| output.held == 0));
    agree(&relay.stats());
    assert_eq!(*told.lock().unwrap(), ["all b left", "all b returned"]);
}
