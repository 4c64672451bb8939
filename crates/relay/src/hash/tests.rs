//! Vectors of the originals, and what must hold of all ways.

use super::*;
use proptest::prelude::*;
use std::process::Command;

fn nodes(names: &[&str]) -> Vec<Node> {
    names.iter().map(|name| Node::parse(name)).collect()
}

fn carbon_nodes() -> Vec<Node> {
    nodes(&["127.0.0.1:2004:a", "127.0.0.1:2104:b", "127.0.0.2:2004:c"])
}

fn names(method: Method, key: &str) -> String {
    let ring = Ring::new(method, carbon_nodes());
    ring.owners(key.as_bytes(), 3, false, |_| true).into_iter().map(|at| ["a", "b", "c"][at]).collect()
}

#[test]
fn carbon_rings_are_those_of_carbon() {
    let keys =
        ["hosts.worker1.cpu", "hosts.worker1.load", "hosts.worker2.cpu", "servers.web01.cpu.user", "a"];
    assert_eq!(keys.map(|key| names(Method::CarbonCh, key)), ["cab", "abc", "bac", "cab", "abc"]);
    assert_eq!(keys.map(|key| names(Method::CarbonFnv1a, key)), ["bac", "abc", "acb", "cba", "acb"]);
    assert_eq!(keys.map(|key| names(Method::RelayFnv1a, key)), ["bac", "abc", "acb", "cba", "acb"]);
    let first = |method| Ring::new(method, carbon_nodes()).points[..4].to_vec();
    assert_eq!(first(Method::CarbonCh), [(237, 2), (398, 0), (474, 0), (793, 2)]);
    assert_eq!(first(Method::CarbonFnv1a), [(218, 1), (329, 2), (536, 1), (611, 0)]);
    let plain = Ring::new(Method::CarbonCh, nodes(&["10.0.0.1:2004", "10.0.0.2:2004", "10.0.0.3:2004"]));
    let two = |key: &str| plain.owners(key.as_bytes(), 2, false, |_| true);
    assert_eq!([two(keys[0]), two(keys[1]), two("a")], [[1, 2], [1, 0], [1, 2]]);
}

#[test]
fn replicas_may_be_held_to_different_hosts() {
    let ring = Ring::new(Method::CarbonCh, carbon_nodes());
    let key = b"hosts.worker1.load";
    assert_eq!(ring.owners(key, 2, false, |_| true), [0, 1]);
    assert_eq!(ring.owners(key, 2, true, |_| true), [0, 2]);
    assert_eq!(ring.owners(key, 3, true, |_| true), [0, 2, 1]);
}

/// The real carbon, where it is installed: every owner of many keys, on rings of many shapes.
#[test]
fn the_real_carbon_agrees() {
    const SCRIPT: &str = r"
import sys
from carbon.hashing import ConsistentHashRing
for kind in ('carbon_ch', 'fnv1a_ch'):
    for count in (1, 2, 7, 20):
        ring = ConsistentHashRing([('10.0.%d.1' % (n % 5), 'i%d' % n) for n in range(count)], hash_type=kind)
        for k in range(300):
            key = 'servers.web%d.cpu.core%d' % (k * 7919 % 1009, k)
            print(kind, count, key, ','.join(node[1][1:] for node in ring.get_nodes(key)))
";
    let Ok(output) = Command::new("/usr/bin/python3").args(["-c", SCRIPT]).output() else { return };
    let text = String::from_utf8(output.stdout).unwrap();
    if !output.status.success() || text.is_empty() {
        eprintln!("skipped: python3 has no carbon: {}", String::from_utf8_lossy(&output.stderr));
        return;
    }
    let (mut compared, mut rings) = (0, std::collections::HashMap::new());
    for line in text.lines() {
        let words: Vec<&str> = line.split(' ').collect();
        let count: usize = words[1].parse().unwrap();
        let all = (0..count).map(|n| Node::parse(&format!("10.0.{}.1:2004:i{n}", n % 5)));
        let make = || Ring::new(Method::parse(words[0]).unwrap(), all.collect());
        let ring = rings.entry((words[0], count)).or_insert_with(make);
        let order = ring.owners(words[2].as_bytes(), 1, false, |_| true);
        assert_eq!(order[0].to_string(), words[3].split(',').next().unwrap(), "{line}");
        let order: Vec<String> =
            ring.owners(words[2].as_bytes(), count, false, |_| true).iter().map(usize::to_string).collect();
        // Carbon gives a single node twice, and may leave the last one out where it stops one point early.
        let theirs: Vec<&str> = words[3].split(',').collect();
        let same = theirs.len().min(order.len());
        assert_eq!(order[..same], theirs[..same], "{line}");
        compared += 1;
    }
    assert_eq!(compared, 2 * 4 * 300);
}

