//! Rows come back as they were, and usual ones are small.

use super::{aspects, decode, encode};
use model::{Aspects, Kind, Row, RowBuilder, TimeRange};
use stdx::random::Random;

const TIER_MS: u32 = 60_000;

fn rows(kind: Kind, count: i64, mut sample: impl FnMut(i64) -> Option<f64>) -> Vec<Row> {
    let row = |at: i64| {
        let start_ms = at * i64::from(TIER_MS);
        let mut builder = RowBuilder::new(TimeRange::new(start_ms, start_ms + i64::from(TIER_MS)), kind);
        for second in 0..60 {
            if let Some(value) = sample(at * 60 + second) {
                builder.add_samples(&[start_ms + second * 1000], &[value]);
            }
        }
        builder.finish()
    };
    (0..count).filter_map(row).collect()
}

/// What is kept of a row.
fn kept(row: &Row, kind: Kind) -> String {
    let mut row = *row;
    if !aspects(kind).contains(Aspects::GROWTH) {
        (row.first, row.first_ms, row.increase, row.covered_ms) = (f64::NAN, row.span.start_ms, 0.0, 0);
        (row.ended_before, row.ended_after) = (false, false);
    }
    // These have as many decimals as the values; see below.
    (row.sum, row.increase) = (0.0, 0.0);
    format!("{row:?}")
}

fn near(found: f64, wanted: f64, row: &Row) -> bool {
    let scale = row.min.abs().max(row.max.abs()).max(wanted.abs());
    found.to_bits() == wanted.to_bits() || (found - wanted).abs() <= 1e-13 * scale
}

fn assert_back(rows: &[Row], kind: Kind) -> usize {
    let mut bytes = Vec::new();
    encode(rows, kind, &mut bytes);
    let starts: Vec<i64> = rows.iter().map(|row| row.span.start_ms).collect();
    let back = decode(&bytes, &starts, TIER_MS).unwrap();
    for (found, wanted) in back.iter().zip(rows) {
        assert_eq!(kept(found, kind), kept(wanted, kind));
        assert!(near(found.sum, wanted.sum, wanted), "{found:?} {wanted:?}");
        let keeps = aspects(kind).contains(Aspects::GROWTH);
        assert!(!keeps || near(found.increase, wanted.increase, wanted), "{found:?} {wanted:?}");
    }
    bytes.len()
}

#[test]
fn any_rows_come_back() {
    let mut random = Random::from_seed(9);
    for round in 0..300u64 {
        let kind = Kind::ALL[round as usize % 5];
        let mut total = 0.0;
        let rows = rows(kind, 1 + random.below(40) as i64, |_| match (round / 5 % 7, random.below(90)) {
            (_, 0) => Some(model::STALE),
            (0, n) => Some(n as f64 / 10.0),
            (1, _) => Some(f64::from_bits(random.next_u64())),
            (2, n) if n > 1 => None,
            (3, n) => {
                total = if n < 2 { 0.0 } else { total + n as f64 };
                Some(total)
            }
            (4, n) => Some((n + (1 << 50)) as f64),
            (5, n) => Some([f64::INFINITY, -0.0, f64::NAN][n as usize % 3]),
            (_, n) => Some(0.1 * n as f64 - 3.0),
        });
        if !rows.is_empty() {
            assert_back(&rows, kind);
        }
    }
}

#[test]
fn usual_rows_are_small() {
    let mut random = Random::from_seed(4);
    let constant = assert_back(&rows(Kind::Gauge, 1440, |_| Some(3.0)), Kind::Gauge);
    assert!(constant < 60, "{constant}");
    let steady = assert_back(&rows(Kind::Counter, 1440, |second| Some(second as f64 * 100.0)), Kind::Counter);
    assert!(steady < 100, "{steady}");
    let mut total = 0;
    let busy = rows(Kind::Counter, 1440, |_| {
        total += 900 + random.below(200);
        Some(total as f64)
    });
    let busy = assert_back(&busy, Kind::Counter) as f64 / 1440.0;
    let mut level = 500.0;
    let load = rows(Kind::Gauge, 1440, |_| {
        level += (random.below(7) as f64) - 3.0;
        Some((level + random.below(20) as f64).round() / 100.0)
    });
    let load = assert_back(&load, Kind::Gauge) as f64 / 1440.0;
    println!("constant {constant}, steady {steady}, busy counter {busy:.2}, load {load:.2} bytes a row");
    assert!(busy < 6.0 && load < 4.5, "{busy} {load}");
}

