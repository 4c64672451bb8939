//! The way through a plan: each node asks those it points to, on the grid it wants them on.

use super::answer::Question;
use super::functions::{self, Kernel};
use super::note::Notes;
use super::value::{Column, Matrix, Outcome, Samples, Series, Steps, refusal};
use super::{aggregate, binary, load, select, subquery, window};
use crate::run::Budget;
use crate::{Cost, QueryError};
use lang::plan::{NodeId, Operation, Plan, Vector};
use lang::{Error, Span};
use model::{Labels, Source};
use std::time::Instant;

/// An evaluation under way.
pub(super) struct Evaluator<'a> {
    pub(super) plan: &'a Plan,
    pub(super) source: &'a dyn Source,
    pub(super) lookback_ms: i64,
    /// A single instant is asked for.
    pub(super) is_instant: bool,
    pub(super) budget: Budget<'a>,
    pub(super) notes: Notes,
    /// Every histogram is compared with the one before when it is read.
    pub(super) knows_resets: bool,
    /// Which nodes have the same value at every instant.
    constant: Vec<bool>,
    /// What each node took and gave, without the nodes it points to.
    costs: Vec<Cost>,
    /// Time that nodes below the one at work took.
    below_us: u64,
}

impl<'a> Evaluator<'a> {
    pub(super) fn new(question: &Question<'a>, source: &'a dyn Source, budget: Budget<'a>) -> Self {
        Self {
            plan: question.plan,
            source,
            lookback_ms: question.lookback_ms,
            is_instant: question.is_instant,
            budget,
            notes: Notes::default(),
            knows_resets: false,
            constant: constant_nodes(question.plan),
            costs: vec![Cost::default(); question.plan.nodes().len()],
            below_us: 0,
        }
    }

    pub(super) fn finish(self) -> (Notes, Budget<'a>, Vec<Cost>) {
        (self.notes, self.budget, self.costs)
    }

    /// A node found series.
    pub(super) fn found(&mut self, node: NodeId, started: Instant, series: u64) {
        let found_us = started.elapsed().as_micros() as u64;
        self.budget.stats.series += series;
        self.budget.stats.find_us += found_us;
        self.costs[node.0 as usize].series_read += series;
        self.took(node, found_us);
    }

    /// A node read samples, which are counted already.
    pub(super) fn read_done(&mut self, node: NodeId, started: Instant, samples: u64) {
        let read_us = started.elapsed().as_micros() as u64;
        self.budget.stats.read_us += read_us;
        self.costs[node.0 as usize].samples += samples;
        self.took(node, read_us);
    }

    // The node at work may be the one that asked for a window.
    fn took(&mut self, node: NodeId, us: u64) {
        self.costs[node.0 as usize].time_us += us;
        self.below_us += us;
    }

    /// The value of the node that was asked for: it alone may be a window.
    pub(super) fn root(&mut self, node: NodeId, steps: Steps) -> Result<Outcome, QueryError> {
        match self.vector(node)? {
            Vector::Window(_) | Vector::Subquery(_) if self.is_instant => {
                let windows = self.windows(node, steps)?;
                Ok(Outcome::Windows(windows))
            }
            _ => self.value(node, steps),
        }
    }

