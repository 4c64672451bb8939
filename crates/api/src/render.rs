//! Frames as JSON, in the shape the pages draw.

use crate::json::{Object, Put, object};
use model::{NAME, Source};
use query::frame::{Bars, Legend, Lines, Points, Series, YAxis};
use query::{Frame, QueryError};
use std::collections::HashMap;

/// Writes results one after the other.
pub struct Renderer<'a> {
    source: &'a dyn Source,
    /// How many buckets at the start are left out.
    skip: usize,
    /// By metric: many series have the same.
    units: HashMap<String, String>,
}

impl<'a> Renderer<'a> {
    /// Units that series do not bring are looked up in `source`; of all columns the first `skip` values are left out.
    pub fn new(source: &'a dyn Source, skip: usize) -> Self {
        Self { source, skip, units: HashMap::new() }
    }

    /// Appends the answer to one expression.
    pub fn result(&mut self, out: &mut Vec<u8>, result: &Result<Frame, QueryError>) {
        object(out, |o| match result {
            Ok(frame) => self.frame(o, frame),
            Err(error) => failure(o, error),
        });
    }

    fn frame(&mut self, o: &mut Object<'_>, frame: &Frame) {
        let note = (!frame.notes.is_empty()).then(|| frame.notes.join("; "));
        o.put("error", None::<bool>).put("note", note).put("title", frame.title.as_ref());
        o.object_of("legend", frame.legend.as_ref(), legend);
        o.list("yaxes", &frame.yaxes, |out, (index, axis)| yaxis(out, *index, axis));
        if !frame.prints.is_empty() {
            o.list("prints", &frame.prints, |out, line| line.put(out));
        }
        o.list("series", &frame.series, |out, series| object(out, |o| self.series(o, series)));
    }

    fn series(&mut self, o: &mut Object<'_>, series: &Series) {
        let style = &series.style;
        o.put("label", &series.label);
        o.object("labels", |o| {
            for (name, value) in series.labels.iter() {
                o.put(name, value);
            }
        });
        o.put("unit", self.unit(series));
        o.put("color", style.color.as_ref()).put("yaxis", style.yaxis.unwrap_or(1)).put("hide", style.hide);
        o.put("precision", style.precision);
        o.object_of("lines", style.lines.as_ref(), |o, l| lines(o, l, style.stack));
        o.object_of("bars", style.bars.as_ref(), |o, b| bars(o, b, style.stack));
        o.object_of("points", style.points.as_ref(), points);
        let values = &series.values[self.skip.min(series.values.len())..];
        o.list("values", values, |out, value| value.put(out));
    }

    /// The unit the series brings, or that of its metric.
    fn unit<'s>(&'s mut self, series: &'s Series) -> &'s str {
        if !series.unit.is_empty() {
            return &series.unit;
        }
        let Some(metric) = series.labels.get(NAME) else { return "" };
        if !self.units.contains_key(metric) {
            let unit = self.source.describe(metric).map(|d| d.unit.into_owned()).unwrap_or_default();
            self.units.insert(metric.to_owned(), unit);
        }
        &self.units[metric]
    }
}

fn failure(o: &mut Object<'_>, error: &QueryError) {
    let span = error.span().unwrap_or_default();
    o.object("error", |o| {
        o.put("message", error.message()).put("start", span.start).put("end", span.end);
        o.put("hint", error.hint());
    });
    let nothing = None::<bool>;
    o.put("note", nothing).put("title", nothing).put("legend", nothing);
    o.list("yaxes", [(); 0], |_, ()| ()).list("series", [(); 0], |_, ()| ());
}

fn legend(o: &mut Object<'_>, legend: &Legend) {
    let position = if legend.show { legend.position.as_deref().unwrap_or("nw") } else { "none" };
    o.put("position", position).put("columns", legend.columns.unwrap_or(1));
}

fn yaxis(out: &mut Vec<u8>, index: u8, axis: &YAxis) {
    object(out, |o| {
        o.put("index", index).put("min", axis.min).put("max", axis.max).put("label", axis.label.as_ref());
        o.put("color", axis.color.as_ref()).put("units", axis.units.as_ref());
        o.put("position", if axis.right { "right" } else { "left" }).put("decimals", axis.tick_decimals);
    });
}

fn lines(o: &mut Object<'_>, lines: &Lines, stack: Option<bool>) {
    o.put("show", lines.show.unwrap_or(true)).put("width", lines.width).put("fill", lines.fill);
    o.put("stack", stack).put("steps", lines.steps);
}

fn bars(o: &mut Object<'_>, bars: &Bars, stack: Option<bool>) {
    o.put("show", bars.show).put("width", bars.width).put("stack", stack);
}

fn points(o: &mut Object<'_>, points: &Points) {
    o.put("show", points.show.unwrap_or(true)).put("radius", points.radius).put("weight", points.weight);
    o.put("fill", points.fill).put("fill_color", points.fill_color.as_ref());
    o.put("symbol", points.symbol.as_ref());
}
