//! Rules, in order.

use super::world::{World, agree, batch, until};
use crate::route::{Effect, Pattern, Rewrite, Rule};
use model::{Matcher, Sink};

fn rule(selector: &str, effect: Effect) -> Rule {
    Rule { matchers: Matcher::parse_selector(selector).unwrap(), pattern: None, effect }
}

#[test]
fn rules_decide_in_order_and_the_rest_goes_to_the_rest() {
    let mut world = World::new(&["a", "b", "c"]);
    let send = |to: &[&str], stop| Effect::Send { to: to.iter().map(|t| (*t).to_owned()).collect(), stop };
    world.routes.rest = vec!["c".to_owned()];
    world.routes.rules = vec![
        rule("{debug=\"1\"}", Effect::Drop),
        rule("{dc=\"x\"}", Effect::Set("site".to_owned(), "north".to_owned())),
        Rule { pattern: Some(Pattern::glob("cpu.*").unwrap()), ..rule("{}", send(&["a"], true)) },
        rule("mem", send(&["a", "b"], false)),
        rule("{}", Effect::Rewrite(Rewrite::new("^old_", "new_").unwrap())),
    ];
    let relay = world.start();
    let sent = batch(
        1000,
        &[
            (&[("__name__", "cpu.user"), ("dc", "x")], 1.0),
            (&[("__name__", "cpu.user"), ("debug", "1")], 2.0),
            (&[("__name__", "mem")], 3.0),
            (&[("__name__", "old_name")], 4.0),
        ],
    );
    relay.push(&sent).unwrap();
    until("all", || relay.stats().iter().all(|output| output.entered == 4 && output.held == 0));
    assert_eq!(world.peer("a").names(), ["cpu.user{dc=\"x\",site=\"north\"}", "mem"]);
    assert_eq!(world.peer("b").names(), ["mem"]);
    assert_eq!(world.peer("c").names(), ["mem", "new_name"]);
    agree(&relay.stats());
}

#[test]
fn keep_ends_what_does_not_match() {
    let mut world = World::new(&["a"]);
    world.routes.rules = vec![rule("{__name__=~\"cpu.*\"}", Effect::Keep)];
    let relay = world.start();
    relay.push(&batch(0, &[(&[("__name__", "cpu")], 1.0), (&[("__name__", "mem")], 1.0)])).unwrap();
    until("both", || relay.stats()[0].entered == 2 && relay.stats()[0].held == 0);
    assert_eq!(world.peer("a").names(), ["cpu"]);
    assert_eq!((relay.stats()[0].sent, relay.stats()[0].passed), (1, 1));
}

#[test]
fn a_series_that_comes_by_two_ways_under_two_names_is_sent_under_both() {
    let mut world = World::new(&["a"]);
    let to = vec!["a".to_owned()];
    world.routes.rules = vec![
        rule("{}", Effect::Send { to, stop: false }),
        rule("{}", Effect::Set("copy".to_owned(), "1".to_owned())),
    ];
    let relay = world.start();
    relay.push(&batch(0, &[(&[("__name__", "x")], 1.0)])).unwrap();
    until("both", || world.peer("a").len() == 2);
    until("all to be settled", || relay.stats()[0].held == 0);
    assert_eq!(world.peer("a").names(), ["x", "x{copy=\"1\"}"]);
    agree(&relay.stats());
}
