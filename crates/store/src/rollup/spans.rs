//! Sets of instants: ranges of time, ascending and apart.

use model::TimeRange;

/// Ranges of time, ascending, none empty, none touching another.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Spans(Vec<TimeRange>);

impl Spans {
    /// The instants in any of the ranges.
    pub(crate) fn new(ranges: impl IntoIterator<Item = TimeRange>) -> Self {
        let mut ranges: Vec<TimeRange> = ranges.into_iter().filter(|range| !range.is_empty()).collect();
        ranges.sort_unstable_by_key(|range| range.start_ms);
        let mut joined: Vec<TimeRange> = Vec::with_capacity(ranges.len());
        for range in ranges {
            match joined.last_mut() {
                Some(last) if range.start_ms <= last.end_ms => last.end_ms = last.end_ms.max(range.end_ms),
                _ => joined.push(range),
            }
        }
        Self(joined)
    }

    /// The ranges.
    pub(crate) fn ranges(&self) -> &[TimeRange] {
        &self.0
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The instants in either.
    pub(crate) fn union(&self, other: &Self) -> Self {
        Self::new(self.0.iter().chain(&other.0).copied())
    }

    /// The instants in both.
    pub(crate) fn intersect(&self, other: &Self) -> Self {
        let pairs = self.0.iter().flat_map(|a| other.0.iter().map(|b| a.intersect(*b)));
        Self::new(pairs)
    }

    /// The instants in this one only.
    pub(crate) fn subtract(&self, other: &Self) -> Self {
        let mut left = Vec::new();
        for range in &self.0 {
            let mut start_ms = range.start_ms;
            for hole in other.0.iter().filter(|hole| hole.overlaps(*range)) {
                left.push(TimeRange::new(start_ms, hole.start_ms));
                start_ms = hole.end_ms;
            }
            left.push(TimeRange::new(start_ms, range.end_ms));
        }
        Self::new(left)
    }

    /// Each range made smaller so that it starts and ends at multiples of `step_ms`.
    pub(crate) fn inward(&self, step_ms: i64) -> Self {
        Self::new(self.0.iter().map(|range| {
            let floor = |time_ms: i64| time_ms.div_euclid(step_ms).saturating_mul(step_ms);
            TimeRange::new(floor(range.start_ms.saturating_add(step_ms - 1)), floor(range.end_ms))
        }))
    }

    /// Each range made larger so that it starts and ends at multiples of `step_ms`.
    pub(crate) fn outward(&self, step_ms: i64) -> Self {
        Self::new(self.0.iter().map(|range| outward(*range, step_ms)))
    }
}

/// The smallest range from and to multiples of `step_ms` around another.
pub(crate) fn outward(range: TimeRange, step_ms: i64) -> TimeRange {
    let floor = |time_ms: i64| time_ms.div_euclid(step_ms).saturating_mul(step_ms);
    TimeRange::new(floor(range.start_ms), floor(range.end_ms.saturating_add(step_ms - 1)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use stdx::random::Random;

    #[test]
    fn sets_of_instants_agree_with_a_plain_set() {
        let mut random = Random::from_seed(11);
        let mut spans = || {
            Spans::new((0..random.below(6)).map(|_| {
                let start = random.below(40) as i64 - 10;
                TimeRange::new(start, start + random.below(9) as i64)
            }))
        };
        let has = |spans: &Spans, at: i64| spans.ranges().iter().any(|range| range.contains(at));
        for _ in 0..2000 {
            let (a, b) = (spans(), spans());
            let results = [a.union(&b), a.intersect(&b), a.subtract(&b), a.inward(5), a.outward(5)];
            for at in -20i64..60 {
                let block = at.div_euclid(5) * 5;
                let wanted = [
                    has(&a, at) || has(&b, at),
                    has(&a, at) && has(&b, at),
                    has(&a, at) && !has(&b, at),
                    (block..block + 5).all(|at| has(&a, at)),
                    (block..block + 5).any(|at| has(&a, at)),
                ];
                for (result, wanted) in results.iter().zip(wanted) {
                    assert_eq!(has(result, at), wanted, "{at} {a:?} {b:?} {result:?}");
                }
            }
        }
    }
}
