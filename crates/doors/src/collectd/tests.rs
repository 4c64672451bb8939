//! The door with a packet that a real collectd sent.

use super::*;
use crate::telemetry::Taken;
use crate::tests::{Recorder, place};
use std::sync::Arc;
use stdx::clock::ManualClock;

static TAKEN: Taken = Taken::new(&[]);

#[test]
fn a_packet_is_taken_or_refused_by_what_must_be() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/wire/collectd/network.in");
    let packet = std::fs::read(path).unwrap();
    for (security, rows) in [(Security::None, 45), (Security::Sign, 0)] {
        let sink = Arc::new(Recorder::default());
        let intake = Intake::new(place(sink.clone(), Arc::new(ManualClock::at(0))), &TAKEN);
        let mut door = Packets::new(&Collectd { security, ..Collectd::default() }, intake);
        door.datagram(&packet, None);
        door.tick(0);
        let problem =
            if rows == 0 { "1 refused, the first a packet that is neither signed nor encrypted" } else { "" };
        assert_eq!(door.told().problem, problem);
        door.stop(0);
        assert_eq!(sink.take().len(), rows);
    }
}