#[test]
fn nonsense_does_no_harm() {
    let mut random = Random::from_seed(2);
    for kind in [Kind::Gauge, Kind::Counter] {
        let rows = rows(kind, 50, |second| Some((second % 13) as f64 / 10.0));
        let mut bytes = Vec::new();
        encode(&rows, kind, &mut bytes);
        let starts: Vec<i64> = rows.iter().map(|row| row.span.start_ms).collect();
        for _ in 0..3000 {
            let mut bad = bytes.clone();
            for _ in 0..1 + random.below(3) {
                let at = random.below(bad.len() as u64) as usize;
                bad[at] = random.next_u64() as u8;
            }
            bad.truncate(1 + random.below(bad.len() as u64) as usize);
            let _ = decode(&bad, &starts, TIER_MS);
        }
        assert!(decode(&bytes, &[], TIER_MS).is_none());
    }
}

/// 18 months of hours and 10 years of days of one series: about 60 KB for a gauge, more for a counter that is noisy.
#[test]
fn hours_and_days_of_ten_years_are_small() {
    const HOUR_MS: i64 = 3_600_000;
    let mut random = Random::from_seed(12);
    let (mut level, mut total) = (0.0f64, 0u64);
    // A load that follows the day, in hundredths, and a counter, every ten minutes.
    let mut samples = [Vec::new(), Vec::new()];
    for at in 0..10 * 365 * 144i64 {
        level = 0.9 * level + (random.below(41) as f64) - 20.0;
        let day = (at as f64 / 144.0 * std::f64::consts::TAU).sin() * 80.0;
        total += 3_000 + random.below(600) + (level.abs() * 5.0) as u64;
        samples[0].push((at * 600_000, (200.0 + day + level).round() / 100.0));
        samples[1].push((at * 600_000, total as f64));
    }
    for (samples, kind) in samples.iter().zip([Kind::Gauge, Kind::Counter]) {
        let rows_of = |tier_ms: i64, samples: &[(i64, f64)]| {
            let mut rows = Vec::new();
            for inside in samples.chunk_by(|a, b| a.0.div_euclid(tier_ms) == b.0.div_euclid(tier_ms)) {
                let start_ms = inside[0].0.div_euclid(tier_ms) * tier_ms;
                let mut builder = RowBuilder::new(TimeRange::new(start_ms, start_ms + tier_ms), kind);
                inside.iter().for_each(|(time_ms, value)| builder.add_samples(&[*time_ms], &[*value]));
                rows.extend(builder.finish());
            }
            rows
        };
        // In chunks as blocks have them: ten days of hours, a hundred days.
        let bytes_of = |rows: &[Row], chunk: usize| -> usize {
            let len = |rows: &[Row]| {
                let mut bytes = Vec::new();
                encode(rows, kind, &mut bytes);
                bytes.len()
            };
            rows.chunks(chunk).map(len).sum()
        };
        let hours = rows_of(HOUR_MS, &samples[samples.len() - 18 * 30 * 144..]);
        let days = rows_of(24 * HOUR_MS, samples);
        let (hour_bytes, day_bytes) = (bytes_of(&hours, 240), bytes_of(&days, 100));
        println!(
            "{kind:?}: {:.2} bytes an hour, {:.2} a day, {} KB in all",
            hour_bytes as f64 / hours.len() as f64,
            day_bytes as f64 / days.len() as f64,
            (hour_bytes + day_bytes) / 1000
        );
        let most = if kind == Kind::Gauge { 64_000 } else { 90_000 };
        assert!(hour_bytes + day_bytes <= most, "{kind:?}");
    }
}
