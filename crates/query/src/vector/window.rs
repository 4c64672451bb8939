//! Functions over ranges: a window slides over the samples of each series, read once for all instants.

use super::evaluate::Evaluator;
use super::fold;
use super::functions::Site;
use super::grown;
use super::load::{self, Markers};
use super::note::Notes;
use super::select::passed;
use super::subquery;
use super::value::{Column, Matrix, Samples, Series, Steps, Value, refusal};
use crate::QueryError;
use lang::Span;
use lang::plan::vector::{Edge, Select, Subquery, Window as Wanted};
use lang::plan::{NodeId, Vector};
use model::Histogram;
use std::sync::Arc;

/// What a function over a range works on: the samples in `(start, end]`, and with an edge that is not open those around it.
pub(crate) struct Window<'a> {
    /// Labels of the series.
    pub name: &'a str,
    /// The instant it is evaluated at.
    pub instant_ms: i64,
    /// The instant after which the window begins.
    pub start_ms: i64,
    /// The last instant of the window.
    pub end_ms: i64,
    /// When the numbers are.
    pub times_ms: &'a [i64],
    /// The numbers.
    pub values: &'a [f64],
    /// Since when each number counts: empty, or one a number; 0 is unknown.
    pub starts_ms: &'a [i64],
    /// When the histograms are.
    pub histogram_times_ms: &'a [i64],
    /// The histograms.
    pub histograms: &'a [Arc<Histogram>],
    /// Since when each histogram counts: empty, or one a histogram.
    pub histogram_starts_ms: &'a [i64],
    /// Places of numbers less than the one before, where the function wants to know.
    pub resets: &'a [usize],
    /// The place of the window's first number among those that resets are told by.
    pub first: usize,
    /// What is known of the time around the window.
    pub edge: Edge,
    /// The numbers the function takes besides, in order, as they are at the instant.
    pub numbers: &'a [f64],
    /// Where the argument stands in the text.
    pub span: Span,
}

impl Window<'_> {
    /// Its length in seconds.
    pub(super) fn range_s(&self) -> f64 {
        (self.end_ms - self.start_ms) as f64 / 1000.0
    }
}

