//! Paths among other operations: their series on the request's buckets.

use super::context::Context;
use super::evaluate::{Evaluator, Range};
use super::series::Series;
use crate::frame::{Frame, Series as Column};
use crate::grid::Grid;
use crate::run::Budget;
use crate::{QueryError, Request};
use lang::plan::NodeId;
use model::{Labels, Source};

/// The series of a node as a frame: the mean of what falls into each bucket.
pub(crate) fn frame(
    node: NodeId,
    request: &Request<'_>,
    grid: &Grid,
    source: &dyn Source,
    budget: &mut Budget<'_>,
) -> Result<Frame, QueryError> {
    let edges_ms = grid.edges_ms();
    let (first, last) = (edges_ms[0], edges_ms[edges_ms.len() - 1]);
    // An instant at the first edge belongs to the first bucket, one at the last edge to none.
    let range = Range { from_s: (first - 1).div_euclid(1000), until_s: (last - 1).div_euclid(1000) };
    let context = Context {
        zone: grid.zone.clone(),
        limits: request.limits.clone(),
        tier: request.tier,
        points_max: Some(edges_ms.len()),
        now_s: request.now_ms.div_euclid(1000),
        naming: request.naming.clone(),
        cancelled: request.cancelled,
        ..Context::new(range.from_s, range.until_s)
    };
    let evaluator = Evaluator::new(&context, source, Budget::new(request));
    let series = evaluator.node(request.plan, node, range);
    let own = evaluator.finish();
    budget.absorb(&own.stats, own.reading);
    let series = series?;
    Ok(Frame::of(series.into_iter().map(|series| column(series, &edges_ms)).collect()))
}

fn column(series: Series, edges_ms: &[i64]) -> Column {
    let mut sums = vec![(0.0, 0u32); edges_ms.len() - 1];
    for (time_s, value) in series.points().filter(|(_, value)| !value.is_nan()) {
        let bucket = edges_ms.partition_point(|edge| *edge <= time_s * 1000);
        if let Some((sum, count)) = bucket.checked_sub(1).and_then(|at| sums.get_mut(at)) {
            *sum += value;
            *count += 1;
        }
    }
    let pairs = series
        .tags
        .iter()
        .map(|(tag, value)| (if tag == "name" { model::NAME } else { tag.as_str() }, value.as_str()));
    Column {
        labels: Labels::from_pairs(pairs).unwrap_or_else(|_| Labels::empty()),
        // No value at all gives 0/0, which is null.
        values: sums.into_iter().map(|(sum, count)| sum / f64::from(count)).collect(),
        label: series.name,
        ..Column::default()
    }
}
