//! The door with bytes alone.

use super::*;
use crate::framed::Framed;
use crate::service::{Next, Service};
use crate::telemetry::Taken;
use crate::tests::{Recorder, place};
use std::sync::Arc;
use stdx::clock::ManualClock;

static TAKEN: Taken = Taken::new(&[]);
const NOW_S: u32 = 1_700_000_000;

/// A packet in the clear.
fn packet(greeted_s: u32, len: usize) -> Vec<u8> {
    let mut bytes = vec![0; len];
    bytes[1] = 3;
    bytes[8..12].copy_from_slice(&greeted_s.to_be_bytes());
    bytes[13] = 2;
    bytes[14..18].copy_from_slice(b"web1");
    bytes[78..82].copy_from_slice(b"disk");
    bytes[206..218].copy_from_slice(b"full|/=99%;;");
    let crc = stdx::crc::crc32(&bytes);
    bytes[4..8].copy_from_slice(&crc.to_be_bytes());
    bytes
}

#[test]
fn packets_of_both_lengths_are_taken_and_old_ones_refused() {
    let sink = Arc::new(Recorder::default());
    let clock = Arc::new(ManualClock::at(i64::from(NOW_S) * 1000));
    let intake = Intake::new(place(sink.clone(), clock), &TAKEN).forgetful();
    let nsca = Nsca { method: Method::Clear, password: String::new() };
    let mut door = Framed::new(Results::new(nsca), intake);
    let mut greeting = Vec::new();
    let mut session = door.open(None, &mut greeting);
    assert_eq!((greeting.len(), &greeting[128..]), (132, &NOW_S.to_be_bytes()[..]));
    let both = [packet(NOW_S - 30, 720), packet(NOW_S, 4304)].concat();
    assert_eq!(door.input(&mut session, &both[..700], &mut Vec::new()), Next::Partial);
    assert_eq!(door.input(&mut session, &both[700..2000], &mut Vec::new()), Next::Partial);
    assert_eq!(door.input(&mut session, &both[2000..], &mut Vec::new()), Next::Idle);
    assert_eq!(door.input(&mut session, &packet(NOW_S - 31, 720), &mut Vec::new()), Next::Close);
    door.stop(0);
    let state = format!("{NOW_S}000 gauge check_state{{check=\"disk\",host=\"web1\"}} 2");
    let ratio = format!("{NOW_S}000 gauge perfdata_ratio{{check=\"disk\",host=\"web1\",label=\"/\"}} 0.99");
    assert_eq!(sink.take(), [&state, &ratio, &state, &ratio].map(String::clone));
    let mut other = door.open(None, &mut Vec::new());
    assert_eq!(door.input(&mut other, &[7; 5000], &mut Vec::new()), Next::Close);
}