/// A function over a range: its value at one instant.
pub(crate) type Over = fn(&Window<'_>, &mut Notes) -> Option<Value>;

/// Where windows come from and how far they reach.
struct Reach {
    range_ms: i64,
    offset_ms: i64,
    at_ms: Option<i64>,
    edge: Edge,
}

impl Reach {
    fn end_ms(&self, instant_ms: i64) -> i64 {
        self.at_ms.unwrap_or(instant_ms).saturating_sub(self.offset_ms)
    }

    /// How much is looked at before and after the window itself.
    fn around_ms(&self, lookback_ms: i64) -> (i64, i64) {
        match self.edge {
            Edge::Open => (0, 0),
            Edge::Anchored => (lookback_ms, 0),
            Edge::Smoothed => (lookback_ms, lookback_ms),
        }
    }
}

/// Which of the arguments is the window.
pub(super) fn argument(evaluator: &Evaluator<'_>, site: &Site<'_>) -> Result<NodeId, QueryError> {
    for arg in site.args {
        if matches!(evaluator.vector(*arg)?, Vector::Window(_) | Vector::Subquery(_)) {
            return Ok(*arg);
        }
    }
    let message = format!("{} works on a window, such as [5m]", site.row.name);
    Err(refusal(evaluator.span(site.node), message))
}

/// A function over a range, at all instants.
pub(super) fn over(
    evaluator: &mut Evaluator<'_>,
    site: &Site<'_>,
    kernel: Over,
    steps: Steps,
) -> Result<Matrix, QueryError> {
    let input = argument(evaluator, site)?;
    if let (Some(fold), Vector::Window(window)) = (site.row.fold, evaluator.vector(input)?)
        && let Some(matrix) = fold::over(evaluator, input, window, fold, site.row.keeps_name, steps)?
    {
        return Ok(matrix);
    }
    if let (Some(growth), Vector::Window(window)) = (site.row.growth, evaluator.vector(input)?)
        && let Some(matrix) = grown::over(evaluator, input, window, growth, steps)?
    {
        return Ok(matrix);
    }
    let mut numbers = Vec::new();
    for arg in site.args.iter().filter(|arg| **arg != input) {
        numbers.push(evaluator.scalar(*arg, steps)?);
    }
    let span = evaluator.span(input);
    let mut matrix = Matrix::new();
    let lookback_ms = evaluator.lookback_ms;
    each(evaluator, input, steps, |evaluator, samples, reach| {
        let resets = if site.row.is_of_counters { resets(&samples.values) } else { Vec::new() };
        let mut slide = Slide { samples, steps, reach, numbers: &numbers, resets, span, lookback_ms };
        let column = slide.run(kernel, &mut evaluator.notes);
        if !column.is_blank() {
            (site.row.check)(samples, span, &mut evaluator.notes);
            let is_nameless = samples.is_nameless || !site.row.keeps_name;
            matrix.push(Series { labels: samples.labels.clone(), is_nameless, column });
            evaluator.check_points(site.node, matrix.len(), steps)?;
        }
        Ok(())
    })?;
    Ok(matrix)
}

// Hands each series of a window or subquery to `take`, with all samples that any instant looks at.
fn each(
    evaluator: &mut Evaluator<'_>,
    input: NodeId,
    steps: Steps,
    mut take: impl FnMut(&mut Evaluator<'_>, &Samples, &Reach) -> Result<(), QueryError>,
) -> Result<(), QueryError> {
    match evaluator.vector(input)? {
        Vector::Window(Wanted { select, range_ms, edge }) => {
            let Select { offset_ms, at_ms, .. } = *select;
            let reach = Reach { range_ms: *range_ms, offset_ms, at_ms, edge: *edge };
            let (back_ms, ahead_ms) = reach.around_ms(evaluator.lookback_ms);
            let range = load::around(select, steps, range_ms + back_ms, ahead_ms);
            load::each(evaluator, input, select, range, Markers::Leave, |evaluator, samples| {
                take(evaluator, samples, &reach)
            })
        }
        Vector::Subquery(wanted) => {
            let Subquery { range_ms, offset_ms, at_ms, .. } = *wanted;
            let reach = Reach { range_ms, offset_ms, at_ms, edge: Edge::Open };
            for samples in subquery::samples(evaluator, input, wanted, steps)? {
                take(evaluator, &samples, &reach)?;
            }
            Ok(())
        }
        _ => Err(refusal(evaluator.span(input), "A window is wanted here")),
    }
}

/// A window on its way over one series.
struct Slide<'a> {
    samples: &'a Samples,
    steps: Steps,
    reach: &'a Reach,
    numbers: &'a [Vec<f64>],
    resets: Vec<usize>,
    span: Span,
    lookback_ms: i64,
}

impl Slide<'_> {
    fn run(&mut self, kernel: Over, notes: &mut Notes) -> Column {
        let samples = self.samples;
        let (back_ms, ahead_ms) = self.reach.around_ms(self.lookback_ms);
        let mut column = Column::absent(self.steps.count);
        let mut numbers = vec![0.0; self.numbers.len()];
        let (mut from, mut to, mut h_from, mut h_to) = (0, 0, 0, 0);
        let (mut reset, mut reset_end) = (0, 0);
        for step in 0..self.steps.count {
            let instant_ms = self.steps.at(step);
            let end_ms = self.reach.end_ms(instant_ms);
            let start_ms = end_ms.saturating_sub(self.reach.range_ms);
            let (first_ms, last_ms) = (start_ms.saturating_sub(back_ms), end_ms.saturating_add(ahead_ms));
            from = passed(&samples.times_ms, from, first_ms);
            to = passed(&samples.times_ms, to.max(from), last_ms);
            h_from = passed(&samples.histogram_times_ms, h_from, first_ms);
            h_to = passed(&samples.histogram_times_ms, h_to.max(h_from), last_ms);
            if from == to && h_from == h_to {
                continue;
            }
            // A reset counts where the number before it is in the window, too.
            reset += self.resets[reset..].iter().take_while(|at| **at <= from).count();
            reset_end = reset_end.max(reset);
            reset_end += self.resets[reset_end..].iter().take_while(|at| **at < to).count();
            for (number, values) in numbers.iter_mut().zip(self.numbers) {
                *number = values[step];
            }
            let window = Window {
                name: "",
                instant_ms,
                start_ms,
                end_ms,
                times_ms: &samples.times_ms[from..to],
                values: &samples.values[from..to],
                starts_ms: samples.starts_ms.get(from..to).unwrap_or(&[]),
                histogram_times_ms: &samples.histogram_times_ms[h_from..h_to],
                histograms: &samples.histograms[h_from..h_to],
                histogram_starts_ms: samples.histogram_starts_ms.get(h_from..h_to).unwrap_or(&[]),
                resets: &self.resets[reset..reset_end],
                first: from,
                edge: self.reach.edge,
                numbers: &numbers,
                span: self.span,
            };
            let window = Window { name: name_of(samples, &window), ..window };
            column.set(step, kernel(&window, notes));
        }
        column
    }
}

fn resets(values: &[f64]) -> Vec<usize> {
    (1..values.len()).filter(|at| values[*at] < values[*at - 1]).collect()
}

// The name is wanted only for notes, which are about histograms, start times and wrong numbers.
fn name_of<'a>(samples: &'a Samples, window: &Window<'_>) -> &'a str {
    let is_plain = window.histograms.is_empty() && window.starts_ms.is_empty() && window.numbers.is_empty();
    if is_plain { "" } else { samples.labels.name() }
}
