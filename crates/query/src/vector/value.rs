//! What operations over labelled vectors work on: columns over the instants of a grid.

use lang::{Error, Span};
use model::{Histogram, Labels, STALE};
use std::sync::Arc;

/// The instants of an evaluation: `start + k·step` for `k < count`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Steps {
    /// The first, in Unix milliseconds.
    pub start_ms: i64,
    /// From one to the next; at least 1.
    pub step_ms: i64,
    /// How many; at least 1 in a request, 0 where a subquery has none.
    pub count: usize,
}

impl Steps {
    /// One instant.
    pub fn instant(at_ms: i64) -> Self {
        Self { start_ms: at_ms, step_ms: 1, count: 1 }
    }

    /// From `start_ms` to `end_ms`, both included.
    pub fn range(start_ms: i64, end_ms: i64, step_ms: i64) -> Self {
        let step_ms = step_ms.max(1);
        let count = if end_ms < start_ms { 0 } else { (end_ms - start_ms) / step_ms + 1 };
        Self { start_ms, step_ms, count: count as usize }
    }

    /// The instant of a step.
    #[inline]
    pub fn at(&self, step: usize) -> i64 {
        self.start_ms + self.step_ms * step as i64
    }

    /// The last instant; the first when there is none.
    pub fn last_ms(&self) -> i64 {
        self.at(self.count.saturating_sub(1))
    }

    /// All instants in order.
    pub fn iter(&self) -> impl Iterator<Item = i64> + '_ {
        (0..self.count).map(|step| self.at(step))
    }
}

/// In a column: no sample at this instant. The staleness marker says the same of stored samples, and no result is ever one.
pub const ABSENT: f64 = STALE;
/// In a column: a histogram, kept beside the numbers. A NaN of its own, which nothing computes.
const HISTOGRAM: f64 = f64::from_bits(0x7ff0_0000_0000_0003);

/// Whether a number of a column stands for a missing sample.
#[inline]
pub fn is_absent(value: f64) -> bool {
    value.to_bits() == ABSENT.to_bits()
}

/// Whether a number of a column stands for a histogram.
#[inline]
pub fn is_histogram(value: f64) -> bool {
    value.to_bits() == HISTOGRAM.to_bits()
}

/// Whether a number of a column is one, rather than a sign for something else.
#[inline]
pub fn is_float(value: f64) -> bool {
    !is_absent(value) && !is_histogram(value)
}

/// What a sample holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A number; never one of the signs of a column.
    Float(f64),
    /// A histogram.
    Histogram(Arc<Histogram>),
}

/// One value an instant, any of which may be absent.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Column {
    /// Numbers, with signs for what is absent or a histogram.
    pub values: Vec<f64>,
    /// Empty unless there is a histogram; else one an instant.
    histograms: Vec<Option<Arc<Histogram>>>,
}

impl Column {
    /// Nothing at `count` instants.
    pub fn absent(count: usize) -> Self {
        Self { values: vec![ABSENT; count], histograms: Vec::new() }
    }

    /// Numbers, of which those that are [`ABSENT`] are missing.
    pub fn of(values: Vec<f64>) -> Self {
        Self { values, histograms: Vec::new() }
    }

    /// How many instants.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there is no instant.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// What is at an instant.
    pub fn get(&self, step: usize) -> Option<Value> {
        let value = self.values[step];
        match self.histogram(step) {
            Some(histogram) => Some(Value::Histogram(histogram.clone())),
            None if is_absent(value) => None,
            None => Some(Value::Float(value)),
        }
    }

    /// The histogram at an instant, if it is one.
    pub fn histogram(&self, step: usize) -> Option<&Arc<Histogram>> {
        if is_histogram(self.values[step]) { self.histograms.get(step)?.as_ref() } else { None }
    }

    /// Puts something at an instant.
    pub fn set(&mut self, step: usize, value: Option<Value>) {
        match value {
            None => self.values[step] = ABSENT,
            Some(Value::Float(value)) => self.values[step] = value,
            Some(Value::Histogram(histogram)) => self.set_histogram(step, histogram),
        }
    }

    /// Puts a histogram at an instant.
    pub fn set_histogram(&mut self, step: usize, histogram: Arc<Histogram>) {
        if self.histograms.is_empty() {
            self.histograms = vec![None; self.values.len()];
        }
        self.histograms[step] = Some(histogram);
        self.values[step] = HISTOGRAM;
    }

    /// Whether there may be a histogram.
    pub fn has_histograms(&self) -> bool {
        !self.histograms.is_empty()
    }

    /// Whether there is something at an instant.
    #[inline]
    pub fn is_present(&self, step: usize) -> bool {
        !is_absent(self.values[step])
    }

    /// Whether there is nothing at any instant.
    pub fn is_blank(&self) -> bool {
        self.values.iter().all(|value| is_absent(*value))
    }

    /// The first value at all of `count` instants.
    pub fn spread(&self, count: usize) -> Self {
        let mut spread = Self::of(vec![self.values[0]; count]);
        if let Some(histogram) = self.histogram(0) {
            spread.histograms = vec![Some(histogram.clone()); count];
        }
        spread
    }

    /// Takes over what another column has where this one has nothing; false where both have something.
    pub fn fill_from(&mut self, other: &Self) -> bool {
        (0..self.len()).filter(|step| other.is_present(*step)).all(|step| {
            let is_free = !self.is_present(step);
            self.set(step, other.get(step));
            is_free
        })
    }
}

/// A series of a vector.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Series {
    /// Its labels, the name among them even where it is to go.
    pub labels: Labels,
    /// The name goes when the whole expression is done: until then aggregations and functions of labels see it.
    pub is_nameless: bool,
    /// One value an instant.
    pub column: Column,
}

/// A vector at every instant: series told apart by their labels, in the order in which they were found.
pub type Matrix = Vec<Series>;

/// A series as it was stored, without its staleness markers. Numbers and histograms are kept apart.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Samples {
    /// Its labels.
    pub labels: Labels,
    /// As in [`Series::is_nameless`].
    pub is_nameless: bool,
    /// When the numbers are, ascending, in Unix milliseconds.
    pub times_ms: Vec<i64>,
    /// The numbers.
    pub values: Vec<f64>,
    /// When what each number counts began, where that is known: empty, or one a number; 0 is unknown.
    pub starts_ms: Vec<i64>,
    /// When the histograms are, ascending.
    pub histogram_times_ms: Vec<i64>,
    /// The histograms.
    pub histograms: Vec<Arc<Histogram>>,
    /// When what each histogram counts began: empty, or one a histogram; 0 is unknown.
    pub histogram_starts_ms: Vec<i64>,
}

impl Samples {
    /// Forgets the samples, keeps the memory.
    pub fn clear(&mut self) {
        self.times_ms.clear();
        self.values.clear();
        self.starts_ms.clear();
        self.histogram_times_ms.clear();
        self.histograms.clear();
        self.histogram_starts_ms.clear();
    }

    /// Whether there is no sample.
    pub fn is_empty(&self) -> bool {
        self.times_ms.is_empty() && self.histogram_times_ms.is_empty()
    }
}

/// What an expression comes to.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// A number at every instant.
    Scalar(Vec<f64>),
    /// A text.
    Text(String),
    /// A vector at every instant.
    Vector(Matrix),
    /// The samples of a window, at a single instant.
    Windows(Vec<Samples>),
}

/// Why an operation cannot be done, at the characters it was asked for.
pub fn refusal(span: Span, message: impl Into<String>) -> crate::QueryError {
    crate::QueryError::Expression(Error::new(span, message))
}
