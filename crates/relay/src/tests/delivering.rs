//! What goes in comes out everywhere, in order, whatever happens to others.

use super::world::{World, agree, batch, push_many, until};
use model::Sink;
use std::sync::atomic::Ordering;
use std::time::Duration;

#[test]
fn every_output_gets_everything_in_order() {
    let world = World::new(&["a", "b", "c"]);
    let relay = world.start();
    push_many(&relay, 0, 300);
    until("all samples", || world.peers.iter().all(|(_, peer)| peer.len() == 3000));
    relay.close(Duration::from_secs(5));
    for (_, peer) in &world.peers {
        let values: Vec<f64> = peer.rows().into_iter().map(|row| row.2).collect();
        assert!(values.iter().enumerate().all(|(n, value)| *value == n as f64));
    }
    let stats = relay.stats();
    agree(&stats);
    assert!(stats.iter().all(|output| (output.entered, output.sent, output.held) == (3000, 3000, 0)));
}

#[test]
fn a_dead_output_holds_up_nobody_and_gets_all_later() {
    let world = World::new(&["a", "b"]);
    world.peer("b").die(true);
    let relay = world.start();
    push_many(&relay, 0, 200);
    until("the healthy one", || world.peer("a").len() == 2000);
    until("the failure to show", || relay.stats()[1].failures > 0);
    assert_eq!(world.peer("b").len(), 0);
    world.peer("b").die(false);
    until("the dead one", || world.peer("b").len() == 2000);
    until("all to be settled", || relay.stats().iter().all(|output| output.held == 0));
    agree(&relay.stats());
}

#[test]
fn what_was_taken_outlives_the_program() {
    let world = World::new(&["a", "b"]);
    world.peer("b").die(true);
    let relay = world.start();
    push_many(&relay, 0, 100);
    until("the healthy one", || world.peer("a").len() == 1000);
    drop(relay);
    world.peer("b").die(false);
    let relay = world.start();
    push_many(&relay, 100, 100);
    until("both", || world.peers.iter().all(|(_, peer)| peer.len() >= 2000));
    relay.close(Duration::from_secs(5));
    for (name, peer) in &world.peers {
        let values: Vec<f64> = peer.rows().into_iter().map(|row| row.2).collect();
        assert_eq!(values, (0..2000).map(f64::from).collect::<Vec<_>>(), "{name}");
    }
    agree(&relay.stats());
}

#[test]
fn a_queue_that_is_full_loses_the_oldest_and_says_how_many() {
    let world = World::new(&["a", "b"]);
    world.peer("b").die(true);
    let mut options = world.options();
    options.outputs[1].queue_bytes_max = 9000;
    let relay = world.start_with(options);
    push_many(&relay, 0, 3000);
    until("the healthy one", || world.peer("a").len() == 30_000);
    world.peer("b").die(false);
    until("what was left for the other", || relay.stats()[1].held == 0);
    let stats = relay.stats();
    agree(&stats);
    assert_eq!(stats[0].dropped(), 0);
    assert!(stats[1].dropped_full > 10_000, "{:?}", stats[1]);
    assert_eq!(stats[1].sent, world.peer("b").len() as u64);
    assert_eq!(world.peer("b").rows().last().unwrap().2, 29_999.0);
}

#[test]
fn what_is_refused_is_counted_and_too_much_goes_in_parts() {
    let world = World::new(&["a", "b"]);
    world.peer("a").refuses.store(true, Ordering::SeqCst);
    world.peer("b").rows_max.store(7, Ordering::SeqCst);
    let relay = world.start();
    push_many(&relay, 0, 50);
    until("the end", || relay.stats().iter().all(|output| output.entered == 500 && output.held == 0));
    let stats = relay.stats();
    agree(&stats);
    assert_eq!((stats[0].dropped_refused, stats[0].sent, stats[0].refusal.as_str()), (500, 0, "no"));
    assert_eq!((stats[1].sent, world.peer("b").len()), (500, 500));
}

#[test]
fn a_disk_that_is_full_is_told_to_the_sender_and_nothing_is_sent_twice() {
    let world = World::new(&["a"]);
    let relay = world.start();
    push_many(&relay, 0, 5);
    world.disk.set_capacity_bytes(Some(1));
    let refused = relay.push(&batch(9000, &[(&[("__name__", "x")], 1.0)]));
    assert!(refused.is_err_and(|e| e.to_string().contains("not now")));
    world.disk.set_capacity_bytes(None);
    push_many(&relay, 5, 5);
    until("all", || world.peer("a").len() == 100);
    until("all to be settled", || relay.stats()[0].held == 0);
    agree(&relay.stats());
}

#[test]
fn two_restarts_with_nothing_delivered_in_between_send_nothing_twice() {
    let world = World::new(&["a"]);
    let relay = world.start();
    push_many(&relay, 0, 10);
    until("the first", || world.peer("a").len() == 100);
    until("it to be settled", || relay.stats()[0].held == 0);
    world.peer("a").die(true);
    push_many(&relay, 10, 10);
    drop(relay);
    drop(world.start());
    world.peer("a").die(false);
    let relay = world.start();
    until("the rest", || relay.stats()[0].held == 0);
    assert_eq!(world.peer("a").len(), 200);
    agree(&relay.stats());
}
