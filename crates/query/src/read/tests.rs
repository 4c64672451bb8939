//! Folding does not depend on how a source cuts its chunks, and agrees with a plain computation.

use super::column::Column;
use super::growth::Growth;
use lang::plan::Aggregate;
use model::Kind;
use stdx::random::Random;

const EDGES: [i64; 7] = [0, 10, 20, 30, 45, 60, 100];

// Ascending times around the edges, values with some NaN among them.
fn samples(random: &mut Random) -> (Vec<i64>, Vec<f64>) {
    let mut times: Vec<i64> = (0..random.below(60)).map(|_| random.below(100) as i64).collect();
    times.sort_unstable();
    times.dedup();
    let value = |r: &mut Random| if r.below(8) == 0 { f64::NAN } else { r.below(50) as f64 };
    let values = times.iter().map(|_| value(random)).collect();
    (times, values)
}

// Cuts at random places.
fn chunks<'a>(times: &'a [i64], values: &'a [f64], random: &mut Random) -> Vec<(&'a [i64], &'a [f64])> {
    let (mut found, mut start) = (Vec::new(), 0);
    while start < times.len() {
        let end = (start + 1 + random.below(9) as usize).min(times.len());
        found.push((&times[start..end], &values[start..end]));
        start = end;
    }
    found
}

fn plainly(aggregate: &Aggregate, inside: &[f64]) -> f64 {
    let null = f64::NAN;
    match aggregate {
        Aggregate::Count => inside.len() as f64,
        _ if inside.is_empty() => null,
        Aggregate::Avg => inside.iter().sum::<f64>() / inside.len() as f64,
        Aggregate::Sum => inside.iter().sum(),
        Aggregate::Min => inside.iter().copied().fold(null, f64::min),
        Aggregate::Max => inside.iter().copied().fold(null, f64::max),
        Aggregate::First => inside[0],
        _ => inside[inside.len() - 1],
    }
}

fn same(a: f64, b: f64) -> bool {
    (a.is_nan() && b.is_nan()) || (a - b).abs() < 1e-9
}

#[test]
fn columns_agree_with_a_plain_computation() {
    let aggregates = [
        Aggregate::Avg,
        Aggregate::Sum,
        Aggregate::Min,
        Aggregate::Max,
        Aggregate::Count,
        Aggregate::First,
        Aggregate::Last,
    ];
    let mut random = Random::from_seed(5);
    for _ in 0..500 {
        let (times, values) = samples(&mut random);
        for aggregate in &aggregates {
            let mut column = Column::new(aggregate, EDGES.len() - 1);
            for (times, values) in chunks(&times, &values, &mut random) {
                column.add(&EDGES, times, values);
            }
            let found = column.finish().remove(0).1;
            for (bucket, edges) in EDGES.windows(2).enumerate() {
                let inside: Vec<f64> = times
                    .iter()
                    .zip(&values)
                    .filter(|(t, v)| (edges[0]..edges[1]).contains(*t) && !v.is_nan())
                    .map(|(_, v)| *v)
                    .collect();
                let wanted = plainly(aggregate, &inside);
                assert!(same(found[bucket], wanted), "{aggregate:?} {bucket}: {} {wanted}", found[bucket]);
            }
        }
    }
}

#[test]
fn all_growth_within_the_range_is_given_out_once() {
    let mut random = Random::from_seed(6);
    for _ in 0..500 {
        let (times, mut values) = samples(&mut random);
        let mut total = 0.0;
        for value in &mut values {
            total += value.max(0.0);
            *value = if value.is_nan() { f64::NAN } else { total };
        }
        let mut growth = Growth::new(&EDGES);
        let mut column = Column::new(&Aggregate::Increase, EDGES.len() - 1);
        growth.begin(Kind::Counter);
        for (times, values) in chunks(&times, &values, &mut random) {
            growth.add(times, values);
        }
        growth.finish(false, &mut column);
        let found: f64 = column.finish().remove(0).1.iter().filter(|v| !v.is_nan()).sum();
        let present: Vec<f64> = values.into_iter().filter(|v| !v.is_nan()).collect();
        let wanted = present.last().zip(present.first()).map_or(0.0, |(last, first)| last - first);
        assert!(same(found, wanted), "{found} {wanted}");
    }
}
