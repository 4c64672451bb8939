//! Series made of many.

use super::world::{World, agree, batch, until};
use crate::aggregate::{Aggregation, How, Naming};
use crate::route::{Effect, Rule};
use model::Sink;

fn aggregation(keeps: bool) -> World {
    let mut world = World::new(&["a"]);
    let effect = Effect::Aggregate(Aggregation {
        naming: Naming::By(vec!["dc".to_owned()], Some("load_all".to_owned())),
        every_ms: 10_000,
        how: How::Sum,
        delay_ms: 0,
        keeps,
        skips: 0,
    });
    world.routes.rules = vec![Rule { matchers: Vec::new(), pattern: None, effect }];
    world
}

fn push(relay: &crate::Relay, time_ms: i64, value: f64) {
    for host in ["x", "y"] {
        let labels = [("__name__", "load"), ("dc", "d"), ("host", host)];
        relay.push(&batch(time_ms, &[(&labels, value)])).unwrap();
    }
}

#[test]
fn many_become_one_and_a_late_one_counts() {
    let world = aggregation(false);
    world.clock.set_ms(905_000);
    let relay = world.start();
    (0..10).for_each(|n| push(&relay, 900_000 + n * 1000, 1.0));
    world.clock.set_ms(911_000);
    until("the sum", || world.peer("a").rows() == [("load_all{dc=\"d\"}".to_owned(), 900_000, 20.0)]);
    push(&relay, 905_500, 5.0);
    until("the sum with what came late", || world.peer("a").rows().last().unwrap().2 == 30.0);
    until("all to be settled", || relay.stats()[0].held == 0);
    agree(&relay.stats());
}

#[test]
fn what_was_begun_goes_on_after_a_restart() {
    let world = aggregation(true);
    world.clock.set_ms(905_000);
    let relay = world.start();
    (0..5).for_each(|n| push(&relay, 900_000 + n * 1000, 1.0));
    until("the samples themselves", || world.peer("a").len() == 10);
    drop(relay);
    let relay = world.start();
    (5..10).for_each(|n| push(&relay, 900_000 + n * 1000, 1.0));
    world.clock.set_ms(911_000);
    let sums =
        || world.peer("a").rows().into_iter().filter(|row| row.0.starts_with("load_all")).collect::<Vec<_>>();
    until("the sum of all", || sums().last().is_some_and(|row| row.2 == 20.0));
    assert!(sums().iter().all(|row| row.1 == 900_000));
    drop(relay);
}
