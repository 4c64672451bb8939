//! Samples → values on a grid.

use super::series::Consolidation;

/// The step of a series of which nothing is known, in seconds.
pub(super) const STEP_DEFAULT_S: i64 = 60;
/// So many distances are looked at, from each end.
const GAPS_MAX: usize = 128;

/// The usual distance of times (ascending, milliseconds), in whole seconds; `None` with less than two. A quarter of them is
/// not longer: where values are missing, even half of them, the rest still tells the step.
pub(super) fn step_s(times_ms: &[i64]) -> Option<i64> {
    let distances = |times: &[i64]| times.windows(2).map(|pair| pair[1] - pair[0]).collect::<Vec<_>>();
    let mut gaps = if times_ms.len() <= 2 * GAPS_MAX {
        distances(times_ms)
    } else {
        let mut gaps = distances(&times_ms[..=GAPS_MAX]);
        gaps.extend(distances(&times_ms[times_ms.len() - GAPS_MAX - 1..]));
        gaps
    };
    if gaps.is_empty() {
        return None;
    }
    let place = (gaps.len() - 1) / 4;
    let (_, usual, _) = gaps.select_nth_unstable(place);
    Some(((*usual + 500) / 1000).max(1))
}

/// Whether all distances are the same, but for a hundredth.
pub(super) fn is_regular(times_ms: &[i64]) -> bool {
    let mut gaps = times_ms.windows(2).map(|pair| pair[1] - pair[0]);
    let first = gaps.next().unwrap_or(0);
    gaps.all(|gap| (gap - first).abs() * 100 <= first)
}

/// First and last instant but one of a range: after `from_s`, up to `until_s`. At least one.
pub(super) fn bounds(from_s: i64, until_s: i64, step_s: i64) -> (i64, i64) {
    let start_s = from_s - from_s.rem_euclid(step_s) + step_s;
    let end_s = until_s - until_s.rem_euclid(step_s) + step_s;
    (start_s, end_s.max(start_s + step_s))
}

/// The values at the instants from `start_s` to `end_s`, of samples at ascending times: the last of each step, or what they
/// come to in a way.
pub(super) fn fill(
    times_ms: &[i64],
    values: &[f64],
    grid: (i64, i64, i64),
    way: Option<Consolidation>,
) -> Vec<f64> {
    let (start_s, end_s, step_s) = grid;
    let mut filled = vec![f64::NAN; usize::try_from((end_s - start_s) / step_s).unwrap_or(0)];
    let mut from = 0;
    while let Some(time_ms) = times_ms.get(from) {
        let at = (time_ms.div_euclid(1000) - start_s).div_euclid(step_s);
        let next_ms =
            at.saturating_add(1).saturating_mul(step_s).saturating_add(start_s).saturating_mul(1000);
        let len = 1 + times_ms[from + 1..].iter().take_while(|time_ms| **time_ms < next_ms).count();
        let run = &values[from..from + len];
        from += len;
        if let Some(value) = usize::try_from(at).ok().and_then(|at| filled.get_mut(at)) {
            *value = match (run, way) {
                // Nearly always; and one value is what it comes to, in whatever way.
                ([one], _) => *one,
                (_, Some(way)) => way.of(run, run.len(), 0.0),
                (_, None) => run[run.len() - 1],
            };
        }
    }
    filled
}

#[cfg(test)]
mod tests {
    use super::{Consolidation, bounds, fill, step_s};

    #[test]
    fn the_step_is_the_usual_distance() {
        assert_eq!(step_s(&[0, 10_000, 20_100, 29_900, 60_000]), Some(10));
        assert_eq!(step_s(&[0, 250, 500]), Some(1));
        assert_eq!(step_s(&[5]), None);
        let many: Vec<i64> = (0..10_000).map(|at| at * 30_000).collect();
        assert_eq!(step_s(&many), Some(30));
    }

    #[test]
    fn the_start_is_left_out_and_the_end_is_not() {
        assert_eq!(bounds(100, 160, 10), (110, 170));
        assert_eq!(bounds(101, 159, 10), (110, 160));
        assert_eq!(bounds(100, 100, 60), (120, 180));
    }

    #[test]
    fn values_outside_the_grid_are_left_out_and_those_of_a_step_become_one() {
        let times_ms = [-5_000, 99_999, 100_000, 100_001, 104_000, 110_000, 129_999, 130_000, 900_000];
        let values = [9.0, 9.0, 1.0, 2.0, 6.0, 4.0, 5.0, 9.0, 9.0];
        let mean = fill(&times_ms, &values, (100, 130, 10), Some(Consolidation::Average));
        assert_eq!(mean, [3.0, 4.0, 5.0]);
        assert_eq!(fill(&times_ms, &values, (100, 130, 10), None), [6.0, 4.0, 5.0]);
    }

    #[test]
    fn the_last_sample_of_a_step_counts() {
        let filled = fill(&[110_000, 115_000, 130_500], &[1.0, 2.0, 3.0], (110, 140, 10), None);
        assert_eq!((filled[0], filled[1].is_nan(), filled[2]), (2.0, true, 3.0));
        let of = |way| fill(&[100_000, 110_000, 115_000], &[9.0, 1.0, 2.0], (110, 120, 10), Some(way))[0];
        assert_eq!(
            [Consolidation::Average, Consolidation::Sum, Consolidation::First].map(of),
            [1.5, 3.0, 1.0]
        );
    }
}
