use super::*;
use crate::protocols::named;
use crate::testing::{CLIENT, START_NS, STEP_NS, Talk, heard, summary, tapped};
use proptest::prelude::*;

const REDIS: u16 = 6379;

/// So many commands, each after the answer to the one before, with answers of various lengths.
fn talk(exchanges: usize) -> Talk {
    let mut talk = Talk::opened(REDIS);
    for i in 0..exchanges {
        let key = format!("key{i}");
        talk.client(format!("*2\r\n$3\r\nGET\r\n${}\r\n{key}\r\n", key.len()));
        talk.server(format!("${}\r\n{}\r\n", i * 37, "v".repeat(i * 37)));
    }
    talk.close();
    talk
}

fn requests(tap: &Wiretap) -> u64 {
    summary(tap).iter().map(|(.., requests, _)| requests).sum()
}

#[test]
fn a_connection_is_counted_with_its_client_bytes_and_times() {
    let talk = talk(3);
    let tap = tapped(named("redis").unwrap(), &talk.packets, REDIS);
    let [(name, _, counts)] = &heard(&tap)[..] else { panic!("one operation") };
    assert_eq!((name.as_str(), counts.requests, counts.errors), ("GET", 3, 0));
    assert_eq!((counts.request_bytes, counts.response_bytes), (3 * 23, 6 + (37 + 7) + (74 + 7)));
    assert_eq!(counts.took_ns, 3 * STEP_NS);
    let address = CLIENT.map(|b| b.to_string()).join(".");
    assert_eq!(tap.tally.peers[usize::from(tap.tally.pairs[0].peer.0)].text, address);
    assert_eq!((tap.connections(), tap.tally.services()[0].connections), (0, 1));
}

#[test]
fn a_connection_is_read_from_its_middle() {
    let packets = talk(10).packets;
    for start in 3..packets.len() {
        let tap = tapped(named("redis").unwrap(), &packets[start..], REDIS);
        // Half of what is left, as each exchange is two packets; two more for the close.
        let left = (packets.len() - start).saturating_sub(3);
        assert_eq!(requests(&tap), left as u64 / 2, "from packet {start} on");
    }
}

#[test]
fn a_missing_direction_is_no_harm() {
    let packets = talk(10).packets;
    for is_client in [true, false] {
        let half: Vec<_> = packets.iter().filter(|packet| packet.is_client == is_client).cloned().collect();
        let tap = tapped(named("redis").unwrap(), &half, REDIS);
        assert_eq!(requests(&tap), 0);
    }
}

#[test]
fn connections_are_bounded_and_expire() {
    let mut tap = Wiretap::default();
    tap.watch(REDIS, named("redis").unwrap());
    for i in 0..CONNECTIONS_MAX + 100 {
        let mut talk = Talk::new(REDIS);
        (talk.client_port, talk.now_ns) = (i as u16 + 1, START_NS + i as u64);
        talk.client("PING\r\n");
        tap.frame(&talk.packets[0].frame());
        assert!(tap.connections() <= CONNECTIONS_MAX);
    }
    tap.expire(START_NS + 2 * IDLE_NS_MAX);
    assert_eq!(tap.connections(), 0);
}

#[test]
fn ports_can_be_changed_while_frames_come() {
    let packets = talk(4).packets;
    let mut tap = Wiretap::default();
    tap.watch(REDIS, named("redis").unwrap());
    packets[..5].iter().for_each(|packet| tap.frame(&packet.frame()));
    tap.unwatch(REDIS);
    packets[5..7].iter().for_each(|packet| tap.frame(&packet.frame()));
    tap.watch(REDIS, named("redis").unwrap());
    packets[7..].iter().for_each(|packet| tap.frame(&packet.frame()));
    tap.finish();
    assert_eq!((requests(&tap), tap.tally.services().len()), (3, 1));
    (0..PORTS_MAX as u16 - 1).for_each(|port| assert!(tap.watch(port + 1, named("redis").unwrap())));
    assert!(!tap.watch(9999, named("redis").unwrap()));
}

/// What happens to a packet on its way into the capture.
#[derive(Debug, Clone, Copy)]
enum Fate {
    Kept,
    Lost,
    Twice,
    /// It comes so many packets later.
    Late(usize),
}

fn fates(can_lose: bool) -> impl Strategy<Value = Vec<Fate>> {
    let lost = if can_lose { 1 } else { 0 };
    let fate = prop_oneof![6 => Just(Fate::Kept), lost => Just(Fate::Lost), 1 => Just(Fate::Twice),
        lost => (1usize..4).prop_map(Fate::Late)];
    prop::collection::vec(fate, 100)
}

fn suffer(packets: &[crate::testing::Packet], fates: &[Fate]) -> Vec<crate::testing::Packet> {
    let mut placed: Vec<(usize, crate::testing::Packet)> = Vec::new();
    for (i, packet) in packets.iter().enumerate() {
        match fates[i % fates.len()] {
            Fate::Kept => placed.push((i * 2, packet.clone())),
            Fate::Lost => {}
            Fate::Twice => placed.extend([(i * 2, packet.clone()), (i * 2 + 5, packet.clone())]),
            Fate::Late(by) => placed.push(((i + by) * 2 + 1, packet.clone())),
        }
    }
    placed.sort_by_key(|(at, _)| *at);
    placed.into_iter().map(|(_, packet)| packet).collect()
}

proptest! {
    #[test]
    fn repeats_change_nothing(fates in fates(false), mss in 1usize..200) {
        let mut talk = Talk::opened(REDIS);
        talk.mss = mss;
        for i in 0..10 {
            talk.client("*1\r\n$4\r\nPING\r\n").server(format!("+{}\r\n", "P".repeat(i * 10)));
        }
        let tap = tapped(named("redis").unwrap(), &suffer(&talk.packets, &fates), REDIS);
        prop_assert_eq!(summary(&tap), [("PING".to_owned(), String::new(), 10, 0)]);
    }

    #[test]
    fn losses_cost_what_was_lost_and_nothing_is_made_up(fates in fates(true)) {
        // Each command has a name of its own, and an answer of its own length: a wrong pair would be seen.
        let mut talk = Talk::opened(REDIS);
        for i in 0..40usize {
            let verb = format!("C{i}");
            talk.client(format!("*1\r\n${}\r\n{verb}\r\n", verb.len()));
            talk.server(format!("+{}\r\n", "x".repeat(i)));
        }
        let tap = tapped(named("redis").unwrap(), &suffer(&talk.packets, &fates), REDIS);
        for (name, _, counts) in heard(&tap) {
            let i: u64 = name[1..].parse().unwrap();
            prop_assert_eq!((counts.requests, counts.response_bytes), (1, i + 3), "{}", name);
        }
    }

    #[test]
    fn any_bytes_are_survived(chunks in prop::collection::vec((any::<bool>(), prop::collection::vec(any::<u8>(), 0..300)), 0..20)) {
        for row in crate::protocols::PROTOCOLS {
            for mut talk in [Talk::opened(1234), Talk::new(1234)] {
                for (is_client, bytes) in &chunks {
                    if *is_client { talk.client(bytes) } else { talk.server(bytes) };
                }
                tapped(row, &talk.packets, 1234);
            }
        }
    }
}
