//! A line of block characters, as tall as its largest value.

const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// Draws values in at most `width` characters, each the mean of its share; gaps are spaces.
pub fn sparkline(values: &[Option<f64>], width: usize) -> String {
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

fn mean(values: &[Option<f64>]) -> Option<f64> {
    let there: Vec<f64> = values.iter().copied().flatten().collect();
    (!there.is_empty()).then(|| there.iter().sum::<f64>() / there.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_stay_gaps_and_flat_lines_lie_low() {
        assert_eq!(sparkline(&[Some(0.0), None, Some(7.0), Some(3.0)], 10), "▁ █▄");
        assert_eq!(sparkline(&[Some(5.0); 4], 2), "▁▁");
        assert_eq!(sparkline(&[], 5), "");
    }
}
