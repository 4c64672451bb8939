//! The y axis: round numbers around the data.

/// From the least to the greatest round number.
pub(super) struct Scale {
    low: f64,
    high: f64,
    step: f64,
    is_bytes: bool,
}

impl Scale {
    /// Around values from `least` to `most`, with about `parts` parts. Bytes are rounded by powers of two.
    pub(super) fn of(least: f64, most: f64, parts: usize, unit: &str) -> Self {
        let is_bytes = unit.starts_with("bytes");
        let (least, most) = if least == most { (least.min(0.0), most.max(0.0)) } else { (least, most) };
        let (least, most) = if least == most { (0.0, 1.0) } else { (least, most) };
        let rough = (most - least) / parts as f64;
        let step = if is_bytes && rough >= 1.0 { power_of_two(rough) } else { round(rough) };
        Self { low: (least / step).floor() * step, high: (most / step).ceil() * step, step, is_bytes }
    }

    /// The round numbers and their labels, the least first.
    pub(super) fn ticks(&self) -> impl Iterator<Item = (f64, String)> + '_ {
        let count = ((self.high - self.low) / self.step).round() as usize;
        (0..=count).map(|at| {
            let value = self.low + self.step * at as f64;
            (value, self.label(value))
        })
    }

    /// Which of so many dots, counted from the top.
    pub(super) fn dot(&self, value: f64, dots: usize) -> usize {
        let share = (value - self.low) / (self.high - self.low);
        ((1.0 - share) * (dots - 1) as f64).round().clamp(0.0, (dots - 1) as f64) as usize
    }

    /// Which of so many lines of characters.
    pub(super) fn row(&self, value: f64, lines: usize) -> usize {
        self.dot(value, lines * 4) / 4
    }

    fn label(&self, value: f64) -> String {
        const SMALL: f64 = 1e-12;
        let value = if value.abs() < self.step * SMALL { 0.0 } else { value };
        let (base, names): (f64, [&str; 6]) = match self.is_bytes {
            true => (1024.0, ["", "Ki", "Mi", "Gi", "Ti", "Pi"]),
            false => (1000.0, ["", "k", "M", "G", "T", "P"]),
        };
        let largest = self.low.abs().max(self.high.abs());
        let power = if largest < base { 0 } else { (largest.log(base) as usize).min(names.len() - 1) };
        let by = base.powi(power as i32);
        let decimals = (-((self.step / by).log10() + SMALL).floor()).clamp(0.0, 9.0) as usize;
        format!("{:.decimals$}{}", value / by, names[power])
    }
}

// 1, 2 or 5 times a power of ten.
fn round(rough: f64) -> f64 {
    let power = 10_f64.powf(rough.log10().floor());
    let times = [1.0, 2.0, 5.0].into_iter().find(|times| times * power >= rough * 0.999_999).unwrap_or(10.0);
    times * power
}

fn power_of_two(rough: f64) -> f64 {
    2_f64.powf(rough.log2().ceil())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_round_and_as_long_as_they_must_be() {
        let labels = |least, most, unit: &str| {
            Scale::of(least, most, 4, unit).ticks().map(|(_, label)| label).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(labels(0.13, 0.52, ""), "0.1 0.2 0.3 0.4 0.5 0.6");
        assert_eq!(labels(0.0, 38_000.0, ""), "0k 10k 20k 30k 40k");
        assert_eq!(labels(0.0, 3.0 * 1024.0 * 1024.0, "bytes"), "0Mi 1Mi 2Mi 3Mi");
        assert_eq!(labels(5.0, 5.0, ""), "0 2 4 6");
        assert_eq!(labels(0.0, 0.0, ""), "0.0 0.5 1.0");
        assert_eq!(labels(-3.0, 3.0, ""), "-4 -2 0 2 4");
    }

    #[test]
    fn the_greatest_is_on_top() {
        let scale = Scale::of(0.0, 10.0, 2, "");
        assert_eq!((scale.dot(10.0, 8), scale.dot(0.0, 8), scale.row(5.0, 2)), (0, 7, 1));
    }
}
