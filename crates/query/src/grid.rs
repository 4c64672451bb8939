//! The buckets an answer is given in: where they start, and how their size is chosen.

use crate::QueryError;
use lang::plan::Offset;
use model::{Interval, TimeRange, Unit, Zone};

/// How many buckets a request aims at when it leaves their size open.
pub const BUCKETS_TARGET: usize = 200;
/// Most buckets of a request, unless it says otherwise.
pub const BUCKETS_MAX: usize = 2000;

/// What buckets are wanted.
#[derive(Debug, Clone)]
pub struct GridSpec {
    /// First instant.
    pub from_ms: i64,
    /// First instant after.
    pub to_ms: i64,
    /// Bucket size; chosen from a table when absent.
    pub interval: Option<Interval>,
    /// The smallest size that is chosen.
    pub interval_min: Interval,
    /// How many buckets to aim at when the size is chosen.
    pub buckets_target: usize,
    /// Most buckets.
    pub buckets_max: usize,
    /// Where the first bucket starts.
    pub align: Align,
    /// Whose calendar counts for days and longer.
    pub zone: Zone,
}

/// Where the first bucket starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// At the start of the interval's unit, as Timelion has it: buckets of 30 s start at any second.
    Unit,
    /// At a whole multiple of the interval (of the local day's seconds where it divides a day), so that buckets stay
    /// where they are while a window moves on.
    Interval,
}

impl GridSpec {
    /// A range with the usual settings: interval chosen, UTC, buckets at multiples of the interval.
    pub fn new(from_ms: i64, to_ms: i64) -> Self {
        Self {
            from_ms,
            to_ms,
            interval: None,
            interval_min: Interval::new(1, Unit::Millisecond),
            buckets_target: BUCKETS_TARGET,
            buckets_max: BUCKETS_MAX,
            align: Align::Interval,
            zone: Zone::utc(),
        }
    }
}

/// Buckets, ascending and adjoining. Each has a start; it ends where the next starts.
#[derive(Debug, Clone, PartialEq)]
pub struct Grid {
    /// The range asked for.
    pub range: TimeRange,
    /// The bucket size asked for or chosen.
    pub interval: Interval,
    /// Whose calendar counts.
    pub zone: Zone,
    edges: Edges,
}

#[derive(Debug, Clone, PartialEq)]
enum Edges {
    Regular {
        start_ms: i64,
        step_ms: i64,
        count: usize,
    },
    /// One more than there are buckets.
    Listed(Vec<i64>),
}

impl Grid {
    /// The buckets of a request.
    pub fn new(spec: &GridSpec) -> Result<Self, QueryError> {
        if spec.to_ms <= spec.from_ms {
            return Err(range_error(
                "The time range is empty: its end is not after its start",
                Some("the earlier time comes first".to_owned()),
            ));
        }
        let range = TimeRange::new(spec.from_ms, spec.to_ms);
        let interval = spec.interval.unwrap_or_else(|| chosen(range, spec));
        let estimate = range.len_ms() / interval.nominal_ms();
        if estimate > spec.buckets_max as i64 {
            let best = finest(range, spec.buckets_max);
            return Err(range_error(
                &format!("{estimate} buckets of {interval} are more than the limit of {}", spec.buckets_max),
                Some(format!("take {best} or longer, or leave the interval open")),
            ));
        }
        let start_ms = match spec.align {
            Align::Unit => spec.zone.floor(spec.from_ms, interval.unit),
            Align::Interval => aligned(spec.from_ms, interval, &spec.zone),
        };
        let edges = match interval.fixed_ms() {
            Some(step_ms) => {
                let count = (spec.to_ms - start_ms + step_ms - 1) / step_ms;
                Edges::Regular { start_ms, step_ms, count: count as usize }
            }
            None => calendar_edges(start_ms, spec.to_ms, interval, &spec.zone),
        };
        Ok(Self { range, interval, zone: spec.zone.clone(), edges })
    }

    /// The starts of its buckets as the instants of a request.
    pub fn scope(&self) -> lang::Scope {
        lang::Scope::range(self.start_ms(), self.edge_ms(self.len().saturating_sub(1)), self.nominal_ms())
    }

    /// Buckets that start at these times (ascending), the last one as long as the interval.
    pub fn listed(times_ms: &[i64], interval: Interval) -> Self {
        let mut edges = times_ms.to_vec();
        let end_ms = edges.last().map_or(0, |last| last + interval.nominal_ms());
        edges.push(end_ms);
        let range = TimeRange::new(edges[0], end_ms);
        Self { range, interval, zone: Zone::utc(), edges: Edges::Listed(edges) }
    }

    /// Number of buckets.
    pub fn len(&self) -> usize {
        match &self.edges {
            Edges::Regular { count, .. } => *count,
            Edges::Listed(edges) => edges.len() - 1,
        }
    }

    /// Whether there is no bucket.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The start of bucket `at`; for `at == len()` the end of the last one.
    pub fn edge_ms(&self, at: usize) -> i64 {
        match &self.edges {
            Edges::Regular { start_ms, step_ms, .. } => start_ms + step_ms * at as i64,
            Edges::Listed(edges) => edges[at],
        }
    }

    /// Starts of all buckets.
    pub fn times_ms(&self) -> Vec<i64> {
        (0..self.len()).map(|at| self.edge_ms(at)).collect()
    }

    /// Starts of all buckets and the end of the last one.
    pub fn edges_ms(&self) -> Vec<i64> {
        (0..=self.len()).map(|at| self.edge_ms(at)).collect()
    }

    /// Start of the first bucket.
    pub fn start_ms(&self) -> i64 {
        self.edge_ms(0)
    }

