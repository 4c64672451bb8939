//! Lines over time, laid out.

mod axes;
mod legend;
mod plot;
mod prepare;

use crate::font::Font;
use crate::scale::{Scale, Wanted};
use crate::scene::{Anchor, Rect, Scene, Shape, Text, Turn};
use crate::{Line, Options, raster, svg};
use prepare::Drawn;

/// A chart of lines over time.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Chart {
    /// How it looks.
    pub options: Options,
    /// In order of the legend.
    pub lines: Vec<Line>,
}

impl Chart {
    /// The chart as PNG.
    pub fn png(&self) -> Vec<u8> {
        let mut font = Font::new();
        let scene = self.scene(&font);
        raster::paint(&scene, &mut font)
    }

    /// The chart as SVG.
    pub fn svg(&self) -> String {
        svg::write(&self.scene(&Font::new()))
    }

    pub(crate) fn scene(&self, font: &Font) -> Scene {
        Layout::new(self, font).scene()
    }
}

/// Everything between a chart and its scene.
struct Layout<'a> {
    options: &'a Options,
    font: &'a Font,
    /// What was said of lines, settled.
    drawn: Vec<Drawn>,
    from_ms: i64,
    until_ms: i64,
    left: Option<Scale>,
    right: Option<Scale>,
    /// Where lines are.
    window: Rect,
    shapes: Vec<Shape>,
}

impl<'a> Layout<'a> {
    fn new(chart: &'a Chart, font: &'a Font) -> Self {
        let options = &chart.options;
        let (from_ms, until_ms) = range(chart);
        let (width, height) = options.size();
        let margin =
            if options.graph_only { 0.0 } else { options.margin.clamp(0.0, width.min(height) / 4.0) };
        let window =
            Rect { x: margin, y: margin, width: width - 2.0 * margin, height: height - 2.0 * margin };
        let drawn = prepare::lines(chart, (from_ms, until_ms), window.width);
        Self { options, font, drawn, from_ms, until_ms, left: None, right: None, window, shapes: Vec::new() }
    }

    fn scene(mut self) -> Scene {
        if !self.options.graph_only {
            self.title();
            self.legend();
        }
        let empty = !self.drawn.iter().any(Drawn::has_values);
        self.axes();
        let lines = plot::lines(&self);
        let (width, height) = self.options.size();
        let over = if empty && !self.options.graph_only { vec![self.no_data()] } else { Vec::new() };
        Scene {
            width,
            height,
            background: self.options.theme.background,
            title: self.options.title.clone(),
            under: self.shapes,
            lines,
            window: self.window,
            over,
        }
    }

    /// A text of the theme's size and letters.
    fn text(&self, text: &str, at: (f64, f64), anchor: Anchor) -> Text {
        let options = self.options;
        Text {
            at,
            text: text.to_owned(),
            size: options.font_size,
            color: options.theme.muted,
            anchor,
            turn: Turn::None,
            bold: options.bold,
            italic: options.italic,
        }
    }

    fn title(&mut self) {
        if self.options.title.is_empty() {
            return;
        }
        let size = self.options.font_size * 1.25;
        let title = self.font.cut(&self.options.title, size, self.window.width);
        let at = (self.window.x + self.window.width / 2.0, self.window.y + size * 0.85);
        let color = self.options.theme.foreground;
        let text = Text { size, color, bold: true, ..self.text(&title, at, Anchor::Middle) };
        self.shapes.push(Shape::Text(text));
        let taken = size * Font::LINE;
        self.window.y += taken;
        self.window.height -= taken;
    }

    fn no_data(&self) -> Shape {
        let window = &self.window;
        let at = (window.x + window.width / 2.0, window.y + window.height / 2.0);
        Shape::Text(Text { size: self.options.font_size * 1.4, ..self.text("No data", at, Anchor::Middle) })
    }

    /// The scale a line is measured at.
    fn scale_of(&self, drawn: &Drawn) -> Option<&Scale> {
        if drawn.line.right { self.right.as_ref() } else { self.left.as_ref() }
    }

    fn scale(&self, right: bool) -> Scale {
        let options = self.options;
        let line_height = options.font_size * 3.2;
        Scale::new(&Wanted {
            data: prepare::extremes(&self.drawn, right, (self.from_ms, self.until_ms)),
            axis: if right { &options.y_right } else { &options.y },
            log_base: options.log_base.filter(|base| *base > 1.0 && base.is_finite()),
            units: options.units,
            room: (self.window.height / line_height).clamp(1.0, 10.0),
            divisors: &options.y_divisors,
            minor: options.minor_y,
        })
    }

    fn x(&self, time_ms: i64) -> f64 {
        let span = (self.until_ms - self.from_ms) as f64;
        self.window.x + self.window.width * time_ms.saturating_sub(self.from_ms) as f64 / span
    }

    fn y(&self, scale: &Scale, value: f64) -> f64 {
        // Far outside is as good as anywhere outside, and numbers stay small.
        self.window.y + self.window.height * (1.0 - scale.place(value).clamp(-50.0, 50.0))
    }
}

/// Where the x axis starts and ends: as asked for, else where the lines do.
fn range(chart: &Chart) -> (i64, i64) {
    // A thousand years each way are enough for everybody, and sums stay within bounds.
    const FAR_MS: i64 = 1000 * 31_556_952_000 * 8;
    let starts = chart.lines.iter().map(|line| line.start_ms).min();
    let ends = chart.lines.iter().map(Line::end_ms).max();
    let from_ms = chart.options.from_ms.or(starts).unwrap_or(0).clamp(-FAR_MS, FAR_MS);
    let until_ms = chart.options.until_ms.or(ends).unwrap_or(from_ms + 60_000).clamp(-FAR_MS, FAR_MS);
    (from_ms.min(until_ms), until_ms.max(from_ms + 1))
}
