use super::*;

#[test]
fn levels_have_names_and_an_order() {
    for level in Level::ALL {
        assert_eq!((Level::parse(level.as_str()), Level::from_u8(level as u8)), (Some(level), Some(level)));
    }
    assert_eq!((Level::parse("WARNING"), Level::parse("crit")), (Some(Level::Warn), Some(Level::Error)));
    assert_eq!((Level::parse("loud"), Level::from_u8(5)), (None, None));
    assert!(Level::Error > Level::Warn && Level::Debug > Level::Trace);
}

#[test]
fn what_is_too_long_is_cut_between_characters() {
    let mut event = Event::log(0, Level::Info, &"ä".repeat(SOURCE_BYTES_MAX), "ä".repeat(TEXT_BYTES_MAX));
    event.text.insert(0, 'x');
    event.fields = vec![("n".repeat(999), "v".repeat(9999)); 99];
    event.bound();
    assert_eq!((event.source.len(), event.text.len()), (SOURCE_BYTES_MAX, TEXT_BYTES_MAX - 1));
    assert_eq!(event.fields.len(), FIELDS_MAX);
    assert_eq!((event.fields[0].0.len(), event.fields[0].1.len()), (FIELD_NAME_BYTES_MAX, FIELD_BYTES_MAX));
}

#[test]
fn numbers_make_no_other_problem() {
    for (a, b, same) in [
        ("took 3.2 s of 3", "took 12 s of 3", true),
        ("", "", true),
        ("", "x", false),
        ("cannot read a: denied", "cannot read b: denied", false),
    ] {
        assert_eq!(is_same_problem(a, b), same, "{a} {b}");
    }
}

#[test]
fn a_query_looks_at_every_condition() {
    let mut event = Event::log(5, Level::Warn, "agent", "Connection REFUSED");
    event.fields.push(("module".to_owned(), "ship::outbox".to_owned()));
    let all = EventQuery::newest(1);
    assert!(all.wants(&event));
    let refused = EventQuery { text: "refused".into(), level_min: Level::Warn, ..all.clone() };
    assert!(refused.wants(&event));
    for other in [
        EventQuery { level_min: Level::Error, ..all.clone() },
        EventQuery { kind: Some(EventKind::NOTE), ..all.clone() },
        EventQuery { source: Some("server".into()), ..all.clone() },
        EventQuery { text: "refusedx".into(), ..all.clone() },
        EventQuery { range: crate::TimeRange::new(0, 5), ..all.clone() },
    ] {
        assert!(!other.wants(&event), "{other:?}");
    }
    assert!(EventQuery { text: "SHIP::".into(), ..all.clone() }.wants(&event));
    let place = |time_ms, number| Place { time_ms, number };
    let paged = EventQuery { before: Some(place(5, 7)), after: Some(3), ..all };
    assert!(paged.reaches(place(5, 6)) && paged.reaches(place(4, 9)));
    assert!(!paged.reaches(place(5, 7)) && !paged.reaches(place(5, 3)));
}
