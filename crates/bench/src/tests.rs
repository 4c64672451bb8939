use crate::options::Options;
use crate::{
    bytes, decode, discovery, doors, latency, logs, parse, pictures, queries, relay, sniff, soak, stages,
    statsd,
};

fn tiny() -> Options {
    Options { tiny: true, alone: true, ..Options::default() }
}

#[test]
fn every_query_class_has_an_answer() {
    queries::run(&tiny()).unwrap();
}

#[test]
fn texts_are_understood() {
    parse::run(&tiny()).unwrap();
}

#[test]
fn charts_are_drawn() {
    pictures::run(&tiny()).unwrap();
}

#[test]
fn bytes_are_counted() {
    bytes::run(&tiny()).unwrap();
}

#[test]
fn every_dialect_is_decoded() {
    decode::run(&tiny()).unwrap();
}

#[test]
fn pushes_are_timed() {
    latency::run(&tiny()).unwrap();
}

#[test]
fn statsd_packets_are_taken() {
    statsd::run(&tiny()).unwrap();
}

#[test]
fn lines_are_taken() {
    doors::run(&tiny()).unwrap();
}

#[test]
fn samples_are_passed_on() {
    relay::run(&tiny()).unwrap();
}

#[test]
fn logs_are_read() {
    logs::run(&tiny()).unwrap();
}

#[test]
fn services_are_followed() {
    discovery::run(&tiny()).unwrap();
}

#[test]
fn a_request_is_heard() {
    sniff::run(&tiny()).unwrap();
}

#[test]
fn stages_are_measured() {
    stages::run(&tiny()).unwrap();
}

#[test]
fn a_day_passes() {
    soak::run(&tiny()).unwrap();
}
