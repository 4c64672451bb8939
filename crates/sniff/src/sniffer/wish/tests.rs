use super::*;
use crate::protocols::named;

fn row(name: &str) -> &'static Row {
    named(name).unwrap()
}

fn inside(port: u16, file: &str) -> Place {
    Place { port, network: Some(file.into()), container: "cellar".to_owned() }
}

#[test]
fn a_port_is_wished_until_the_last_gives_it_back() {
    let mut wish = Wish::default();
    let spot = (Network(7), 6379);
    wish.lend(spot.0, &inside(6379, "/proc/1/ns/net"), row("redis")).unwrap();
    wish.lend(spot.0, &inside(6379, "/proc/2/ns/net"), row("redis")).unwrap();
    let version = wish.version;
    wish.give_back(spot, &"/proc/1/ns/net".into());
    assert_ne!(wish.version, version, "the files that stand for the network are others");
    let (port, wished) = wish.of(Network(7)).next().unwrap();
    assert_eq!((port, wished.container.as_str(), wished.lent.len()), (6379, "cellar", 1));
    assert!(wish.of(Network::OURS).next().is_none() && !wish.stops);
    wish.give_back(spot, &"/proc/2/ns/net".into());
    assert!(wish.ports.is_empty() && wish.stops);
}

#[test]
fn what_the_settings_say_of_a_port_stays() {
    let mut wish = Wish::default();
    wish.own(80, row("http")).unwrap();
    wish.lend(Network::OURS, &Place::here(80), row("redis")).unwrap();
    assert_eq!(wish.of(Network::OURS).next().unwrap().1.row.name, "http");
    wish.give_back((Network::OURS, 80), &PathBuf::new());
    assert!(!wish.stops, "the settings still want it");
    let version = wish.version;
    wish.own(80, row("http")).unwrap();
    assert_eq!(wish.version, version, "nothing new");
    wish.disown(80);
    assert!(wish.stops);
}

#[test]
fn ports_and_networks_are_bounded() {
    let mut wish = Wish::default();
    wish.own(1, row("http")).unwrap();
    for number in 1..=NETWORKS_MAX as u64 {
        wish.lend(Network(number), &inside(1, "x"), row("http")).unwrap();
    }
    let beyond = Network(NETWORKS_MAX as u64 + 1);
    assert_eq!(wish.lend(beyond, &inside(1, "x"), row("http")), Err(Refusal::Networks));
    for port in 2..=(PORTS_MAX - NETWORKS_MAX) as u16 {
        wish.lend(Network(1), &inside(port, "x"), row("http")).unwrap();
    }
    assert_eq!(wish.lend(Network(1), &inside(9999, "x"), row("http")), Err(Refusal::Full));
    assert_eq!(wish.own(9999, row("http")), Err(Refusal::Full));
    wish.lend(Network(1), &inside(1, "y"), row("http")).expect("it is wished already");
}
