//! What was done, step by step, with what each step took.

use crate::json::{Put, object};
use lang::explain::Step;
use query::Answer;

/// Appends a step: steps are counted from 0, as its inputs are.
pub(super) fn step(out: &mut Vec<u8>, step: &Step, answer: &Answer) {
    let node = answer.nodes.get(step.node).copied().unwrap_or_default();
    let read = step.read.and_then(|at| answer.reads.get(at)).copied().unwrap_or_default();
    // A read that several share was done once, before all steps.
    let (series_read, samples) = (read.series_read + node.series_read, read.samples + node.samples);
    object(out, |o| {
        o.put("step", step.node).put("kind", step.kind).put("does", step.does.as_str());
        o.put("start", step.span.start).put("end", step.span.end).put("uses", step.uses);
        o.list("inputs", &step.inputs, |out, input| input.put(out));
        o.put("read", step.read).put("series_read", series_read).put("samples", samples);
        o.put("series", node.series).put("values", node.values).put("time_us", node.time_us + read.time_us);
    });
}
