//! Nodes of a plan → series, from the result downwards, each within a range.

use super::call::Call;
use super::context::Context;
use super::detail::Wanted;
use super::read;
use super::series::Series;
use crate::names::graphite as names;
use crate::run::Budget;
use crate::share::Meter;
use crate::{QueryError, Stats};
use hashbrown::HashMap;
use lang::plan::path::{Path, PathCall};
use lang::plan::{NodeId, Operation};
use lang::{Error, Plan, Span};
use model::{Reading, SeriesId, Source};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Instant;

/// From when (left out) until when (included), in Unix seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Range {
    /// Start.
    pub from_s: i64,
    /// End.
    pub until_s: i64,
}

/// Deepest nesting of targets that functions make themselves.
const DEPTH_MAX: usize = 16;

/// What was read for an expression within a range.
type Memo = HashMap<(String, Range, Wanted), Rc<Vec<Series>>>;

/// One request at work.
pub(crate) struct Evaluator<'a> {
    pub(super) context: &'a Context<'a>,
    pub(super) source: &'a dyn Source,
    budget: RefCell<Budget<'a>>,
    memo: RefCell<Memo>,
    steps_s: RefCell<HashMap<SeriesId, i64>>,
    x_files_factor: Cell<Option<f64>>,
    depth: Cell<usize>,
    /// What is wanted of reads, where the evaluation stands.
    wanted: Cell<Wanted>,
    /// Sums of `stacked`, by the name of their stack.
    pub(super) stacks: RefCell<HashMap<String, Vec<f64>>>,
}

impl<'a> Evaluator<'a> {
    pub(super) fn new(context: &'a Context<'a>, source: &'a dyn Source, budget: Budget<'a>) -> Self {
        Self {
            context,
            source,
            budget: RefCell::new(budget),
            memo: RefCell::default(),
            steps_s: RefCell::default(),
            x_files_factor: Cell::new(context.x_files_factor),
            depth: Cell::new(0),
            wanted: Cell::new(Wanted::ANSWER),
            stacks: RefCell::default(),
        }
    }

    /// The series of a node.
    pub(super) fn node(&self, plan: &Plan, id: NodeId, range: Range) -> Result<Vec<Series>, QueryError> {
        let node = plan.node(id);
        let Operation::Path(path) = &node.operation else {
            let message = "This is not made of paths";
            return Err(QueryError::Expression(Error::new(node.span, message)));
        };
        let read = match path {
            Path::Find(pattern) => self.once(pattern, range, || read::by_path(self, pattern, range)),
            Path::Tagged { conditions, text } => {
                self.once(text, range, || read::by_tags(self, conditions, text, node.span, range))
            }
            Path::Call(call) => self.call(plan, call, node.span, range),
            Path::Target(text) => self.text(text, range, node.span),
        };
        let series = read.map_err(|error| at(error, node.span))?;
        self.check(&series).map_err(|error| at(error, node.span))?;
        Ok(series)
    }

