use super::*;
use proptest::prelude::*;

fn payloads(mut frames: &[u8]) -> Vec<&[u8]> {
    let mut out = Vec::new();
    while !frames.is_empty() {
        out.push(frame::take(&mut frames).unwrap());
    }
    out
}

fn events_back(frames: &[u8]) -> Vec<Event> {
    let said = payloads(frames).into_iter().map(|payload| decode(payload).unwrap().unwrap());
    said.flat_map(|said| match said {
        Said::Events { host: "h", events } => events,
        other => panic!("{other:?}"),
    })
    .collect()
}

prop_compose! {
    fn event()(
        time_ms in prop_oneof![any::<i64>(), 1_700_000_000_000..1_700_000_100_000i64],
        kind in any::<u8>(),
        level in 0..5u8,
        source in "[a-z]{0,8}",
        text in ".{0,60}",
        fields in prop::collection::vec(("[a-z]{1,5}", ".{0,9}"), 0..4),
    ) -> Event {
        Event { time_ms, kind: EventKind(kind), level: Level::from_u8(level).unwrap(), source, text, fields }
    }
}

proptest! {
    #[test]
    fn events_come_back(events in prop::collection::vec(event(), 0..20)) {
        let mut frames = Vec::new();
        prop_assert_eq!(encode_events("h", &events, &mut frames), u64::from(!events.is_empty()));
        prop_assert_eq!(events_back(&frames), events);
    }

    #[test]
    fn standings_come_back(
        time_ms in any::<i64>(),
        parts in prop::collection::vec(("[a-z]{1,5}", ".{0,9}", any::<Option<i32>>(), any::<u64>(), any::<u64>(), ".{0,9}"), 0..9),
    ) {
        let parts: Vec<Stand<'_>> = parts
            .iter()
            .map(|(part, name, last, took_us, samples, problem)| Stand {
                part, name, problem, took_us: *took_us, samples: *samples,
                last_ms: last.map(|ago| time_ms.wrapping_sub(i64::from(ago))),
            })
            .collect();
        let mut frames = Vec::new();
        encode_standings("h", time_ms, &parts, &mut frames);
        let payload = payloads(&frames)[0];
        prop_assert_eq!(decode(payload).unwrap().unwrap(), Said::Standings { host: "h", time_ms, parts });
    }

    #[test]
    fn changed_payloads_never_panic(
        events in prop::collection::vec(event(), 1..4),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let mut frames = Vec::new();
        encode_events("h", &events, &mut frames);
        let mut payload = payloads(&frames)[0].to_vec();
        for (at, byte) in changes {
            let at = at.index(payload.len());
            payload[at] = byte;
        }
        let _malformed = decode(&payload);
    }
}

#[test]
fn too_many_are_several_frames_and_too_long_is_cut() {
    let long = Event::log(1, Level::Info, "s", "ä".repeat(TEXT_BYTES_MAX));
    let mut frames = Vec::new();
    assert!(encode_events("h", &vec![long; 100], &mut frames) > 3);
    let back = events_back(&frames);
    assert_eq!((back.len(), back[0].text.len()), (100, TEXT_BYTES_MAX));
    frames.clear();
    assert_eq!(encode_events("h", &vec![Event::log(1, Level::Info, "s", ""); 2000], &mut frames), 2);
    assert_eq!(events_back(&frames).len(), 2000);
}

#[test]
fn a_host_of_too_many_parts_is_cut_short() {
    let problem = "p".repeat(PROBLEM_BYTES_MAX);
    let part = Stand { part: "check", name: "n", last_ms: None, took_us: 0, samples: 0, problem: &problem };
    let mut frames = Vec::new();
    encode_standings("h", 7, &vec![part; 2000], &mut frames);
    let Some(Ok(Said::Standings { parts, .. })) = decode(payloads(&frames)[0]) else { panic!("not read") };
    assert!(parts.len() > 500 && parts.len() < PARTS_MAX);
    assert_eq!(parts.last(), Some(&part));
}

#[test]
fn what_no_encoder_writes_is_refused_with_its_place() {
    let mut frames = Vec::new();
    encode_events("h", &[Event::log(1, Level::Info, "s", "t")], &mut frames);
    let good = payloads(&frames)[0].to_vec();
    assert_eq!(good, [4, 1, b'h', 1, 2, 1, 2, 1, b's', 1, b't', 0]);
    let reason = |payload: &[u8]| decode(payload).unwrap().unwrap_err();
    for end in 1..good.len() {
        assert!(reason(&good[..end]).reason.contains("ends early"));
    }
    let mut bad = good.clone();
    bad[6] = 9;
    assert_eq!(reason(&bad), Malformed { byte: 6, reason: "an unknown level" });
    assert_eq!(reason(&[good.as_slice(), &[0]].concat()).reason, "bytes after the end");
    assert!(decode(&[3, 0]).is_none() && decode(&[]).is_none());
}
