//! Estimates on histograms small enough to do by hand.

use super::*;
use model::{CounterReset, Histogram};
use std::sync::Arc;

fn parse(text: &str) -> Histogram {
    Histogram::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn close(found: f64, wanted: f64) -> bool {
    (found - wanted).abs() <= 1e-9 * wanted.abs().max(1e-9) || found.to_bits() == wanted.to_bits()
}

const BOTH: &str =
    "{{sum:100 count:24 z_bucket:4 z_bucket_w:0.001 buckets:[2 3 0 1 4] n_buckets:[2 3 0 1 4]}}";
const LISTED: &str = "{{schema:-53 sum:172.5 count:15 custom_values:[5 10 15 20] buckets:[1 6 4 3 1]}}";

#[test]
fn quantiles_lie_on_the_logarithm_within_a_bucket() {
    let found = |q: f64, text: &str| quantile(q, &parse(text)).0;
    assert!(close(found(0.5, "{{sum:5 count:4 buckets:[1 2 1]}}"), 2_f64.sqrt()));
    assert!(close(found(0.5, BOTH), 0.0));
    assert!(close(found(1.0, BOTH), 16.0) && close(found(0.0, BOTH), -16.0));
    assert!(close(found(22.0 / 24.0, BOTH), 8.0 * 2_f64.sqrt()));
    assert!(close(found(2.0 / 24.0, BOTH), -8.0 * 2_f64.sqrt()));
    assert!(
        close(found(0.1, "{{count:10 z_bucket:5 z_bucket_w:0.5 buckets:[5]}}"), 0.1),
        "zero is the lower end"
    );
    assert!(close(found(0.5, LISTED), 10.0 + 5.0 * 0.5 / 4.0));
    assert!(close(found(1.0 / 30.0, LISTED), 2.5) && close(found(0.99, LISTED), 20.0));
    assert!(close(found(0.5, "{{schema:-53 count:2 custom_values:[-5] buckets:[2]}}"), -5.0));
    assert!(found(-0.1, BOTH) == f64::NEG_INFINITY && found(1.1, BOTH) == f64::INFINITY);
    assert!(found(0.5, "{{}}").is_nan() && found(f64::NAN, BOTH).is_nan());
}

#[test]
fn observations_that_are_nan_are_at_the_upper_end() {
    let one = parse("{{sum:NaN count:15 buckets:[12]}}");
    assert_eq!(quantile(0.4, &one), (0.5_f64.mul_add(0.0, 2_f64.powf(-0.5)), NanEffect::Skewed));
    assert_eq!(quantile(0.81, &one).1, NanEffect::IsNan);
    assert_eq!(fraction(f64::NEG_INFINITY, f64::INFINITY, &one), (0.8, true));
    assert_eq!(fraction(f64::NEG_INFINITY, f64::INFINITY, &parse("{{sum:NaN count:3}}")), (0.0, true));
}

#[test]
fn fractions_undo_quantiles() {
    for text in [BOTH, LISTED, "{{schema:3 count:21 offset:-4 buckets:[1 2 3 4 5 6]}}"] {
        let histogram = parse(text);
        for step in 1..50 {
            let q = f64::from(step) / 50.0;
            let (value, _) = quantile(q, &histogram);
            let (found, _) = fraction(f64::NEG_INFINITY, value, &histogram);
            let is_known = value != 0.0 && value != 20.0;
            assert!(
                !is_known || (found - q).abs() < 1e-9,
                "{text}: {q} is at {value}, below which are {found}"
            );
        }
    }
    assert_eq!(fraction(3.0, 2.0, &parse(BOTH)).0, 0.0);
    assert!(
        fraction(f64::NAN, 2.0, &parse(BOTH)).0.is_nan() && fraction(0.0, 1.0, &parse("{{}}")).0.is_nan()
    );
    let below = parse("{{schema:-53 count:100 custom_values:[-3 -2 -1] buckets:[10 2 3 85]}}");
    assert_eq!(fraction(-4.0, -2.0, &below).0, 0.02);
}

#[test]
fn variance_is_around_the_mean() {
    assert!(close(variance(&parse("{{sum:2.8284271247461903 count:2 offset:1 buckets:[2]}}")), 0.0));
    let custom = parse("{{schema:-53 sum:20 count:4 custom_values:[0 2 10] buckets:[0 2 2]}}");
    assert!(close(variance(&custom), (2.0 * 16.0 + 2.0 * 1.0) / 4.0));
}

fn window(texts: &[&str]) -> Vec<Arc<Histogram>> {
    let mut out: Vec<Arc<Histogram>> = Vec::new();
    for text in texts {
        let mut next = parse(text);
        next.hint = next.hint_after(out.last().map(Arc::as_ref));
        out.push(Arc::new(next));
    }
    out
}

#[test]
fn counters_grow_over_their_resets() {
    let increase =
        |texts: &[&str]| grown(&points(&window(texts)), true, false).map(|(growth, _)| growth.to_notation());
    let of = |text: &str| Ok(text.to_owned());
    let in_bucket = [
        "{{sum:5 count:4 buckets:[1 2 1]}}",
        "{{sum:6 count:5 buckets:[1 1 3]}}",
        "{{sum:7 count:6 buckets:[1 2 3]}}",
    ];
    assert_eq!(
        increase(&in_bucket[1..]),
        of("{{sum:1 count:1 offset:1 buckets:[1] counter_reset_hint:gauge}}")
    );
    assert_eq!(increase(&in_bucket), of("{{sum:7 count:6 buckets:[1 2 3] counter_reset_hint:gauge}}"));
    let later = ["{{sum:1 count:1 buckets:[1]}}", in_bucket[0], in_bucket[1]];
    assert_eq!(increase(&later), of("{{sum:10 count:8 buckets:[1 3 4] counter_reset_hint:gauge}}"));
    let coarser = ["{{schema:1 count:1 offset:1 buckets:[1]}}", "{{count:2 offset:1 buckets:[2]}}"];
    assert_eq!(increase(&coarser), of("{{count:1 offset:1 buckets:[1] counter_reset_hint:gauge}}"));
    assert!(increase(&[in_bucket[0], LISTED, in_bucket[0], in_bucket[1]]).is_err());
    assert!(increase(&[in_bucket[0], LISTED, LISTED]).is_ok(), "what was before a reset does not matter");
}

#[test]
fn kinds_that_do_not_fit_are_said() {
    let counters = window(&["{{count:1}}", "{{count:2}}"]);
    let gauges: Vec<_> = counters
        .iter()
        .map(|h| Arc::new(Histogram { hint: CounterReset::Gauge, ..Histogram::clone(h) }))
        .collect();
    assert!(
        !grown(&points(&counters), true, false).unwrap().1.not_counter
            && grown(&points(&gauges), true, false).unwrap().1.not_counter
    );
    assert!(
        grown(&points(&counters), false, false).unwrap().1.not_gauge
            && !grown(&points(&gauges), false, false).unwrap().1.not_gauge
    );
    let mixed = [gauges[0].clone(), counters[1].clone()];
    assert!(grown_last(&mixed[0], &mixed[1], true, false).unwrap().1.not_counter);
    assert!(grown_last(&mixed[0], &mixed[1], false, false).unwrap().1.not_gauge);
}

#[test]
fn averages_survive_sums_that_are_too_large() {
    let mut mean = Mean::new(&parse("{{count:1.7e308 sum:5}}"));
    mean.add(&parse("{{count:1e308 sum:1e100}}")).unwrap();
    mean.add(&parse("{{count:3e307 sum:1}}")).unwrap();
    mean.add(&parse("{{sum:-1e100}}")).unwrap();
    let (mean, _) = mean.finish();
    assert!(close(mean.count, 0.75e308) && close(mean.sum, 1.5), "{}", mean.to_notation());
    let mut sum = Total::new(&parse("{{count:1 custom_values:[5 10] schema:-53 buckets:[1]}}"));
    sum.add(&parse("{{count:1 custom_values:[10] schema:-53 buckets:[1]}}")).unwrap();
    let (sum, merged) = sum.finish();
    assert_eq!(sum.to_notation(), "{{schema:-53 count:2 buckets:[2] custom_values:[10]}}");
    assert!(merged.rebounded);
}

#[test]
fn trimming_keeps_what_is_on_one_side() {
    let below = |limit: f64, text: &str| trim(&parse(text), limit, Side::Below).to_notation();
    let above = |limit: f64, text: &str| trim(&parse(text), limit, Side::Above).to_notation();
    let test = "{{sum:123.75 count:34 z_bucket:1 z_bucket_w:0.001 buckets:[2 4 8 16] n_buckets:[1 2]}}";
    assert_eq!(above(f64::NEG_INFINITY, test), test);
    assert_eq!(below(f64::NEG_INFINITY, test), "{{z_bucket_w:0.001}}");
    let half = trim(&parse(test), 2_f64.sqrt(), Side::Below);
    assert!(close(half.count, 8.0) && (half.sum - 0.257_093_887).abs() < 1e-6, "{}", half.to_notation());
    assert_eq!(
        above(15.0, LISTED),
        "{{schema:-53 sum:72.5 count:4 offset:3 buckets:[3 1] custom_values:[5 10 15 20]}}"
    );
    assert_eq!(
        below(7.5, LISTED),
        "{{schema:-53 sum:21.25 count:4 buckets:[1 3] custom_values:[5 10 15 20]}}"
    );
    assert_eq!(above(f64::INFINITY, LISTED), "{{schema:-53 custom_values:[5 10 15 20]}}");
    let zero = "{{count:5 z_bucket:5 z_bucket_w:0.1}}";
    assert_eq!(above(0.05, zero), "{{sum:0.09375000000000001 count:1.25 z_bucket:1.25 z_bucket_w:0.1}}");
    assert_eq!(below(0.0, zero), "{{sum:-0.125 count:2.5 z_bucket:2.5 z_bucket_w:0.1}}");
    assert_eq!(below(-0.1, zero), "{{z_bucket_w:0.1}}");
    let endless = "{{schema:-53 sum:33 count:101 custom_values:[-5] buckets:[1 100]}}";
    assert_eq!(below(10.0, endless), "{{schema:-53 sum:-5 count:1 buckets:[1] custom_values:[-5]}}");
    assert_eq!(below(-10.0, endless), "{{schema:-53 sum:-10 count:1 buckets:[1] custom_values:[-5]}}");
    assert_eq!(above(0.0, endless), "{{schema:-53 count:100 offset:1 buckets:[100] custom_values:[-5]}}");
    let one_sided = "{{sum:8 count:12 z_bucket:2 z_bucket_w:0.5 buckets:[10]}}";
    assert_eq!(
        (above(0.0, one_sided), below(0.0, one_sided)),
        (one_sided.into(), "{{z_bucket_w:0.5}}".into())
    );
}
