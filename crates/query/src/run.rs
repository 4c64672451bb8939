//! The way from a plan to frames: read what is to be read, then run the nodes in order.

mod budget;
mod costs;
mod frames;

use crate::QueryError;
use crate::call::{Call, Value};
use crate::frame::Frame;
use crate::graphite;
use crate::grid::Grid;
use crate::names::Row;
use crate::numbers::Numbers;
use crate::read;
use crate::request::{Answer, Request};
use crate::telemetry;
use crate::vector;
pub(crate) use budget::Budget;
use costs::Costs;
use frames::Frames;
use lang::plan::{self, Given, NodeId, Offset, Operation, Scalar};
use lang::{Error, Span};
use model::{Source, TierChoice};
use std::time::Instant;

/// Answers a request. What is wrong with one expression is in its result; `Err` is about the request as a whole.
pub fn run(request: &Request<'_>, source: &dyn Source) -> Result<Answer, QueryError> {
    let grid = Grid::new(&request.grid)?;
    run_on(request, grid, source)
}

/// Answers a request on buckets made elsewhere.
pub fn run_on(request: &Request<'_>, grid: Grid, source: &dyn Source) -> Result<Answer, QueryError> {
    check_tier(request.tier, source)?;
    // Vectors put histograms together; all else knows numbers alone.
    let numbers = Numbers::of(source);
    let mut budget = Budget::new(request);
    let uses = request.plan.uses();
    let wanted = request.plan.wanted_reads(&uses);
    let mut costs = Costs::of(request.plan);
    let reads = request.plan.reads().iter().zip(wanted).enumerate().map(|(at, (read, wanted))| {
        let (started, before) = (Instant::now(), budget.stats);
        let frame = wanted.then(|| read::run(read, &grid, &numbers, &mut budget));
        costs.read(at, started, before, budget.stats, frame.as_ref());
        frame.unwrap_or_else(|| Ok(Frame::default())).and_then(|frame| budget.hold(frame))
    });
    let mut reads = Frames::of(reads.collect(), read_uses(request.plan, &uses));
    let started = Instant::now();
    let read_us = budget.stats.find_us + budget.stats.read_us;
    let nodes = request.plan.nodes().iter().enumerate().filter(|(place, _)| uses[*place] > 0);
    let mut frames = Frames::new(uses.clone());
    for (place, node) in nodes {
        let node_started = Instant::now();
        let id = NodeId(place as u32);
        let frame = match node.operation {
            Operation::Vector(_) => vector::frame(request, id, &grid, source, &mut budget),
            Operation::Path(_) => graphite::frame(id, request, &grid, &numbers, &mut budget),
            Operation::Moved { node: of, offset } => {
                moved_frame(of, offset, request, &grid, source, &mut budget)
            }
            _ => node_frame(node, &mut reads, &mut frames, request, &grid),
        };
        costs.node(place, node_started, &frame);
        let held = frame.and_then(|frame| {
            budget.release(frames.released() + reads.released());
            budget.hold(frame).map_err(|error| at(error, node.span))
        });
        frames.put(place, held);
    }
    let results = request.plan.results.iter().map(|result| match result {
        Ok(node) => frames.of_node(*node),
        Err(error) => Err(QueryError::Expression(error.clone())),
    });
    let results: Vec<Result<Frame, QueryError>> = results.collect();
    let read_us = budget.stats.find_us + budget.stats.read_us - read_us;
    budget.stats.compute_us = (started.elapsed().as_micros() as u64).saturating_sub(read_us);
    telemetry::count(&budget.stats, &results);
    let Costs { reads, nodes } = costs;
    Ok(Answer { results, stats: budget.stats, reading: budget.reading, grid, reads, nodes })
}

/// A tier that was asked for by name must be one.
fn check_tier(tier: TierChoice, source: &dyn Source) -> Result<(), QueryError> {
    let (TierChoice::Only(tier_ms), Some(known)) = (tier, source.tiers_ms()) else { return Ok(()) };
    if known.contains(&tier_ms) {
        return Ok(());
    }
    let known: Vec<String> = known.into_iter().map(model::tier_name).collect();
    let message = format!("there is no tier {}; there are {}", model::tier_name(tier_ms), known.join(", "));
    Err(QueryError::Range(Error::new(Span::default(), message)))
}

fn node_frame(
    node: &plan::Node,
    reads: &mut Frames,
    frames: &mut Frames,
    request: &Request<'_>,
    grid: &Grid,
) -> Result<Frame, QueryError> {
    match &node.operation {
        Operation::Read(id) => reads.take(id.0 as usize).map_err(|error| at(error, node.span)),
        Operation::Concat(nodes) => {
            let mut all = Frame::default();
            for node in nodes {
                all.append(frames.of_node(*node)?);
            }
            Ok(all)
        }
        Operation::Refer { node: id, series } => {
            let frame = frames.of_node(*id).map_err(|error| referred(&error, node.span))?;
            pick(frame, *series, node.span)
        }
        Operation::Call(call) => run_call(call, node.span, frames, request, grid),
        // These are on instants of their own.
        Operation::Vector(_) | Operation::Path(_) | Operation::Moved { .. } => Ok(Frame::default()),
    }
}

// A vector or path on buckets elsewhere; its columns stand for the request's own.
fn moved_frame(
    node: NodeId,
    offset: Offset,
    request: &Request<'_>,
    grid: &Grid,
    source: &dyn Source,
    budget: &mut Budget<'_>,
) -> Result<Frame, QueryError> {
    let there = grid.moved(offset);
    match request.plan.node(node).operation {
        Operation::Vector(_) => vector::frame(request, node, &there, source, budget),
        _ => graphite::frame(node, request, &there, &Numbers::of(source), budget),
    }
}

// How often each read is wanted.
fn read_uses(plan: &plan::Plan, uses: &[u32]) -> Vec<u32> {
    let mut read_uses = vec![0; plan.reads().len()];
    for (node, _) in plan.nodes().iter().zip(uses).filter(|(_, uses)| **uses > 0) {
        if let Operation::Read(id) = node.operation {
            read_uses[id.0 as usize] += 1;
        }
    }
    read_uses
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
    let frame = call.input.map_or_else(|| Ok(Frame::default()), |input| frames.of_node(input))?;
    let mut args = Vec::with_capacity(call.args.len());
    for given in &call.args {
        args.push(values(given, frames)?);
    }
    let mut extra = Vec::new();
    for (name, given) in &call.extra {
        extra.extend(values(given, frames)?.into_iter().map(|value| (name.clone(), value)));
    }
    let (now_ms, compatible) = (request.now_ms, request.compatible);
    let outcome =
        (row.kernel)(Call { frame, grid, signature: &row.signature, args, extra, now_ms, compatible });
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
            Scalar::Series(node) => Value::Series(frames.of_node(*node)?),
        })
    };
    given.values.iter().map(&mut value).collect()
}
