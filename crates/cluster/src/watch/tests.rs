//! A watcher and holders around leases in memory.

use super::*;
use crate::hold::{Hold, Registration};
use crate::leases::Facts;
use crate::memory::Memory;
use std::sync::Mutex;

const TTL: Duration = Duration::from_millis(500);

#[derive(Clone, Default)]
struct Heard(Arc<Mutex<Vec<String>>>);

impl Hear for Heard {
    fn change(&mut self, change: Change) {
        let text = match change {
            Change::Joined(name, facts) => format!("{name} at {}", facts["url"]),
            Change::Left(name, why) => format!("{name} left: {}", why.text()),
        };
        self.0.lock().unwrap().push(text);
    }

    fn reach(&mut self, problem: Option<&str>) {
        self.0.lock().unwrap().push(if problem.is_some() { "away" } else { "reached" }.to_owned());
    }
}

impl Heard {
    #[track_caller]
    fn until(&self, text: &str) {
        let end = Instant::now() + Duration::from_secs(20);
        while !self.0.lock().unwrap().iter().any(|line| line == text) {
            assert!(Instant::now() < end, "waited in vain for `{text}`: {:?}", self.0.lock().unwrap());
            std::thread::sleep(Duration::from_millis(5));
        }
        self.0.lock().unwrap().clear();
    }
}

fn hold(leases: &Arc<Memory>, name: &str, instance: &str, url: &str) -> Hold {
    let registration = Registration {
        group: "g".to_owned(),
        name: name.to_owned(),
        ttl: TTL,
        instance: instance.to_owned(),
        facts: Facts::from([("url".to_owned(), url.to_owned())]),
    };
    Hold::start(leases.clone(), registration, Box::new(|_| {})).unwrap()
}

#[test]
fn members_come_go_and_outlive_an_absence_of_the_leases() {
    let (leases, heard) = (Arc::new(Memory::default()), Heard::default());
    let watch = Watch::start(leases.clone(), "g", TTL, Judge::default(), Box::new(heard.clone())).unwrap();
    heard.until("reached");
    let a = hold(&leases, "a", "1", "x");
    heard.until("a at x");
    leases.set_away(true);
    heard.until("away");
    std::thread::sleep(2 * TTL);
    assert!(heard.0.lock().unwrap().is_empty(), "nobody leaves meanwhile");
    leases.set_away(false);
    heard.until("reached");
    drop(a);
    heard.until("a left: it gave up its lease");
    // Dead without a word: the lease is there, and nobody renews it.
    let value = crate::leases::Value {
        instance: "2".to_owned(),
        ttl_ms: 500,
        facts: Facts::from([("url".to_owned(), "y".to_owned())]),
    };
    leases.register("g", "b", &value, None).unwrap();
    heard.until("b at y");
    heard.until("b left: it has not renewed its lease");
    drop(watch);
}
