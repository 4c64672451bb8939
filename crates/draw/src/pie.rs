//! Slices of a whole.

use crate::font::Font;
use crate::scene::{Anchor, Point, Rect, Scene, Shape, Text, Turn};
use crate::{Options, format, raster, svg};
use std::f64::consts::TAU;

/// What stands on a slice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ValueLabels {
    /// Its share.
    #[default]
    Percent,
    /// Its value.
    Number,
    /// Nothing.
    None,
}

/// A pie chart. Values below zero and those that are no numbers count as nothing.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Pie {
    /// How it looks.
    pub options: Options,
    /// Names and values.
    pub slices: Vec<(String, f64)>,
    /// What stands on slices.
    pub labels: ValueLabels,
    /// Slices of less than this share, in percent, have no label.
    pub label_min_percent: f64,
    /// Colour of labels, else what is read best.
    pub label_color: Option<crate::Color>,
}

impl Pie {
    /// The pie as PNG.
    pub fn png(&self) -> Vec<u8> {
        let mut font = Font::new();
        let scene = self.scene(&font);
        raster::paint(&scene, &mut font)
    }

    /// The pie as SVG.
    pub fn svg(&self) -> String {
        svg::write(&self.scene(&Font::new()))
    }

    fn scene(&self, font: &Font) -> Scene {
        let options = &self.options;
        let (width, height) = options.size();
        let margin = options.margin.clamp(0.0, width.min(height) / 4.0);
        let mut window =
            Rect { x: margin, y: margin, width: width - 2.0 * margin, height: height - 2.0 * margin };
        let mut under = Vec::new();
        if !options.title.is_empty() {
            let size = options.font_size * 1.25;
            let title = font.cut(&options.title, size, window.width);
            let at = (window.x + window.width / 2.0, window.y + size * 0.85);
            under.push(self.text(title, at, size, Anchor::Middle, options.theme.foreground, true));
            window.y += size * Font::LINE;
            window.height -= size * Font::LINE;
        }
        if options.hide_legend != Some(true) {
            self.legend(font, &mut window, &mut under);
        }
        let lines = self.cake(&window);
        let over = self.values(&window);
        Scene {
            width,
            height,
            background: options.theme.background,
            title: options.title.clone(),
            under,
            lines,
            window,
            over,
        }
    }

    fn text(
        &self,
        text: String,
        at: Point,
        size: f64,
        anchor: Anchor,
        color: crate::Color,
        bold: bool,
    ) -> Shape {
        let italic = self.options.italic;
        Shape::Text(Text {
            at,
            text,
            size,
            color,
            anchor,
            turn: Turn::None,
            bold: bold || self.options.bold,
            italic,
        })
    }

    /// Names below each other at the bottom, with values.
    fn legend(&self, font: &Font, window: &mut Rect, shapes: &mut Vec<Shape>) {
        let size = self.options.font_size;
        let row = size * Font::LINE;
        let rows = (window.height * 0.45 / row).floor().max(1.0) as usize;
        let shown = if self.slices.len() > rows { rows.saturating_sub(1) } else { self.slices.len() };
        let hidden = self.slices.len() - shown;
        let rows = shown + usize::from(hidden > 0);
        let top = window.bottom() - rows as f64 * row;
        let color = self.options.theme.foreground;
        for (at, (name, value)) in self.slices.iter().take(shown).enumerate() {
            let y = top + at as f64 * row;
            let side = (size * 0.75).round();
            let rect =
                Rect { x: window.x.round(), y: (y + (row - side) / 2.0).round(), width: side, height: side };
            shapes.push(Shape::Box { rect, color: self.options.theme.color(at) });
            let text = format!("{name}  {}", self.options.units.short(*value));
            let text = font.cut(&text, size, (window.width - size * 1.3).max(size));
            let place = (window.x + size * 1.3, y + row / 2.0 + size * Font::CAPITALS / 2.0);
            shapes.push(self.text(text, place, size, Anchor::Start, color, false));
        }
        if hidden > 0 {
            let place = (window.x + size * 1.3, window.bottom() - row / 2.0 + size * Font::CAPITALS / 2.0);
            shapes.push(self.text(format!("… and {hidden} more"), place, size, Anchor::Start, color, false));
        }
        window.height = (window.height - rows as f64 * row - size * 0.6).max(4.0);
    }

    fn total(&self) -> f64 {
        self.slices.iter().map(|(_, value)| counted(*value)).sum()
    }

    /// Each slice with where it starts and ends, as shares of the whole.
    fn shares(&self) -> impl Iterator<Item = (usize, f64, f64)> + '_ {
        let total = self.total();
        let mut start = 0.0;
        self.slices.iter().enumerate().filter(move |_| total > 0.0).map(move |(at, (_, value))| {
            let from = start;
            start += counted(*value) / total;
            (at, from, start)
        })
    }

    fn cake(&self, window: &Rect) -> Vec<Shape> {
        let (middle, radius) = circle(window);
        let mut shapes = Vec::new();
        for (at, from, to) in self.shares().filter(|(_, from, to)| to > from) {
            let mut ring = vec![middle];
            let steps = (((to - from) * 200.0).ceil() as usize).max(2);
            ring.extend(
                (0..=steps).map(|step| on(middle, radius, from + (to - from) * step as f64 / steps as f64)),
            );
            let alpha = self.options.area_alpha.unwrap_or(1.0);
            let color = self.options.theme.color(at).with_alpha(alpha);
            shapes.push(Shape::Start(self.slices[at].0.clone()));
            shapes.push(Shape::Area { rings: vec![ring], color });
            shapes.push(Shape::End);
        }
        shapes
    }

    fn values(&self, window: &Rect) -> Vec<Shape> {
        let size = self.options.font_size;
        let (middle, radius) = circle(window);
        if self.total() <= 0.0 {
            let color = self.options.theme.muted;
            return vec![self.text("No data".to_owned(), middle, size * 1.4, Anchor::Middle, color, false)];
        }
        let labelled =
            self.shares().filter(|(_, from, to)| (to - from) * 100.0 >= self.label_min_percent && to > from);
        labelled
            .filter_map(|(at, from, to)| {
                let text = match self.labels {
                    ValueLabels::None => return None,
                    ValueLabels::Number => self.options.units.short(self.slices[at].1),
                    ValueLabels::Percent => format!("{} %", format::trimmed((to - from) * 100.0, 1)),
                };
                let (x, y) = on(middle, radius * 0.65, f64::midpoint(from, to));
                let behind = self.options.theme.color(at);
                let best = if behind.brightness() > 0.55 { 0x14181d } else { 0xffffff };
                let color = self.label_color.unwrap_or(crate::Color::rgb(best));
                Some(self.text(
                    text,
                    (x, y + size * Font::CAPITALS / 2.0),
                    size,
                    Anchor::Middle,
                    color,
                    false,
                ))
            })
            .collect()
    }
}

fn counted(value: f64) -> f64 {
    if value.is_finite() { value.max(0.0) } else { 0.0 }
}

fn circle(window: &Rect) -> (Point, f64) {
    let middle = (window.x + window.width / 2.0, window.y + window.height / 2.0);
    (middle, (window.width.min(window.height) / 2.0).max(1.0))
}

/// A point of a circle; it starts at the top and goes as clocks do.
fn on((x, y): Point, radius: f64, share: f64) -> Point {
    let angle = share * TAU;
    (x + radius * angle.sin(), y - radius * angle.cos())
}
