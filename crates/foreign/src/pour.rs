//! From an origin into a writer.

use crate::origin::{Origin, walk};
use crate::step::Step;
use crate::{Error, RowWriter, SeriesWriter};
use model::{Description, TimeRange};
use std::collections::HashMap;

/// Most samples held at a time while columns are made of series.
const WINDOW_SAMPLES: u64 = 2 << 20;

/// What was written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Poured {
    /// Series with samples.
    pub series: u64,
    /// Samples, or values of steps.
    pub samples: u64,
}

/// Writes series after series.
pub fn series(
    origin: &mut dyn Origin,
    range: TimeRange,
    step: Option<&Step<'_>>,
    writer: &mut dyn SeriesWriter,
) -> Result<Poured, Error> {
    let series = origin.series().to_vec();
    let mut about: HashMap<&str, Option<Description>> = HashMap::new();
    for name in series.iter().map(|one| one.labels.name()) {
        about.entry(name).or_insert_with(|| origin.about(name));
    }
    let (mut current, mut poured) = (None, Poured::default());
    walk(origin, 0, range, step, &mut |at, times_ms, values| {
        if current != Some(at) {
            current = Some(at);
            poured.series += 1;
            let name = series[at].labels.name();
            writer.series(&series[at], about.get(name).and_then(Option::as_ref))?;
        }
        poured.samples += times_ms.len() as u64;
        writer.samples(times_ms, values)
    })?;
    writer.finish()?;
    Ok(poured)
}

/// Writes instant after instant; reads twice, so as to hold a bounded stretch at a time.
pub fn rows(
    origin: &mut dyn Origin,
    range: TimeRange,
    step: Option<&Step<'_>>,
    writer: &mut dyn RowWriter,
) -> Result<Poured, Error> {
    let extent = extent(origin, range, step)?;
    let series = origin.series().to_vec();
    writer.columns(&series)?;
    let mut poured = Poured { series: series.len() as u64, samples: 0 };
    if let Some((first_ms, last_ms, samples)) = extent {
        let step_ms = step.map_or(1, |step| step.step_ms);
        let span_ms = last_ms.saturating_sub(first_ms).saturating_add(1);
        let windows = i64::try_from(samples / WINDOW_SAMPLES).unwrap_or(i64::MAX) + 1;
        let window_ms = (span_ms / windows / step_ms * step_ms).max(step_ms);
        let mut start_ms = first_ms - first_ms.rem_euclid(step_ms);
        let mut row = vec![None; series.len()];
        while start_ms <= last_ms {
            let window = TimeRange::new(start_ms, start_ms.saturating_add(window_ms));
            poured.samples += window_rows(origin, window.intersect(range), step, &mut row, writer)?;
            start_ms = window.end_ms;
        }
    }
    writer.finish()?;
    Ok(poured)
}

/// First and last time in a range, and how many samples, or values of steps, there are.
fn extent(
    origin: &mut dyn Origin,
    range: TimeRange,
    step: Option<&Step<'_>>,
) -> Result<Option<(i64, i64, u64)>, Error> {
    let mut extent = None;
    walk(origin, 0, range, step, &mut |_, times_ms, _| {
        if let [first, .., last] | [first @ last] = times_ms {
            let (a, b, n) = extent.unwrap_or((*first, *last, 0));
            extent = Some((a.min(*first), b.max(*last), n + times_ms.len() as u64));
        }
        Ok(())
    })?;
    Ok(extent)
}

fn window_rows(
    origin: &mut dyn Origin,
    window: TimeRange,
    step: Option<&Step<'_>>,
    row: &mut [Option<f64>],
    writer: &mut dyn RowWriter,
) -> Result<u64, Error> {
    let mut cells: Vec<(i64, u32, f64)> = Vec::new();
    walk(origin, 0, window, step, &mut |at, times_ms, values| {
        cells.extend(times_ms.iter().zip(values).map(|(&time_ms, &value)| (time_ms, at as u32, value)));
        Ok(())
    })?;
    cells.sort_unstable_by_key(|(time_ms, at, _)| (*time_ms, *at));
    for same_time in cells.chunk_by(|a, b| a.0 == b.0) {
        row.fill(None);
        same_time.iter().for_each(|(_, at, value)| row[*at as usize] = Some(*value));
        writer.row(same_time[0].0, row)?;
    }
    Ok(cells.len() as u64)
}
