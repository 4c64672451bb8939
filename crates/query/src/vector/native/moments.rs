//! Mean and variance.

use model::Histogram;

/// What an observation is on average.
pub fn mean(histogram: &Histogram) -> f64 {
    histogram.sum / histogram.count
}

/// The variance, as if all observations of a bucket were in its middle: around zero at zero, with listed bounds half way,
/// else the geometric mean of the bounds.
pub fn variance(histogram: &Histogram) -> f64 {
    let mean = mean(histogram);
    let (mut total, mut lost) = (0.0_f64, 0.0);
    for bucket in histogram.ascending().filter(|bucket| bucket.count != 0.0) {
        let middle = match (bucket.lower, bucket.upper) {
            (lower, upper) if histogram.is_custom() => f64::midpoint(lower, upper),
            (lower, upper) if lower <= 0.0 && upper >= 0.0 => 0.0,
            (lower, upper) => (upper * lower).sqrt().copysign(upper),
        };
        let added = bucket.count * (middle - mean) * (middle - mean);
        let next = total + added;
        if next.is_infinite() {
            lost = 0.0;
        } else {
            lost += if total.abs() >= added.abs() { (total - next) + added } else { (added - next) + total };
        }
        total = next;
    }
    (total + lost) / histogram.count
}
