//! Two of one name, and one that comes back.

use super::*;
use crate::memory::Memory;

const TTL: Duration = Duration::from_millis(400);

fn value(instance: &str, url: &str) -> Value {
    let facts = Facts::from([("url".to_owned(), url.to_owned())]);
    Value { instance: instance.to_owned(), ttl_ms: 400, facts }
}

fn holder(leases: &Arc<Memory>, instance: &str, url: &str) -> Holder {
    let value = value(instance, url);
    let registration = Registration {
        group: "g".to_owned(),
        name: "a".to_owned(),
        ttl: TTL,
        instance: instance.to_owned(),
        facts: value.facts.clone(),
    };
    Holder { leases: leases.clone(), registration, value, lease: None, rival: None, has_lost: false }
}

#[test]
fn who_comes_back_to_its_address_takes_its_lease_over_at_once() {
    let leases = Arc::new(Memory::default());
    holder(&leases, "1", "x").round().unwrap();
    holder(&leases, "2", "x").round().unwrap();
    assert_eq!(leases.list("g").unwrap()[0].value, Some(value("2", "x")));
}

#[test]
fn a_second_one_of_the_name_waits_until_the_first_is_silent() {
    let leases = Arc::new(Memory::default());
    let (mut first, mut second) = (holder(&leases, "1", "x"), holder(&leases, "2", "y"));
    first.round().unwrap();
    let why = second.round().unwrap_err().to_string();
    assert_eq!(why, "another program is registered as `a`, at x");
    first.round().unwrap();
    assert!(second.round().is_err());
    let end = Instant::now() + Duration::from_secs(20);
    while second.round().is_err() {
        assert!(Instant::now() < end, "the first is silent for long");
        std::thread::sleep(Duration::from_millis(20));
    }
    // The first has lost it, and does not take it back from one who lives.
    assert!(matches!(first.round(), Err(Error::Held(_))));
    second.round().unwrap();
    assert!(matches!(first.round(), Err(Error::Held(_))));
}

#[test]
fn what_ran_out_while_nobody_answered_is_taken_again() {
    let leases = Arc::new(Memory::default());
    let mut one = holder(&leases, "1", "x");
    one.round().unwrap();
    leases.set_away(true);
    assert!(matches!(one.round(), Err(Error::Away(_))));
    leases.set_away(false);
    one.round().unwrap();
}