    /// Does something whose threads count together what they read.
    pub(super) fn metered<T>(
        &self,
        read: impl FnOnce(&Meter<'_>) -> Result<T, QueryError>,
    ) -> Result<T, QueryError> {
        let budget = self.budget.borrow();
        let meter = Meter::new(&budget);
        let (done, samples) = (read(&meter), meter.samples());
        drop(budget);
        self.budget.borrow_mut().stats.samples += samples;
        done
    }

    // What was read once is there for the whole request.
    fn once(
        &self,
        text: &str,
        range: Range,
        read: impl FnOnce() -> Result<Vec<Series>, QueryError>,
    ) -> Result<Vec<Series>, QueryError> {
        let key = (text.to_owned(), range, self.wanted.get());
        if let Some(known) = self.memo.borrow().get(&key) {
            let mut known = known.to_vec();
            known.iter_mut().for_each(|series| series.x_files_factor = self.x_files_factor());
            return Ok(known);
        }
        let series = read()?;
        self.budget.borrow_mut().stats.series += series.len() as u64;
        self.memo.borrow_mut().insert(key, Rc::new(series.clone()));
        Ok(series)
    }

    fn call(
        &self,
        plan: &Plan,
        call: &PathCall,
        span: Span,
        range: Range,
    ) -> Result<Vec<Series>, QueryError> {
        let Some(row) = names::find(call.function) else {
            let message = format!("There is no function {}", call.function);
            return Err(QueryError::Expression(Error::new(span, message)));
        };
        let outside = self.wanted.replace(self.wanted.get().of_arguments(call));
        let made = Call::evaluated(self, plan, call, row, span, range).and_then(row.kernel);
        self.wanted.set(outside);
        made
    }

    /// What is wanted of reads.
    pub(super) fn wanted(&self) -> Wanted {
        self.wanted.get()
    }

    /// The series of a target that a function made.
    pub(super) fn text(&self, text: &str, range: Range, span: Span) -> Result<Vec<Series>, QueryError> {
        let fail = |message: String| QueryError::Expression(Error::new(span, message));
        if self.depth.get() >= DEPTH_MAX {
            return Err(fail(format!("Targets made by targets are nested deeper than {DEPTH_MAX}")));
        }
        if text.trim().is_empty() {
            return Ok(Vec::new());
        }
        let plan = lang::graphite::plan_with(&[text], names::signatures(), &self.context.variables);
        let node = match &plan.results[0] {
            Ok(node) => *node,
            Err(error) => return Err(fail(format!("`{text}`: {error}"))),
        };
        self.depth.set(self.depth.get() + 1);
        let series = self.node(&plan, node, range);
        self.depth.set(self.depth.get() - 1);
        series.map_err(|error| at(error, span))
    }

    fn check(&self, series: &[Series]) -> Result<(), QueryError> {
        let limits = &self.context.limits;
        let points: usize = series.iter().map(|series| series.values.len()).sum();
        let over = |what: String| {
            let error = Error::new(Span::default(), what);
            Err(QueryError::Limit(error.hint("take a shorter range or fewer series")))
        };
        if series.len() > limits.series {
            return over(format!("{} series are more than the limit of {}", series.len(), limits.series));
        }
        if points > limits.points {
            return over(format!("{points} values of one list are more than the limit of {}", limits.points));
        }
        self.budget.borrow().go_on()
    }

    /// Counts samples.
    pub(super) fn spend(&self, samples: usize) -> Result<(), QueryError> {
        self.budget.borrow_mut().spend(samples)
    }

    /// Adds the time since `started` to one of the times that are told.
    pub(super) fn took_us(&self, started: Instant, which: fn(&mut Stats) -> &mut u64) {
        *which(&mut self.budget.borrow_mut().stats) += started.elapsed().as_micros() as u64;
    }

    /// Takes note of tiers that were used.
    pub(super) fn used(&self, reading: Reading) {
        self.budget.borrow_mut().reading.merge(reading);
    }

    /// The step of a series: what is seen, else what was seen before.
    pub(super) fn step_s(&self, id: SeriesId, seen_s: Option<i64>) -> i64 {
        let mut steps = self.steps_s.borrow_mut();
        match seen_s {
            Some(step_s) => *steps.entry(id).or_insert(step_s),
            None => steps.get(&id).copied().unwrap_or(super::grid::STEP_DEFAULT_S),
        }
    }

    /// Whether the step of a series was seen before.
    pub(super) fn knows_step(&self, id: SeriesId) -> bool {
        self.steps_s.borrow().contains_key(&id)
    }

    /// What the request, or a target before, wants to be there.
    pub(super) fn x_files_factor(&self) -> f64 {
        self.x_files_factor.get().unwrap_or(0.0)
    }

    /// For all that is computed from here on.
    pub(super) fn set_x_files_factor(&self, factor: f64) {
        self.x_files_factor.set(Some(factor));
    }

    pub(super) fn finish(self) -> Budget<'a> {
        self.budget.into_inner()
    }
}

// What has no place yet is at the node.
fn at(error: QueryError, span: Span) -> QueryError {
    let place = |error: Error| if error.span == Span::default() { Error { span, ..error } } else { error };
    match error {
        QueryError::Limit(error) => QueryError::Limit(place(error)),
        QueryError::Expression(error) => QueryError::Expression(place(error)),
        other => other,
    }
}
