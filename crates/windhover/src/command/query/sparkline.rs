//! A line of block characters, as tall as its largest value.

const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// Draws values (NaN is a gap) in at most `width` characters, each the mean of its share; gaps are spaces.
pub(super) fn sparkline(values: &[f64], width: usize) -> String {
    let share = values.len().div_ceil(width.max(1)).max(1);
    let means: Vec<Option<f64>> = values.chunks(share).map(mean).collect();
    let there = || means.iter().copied().flatten();
    let (low, high) = (there().fold(f64::INFINITY, f64::min), there().fold(f64::NEG_INFINITY, f64::max));
    let block = |value: f64| {
        let height = if high > low { (value - low) / (high - low) } else { 0.0 };
        BLOCKS[(height * 7.0).round() as usize % 8]
    };
    means.iter().map(|m| m.map_or(' ', block)).collect()
}

fn mean(values: &[f64]) -> Option<f64> {
    let there = values.iter().copied().filter(|value| value.is_finite());
    let (sum, count) = there.fold((0.0, 0_u32), |(sum, count), value| (sum + value, count + 1));
    (count > 0).then(|| sum / f64::from(count))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_stay_gaps_and_flat_lines_lie_low() {
        assert_eq!(sparkline(&[0.0, f64::NAN, 7.0, 3.0], 10), "▁ █▄");
        assert_eq!(sparkline(&[5.0; 4], 2), "▁▁");
        assert_eq!(sparkline(&[], 5), "");
    }
}