    /// The length all buckets have; `None` when the calendar makes them differ, then [`Grid::times_ms`] tells.
    pub fn step_ms(&self) -> Option<i64> {
        match &self.edges {
            Edges::Regular { step_ms, .. } => Some(*step_ms),
            Edges::Listed(_) => None,
        }
    }

    /// The length of a bucket where only one number will do.
    pub fn nominal_ms(&self) -> i64 {
        self.step_ms().unwrap_or_else(|| self.interval.nominal_ms())
    }

    /// As many buckets as much earlier or later as an offset says; a calendar may make some of them longer or shorter.
    pub fn moved(&self, offset: Offset) -> Self {
        let range_ms = self.range.len_ms();
        let there = |time_ms| offset.apply(time_ms, range_ms, &self.zone);
        let mut edges: Vec<i64> = self.edges_ms().into_iter().map(there).collect();
        // The days that a shorter month lacks fall together.
        (1..edges.len()).for_each(|at| edges[at] = edges[at].max(edges[at - 1]));
        let step_ms = self.nominal_ms();
        let edges = match edges.windows(2).all(|pair| pair[1] - pair[0] == step_ms) {
            true => Edges::Regular { start_ms: edges[0], step_ms, count: edges.len() - 1 },
            false => Edges::Listed(edges),
        };
        let range = TimeRange::new(there(self.range.start_ms), there(self.range.end_ms));
        Self { range, interval: self.interval, zone: self.zone.clone(), edges }
    }

    /// The same range in buckets of another size.
    pub fn with_interval(&self, interval: Interval, buckets_max: usize) -> Result<Self, QueryError> {
        Self::new(&GridSpec {
            interval: Some(interval),
            buckets_max,
            zone: self.zone.clone(),
            ..GridSpec::new(self.range.start_ms, self.range.end_ms)
        })
    }
}

fn range_error(message: &str, hint: Option<String>) -> QueryError {
    QueryError::Range(lang::Error::new(lang::Span::default(), message).maybe_hint(hint))
}

fn aligned(from_ms: i64, interval: Interval, zone: &Zone) -> i64 {
    match interval.fixed_ms() {
        Some(step_ms) => {
            // Hours that divide a day start where the local day does; everything finer is the same in all zones.
            let offset_ms = if interval.unit == Unit::Hour { zone.offset_ms(from_ms) } else { 0 };
            from_ms.saturating_sub(from_ms.saturating_add(offset_ms).rem_euclid(step_ms))
        }
        None => zone.floor(from_ms, interval.unit),
    }
}

fn calendar_edges(start_ms: i64, to_ms: i64, interval: Interval, zone: &Zone) -> Edges {
    let mut edges = vec![start_ms];
    // Every edge is counted from the first one: a month after 31 January after a month is 31 March, not the 28th.
    for n in 1.. {
        let edge_ms = zone.step(start_ms, interval, n);
        edges.push(edge_ms);
        if edge_ms >= to_ms || edge_ms <= edges[edges.len() - 2] {
            break;
        }
    }
    let step_ms = edges[1] - edges[0];
    let count = edges.len() - 1;
    if edges.windows(2).all(|pair| pair[1] - pair[0] == step_ms) {
        Edges::Regular { start_ms, step_ms, count }
    } else {
        Edges::Listed(edges)
    }
}

/// Longest mean distance of points (in ms) for which an interval is chosen: Timelion's table.
const AUTO: [(i64, u32, Unit); 15] = [
    (500, 100, Unit::Millisecond),
    (5_000, 1, Unit::Second),
    (7_500, 5, Unit::Second),
    (15_000, 10, Unit::Second),
    (45_000, 30, Unit::Second),
    (180_000, 1, Unit::Minute),
    (450_000, 5, Unit::Minute),
    (1_200_000, 10, Unit::Minute),
    (2_700_000, 30, Unit::Minute),
    (7_200_000, 1, Unit::Hour),
    (21_600_000, 3, Unit::Hour),
    (86_400_000, 12, Unit::Hour),
    (604_800_000, 24, Unit::Hour),
    (1_814_400_000, 1, Unit::Week),
    (3_628_799_999, 30, Unit::Day),
];

// The table aims at a mean, so it may give several times as many buckets as wanted: never more than allowed.
fn chosen(range: TimeRange, spec: &GridSpec) -> Interval {
    let auto = auto_interval(range, spec.buckets_target, spec.interval_min);
    let finest = finest(range, spec.buckets_max);
    if auto.nominal_ms() < finest.nominal_ms() { finest } else { auto }
}

// The shortest interval of the table that makes at most so many buckets.
fn finest(range: TimeRange, buckets_max: usize) -> Interval {
    AUTO.iter()
        .map(|&(_, count, unit)| Interval::new(count, unit))
        .find(|interval| range.len_ms() / interval.nominal_ms() <= buckets_max as i64)
        .unwrap_or(Interval::new(1, Unit::Year))
}

/// The bucket size for a range, about `buckets_target` of them, not shorter than `least`.
pub fn auto_interval(range: TimeRange, buckets_target: usize, least: Interval) -> Interval {
    let per_bucket_ms = range.len_ms() / buckets_target.max(1) as i64;
    let chosen = AUTO
        .iter()
        .find(|(up_to_ms, _, _)| per_bucket_ms <= *up_to_ms)
        .map_or(Interval::new(1, Unit::Year), |&(_, count, unit)| Interval::new(count, unit));
    if chosen.nominal_ms() < least.nominal_ms() { least } else { chosen }
}

#[cfg(test)]
mod tests;
