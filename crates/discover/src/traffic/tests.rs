use super::*;
use crate::Known;

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
    plan(&mut planned, crate::services::find(service).unwrap(), false, options);
    planned.to_string()
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
    let deaf = |text: &str| Options { sniffed: read(text).unwrap(), is_deaf: true, ..Options::default() };
    let told = parts("mongodb", false, &deaf("auto"));
    assert!(told.contains("CAP_NET_RAW") && !told.contains("sniff mongodb"), "{told}");
    assert!(parts("mongodb", false, &deaf("mongodb")).contains("sniff mongodb at port 27017"));
    assert_eq!(parts("mongodb", true, &deaf("auto")), "");
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
