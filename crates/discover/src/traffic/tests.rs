use super::*;
use crate::tests::recording;
use crate::{Known, Machine};
use std::os::unix::fs::symlink;

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

fn read(text: &str) -> Result<Sniffed, String> {
    Sniffed::read(&words(text))
}

/// The parts that come of a service which listens at 27017.
fn parts(service: &str, is_told: bool, options: &Options) -> String {
    let traffic = Some(Traffic { ports: vec![27017], is_told });
    let mut planned = Plan { traffic, ..Plan::default() };
    plan(&mut planned, crate::services::find(service).unwrap(), &process("network 1").1, options);
    planned.to_string()
}

/// A process of a machine, with this said of it.
fn process(said: &str) -> (tempfile::TempDir, Process) {
    let folder = tempfile::tempdir().unwrap();
    let own = folder.path().join("proc/self/ns");
    std::fs::create_dir_all(&own).unwrap();
    ["mnt", "net"].iter().for_each(|kind| symlink(format!("{kind}:[1]"), own.join(kind)).unwrap());
    recording::add(folder.path(), &format!("7 /usr/bin/mongod\n  argument mongod\n  {said}\n"));
    let machine = Machine::of(&collect::Host::recorded(folder.path()));
    let process = Process::read(&machine, 7, 100, 1, "mongod").unwrap();
    (folder, process)
}

#[test]
fn who_tells_nothing_of_its_queries_is_listened_to() {
    let options = |text: &str| Options { sniffed: read(text).unwrap(), ..Options::default() };
    let wanted = "traffic at port 27017\n  sniff mongodb at port 27017\n";
    assert_eq!(parts("mongodb", false, &Options::default()), wanted);
    assert_eq!(parts("mongodb", true, &options("auto")), "");
    assert_eq!(parts("mongodb", false, &options("none")), "");
    assert_eq!(parts("mongodb", true, &options("mongodb")), wanted);
    assert_eq!(parts("mongodb", false, &options("redis")), "");
    assert_eq!(parts("mongodb", false, &options("redis auto")), wanted);
}

#[test]
fn without_the_right_only_what_was_asked_for_is_tried() {
    let deaf =
        |text: &str| Options { sniffed: read(text).unwrap(), reach: Reach::Nothing, ..Options::default() };
    let told = parts("mongodb", false, &deaf("auto"));
    assert!(told.contains("CAP_NET_RAW") && !told.contains("sniff mongodb"), "{told}");
    assert!(parts("mongodb", false, &deaf("mongodb")).contains("sniff mongodb at port 27017"));
    assert_eq!(parts("mongodb", true, &deaf("auto")), "");
}

#[test]
fn who_has_a_network_of_his_own_is_listened_to_there() {
    let (_machine, inside) = process("network 7");
    let told = |text: &str, reach: Reach| {
        let traffic = Some(Traffic { ports: vec![27017], is_told: false });
        let mut planned = Plan { traffic, ..Plan::default() };
        let options = Options { sniffed: read(text).unwrap(), reach, ..Options::default() };
        plan(&mut planned, crate::services::find("mongodb").unwrap(), &inside, &options);
        planned
    };
    let planned = told("auto", Reach::Everywhere);
    let [Part { work: Work::Sniff(sniff), .. }] = &planned.parts[..] else { panic!("{planned}") };
    assert!(sniff.network.as_ref().unwrap().ends_with("proc/7/ns/net"), "{planned}");
    assert_eq!(sniff.container, "net:[7]");
    let without = told("auto", Reach::Here).to_string();
    assert!(without.contains("CAP_SYS_ADMIN") && !without.contains("sniff mongodb"), "{without}");
    assert!(told("auto", Reach::Nothing).to_string().contains("CAP_NET_RAW"));
    assert!(told("mongodb", Reach::Here).to_string().contains("sniff mongodb at port 27017 from "));
}

#[test]
fn administrators_decide_for_each_instance() {
    let said = |port, sniff| Options {
        known: vec![Known { service: "mongodb".to_owned(), port, sniff: Some(sniff), ..Known::default() }],
        ..Options::default()
    };
    assert_eq!(parts("mongodb", false, &said(None, false)), "");
    assert_eq!(parts("mongodb", false, &said(Some(27017), false)), "");
    assert_ne!(parts("mongodb", false, &said(Some(1), false)), "");
    assert_ne!(parts("mongodb", true, &said(Some(27017), true)), "");
}

#[test]
fn what_cannot_be_read_off_the_wire_is_told() {
    assert_eq!(read("none redis").unwrap_err(), "`none` stands alone");
    let why = read("docker").unwrap_err();
    assert!(
        why.starts_with("`docker` is not read off the wire; write auto, none, or some of nginx, apache, "),
        "{why}"
    );
    assert_eq!(read("nosuch").unwrap_err().split(' ').next(), Some("`nosuch`"));
}

#[test]
fn every_protocol_of_a_service_is_one_the_sniffer_knows() {
    let speaks = crate::services::SERVICES.iter().map(|service| service.speaks).filter(|it| !it.is_empty());
    assert!(speaks.into_iter().all(|protocol| sniff::protocols::named(protocol).is_some()));
}
