use super::*;

#[test]
fn the_step_is_the_usual_gap() {
    for (gaps, step) in [
        (&[][..], 60),
        (&[30][..], 30),
        (&[600][..], 60),
        (&[120, 60][..], 60),
        (&[300, 300, 300][..], 300),
        (&[10, 10, 40, 10, 20, 10][..], 10),
        (&[3600, 3600, 3600, 3600][..], 3600),
    ] {
        let mut samples = vec![(T, 1.0)];
        for gap in gaps {
            let after = samples[samples.len() - 1].0 + gap;
            samples.push((after, 1.0));
        }
        let (_, info) =
            House::with(Kind::Gauge, &samples).post("/graph/info", r#"[{"endpoint":"h","counter":"m"}]"#);
        assert_eq!(info[0]["step"], step, "{gaps:?}");
    }
}

#[test]
fn the_last_value_is_the_newest_or_its_rate() {
    for (kind, samples, last, raw) in [
        (Kind::Gauge, &[(T, 5.0), (T + 600, -7.5)][..], (T + 600, -7.5), (T + 600, -7.5)),
        (Kind::Gauge, &[(T, 5.0), (T + 60, STALE)][..], (T, 5.0), (T, 5.0)),
        (Kind::Gauge, &[(T, f64::NAN)][..], (0, 0.0), (0, 0.0)),
        (Kind::Counter, &[(T, 5.0)][..], (0, 0.0), (T, 5.0)),
        (Kind::Counter, &[(T, 600.0), (T + 60, 1200.0)][..], (T + 60, 10.0), (T + 60, 1200.0)),
        (Kind::Counter, &[(T, 1200.0), (T + 60, 600.0)][..], (T + 60, 0.0), (T + 60, 600.0)),
        (Kind::Counter, &[(T, 600.0), (T + 120, 1200.0)][..], (0, 0.0), (T + 120, 1200.0)),
        (Kind::Derive, &[(T, 9.0), (T + 30, 54.0)][..], (T + 30, 1.5), (T + 30, 54.0)),
    ] {
        assert_eq!(House::with(kind, samples).lasts("h", "m"), [last, raw], "{kind:?} {samples:?}");
    }
}
