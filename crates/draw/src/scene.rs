//! What a picture consists of, in pixels from the upper left corner. Both hands paint the same scene.

use crate::Color;

/// A place.
pub(crate) type Point = (f64, f64);

/// A box.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Rect {
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) width: f64,
    pub(crate) height: f64,
}

impl Rect {
    pub(crate) fn right(&self) -> f64 {
        self.x + self.width
    }

    pub(crate) fn bottom(&self) -> f64 {
        self.y + self.height
    }
}

/// Which part of a text stands at its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

/// Which way a text runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Turn {
    None,
    /// Upwards, at the left axis.
    Up,
    /// Downwards, at the right axis.
    Down,
}

/// How a line is drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Stroke {
    pub(crate) color: Color,
    pub(crate) width: f64,
    pub(crate) dash: Option<f64>,
}

/// A text; `y` is its base line.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Text {
    pub(crate) at: Point,
    pub(crate) text: String,
    pub(crate) size: f64,
    pub(crate) color: Color,
    pub(crate) anchor: Anchor,
    pub(crate) turn: Turn,
    pub(crate) bold: bool,
    pub(crate) italic: bool,
}

/// One shape.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Shape {
    /// A filled box.
    Box { rect: Rect, color: Color },
    /// Filled polygons.
    Area { rings: Vec<Vec<Point>>, color: Color },
    /// Lines, each a run of points.
    Lines { runs: Vec<Vec<Point>>, stroke: Stroke },
    /// Values that have no neighbours.
    Dots { at: Vec<Point>, radius: f64, color: Color },
    /// A text.
    Text(Text),
    /// What follows up to the next `End` is a line of the chart, of this name.
    Start(String),
    /// See `Start`.
    End,
}

/// A picture.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Scene {
    pub(crate) width: f64,
    pub(crate) height: f64,
    pub(crate) background: Color,
    /// Told to those who cannot see it.
    pub(crate) title: String,
    /// Behind the lines.
    pub(crate) under: Vec<Shape>,
    /// Only what lies in `window` is seen.
    pub(crate) lines: Vec<Shape>,
    pub(crate) window: Rect,
    /// Before the lines.
    pub(crate) over: Vec<Shape>,
}
