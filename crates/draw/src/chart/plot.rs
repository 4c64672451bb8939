//! The lines themselves.

use super::Layout;
use super::prepare::Drawn;
use crate::scale::Scale;
use crate::scene::{Point, Shape, Stroke};
use crate::{AreaMode, LineMode};

/// Opacity of areas of lines that are not stacked, so that those behind are seen.
const ALPHA_OVERLAID: f64 = 0.25;
/// Opacity of stacked areas.
const ALPHA_STACKED: f64 = 0.7;

/// All lines, areas first.
pub(super) fn lines(layout: &Layout<'_>) -> Vec<Shape> {
    let mut shapes = Vec::new();
    let shown = || layout.drawn.iter().filter(|drawn| !drawn.line.hidden);
    for drawn in shown().filter(|drawn| drawn.area.is_some()) {
        group(&mut shapes, drawn, |shapes| area(layout, drawn, shapes));
    }
    for drawn in shown() {
        group(&mut shapes, drawn, |shapes| line(layout, drawn, shapes));
    }
    shapes
}

fn group(shapes: &mut Vec<Shape>, drawn: &Drawn, draw: impl FnOnce(&mut Vec<Shape>)) {
    let before = shapes.len();
    shapes.push(Shape::Start(drawn.line.name.clone()));
    draw(shapes);
    if shapes.len() == before + 1 {
        shapes.pop();
    } else {
        shapes.push(Shape::End);
    }
}

fn area(layout: &Layout<'_>, drawn: &Drawn, shapes: &mut Vec<Shape>) {
    let (Some(scale), Some(below)) = (layout.scale_of(drawn), &drawn.area) else { return };
    let floor = scale.floor();
    let lower: Vec<f64> = below.iter().map(|value| if value.is_nan() { floor } else { *value }).collect();
    let mut rings = Vec::new();
    for run in runs(layout, &drawn.line.values) {
        let mut ring = points(layout, drawn, scale, &drawn.line.values, &run);
        ring.extend(points(layout, drawn, scale, &lower, &run).into_iter().rev());
        if run.len() > 1 || layout.options.line_mode == LineMode::Staircase {
            rings.push(ring);
        }
    }
    if !rings.is_empty() {
        let usual = if overlaid(layout, drawn) { ALPHA_OVERLAID } else { ALPHA_STACKED };
        let alpha = drawn.line.alpha.or(layout.options.area_alpha).unwrap_or(usual);
        shapes.push(Shape::Area { rings, color: drawn.color.with_alpha(alpha) });
    }
}

fn overlaid(layout: &Layout<'_>, drawn: &Drawn) -> bool {
    layout.options.area_mode != AreaMode::Stacked && !drawn.line.filled
}

fn line(layout: &Layout<'_>, drawn: &Drawn, shapes: &mut Vec<Shape>) {
    let Some(scale) = layout.scale_of(drawn) else { return };
    // The opacity of an area is not that of its border.
    let alpha = drawn.line.alpha.filter(|_| drawn.area.is_none()).unwrap_or(1.0);
    let color = drawn.color.with_alpha(alpha);
    let stroke = Stroke { color, width: drawn.width, dash: drawn.dash };
    if stroke.width <= 0.0 {
        return;
    }
    if drawn.line.infinite {
        shapes.extend(upright(layout, drawn).map(|runs| Shape::Lines { runs, stroke }));
        return;
    }
    let (mut lines, mut dots) = (Vec::new(), Vec::new());
    for run in runs(layout, &drawn.line.values) {
        let points = points(layout, drawn, scale, &drawn.line.values, &run);
        match points.as_slice() {
            [] => {}
            [alone] => dots.push(*alone),
            _ => lines.push(points),
        }
    }
    if !lines.is_empty() {
        shapes.push(Shape::Lines { runs: lines, stroke });
    }
    if !dots.is_empty() {
        shapes.push(Shape::Dots { at: dots, radius: (stroke.width * 0.9).max(1.2), color });
    }
}

/// A line from top to bottom wherever there is something.
fn upright(layout: &Layout<'_>, drawn: &Drawn) -> Option<Vec<Vec<Point>>> {
    let (top, bottom) = (layout.window.y, layout.window.bottom());
    let line = &drawn.line;
    let there = line.values.iter().enumerate().filter(|(_, value)| **value > 0.0);
    let runs: Vec<Vec<Point>> = there
        .map(|(at, _)| {
            layout.x(line.start_ms.saturating_add(line.step_ms.saturating_mul(at as i64))).floor() + 0.5
        })
        .filter(|x| *x >= layout.window.x - 1.0 && *x <= layout.window.right() + 1.0)
        .map(|x| vec![(x, top), (x, bottom)])
        .collect();
    (!runs.is_empty()).then_some(runs)
}

/// Places of values that are connected.
fn runs(layout: &Layout<'_>, values: &[f64]) -> Vec<Vec<usize>> {
    let bridged_max = match layout.options.line_mode {
        LineMode::Connected => layout.options.connected_limit.unwrap_or(usize::MAX),
        _ => 0,
    };
    let mut runs: Vec<Vec<usize>> = Vec::new();
    for (at, _) in values.iter().enumerate().filter(|(_, value)| value.is_finite()) {
        match runs.last_mut() {
            Some(run) if run.last().is_some_and(|last| at - last - 1 <= bridged_max) => run.push(at),
            _ => runs.push(vec![at]),
        }
    }
    runs
}

fn points(layout: &Layout<'_>, drawn: &Drawn, scale: &Scale, values: &[f64], run: &[usize]) -> Vec<Point> {
    let line = &drawn.line;
    let x = |at: usize| layout.x(line.start_ms.saturating_add(line.step_ms.saturating_mul(at as i64)));
    let mut points = Vec::with_capacity(run.len() * 2);
    for at in run {
        let y = layout.y(scale, values[*at]);
        if y.is_nan() {
            continue;
        }
        points.push((x(*at), y));
        if layout.options.line_mode == LineMode::Staircase {
            points.push((x(*at + 1), y));
        }
    }
    points
}
