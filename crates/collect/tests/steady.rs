//! A tick allocates nothing once everything has been met. Alone in its binary, because it counts the allocations of the
//! whole process.

use collect::host::Space;
use collect::options::process::{Field, Rule};
use collect::{Host, Options, Scheduler};
use model::{Batch, PushError, Receipt, Sink};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use std::alloc::System;
use std::path::Path;
use std::sync::Arc;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

struct Nowhere;

impl Sink for Nowhere {
    fn push(&self, batch: &Batch) -> Result<Receipt, PushError> {
        assert!(batch.len() > 100);
        Ok(Receipt::default())
    }
}

#[test]
fn a_tick_allocates_nothing() {
    let machine = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/hosts/web-6.18");
    let host = Host {
        // Mounts are read again only when the kernel says so.
        has_kernel: true,
        ask_space: Arc::new(|_| Ok(Space { blocks: 1, ..Space::default() })),
        ..Host::recorded(machine)
    };
    let rule = Rule::new("web", [(Field::Name, &["ngin*".to_owned()][..])].into_iter(), false).unwrap();
    let options = Options { process_rules: vec![rule], ..Options::for_host("h") };
    let mut scheduler = Scheduler::new(host, options).unwrap();
    // The slow collectors run as well; facts and the search for sensors come once a minute.
    for second in 0..20 {
        scheduler.tick(second * 1000, &Nowhere);
    }
    let region = Region::new(ALLOCATOR);
    for second in 20..50 {
        scheduler.tick(second * 1000, &Nowhere);
    }
    let change = region.change();
    assert_eq!((change.allocations, change.reallocations), (0, 0), "{change:?}");
    assert!(scheduler.standings().iter().all(|standing| standing.problem.is_empty()));
}
