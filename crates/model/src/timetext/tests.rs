use super::*;
use stdx::random::Random;

// 2026-11-21T14:33:12.345Z, a Saturday; 15:33 in Berlin.
const NOW: i64 = 1_795_271_592_345;

fn ms(text: &str) -> i64 {
    text.parse::<jiff::Timestamp>().unwrap().as_millisecond()
}

#[test]
fn texts_mean_instants() {
    let cases = [
        ("now", "2026-11-21T14:33:12.345Z"),
        ("now-6h", "2026-11-21T08:33:12.345Z"),
        ("-30min", "2026-11-21T14:03:12.345Z"),
        ("-30m", "2026-11-21T14:03:12.345Z"),
        ("now/d", "2026-11-20T23:00:00Z"),
        ("now-1d/d", "2026-11-19T23:00:00Z"),
        ("now/d+8h", "2026-11-21T07:00:00Z"),
        ("now/w", "2026-11-15T23:00:00Z"),
        ("now/M", "2026-10-31T23:00:00Z"),
        ("now/Q", "2026-09-30T22:00:00Z"),
        ("now-1M", "2026-10-21T13:33:12.345Z"),
        ("now-1y/y", "2024-12-31T23:00:00Z"),
        ("now - 1d3h", "2026-11-20T11:33:12.345Z"),
        ("NOW-1H", "2026-11-21T13:33:12.345Z"),
        ("today", "2026-11-20T23:00:00Z"),
        ("yesterday", "2026-11-19T23:00:00Z"),
        ("tomorrow+1h", "2026-11-22T00:00:00Z"),
        ("monday", "2026-11-15T23:00:00Z"),
        ("saturday", "2026-11-20T23:00:00Z"),
        ("noon yesterday", "2026-11-20T11:00:00Z"),
        ("14:00_20261121", "2026-11-21T13:00:00Z"),
        ("2:30pm", "2026-11-21T13:30:00Z"),
        ("12am", "2026-11-20T23:00:00Z"),
        ("12pm", "2026-11-21T11:00:00Z"),
        ("20261121", "2026-11-20T23:00:00Z"),
        ("11/21/26", "2026-11-20T23:00:00Z"),
        ("2026-11-21", "2026-11-20T23:00:00Z"),
        ("2026-11-21 14:00", "2026-11-21T13:00:00Z"),
        ("2026-11-21T14:00:05.5", "2026-11-21T13:00:05.5Z"),
        ("2026-11-21T14:00:00Z", "2026-11-21T14:00:00Z"),
        ("2026-11-21 14:00:00+05:30", "2026-11-21T08:30:00Z"),
        ("2026-11-21T05:00:00Z||/d", "2026-11-20T23:00:00Z"),
        ("2026-11-21||+1d-1h", "2026-11-21T22:00:00Z"),
        ("1795271592", "2026-11-21T14:33:12Z"),
        ("1795271592345", "2026-11-21T14:33:12.345Z"),
        ("1795271592.5", "2026-11-21T14:33:12.5Z"),
        ("0", "1970-01-01T00:00:00Z"),
    ];
    let berlin = Zone::named("Europe/Berlin").unwrap();
    for (text, wanted) in cases {
        assert_eq!(parse(text, NOW, &berlin), Ok(ms(wanted)), "{text}");
    }
    assert_eq!(parse_end("now/d", NOW, &berlin), Ok(ms("2026-11-21T22:59:59.999Z")));
    assert_eq!(parse_end("now-1h", NOW, &berlin), Ok(NOW - 3_600_000));
}

#[test]
fn other_texts_are_refused_with_a_reason() {
    let cases = [
        ("", "empty"),
        ("soon", "no day"),
        ("now-", "must follow"),
        ("now-1x", "`x`"),
        ("now*2", "no day"),
        ("now now", "no day"),
        ("25:00", "no time"),
        ("13pm", "no 13"),
        ("02/30/15", "no day"),
        ("january", "no day"),
        (":", "no day"),
        ("1d", "no day"),
        ("now||/d", "before ||"),
        ("-99999999999999999999d", "too large"),
    ];
    for (text, reason) in cases {
        let error = parse(text, NOW, &Zone::utc()).expect_err(text);
        assert!(error.reason.contains(reason), "{text}: {error}");
    }
}

#[test]
fn no_text_makes_it_panic() {
    let pieces = [
        "now",
        "-",
        "+",
        "/",
        "1",
        "99",
        "d",
        "M",
        "y",
        "||",
        ":",
        "am",
        "ä",
        " ",
        "_",
        "2026-11-21",
        "T",
        "noon",
        ".",
    ];
    let mut random = Random::from_seed(11);
    for _ in 0..20_000 {
        let count = random.below(8);
        let text: String = (0..count).map(|_| pieces[random.below(pieces.len() as u64) as usize]).collect();
        for zone in [Zone::utc(), Zone::named("America/New_York").unwrap()] {
            let _ = (parse(&text, NOW, &zone), parse_end(&text, i64::MAX, &zone));
        }
    }
}

#[test]
fn spans_are_for_people() {
    let day = 86_400_000;
    for (length_ms, text) in [
        (0, "0ms"),
        (250, "250ms"),
        (1_500, "1s 500ms"),
        (3_660_000, "1h 1m"),
        (660_000, "11m"),
        (day + 1, "1d"),
        (90 * day + 3_600_000, "90d 1h"),
        (-65_000, "-1m 5s"),
    ] {
        assert_eq!(span(length_ms), text);
    }
}
