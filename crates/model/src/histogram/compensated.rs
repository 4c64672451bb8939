//! Sums of many histograms that do not lose what is small beside what is large (Kahan's sum as Neumaier mended it).

use super::add::Shape;
use super::{Buckets, Histogram, Incompatible, Merged};

/// A sum, and what rounding took from it.
#[derive(Debug, Clone)]
pub struct Compensated {
    total: Histogram,
    lost: Histogram,
}

impl Compensated {
    /// The sum of one histogram.
    pub fn new(first: Histogram) -> Self {
        let none = Histogram { schema: first.schema, bounds: first.bounds.clone(), ..Histogram::default() };
        let lost = Histogram { zero_threshold: first.zero_threshold, ..none };
        Self { total: first, lost }
    }

    /// Adds a histogram.
    ///
    /// # Errors
    /// If only one has listed bounds; then nothing is changed.
    pub fn add(&mut self, other: &Histogram) -> Result<Merged, Incompatible> {
        let shape = Shape::common(&self.total, other)?;
        let (hint, conflicting) = self.total.hint.joined(other.hint);
        shape.shape(&mut self.total);
        shape.shape(&mut self.lost);
        let mut other = other.clone();
        shape.shape(&mut other);
        self.total.hint = hint;
        self.total.zero_count = sum(self.total.zero_count, other.zero_count, &mut self.lost.zero_count);
        self.total.count = sum(self.total.count, other.count, &mut self.lost.count);
        self.total.sum = sum(self.total.sum, other.sum, &mut self.lost.sum);
        add_side(&mut self.total.positive, &mut self.lost.positive, &other.positive);
        add_side(&mut self.total.negative, &mut self.lost.negative, &other.negative);
        Ok(Merged { rebounded: shape.rebounded, conflicting })
    }

    /// All counts and sums times `factor`.
    pub fn scale(&mut self, factor: f64) {
        let (total, lost) = (std::mem::take(&mut self.total), std::mem::take(&mut self.lost));
        (self.total, self.lost) = (total.times(factor), lost.times(factor));
    }

    /// Whether a count or the sum is beyond what a float holds.
    pub fn has_infinity(&self) -> bool {
        self.total.has_infinity()
    }

    /// The sum with what rounding took.
    pub fn value(self) -> Histogram {
        let Self { total: mut out, lost } = self;
        let with = |a: f64, b: f64| if a.is_infinite() { a } else { a + b };
        out.zero_count = with(out.zero_count, lost.zero_count);
        out.count = with(out.count, lost.count);
        out.sum = with(out.sum, lost.sum);
        out.positive = out.positive.joined(&lost.positive, with);
        out.negative = out.negative.joined(&lost.negative, with);
        out
    }
}

/// Adds the buckets of one side; what was lost of each is laid out as the sum is.
fn add_side(total: &mut Buckets, lost: &mut Buckets, added: &Buckets) {
    let before = total.joined(added, |_, _| 0.0).joined(lost, |_, lost| lost);
    let mut kept = before.iter();
    let (mut sums, mut losses) = (Buckets::default(), Buckets::default());
    for (number, a, b) in total.paired(added) {
        let mut loss = kept.next().map_or(0.0, |(_, loss)| loss);
        sums.push(number, sum(a, b, &mut loss));
        losses.push(number, loss);
    }
    drop(kept);
    (*total, *lost) = (sums, losses);
}

/// `a + b`; what rounding took goes to `lost`.
fn sum(a: f64, b: f64, lost: &mut f64) -> f64 {
    let total = a + b;
    if total.is_infinite() {
        *lost = 0.0;
    } else {
        *lost += if a.abs() >= b.abs() { (a - total) + b } else { (b - total) + a };
    }
    total
}