#[test]
fn the_ring_of_open_falcon_holds_its_vectors() {
    let two = Ring::new(Method::Falcon, nodes(&["graph-00", "graph-01"]));
    let three = Ring::new(Method::Falcon, nodes(&["graph-02", "graph-00", "graph-01"]));
    let owner =
        |ring: &Ring, key: &str| ring.nodes[ring.owners(key.as_bytes(), 1, false, |_| true)[0]].host.clone();
    for (key, of_two, of_three) in [
        ("host01/cpu.idle", "graph-00", "graph-00"),
        ("host01/df.bytes.free.percent/fstype=ext4,mount=/", "graph-01", "graph-01"),
        ("host02/net.if.in.bytes/iface=eth0", "graph-00", "graph-02"),
        ("host03/agent.alive", "graph-00", "graph-00"),
        ("10.0.0.1/qps/module=judge,project=falcon", "graph-00", "graph-02"),
    ] {
        assert_eq!((owner(&two, key).as_str(), owner(&three, key).as_str()), (of_two, of_three), "{key}");
    }
}

/// The cases by which the product is judged, where they are there.
#[test]
fn the_ring_of_open_falcon_passes_its_cases() {
    let folder =
        std::env::var("WINDHOVER_CONFORMANCE").unwrap_or_else(|_| "../../../shared/conformance".into());
    let path = std::path::Path::new(&folder).join("openfalcon.json");
    let Ok(text) = std::fs::read(&path) else {
        eprintln!("skipped: there is no {}", path.display());
        return;
    };
    let cases: serde_json::Value = serde_json::from_slice(&text).unwrap();
    let mut compared = 0;
    for case in cases["cases"].as_array().unwrap().iter().filter(|case| case["kind"] == "ring") {
        let (Some(key), Some(node)) = (case["key"].as_str(), case["node"].as_str()) else { continue };
        let names = case["nodes"].as_array().unwrap().iter().map(|name| Node::parse(name.as_str().unwrap()));
        let all: Vec<Node> = names.collect();
        let replicas = case["replicas"].as_u64().unwrap() as usize;
        let ring = Ring { points: falcon::points(&all, replicas), method: Method::Falcon, nodes: all };
        let owner = ring.owners(key.as_bytes(), 1, false, |_| true)[0];
        assert_eq!(ring.nodes[owner].host, node, "{}", case["id"]);
        assert_eq!(u64::from(stdx::crc::crc32(key.as_bytes())), case["crc32"].as_u64().unwrap());
        compared += 1;
    }
    assert!(compared > 0);
}

#[test]
fn jump_gives_the_buckets_of_its_paper() {
    // From the reference implementation: keys 0 … and 10 buckets; and that only the last bucket draws from others.
    assert_eq!([1, 42, 0xDEAD10CC, 0xDEAD10CC].map(|key| jump(key, 1)), [0; 4]);
    assert_eq!((jump(42, 57), jump(0xDEAD10CC, 666), jump(256, 1024)), (43, 361, 520));
    for key in (0..2000).map(|n| fnv1a_64(format!("k{n}").as_bytes())) {
        assert!([jump(key, 10), 10].contains(&jump(key, 11)));
    }
}

#[test]
fn fnv_holds_its_vectors() {
    assert_eq!((fnv1a_32(b""), fnv1a_32(b"a"), fnv1a_32(b"foobar")), (0x811c9dc5, 0xe40c292c, 0xbf9cf968));
    assert_eq!((fnv1a_64(b"a"), fnv1a_64(b"foobar")), (0xaf63dc4c8601ec8c, 0x85944171f73967e8));
}

#[test]
fn ours_spreads_evenly() {
    let ring = Ring::new(Method::Rendezvous, (0..20).map(|n| Node::parse(&format!("n{n}"))).collect());
    let mut loads = [0u32; 20];
    (0..40_000)
        .for_each(|n| loads[ring.owners(format!("host{n}/cpu").as_bytes(), 1, false, |_| true)[0]] += 1);
    // 2000 each; four standard deviations are 174.
    assert!(loads.iter().all(|load| (1820..2180).contains(load)), "{loads:?}");
}

proptest! {
    #[test]
    fn a_node_that_goes_moves_its_own_keys_only(
        method in 0..Method::ALL.len(), count in 2..9usize, gone in 0..9usize, keys in prop::collection::vec("[a-z.]{1,12}", 1..40)
    ) {
        let all = (0..count).map(|n| Node::parse(&format!("h{n}:1:i{n}"))).collect();
        let (ring, gone) = (Ring::new(Method::ALL[method].1, all), gone % count);
        for key in &keys {
            let before = ring.owners(key.as_bytes(), count, false, |_| true);
            prop_assert_eq!(before.len(), count);
            let after = ring.owners(key.as_bytes(), count, false, |at| at != gone);
            let kept: Vec<usize> = before.into_iter().filter(|at| *at != gone).collect();
            prop_assert_eq!(kept, after);
        }
    }
}
