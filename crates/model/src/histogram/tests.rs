//! Histograms by hand, and what must hold of any.

use super::*;

fn parse(text: &str) -> Histogram {
    Histogram::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn after(before: &str, now: &str) -> bool {
    parse(now).is_reset_after(&parse(before))
}

#[test]
fn notation_goes_round() {
    for text in [
        "{{}}",
        "{{schema:1 sum:5 count:4 z_bucket:1 z_bucket_w:0.001 offset:2 buckets:[1 0 2] n_offset:-1 n_buckets:[1]}}",
        "{{schema:-53 sum:-0.5 count:4 buckets:[1 2 1] custom_values:[5 10] counter_reset_hint:not_reset}}",
        "{{sum:NaN count:Inf counter_reset_hint:gauge}}",
    ] {
        assert_eq!(parse(text).to_notation(), text);
    }
    assert_eq!(parse("{{ count:1  sum:2 }}"), parse("{{sum:2 count:1}}"));
    for (text, error) in [
        ("{sum:1}", "`{sum:1}` is not in double braces"),
        ("{{sum}}", "`sum` has no colon"),
        ("{{schema:9}}", "a schema that is neither -4 to 8 nor -53"),
        ("{{buckets:[1 2}}", "a list without an end"),
        ("{{total:1}}", "a histogram has no `total`"),
        ("{{schema:-53 custom_values:[2 1]}}", "listed bounds that do not ascend or are infinite"),
        ("{{schema:-53 custom_values:[2] buckets:[1 1 1]}}", "a bucket without a bound"),
    ] {
        assert_eq!(Histogram::parse(text).unwrap_err(), error);
    }
}

#[test]
fn answers_show_buckets_with_their_bounds() {
    let shown = |text| parse(text).to_string();
    assert_eq!(
        shown("{{sum:10 count:20 z_bucket_w:0.001 z_bucket:2 buckets:[1 2] n_buckets:[1 0 2]}}"),
        "{count:20, sum:10, [-4,-2):2, [-1,-0.5):1, [-0.001,0.001]:2, (0.5,1]:1, (1,2]:2}"
    );
    assert_eq!(
        shown("{{schema:-53 count:1234567 sum:1e-7 custom_values:[5] buckets:[1 2]}}"),
        "{count:1.234567e+06, sum:1e-07, [-Inf,5]:1, (5,+Inf]:2}"
    );
}

#[test]
fn bounds_are_exact_powers() {
    assert_eq!((bound(0, 0), bound(1, 0), bound(-3, 0), bound(1, -4)), (1.0, 2.0, 0.125, 65536.0));
    assert_eq!(
        (bound(1024, 0), bound(1025, 0), bound(i32::MAX, 8)),
        (f64::MAX, f64::INFINITY, f64::INFINITY)
    );
    assert_eq!((bound(-1074, 0), bound(i32::MIN, 8)), (f64::from_bits(1), 0.0));
    assert!((bound(1, 8) - 1.002_711_275_050_202_5).abs() < 1e-15);
    assert_eq!(bound(8 * 5, 3), 32.0);
}

#[test]
fn spans_are_checked() {
    let side = Buckets::from_spans([(-2, 2), (3, 1)], [1.0, 2.0, 3.0]).unwrap();
    assert_eq!(side.iter().collect::<Vec<_>>(), [(-2, 1.0), (-1, 2.0), (3, 3.0)]);
    assert_eq!(side.descending().map(|(n, _)| n).collect::<Vec<_>>(), [3, -1, -2]);
    assert_eq!(side.spans().collect::<Vec<_>>(), [(-2, 2), (3, 1)]);
    for (spans, counts, error) in [
        (vec![(0, 2)], 1, "more buckets in spans than counts"),
        (vec![(0, 2)], 3, "more counts than buckets in spans"),
        (vec![(0, u32::MAX)], 1, "more than 10000 buckets"),
        (vec![(i32::MAX, 2)], 2, "a bucket beyond all numbers"),
    ] {
        assert_eq!(Buckets::from_spans(spans, vec![1.0; counts]).unwrap_err(), error);
    }
    // Spans that touch, or go back by nothing, are one run.
    assert_eq!(Buckets::from_spans([(1, 1), (0, 0), (0, 1)], [1.0, 2.0]).unwrap().spans().count(), 1);
}

#[test]
fn sums_have_the_bounds_that_both_have() {
    let sum = |a: &str, b: &str| {
        let mut sum = parse(a);
        let merged = sum.add(&parse(b)).unwrap();
        (sum.to_notation(), merged.rebounded)
    };
    let of = |text: &str| (text.to_owned(), false);
    assert_eq!(
        sum("{{sum:1 count:4 buckets:[1 2 1]}}", "{{sum:2 count:2 offset:2 buckets:[1 0 1]}}"),
        of("{{sum:3 count:6 buckets:[1 2 2 0 1]}}")
    );
    // At schema 1, buckets 1 and 2 are (1, 1.41] and (1.41, 2].
    assert_eq!(
        sum("{{offset:1 buckets:[1 1]}}", "{{schema:1 offset:1 buckets:[1 2 4]}}"),
        of("{{offset:1 buckets:[4 5]}}")
    );
    // The threshold of the other goes through (0.5, 1], which has an observation.
    assert_eq!(
        sum(
            "{{z_bucket:1 z_bucket_w:0.25 buckets:[1 2] n_buckets:[0 4]}}",
            "{{z_bucket:5 z_bucket_w:0.75 offset:1 buckets:[3]}}"
        ),
        of("{{z_bucket:7 z_bucket_w:1 offset:1 buckets:[5] n_offset:1 n_buckets:[4]}}")
    );
    let listed = "{{schema:-53 count:3 custom_values:[1 5 10] buckets:[1 2 3 4]}}";
    assert_eq!(
        sum(listed, "{{schema:-53 count:4 custom_values:[2 5] buckets:[1 1 1]}}"),
        ("{{schema:-53 count:7 buckets:[5 8] custom_values:[5]}}".to_owned(), true)
    );
    assert_eq!(parse(listed).add(&parse("{{count:1}}")), Err(Incompatible));
}

#[test]
fn differences_are_gauges() {
    let mut rest = parse("{{sum:5 count:4 buckets:[1 2 1]}}");
    rest.subtract(&parse("{{sum:1 count:3 buckets:[1 2]}}")).unwrap();
    assert_eq!(rest.to_notation(), "{{sum:4 count:1 buckets:[0 0 1] counter_reset_hint:gauge}}");
    rest.compact();
    assert_eq!(rest.to_notation(), "{{sum:4 count:1 offset:2 buckets:[1] counter_reset_hint:gauge}}");
    assert_eq!(
        rest.times(-2.0).divided(0.0).to_notation(),
        "{{sum:-Inf count:-Inf z_bucket:NaN counter_reset_hint:gauge}}"
    );
}

#[test]
fn hints_are_joined() {
    use CounterReset::{Gauge, NotReset, Reset, Unknown};
    for (a, b, joined) in [
        (Gauge, Reset, (Gauge, false)),
        (Reset, Reset, (Reset, false)),
        (Unknown, Reset, (Unknown, false)),
        (NotReset, Reset, (Unknown, true)),
    ] {
        assert_eq!((a.joined(b), b.joined(a)), (joined, joined));
    }
}

#[test]
fn a_counter_that_shrinks_was_reset() {
    let base = "{{count:4 z_bucket:1 z_bucket_w:0.5 offset:1 buckets:[1 2]}}";
    assert!(!after(base, base));
    assert!(!after(base, "{{count:9 z_bucket:1 z_bucket_w:0.5 offset:1 buckets:[1 2 5]}}"));
    assert!(after(base, "{{count:3 z_bucket:1 z_bucket_w:0.5 offset:1 buckets:[1 2]}}"), "fewer in all");
    assert!(after(base, "{{count:4 z_bucket_w:0.5 offset:1 buckets:[1 2]}}"), "fewer around zero");
    assert!(after(base, "{{count:4 z_bucket:1 z_bucket_w:0.5 offset:1 buckets:[2 1]}}"), "fewer in a bucket");
    assert!(after(base, "{{count:4 z_bucket:1 z_bucket_w:0.5 offset:2 buckets:[3]}}"), "no such bucket");
    assert!(after(base, "{{count:4 z_bucket:1 z_bucket_w:0.25 offset:1 buckets:[1 2]}}"), "less around zero");
    assert!(
        after(base, "{{schema:1 count:4 z_bucket:1 z_bucket_w:0.5 offset:1 buckets:[1 1 2 2]}}"),
        "finer"
    );
    assert!(!after(base, "{{schema:-1 count:4 z_bucket:1 z_bucket_w:0.5 offset:1 buckets:[3]}}"), "coarser");
    assert!(!after(base, "{{count:4 z_bucket:2 z_bucket_w:2 offset:2 buckets:[2]}}"), "wider around zero");
    assert!(after(base, "{{count:4 z_bucket:2 z_bucket_w:1.5 offset:2 buckets:[2]}}"), "through a bucket");
    assert!(after(
        base,
        "{{count:9 z_bucket:1 z_bucket_w:0.5 offset:1 buckets:[9 9] counter_reset_hint:reset}}"
    ));
    assert!(!after(base, "{{counter_reset_hint:not_reset}}"));
    let listed = "{{schema:-53 count:3 custom_values:[5 10] buckets:[1 2]}}";
    assert!(!after(listed, "{{schema:-53 count:3 custom_values:[10] buckets:[3]}}"));
    assert!(after(listed, "{{schema:-53 count:3 custom_values:[10] buckets:[2 1]}}"));
    assert!(after(listed, base) && after(base, "{{schema:-53 count:9 custom_values:[5] buckets:[9]}}"));
}

#[test]
fn a_store_says_what_it_sees() {
    let hint = |before: Option<&str>, now: &str| parse(now).hint_after(before.map(parse).as_ref());
    let base = "{{count:4 buckets:[1 2]}}";
    assert_eq!(hint(None, base), CounterReset::Unknown);
    assert_eq!(hint(Some(base), base), CounterReset::NotReset);
    assert_eq!(hint(Some(base), "{{count:3 buckets:[1 2]}}"), CounterReset::Unknown);
    assert_eq!(hint(Some(base), "{{count:9 schema:-1 buckets:[9]}}"), CounterReset::Unknown);
    assert_eq!(hint(Some(base), "{{count:9 buckets:[9 9] counter_reset_hint:reset}}"), CounterReset::Reset);
    assert_eq!(hint(Some(base), "{{count:9 buckets:[9 9] counter_reset_hint:gauge}}"), CounterReset::Gauge);
    assert_eq!(parse(base).hint_after(Some(&Histogram::stale())), CounterReset::Unknown);
}

#[test]
fn small_numbers_are_not_lost_beside_large_ones() {
    let mut sum = Compensated::new(parse("{{sum:5.3 count:1 buckets:[1]}}"));
    for text in
        ["{{sum:1e100 buckets:[1e100]}}", "{{sum:1}}", "{{sum:-1e100 offset:-3 buckets:[1 0 0 -1e100 2]}}"]
    {
        sum.add(&parse(text)).unwrap();
    }
    assert_eq!(sum.value().to_notation(), "{{sum:6.3 count:1 offset:-3 buckets:[1 0 0 1 2]}}");
    let mut huge = Compensated::new(parse("{{count:1.7e308}}"));
    huge.add(&parse("{{count:1.7e308}}")).unwrap();
    assert!(huge.has_infinity());
    assert_eq!(huge.value().count, f64::INFINITY);
}

/// A histogram of whole counts whose `count` is that of its buckets.
fn any(random: &mut impl FnMut() -> u64, schemas: u64) -> Histogram {
    let side = |random: &mut dyn FnMut() -> u64| -> Buckets {
        let mut number = (random() % 40) as i32 - 20;
        let next = |_| {
            number += 1 + (random() % 3) as i32;
            (number, (random() % 4) as f64)
        };
        (0..8).map(next).collect()
    };
    let (positive, negative) = (side(random), side(random));
    let mut out = Histogram { positive, negative, sum: (random() % 100) as f64, ..Histogram::default() };
    out.schema = (random() % schemas) as i8;
    out.zero_threshold = [0.0, 0.001, 0.3, 1.0, 5.0][random() as usize % 5];
    out.positive.split_at(out.zero_threshold, out.schema);
    out.negative.split_at(out.zero_threshold, out.schema);
    out.zero_count = (random() % 5) as f64;
    out.count = out.ascending().fold(0.0, |sum, bucket| sum + bucket.count);
    out
}

#[test]
fn what_holds_of_any_histograms() {
    let mut random = numbers(11);
    for _ in 0..3000 {
        let (a, b) = (any(&mut random, 5), any(&mut random, 5));
        let (mut sum, mut other) = (a.clone(), b.clone());
        sum.add(&b).unwrap();
        other.add(&a).unwrap();
        assert_eq!(sum, other, "{} + {}", a.to_notation(), b.to_notation());
        let counted = |h: &Histogram| h.ascending().fold(0.0, |sum, bucket| sum + bucket.count);
        assert_eq!(counted(&sum), sum.count, "{} + {}", a.to_notation(), b.to_notation());
        let mut exact = Compensated::new(a.clone());
        exact.add(&b).unwrap();
        assert_eq!(exact.value(), sum);
        assert!(
            !sum.is_reset_after(&a) || b.schema < a.schema || sum.schema < a.schema || sum.count < a.count
        );
        sum.subtract(&b).unwrap();
        sum.subtract(&a).unwrap();
        sum.compact();
        assert!(
            sum.positive.is_empty() && sum.negative.is_empty() && sum.count == 0.0,
            "{}",
            sum.to_notation()
        );
        assert_eq!(parse(&a.to_notation()).to_notation(), a.to_notation());
        let bounds: Vec<_> = a.ascending().map(|bucket| (bucket.lower, bucket.upper)).collect();
        assert!(bounds.windows(2).all(|pair| pair[0].1 <= pair[1].0), "{bounds:?}");
        let mut down: Vec<_> = a.descending().map(|bucket| (bucket.lower, bucket.upper)).collect();
        down.reverse();
        assert_eq!(bounds, down);
    }
}

/// Through its series and back.
fn through_series(histogram: &Histogram) -> Histogram {
    let marker = classic::Marker::parse(&histogram.marker()).unwrap();
    let Histogram { count, sum, zero_count, .. } = *histogram;
    Histogram::from_cumulative(marker, (count, sum, zero_count), histogram.cumulative())
}

#[test]
fn series_of_numbers_give_the_histogram_back() {
    for text in [
        "{{}}",
        "{{sum:1 count:12 z_bucket:2 z_bucket_w:0.001 offset:-1 buckets:[1 3 0 0 1] n_buckets:[0 4 1]}}",
        "{{schema:8 sum:1 count:3 offset:-3000 buckets:[1 0 2] counter_reset_hint:gauge}}",
        "{{schema:-4 count:3 offset:-5 buckets:[1 1 1] counter_reset_hint:reset}}",
        "{{schema:-53 sum:5 count:10 buckets:[1 2 0 7] custom_values:[-1 0.1 10]}}",
        "{{schema:-53 sum:5 count:3 buckets:[3] custom_values:[]}}",
        // Counts that contradict each other.
        "{{schema:-53 count:100 buckets:[1 100] custom_values:[0]}}",
        "{{schema:-53 sum:NaN count:100 buckets:[1 7] custom_values:[0 1]}}",
        // Counts that sums do not tell, observations that are infinite, and some that are in no bucket.
        "{{count:1e17 buckets:[0.1 0.2 1e17 0.7]}}",
        "{{count:4 offset:1023 buckets:[1 2 1] n_offset:1025 n_buckets:[3]}}",
        "{{count:9 sum:NaN buckets:[1]}}",
    ] {
        let mut histogram = parse(text);
        let found = through_series(&histogram);
        if histogram.is_custom() {
            // Whether a bucket is empty or not there makes no difference with listed bounds.
            histogram.compact();
        }
        assert_eq!((found.to_notation(), &found), (histogram.to_notation(), &histogram));
    }
    let mut random = numbers(5);
    for _ in 0..2000 {
        let histogram = any(&mut random, 9);
        assert_eq!(through_series(&histogram), histogram, "{}", histogram.to_notation());
    }
}

#[test]
fn series_have_bounds_that_ascend() {
    let histogram =
        parse("{{count:19 z_bucket:2 z_bucket_w:0.001 buckets:[1 3 0 1] n_offset:1 n_buckets:[4 1]}}");
    let bounds: Vec<_> = histogram.cumulative().iter().map(|bound| (bound.le, bound.total)).collect();
    // Negative bucket 2 is [-4, -2), bucket 1 [-2, -1).
    let wanted = [(-2.0, 1.0), (-1.0, 5.0), (0.001, 7.0), (1.0, 8.0), (2.0, 11.0), (4.0, 11.0), (8.0, 12.0)];
    assert_eq!(bounds, wanted);
    assert_eq!(parse("{{schema:3 offset:1 buckets:[1]}}").cumulative()[0].le, 1.090_507_732_67);
    let mut within = parse("{{count:5 z_bucket:1 z_bucket_w:2 buckets:[1 1 1] n_buckets:[1]}}");
    within.settle_zero();
    assert_eq!(within.to_notation(), "{{count:5 z_bucket:4 z_bucket_w:2 offset:2 buckets:[1]}}");
    for text in ["", "stale", "count", "9/0", "0/-1", "0/0/maybe", "0/0/gauge/1", "0/NaN"] {
        assert_eq!(classic::Marker::parse(text), None, "{text}");
    }
}

// A xorshift generator: this crate has no other.
fn numbers(mut state: u64) -> impl FnMut() -> u64 {
    move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state >> 16
    }
}
