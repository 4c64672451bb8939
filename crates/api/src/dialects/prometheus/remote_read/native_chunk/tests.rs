use super::*;
use model::histogram::Buckets;

const START_MS: i64 = 1_700_000_000_000;
/// What Prometheus 2.42 gave for the same histograms, sent to it by remote write: chunks in hexadecimal.
const RECORDED: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/remote_read/float_histograms.prometheus-2.42.txt");

/// Uneven times, several runs of buckets on both sides, numbers that are whole and that are not.
fn histograms() -> (Vec<i64>, Vec<Arc<Histogram>>) {
    let gaps = [0, 15_000, 15_000, 15_003, 60_000, 14_000, 3_600_000, 15_000, 1, 15_000, 15_000, 999_999];
    let mut time_ms = START_MS;
    let times_ms = gaps.map(|gap| {
        time_ms += gap;
        time_ms
    });
    let one = |at: usize| {
        let scale = (at * at + 1) as f64;
        let positive = [(-3, 1.0), (-2, 4.5), (2, 0.1 * scale), (40, scale), (41, 7.0), (2000, scale.sqrt())];
        let negative = [(-1, scale), (0, 2.0)];
        let side = |buckets: &[(i32, f64)]| buckets.iter().copied().collect::<Buckets>();
        let (positive, negative) = (side(&positive), side(&negative));
        let zero_count = 3.0 + at as f64;
        let count = zero_count + positive.counts().iter().chain(negative.counts()).sum::<f64>();
        let (schema, zero_threshold) = if at < 6 { (3, 2f64.powi(-128)) } else { (-2, 0.001) };
        Histogram {
            schema,
            zero_threshold,
            zero_count,
            count,
            sum: scale * 1.7,
            positive,
            negative,
            ..Histogram::default()
        }
    };
    (times_ms.to_vec(), (0..gaps.len()).map(|at| Arc::new(one(at))).collect())
}

fn chunks() -> Vec<String> {
    let (times_ms, histograms) = histograms();
    let (mut out, mut from) = (Vec::new(), 0);
    while from < histograms.len() {
        let count = run(&histograms[from..]);
        let bytes = encode(&times_ms[from..from + count], &histograms[from..from + count]);
        out.push(bytes.iter().map(|byte| format!("{byte:02x}")).collect());
        from += count;
    }
    out
}

#[test]
fn chunks_are_those_that_prometheus_makes() {
    let recorded = std::fs::read_to_string(RECORDED).unwrap();
    let recorded: Vec<&str> = recorded.lines().filter(|line| !line.starts_with('#')).collect();
    assert_eq!(chunks(), recorded);
}

#[test]
fn a_chunk_holds_what_goes_on_counting() {
    let (_, histograms) = histograms();
    let changed = |at: usize, change: &dyn Fn(&mut Histogram)| {
        let mut all: Vec<Arc<Histogram>> = histograms[..4].to_vec();
        change(Arc::make_mut(&mut all[at]));
        run(&all)
    };
    assert_eq!(run(&histograms), 6, "another layout");
    assert_eq!(changed(2, &|it| it.hint = CounterReset::Reset), 2);
    assert_eq!(changed(2, &|it| it.zero_count = 0.0), 2, "counts that shrink have started anew");
    assert_eq!(changed(1, &|it| it.hint = CounterReset::NotReset), 4);
    assert_eq!(changed(3, &|it| *it = Histogram { sum: model::STALE, ..Histogram::default() }), 3);
    assert_eq!(changed(0, &|it| it.hint = CounterReset::Gauge), 1);
    let gauges: Vec<Arc<Histogram>> = histograms[..6]
        .iter()
        .rev()
        .map(|it| Arc::new(Histogram { hint: CounterReset::Gauge, ..Histogram::clone(it) }))
        .collect();
    assert_eq!(run(&gauges), 6, "gauges may shrink");
    assert_eq!(encode(&[1], &gauges[..1])[2], 0b1100_0000);
    let many = vec![histograms[0].clone(); 300];
    assert_eq!(run(&many), SAMPLES_MAX);
}