    /// The operation of a node.
    pub(super) fn vector(&self, node: NodeId) -> Result<&'a Vector, QueryError> {
        match &self.plan.node(node).operation {
            Operation::Vector(vector) => Ok(vector),
            _ => Err(refusal(self.span(node), "A list of series does not stand within labelled vectors")),
        }
    }

    pub(super) fn span(&self, node: NodeId) -> Span {
        self.plan.node(node).span
    }

    /// The value of a node at some instants.
    pub(super) fn value(&mut self, node: NodeId, steps: Steps) -> Result<Outcome, QueryError> {
        if !(self.constant[node.0 as usize] && steps.count > 1) {
            return self.computed(node, steps);
        }
        let one = self.computed(node, Steps { count: 1, ..steps })?;
        if let Outcome::Vector(matrix) = &one {
            self.check_points(node, matrix.len(), steps)?;
        }
        Ok(spread(one, steps.count))
    }

    fn computed(&mut self, node: NodeId, steps: Steps) -> Result<Outcome, QueryError> {
        let (started, beside_us) = (Instant::now(), std::mem::take(&mut self.below_us));
        let outcome = self.done(node, steps);
        let whole_us = started.elapsed().as_micros() as u64;
        let cost = &mut self.costs[node.0 as usize];
        cost.time_us += whole_us.saturating_sub(self.below_us);
        if let Ok(Outcome::Vector(matrix)) = &outcome {
            cost.series += matrix.len() as u64;
            cost.values += (matrix.len() * steps.count) as u64;
        }
        self.below_us = beside_us + whole_us;
        outcome
    }

    fn done(&mut self, node: NodeId, steps: Steps) -> Result<Outcome, QueryError> {
        self.budget.go_on().map_err(|error| at(error, self.span(node)))?;
        match self.vector(node)? {
            Vector::Number(number) => Ok(Outcome::Scalar(vec![*number; steps.count])),
            Vector::Text(text) => Ok(Outcome::Text(text.clone())),
            Vector::Select(wanted) => select::newest(self, node, wanted, steps).map(Outcome::Vector),
            Vector::Smooth(wanted) => select::smooth(self, node, wanted, steps).map(Outcome::Vector),
            Vector::Window(_) | Vector::Subquery(_) => {
                let error = Error::new(self.span(node), "A window stands only as an argument of a function");
                Err(QueryError::Expression(error.hint("such as rate(…[5m]) or max_over_time(…[5m])")))
            }
            Vector::Call { function, args } => self.call(node, function, args, steps),
            Vector::Aggregate { function, input, parameter, grouping } => {
                let site = aggregate::Site { node, function, input: *input, parameter: *parameter, grouping };
                aggregate::run(self, &site, steps).map(Outcome::Vector)
            }
            Vector::Binary { operator, is_bool, left, right, matching } => {
                let site = binary::Site { node, operator: *operator, is_bool: *is_bool, matching };
                binary::run(self, &site, *left, *right, steps)
            }
            Vector::Negate(input) => match self.value(*input, steps)? {
                Outcome::Scalar(values) => Ok(Outcome::Scalar(values.into_iter().map(|v| -v).collect())),
                Outcome::Vector(matrix) => Ok(Outcome::Vector(functions::math::negated(matrix))),
                _ => Err(refusal(self.span(node), "Only a number or a vector has an opposite")),
            },
        }
    }

    fn call(
        &mut self,
        node: NodeId,
        function: &str,
        args: &[NodeId],
        steps: Steps,
    ) -> Result<Outcome, QueryError> {
        let Some(row) = functions::find(function) else {
            return Err(refusal(self.span(node), format!("There is no function {function}")));
        };
        let site = functions::Site { node, row, args };
        match row.kernel {
            Kernel::Each(kernel) => functions::math::each(self, &site, kernel, steps),
            Kernel::EachWith(kernel) => functions::math::each_with(self, &site, kernel, steps),
            Kernel::Over(kernel) => window::over(self, &site, kernel, steps).map(Outcome::Vector),
            Kernel::Other(kernel) => kernel(self, &site, steps),
        }
    }

    /// A vector, or a refusal.
    pub(super) fn matrix(&mut self, node: NodeId, steps: Steps) -> Result<Matrix, QueryError> {
        match self.value(node, steps)? {
            Outcome::Vector(matrix) => Ok(matrix),
            _ => Err(refusal(self.span(node), "A vector is wanted here")),
        }
    }

    /// A number at every instant, or a refusal.
    pub(super) fn scalar(&mut self, node: NodeId, steps: Steps) -> Result<Vec<f64>, QueryError> {
        match self.value(node, steps)? {
            Outcome::Scalar(values) => Ok(values),
            _ => Err(refusal(self.span(node), "A number is wanted here")),
        }
    }

    /// A text, or a refusal.
    pub(super) fn text(&mut self, node: NodeId) -> Result<&'a str, QueryError> {
        match self.vector(node)? {
            Vector::Text(text) => Ok(text),
            _ => Err(refusal(self.span(node), "A text is wanted here")),
        }
    }

    /// The samples of a window at the first instant.
    fn windows(&mut self, node: NodeId, steps: Steps) -> Result<Vec<Samples>, QueryError> {
        match self.vector(node)? {
            Vector::Window(wanted) => {
                let range = load::around(&wanted.select, steps, wanted.range_ms, 0);
                let mut windows = Vec::new();
                load::each(self, node, &wanted.select, range, load::Markers::Leave, |_, samples| {
                    windows.push(samples.clone());
                    Ok(())
                })?;
                Ok(windows)
            }
            Vector::Subquery(wanted) => subquery::samples(self, node, wanted, steps),
            _ => Err(refusal(self.span(node), "A window is wanted here")),
        }
    }

    /// Whether so many series at so many instants are within the limits.
    pub(super) fn check_points(&self, node: NodeId, series: usize, steps: Steps) -> Result<(), QueryError> {
        let points_max = self.budget.points_max();
        if series.saturating_mul(steps.count) <= points_max {
            return Ok(());
        }
        let message = format!(
            "{series} series at {} instants are more than the limit of {points_max} values",
            steps.count
        );
        let error = Error::new(self.span(node), message).hint("take fewer series or a longer step");
        Err(QueryError::Limit(error))
    }
}

/// A limit is hit at the node that was at work.
pub(super) fn at(error: QueryError, span: Span) -> QueryError {
    match error {
        QueryError::Limit(error) if error.span == Span::default() => {
            QueryError::Limit(Error { span, ..error })
        }
        other => other,
    }
}

fn spread(one: Outcome, count: usize) -> Outcome {
    match one {
        Outcome::Scalar(values) => Outcome::Scalar(vec![values[0]; count]),
        Outcome::Vector(matrix) => Outcome::Vector(
            matrix
                .into_iter()
                .map(|series| Series { column: series.column.spread(count), ..series })
                .collect(),
        ),
        other => other,
    }
}

/// One series without labels.
pub(super) fn single(values: Vec<f64>) -> Matrix {
    vec![Series { labels: Labels::empty(), is_nameless: false, column: Column::of(values) }]
}

// Which nodes do not depend on the instant: those that look at fixed times, and what is made of them alone.
fn constant_nodes(plan: &Plan) -> Vec<bool> {
    let mut constant: Vec<bool> = Vec::with_capacity(plan.nodes().len());
    for node in plan.nodes() {
        let Operation::Vector(vector) = &node.operation else {
            constant.push(false);
            continue;
        };
        let inputs = vector.inputs().iter().all(|input| constant[input.0 as usize]);
        constant.push(match vector {
            Vector::Number(_) | Vector::Text(_) => true,
            Vector::Select(select) | Vector::Smooth(select) => select.at_ms.is_some(),
            Vector::Window(window) => window.select.at_ms.is_some(),
            Vector::Subquery(subquery) => subquery.at_ms.is_some(),
            Vector::Call { function, .. } => inputs && !functions::depends_on_time(function),
            _ => inputs,
        });
    }
    constant
}
