//! Which rows become samples, so that a graph over any range looks as rrdtool would draw it.
//!
//! For every data source there is one *lane* of its main function (average where there is one, else last, max, min) and
//! one of each other function. A lane takes the finest archive as far back as it knows anything, then the next coarser
//! one for what lies before, and so on: rows never overlap. Archives of one primary data point a row serve every
//! function, as they do in `rrdtool fetch`. Forecasts and failures are no measurements and are left out.

use super::{Archive, Consolidation, RoundRobin};
use std::ops::Range;

/// Rows of one archive that a source gives to a lane.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// Number of the archive.
    pub archive: usize,
    /// For each source, which rows.
    pub rows: Vec<Range<usize>>,
}

/// What becomes one series a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lane {
    /// How its rows were made.
    pub function: Consolidation,
    /// The oldest first.
    pub pieces: Vec<Piece>,
}

/// The lanes of a file, the main one first. A function whose every archive has one primary data point a row says the
/// same as the main one and has no lane.
pub fn lanes(file: &RoundRobin) -> Vec<Lane> {
    use Consolidation::{Average, Last, Max, Min};
    let has = |function: &Consolidation| file.archives.iter().any(|a| a.function == *function);
    let own = |f: &Consolidation| file.archives.iter().any(|a| a.function == *f && a.steps > 1);
    let present: Vec<_> = [Average, Last, Max, Min].into_iter().filter(has).collect();
    let Some((main, others)) = present.split_first() else { return Vec::new() };
    let functions = std::iter::once(*main).chain(others.iter().copied().filter(own));
    functions.map(|function| lane(file, function)).collect()
}

fn lane(file: &RoundRobin, function: Consolidation) -> Lane {
    let serves = |a: &Archive| a.function == function || (a.steps == 1 && a.function.is_measured());
    let mut order: Vec<_> = (0..file.archives.len()).filter(|n| serves(&file.archives[*n])).collect();
    // The finest first; of equal ones that of the function itself.
    order.sort_by_key(|n| {
        let archive = &file.archives[*n];
        (archive.steps, archive.function != function, std::cmp::Reverse(archive.rows))
    });
    let mut before_s = vec![i64::MAX; file.sources.len()];
    let piece = |archive: usize| {
        let rows =
            before_s.iter_mut().enumerate().map(|(source, s)| rows(file, archive, source, s)).collect();
        Piece { archive, rows }
    };
    let mut pieces: Vec<_> = order.into_iter().map(piece).collect();
    pieces.reverse();
    Lane { function, pieces }
}

/// The rows that end at or before `before_s`, from the first known one on; `before_s` becomes its start.
fn rows(file: &RoundRobin, archive: usize, source: usize, before_s: &mut i64) -> Range<usize> {
    let archive = &file.archives[archive];
    let width = file.sources.len();
    let known = (0..archive.rows).find(|row| !archive.values[row * width + source].is_nan());
    let Some(first) = known else { return 0..0 };
    let newest_s = file.newest_s(archive);
    let row_s = file.row_s(archive);
    let late = if newest_s > *before_s { (newest_s - *before_s + row_s - 1) / row_s } else { 0 };
    let end = archive.rows.saturating_sub(late as usize);
    if first >= end {
        return 0..0;
    }
    *before_s = file.row_end_s(archive, first) - row_s;
    first..end
}
