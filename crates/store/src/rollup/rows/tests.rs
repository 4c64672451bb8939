//! Rows come back as they were, and usual ones are small.

use super::{aspects, decode, encode, every_aspect};
use crate::block::writer::CHUNK_SAMPLES;
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
    let back = decode(&bytes, &starts, TIER_MS, every_aspect()).unwrap();
    for (found, wanted) in back.iter().zip(rows) {
        assert_eq!(kept(found, kind), kept(wanted, kind));
        assert!(near(found.sum, wanted.sum, wanted), "{found:?} {wanted:?}");
        let keeps = aspects(kind).contains(Aspects::GROWTH);
        assert!(!keeps || near(found.increase, wanted.increase, wanted), "{found:?} {wanted:?}");
    }
    assert_parts(&bytes, &starts, &back, aspects(kind));
    bytes.len()
}

/// What a row says of an aspect, as bits.
type Pick = fn(&Row) -> [u64; 4];

/// Whoever wants less gets the same of it.
fn assert_parts(bytes: &[u8], starts: &[i64], all: &[Row], kept: Aspects) {
    let picks: [(Aspects, Pick); 6] = [
        (Aspects::COUNT, |_| [0; 4]),
        (Aspects::SUM, |row| [row.sum.to_bits(), 0, 0, 0]),
        (Aspects::MIN, |row| [row.min.to_bits(), 0, 0, 0]),
        (Aspects::MAX, |row| [row.max.to_bits(), 0, 0, 0]),
        (Aspects::LAST, |row| [row.last.to_bits(), row.last_ms as u64, 0, 0]),
        (Aspects::GROWTH, |row| {
            let ends = u64::from(row.ended_before) | u64::from(row.ended_after) << 1;
            [row.first.to_bits() ^ row.first_ms as u64, row.increase.to_bits(), row.covered_ms as u64, ends]
        }),
    ];
    for (wanted, pick) in picks.into_iter().filter(|(wanted, _)| kept.contains(*wanted)) {
        let part = decode(bytes, starts, TIER_MS, wanted).unwrap();
        let picked =
            |rows: &[Row]| rows.iter().map(|row| (row.span, row.count, pick(row))).collect::<Vec<_>>();
        assert_eq!(picked(&part), picked(all), "{wanted:?}");
    }
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
            let _ = decode(&bad, &starts, TIER_MS, every_aspect());
        }
        assert!(decode(&bytes, &[], TIER_MS, every_aspect()).is_none());
    }
}

const HOUR_MS: i64 = 3_600_000;

/// Ten years of a series, every ten minutes.
fn ten_years(mut value: impl FnMut(f64) -> f64) -> Vec<(i64, f64)> {
    // How much of the day's swing there is.
    let day = |at: i64| (at as f64 / 144.0 * std::f64::consts::TAU).sin();
    (0..10 * 365 * 144).map(|at| (at * 600_000, value(day(at)))).collect()
}

fn rows_of(tier_ms: i64, kind: Kind, samples: &[(i64, f64)]) -> Vec<Row> {
    let mut rows = Vec::new();
    for inside in samples.chunk_by(|a, b| a.0.div_euclid(tier_ms) == b.0.div_euclid(tier_ms)) {
        let start_ms = inside[0].0.div_euclid(tier_ms) * tier_ms;
        let mut builder = RowBuilder::new(TimeRange::new(start_ms, start_ms + tier_ms), kind);
        inside.iter().for_each(|(time_ms, value)| builder.add_samples(&[*time_ms], &[*value]));
        rows.extend(builder.finish());
    }
    rows
}

/// 18 months of hours and 10 years of days, in chunks as blocks of a hundred days have them.
fn bytes_of_ten_years(name: &str, kind: Kind, samples: &[(i64, f64)]) -> usize {
    let bytes_of = |rows: &[Row], chunk: usize| -> usize {
        let len = |rows: &[Row]| {
            let mut bytes = Vec::new();
            encode(rows, kind, &mut bytes);
            bytes.len()
        };
        rows.chunks(chunk).map(len).sum()
    };
    let hours = rows_of(HOUR_MS, kind, &samples[samples.len() - 18 * 30 * 144..]);
    let days = rows_of(24 * HOUR_MS, kind, samples);
    let (hour_bytes, day_bytes) = (bytes_of(&hours, CHUNK_SAMPLES.min(2400)), bytes_of(&days, 100));
    println!(
        "{name}: {:.2} bytes an hour, {:.2} a day, {} bytes in all",
        hour_bytes as f64 / hours.len() as f64,
        day_bytes as f64 / days.len() as f64,
        hour_bytes + day_bytes
    );
    hour_bytes + day_bytes
}

/// About 60 KB for a gauge. A counter whose every step is noise has more to tell: its first and last value and its sum
/// are three numbers that say little of each other.
#[test]
fn hours_and_days_of_ten_years_are_small() {
    let mut random = Random::from_seed(12);
    let mut level = 0.0f64;
    let load = ten_years(|day| {
        level = 0.9 * level + (random.below(41) as f64) - 20.0;
        (200.0 + 80.0 * day + level).round() / 100.0
    });
    assert!(bytes_of_ten_years("load", Kind::Gauge, &load) <= 60_000);

    let mut total = 0;
    let noisy = ten_years(|_| {
        level = 0.9 * level + (random.below(41) as f64) - 20.0;
        total += 3_000 + random.below(600) + (level.abs() * 5.0) as u64;
        total as f64
    });
    assert!(bytes_of_ten_years("noisy counter", Kind::Counter, &noisy) <= 77_000);

    // Seconds of a processor, in hundredths, that follow the day.
    let mut busy = 0u64;
    let cpu = ten_years(|day| {
        level = 0.9 * level + (random.below(41) as f64) - 20.0;
        busy += (60_000.0 * (0.1 + 0.05 * day) + level) as u64;
        busy as f64 / 100.0
    });
    assert!(bytes_of_ten_years("cpu seconds", Kind::Counter, &cpu) <= 71_000);

    // Mostly quiet: a few events now and then.
    let mut events = 0u64;
    let quiet = ten_years(|_| {
        events += if random.below(20) == 0 { 1 + random.below(3) } else { 0 };
        events as f64
    });
    assert!(bytes_of_ten_years("rare events", Kind::Counter, &quiet) <= 16_000);

    // Bytes of a network card: bursts over a floor.
    let mut sent = 0u64;
    let network = ten_years(|day| {
        let burst = if random.below(10) == 0 { random.below(500_000_000) } else { 0 };
        sent += (30_000_000.0 * (1.5 + day)) as u64 + random.below(3_000_000) + burst;
        sent as f64
    });
    assert!(bytes_of_ten_years("bytes sent", Kind::Counter, &network) <= 192_000);
}
