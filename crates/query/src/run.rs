//! The way from a plan to frames: read what is to be read, then run the nodes in order.

use crate::QueryError;
use crate::call::{Call, Value};
use crate::frame::Frame;
use crate::grid::Grid;
use crate::names::Row;
use crate::read;
use crate::request::{Answer, Request, Stats};
use crate::telemetry;
use lang::plan::{self, Given, NodeId, Operation, Scalar};
use lang::{Error, Plan, Span};
use model::Source;
use std::time::Instant;

/// Answers a request. What is wrong with one expression is in its result; `Err` is about the request as a whole.
pub fn run(request: &Request<'_>, source: &dyn Source) -> Result<Answer, QueryError> {
    let grid = Grid::new(&request.grid)?;
    run_on(request, grid, source)
}

/// Answers a request on buckets made elsewhere.
pub fn run_on(request: &Request<'_>, grid: Grid, source: &dyn Source) -> Result<Answer, QueryError> {
    let mut budget = Budget::new(request);
    let mut reads = Vec::new();
    for read in request.plan.reads() {
        let frame = read::run(read, &grid, source, &mut budget);
        reads.push(frame.and_then(|frame| budget.hold(frame)));
    }
    let started = Instant::now();
    let mut frames = Frames::new(request.plan);
    for (place, node) in request.plan.nodes().iter().enumerate() {
        let frame = node_frame(node, &reads, &mut frames, request, &grid);
        let held = frame.and_then(|frame| {
            budget.release(frames.released());
            budget.hold(frame).map_err(|error| at(error, node.span))
        });
        frames.put(place, held);
    }
    let results = request.plan.results.iter().map(|result| match result {
        Ok(node) => frames.take(*node),
        Err(error) => Err(QueryError::Expression(error.clone())),
    });
    let results: Vec<Result<Frame, QueryError>> = results.collect();
    budget.stats.compute_us = started.elapsed().as_micros() as u64;
    telemetry::count(&budget.stats, &results);
    Ok(Answer { results, stats: budget.stats, grid })
}

fn node_frame(
    node: &plan::Node,
    reads: &[Result<Frame, QueryError>],
    frames: &mut Frames,
    request: &Request<'_>,
    grid: &Grid,
) -> Result<Frame, QueryError> {
    match &node.operation {
        Operation::Read(id) => reads[id.0 as usize].clone().map_err(|error| at(error, node.span)),
        Operation::Concat(nodes) => {
            let mut all = Frame::default();
            for node in nodes {
                all.append(frames.take(*node)?);
            }
            Ok(all)
        }
        Operation::Refer { node: id, series } => {
            let frame = frames.take(*id).map_err(|error| referred(&error, node.span))?;
            pick(frame, *series, node.span)
        }
        Operation::Call(call) => run_call(call, node.span, frames, request, grid),
    }
}

// An error of a read is at the call that asked for it; the plan tells a shared read only once.
fn at(error: QueryError, span: Span) -> QueryError {
    match error {
        QueryError::Limit(e) => QueryError::Limit(Error { span, ..e }),
        QueryError::Expression(e) => QueryError::Expression(Error { span, ..e }),
        other => other,
    }
}

// An error in another expression has its place there; here it is the reference that fails.
fn referred(error: &QueryError, span: Span) -> QueryError {
    QueryError::Expression(Error::new(span, format!("The expression referred to has an error: {error}")))
}

fn pick(mut frame: Frame, series: Option<usize>, span: Span) -> Result<Frame, QueryError> {
    let Some(at) = series else { return Ok(frame) };
    if at >= frame.series.len() {
        let message = format!("The expression referred to has {} series, not {}", frame.series.len(), at + 1);
        return Err(QueryError::Expression(Error::new(span, message)));
    }
    frame.series = vec![frame.series.swap_remove(at)];
    Ok(frame)
}

fn run_call(
    call: &plan::Call,
    span: Span,
    frames: &mut Frames,
    request: &Request<'_>,
    grid: &Grid,
) -> Result<Frame, QueryError> {
    let Some(row) = find(request.functions, call.function) else {
        let message = format!("The function .{} is not in this table", call.function);
        return Err(QueryError::Expression(Error::new(span, message)));
    };
    let frame = call.input.map_or_else(|| Ok(Frame::default()), |input| frames.take(input))?;
    let mut args = Vec::with_capacity(call.args.len());
    for given in &call.args {
        args.push(values(given, frames)?);
    }
    let mut extra = Vec::new();
    for (name, given) in &call.extra {
        extra.extend(values(given, frames)?.into_iter().map(|value| (name.clone(), value)));
    }
    let outcome = (row.kernel)(Call { frame, grid, signature: &row.signature, args, extra });
    outcome.map_err(|failure| {
        let place = failure.argument.and_then(|name| row.signature.arg(name)).map(|(at, _)| &call.args[at]);
        let span = place.filter(|given| !given.values.is_empty()).map_or(span, |given| given.span);
        QueryError::Expression(Error { message: failure.message, span, hint: failure.hint })
    })
}

fn find<'a>(rows: &'a [Row], name: &str) -> Option<&'a Row> {
    rows.iter().find(|row| row.signature.name == name)
}

fn values(given: &Given, frames: &mut Frames) -> Result<Vec<Value>, QueryError> {
    let mut value = |scalar: &Scalar| {
        Ok(match scalar {
            Scalar::Number(number) => Value::Number(*number),
            Scalar::Text(text) => Value::Text(text.clone()),
            Scalar::Boolean(boolean) => Value::Boolean(*boolean),
            Scalar::Null => Value::Null,
            Scalar::Series(node) => Value::Series(frames.take(*node)?),
        })
    };
    given.values.iter().map(&mut value).collect()
}

/// What nodes gave, kept only until the last one that wants it has it.
struct Frames {
    slots: Vec<Option<Result<Frame, QueryError>>>,
    uses: Vec<u32>,
    /// Values of frames handed out for good since last asked.
    released: usize,
}

impl Frames {
    fn new(plan: &Plan) -> Self {
        let count = plan.nodes().len();
        Self { slots: (0..count).map(|_| None).collect(), uses: plan.uses(), released: 0 }
    }

    fn put(&mut self, at: usize, frame: Result<Frame, QueryError>) {
        if self.uses[at] > 0 {
            self.slots[at] = Some(frame);
        } else if let Ok(frame) = frame {
            self.released += frame.value_count();
        }
    }

    fn take(&mut self, node: NodeId) -> Result<Frame, QueryError> {
        let at = node.0 as usize;
        self.uses[at] -= 1;
        let is_last = self.uses[at] == 0;
        let slot = if is_last { self.slots[at].take() } else { self.slots[at].clone() };
        if let (true, Some(Ok(frame))) = (is_last, &slot) {
            self.released += frame.value_count();
        }
        slot.expect("nodes point backwards, and every use is counted")
    }

    fn released(&mut self) -> usize {
        std::mem::take(&mut self.released)
    }
}

/// What a request may still take, and what it took.
pub(crate) struct Budget<'a> {
    request: &'a Request<'a>,
    started: Instant,
    held: usize,
    pub(crate) stats: Stats,
}

impl<'a> Budget<'a> {
    fn new(request: &'a Request<'a>) -> Self {
        Self { request, started: Instant::now(), held: 0, stats: Stats::default() }
    }

    /// Most series of one read.
    pub(crate) fn series_max(&self) -> usize {
        self.request.limits.series
    }

    /// Most buckets a read may have for itself.
    pub(crate) fn buckets_max(&self) -> usize {
        self.request.grid.buckets_max
    }

    /// Most values of one list.
    pub(crate) fn points_max(&self) -> usize {
        self.request.limits.points
    }

    /// Counts samples and asks whether to go on.
    pub(crate) fn spend(&mut self, samples: usize) -> Result<(), QueryError> {
        self.stats.samples += samples as u64;
        let limits = &self.request.limits;
        if self.stats.samples > limits.samples {
            let message = format!("The request reads more than the limit of {} samples", limits.samples);
            return Err(limit(&message, "take a shorter range or fewer series"));
        }
        self.go_on()
    }

    /// Whether there is time left and somebody still waits.
    pub(crate) fn go_on(&self) -> Result<(), QueryError> {
        let limits = &self.request.limits;
        if self.started.elapsed() > limits.time {
            let message =
                format!("The request takes longer than the limit of {} s", limits.time.as_secs_f64());
            return Err(limit(&message, "take a shorter range or fewer series"));
        }
        if (self.request.cancelled)() {
            return Err(limit("The request was cancelled", "ask again"));
        }
        Ok(())
    }

    /// Takes a frame into account that now lives beside the others.
    fn hold(&mut self, frame: Frame) -> Result<Frame, QueryError> {
        self.go_on()?;
        let limits = &self.request.limits;
        let (series, values) = (frame.series.len(), frame.value_count());
        if series > limits.series {
            let message = format!("{series} series are more than the limit of {}", limits.series);
            return Err(limit(&message, "take fewer series"));
        }
        if self.held + values > limits.points {
            let message =
                format!("The request holds more than the limit of {} values at once", limits.points);
            return Err(limit(&message, "take fewer series or longer buckets"));
        }
        self.held += values;
        Ok(frame)
    }

    fn release(&mut self, values: usize) {
        self.held = self.held.saturating_sub(values);
    }
}

fn limit(message: &str, hint: &str) -> QueryError {
    QueryError::Limit(Error::new(Span::default(), message).hint(hint))
}
