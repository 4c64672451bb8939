//! Axes, their labels and the grid.

use super::Layout;
use crate::font::Font;
use crate::scale::Scale;
use crate::scene::{Anchor, Shape, Stroke, Text, Turn};
use crate::{Color, times};

/// Between a label and the window.
const GAP: f64 = 6.0;

impl Layout<'_> {
    /// Makes room for axes, and draws them.
    pub(super) fn axes(&mut self) {
        let options = self.options;
        let bare = options.graph_only;
        let show_x = !bare && !options.hide_x_axis;
        let show_y = !bare && !options.hide_y_axis;
        if show_x {
            self.window.height -= options.font_size * Font::LINE + 2.0;
        } else if show_y {
            self.window.height -= options.font_size / 2.0;
        }
        if show_y && self.options.title.is_empty() {
            // The uppermost label stands half above the window.
            self.window.y += options.font_size / 2.0;
            self.window.height -= options.font_size / 2.0;
        }
        self.window.height = self.window.height.max(4.0);
        let any_right = self.drawn.iter().any(|drawn| drawn.line.right);
        let any_left = !any_right || self.drawn.iter().any(|drawn| !drawn.line.right);
        self.left = any_left.then(|| self.scale(false));
        self.right = any_right.then(|| self.scale(true));
        if show_y {
            self.sides();
        }
        self.window.width = self.window.width.max(4.0);
        let times = self.times();
        if !bare && !options.hide_grid {
            self.grid(&times);
        }
        if show_y {
            self.y_labels();
        }
        if show_x {
            self.x_labels(&times);
        }
    }

    /// Takes the width of labels and titles from the window.
    fn sides(&mut self) {
        let size = self.options.font_size;
        let widest = |scale: &Scale| {
            scale.labels.iter().map(|(_, label)| self.font.width(label, size)).fold(0.0, f64::max)
        };
        let alone_right = self.options.axis_at_right && self.right.is_none();
        let left = self.left.as_ref().map_or(0.0, |scale| widest(scale) + GAP);
        let right = self.right.as_ref().map_or(0.0, |scale| widest(scale) + GAP);
        let (left, right) = if alone_right { (0.0, left) } else { (left, right) };
        let title = |text: &str| if text.is_empty() { 0.0 } else { size * Font::LINE };
        let (before, after) = (title(&self.options.vtitle), title(&self.options.vtitle_right));
        self.vertical(before, after);
        self.window.x += left + before;
        self.window.width -= left + before + right + after;
    }

    fn vertical(&mut self, before: f64, after: f64) {
        let (window, size, options) = (self.window, self.options.font_size, self.options);
        let middle = window.y + window.height / 2.0;
        let places = [
            (before, &options.vtitle, window.x + size * 0.85, Turn::Up),
            (after, &options.vtitle_right, window.right() - size * 0.85, Turn::Down),
        ];
        for (_, text, x, turn) in places.into_iter().filter(|(room, ..)| *room > 0.0) {
            let text = self.font.cut(text, size, window.height);
            let text = self.text(&text, (x, middle), Anchor::Middle);
            let color = options.theme.foreground;
            self.shapes.push(Shape::Text(Text { turn, color, ..text }));
        }
    }

    fn times(&self) -> times::Labels {
        let width = |label: &str| self.font.width(label, self.options.font_size) + 18.0;
        let range = (self.from_ms, self.until_ms);
        times::labels(range, &self.options.zone, self.options.x_format.as_deref(), self.window.width, &width)
    }

    fn grid(&mut self, times: &times::Labels) {
        let theme = &self.options.theme;
        let (major, minor) = (theme.grid, theme.grid_minor);
        let Some(scale) = self.left.clone().or(self.right.clone()) else { return };
        let rows = |values: &mut dyn Iterator<Item = f64>| {
            let y = |value| self.crisp(self.y(&scale, value));
            values.map(y).map(|y| vec![(self.window.x, y), (self.window.right(), y)]).collect::<Vec<_>>()
        };
        let fine = rows(&mut scale.minor.iter().copied());
        let coarse = rows(&mut scale.labels.iter().map(|(value, _)| *value));
        let (top, bottom) = (self.window.y, self.window.bottom());
        let columns: Vec<_> = times
            .iter()
            .map(|(time_ms, _)| self.crisp(self.x(*time_ms)))
            .map(|x| vec![(x, top), (x, bottom)])
            .collect();
        self.rules(fine, minor);
        self.rules(columns, minor);
        self.rules(coarse, major);
    }

    /// Thin lines look the same everywhere when they lie in the middle of pixels.
    fn crisp(&self, place: f64) -> f64 {
        place.floor() + 0.5
    }

    fn rules(&mut self, runs: Vec<Vec<(f64, f64)>>, color: Color) {
        if !runs.is_empty() {
            self.shapes.push(Shape::Lines { runs, stroke: Stroke { color, width: 1.0, dash: None } });
        }
    }

    fn y_labels(&mut self) {
        let alone_right = self.options.axis_at_right && self.right.is_none();
        let (window, down) = (self.window, self.options.font_size * Font::CAPITALS / 2.0);
        let mut texts = Vec::new();
        for (scale, at_right) in [(&self.left, alone_right), (&self.right, true)] {
            let Some(scale) = scale else { continue };
            let (x, anchor) =
                if at_right { (window.right() + GAP, Anchor::Start) } else { (window.x - GAP, Anchor::End) };
            for (value, label) in &scale.labels {
                texts.push(self.text(label, (x, self.y(scale, *value) + down), anchor));
            }
        }
        self.shapes.extend(texts.into_iter().map(Shape::Text));
    }

    fn x_labels(&mut self, times: &times::Labels) {
        let size = self.options.font_size;
        let y = self.window.bottom() + size * 1.25 + 1.0;
        let (picture, _) = self.options.size();
        for (time_ms, label) in times {
            let half = self.font.width(label, size) / 2.0;
            let x = self.x(*time_ms);
            // A label that would be cut by the picture's edge is moved inwards.
            let x = x.clamp(half + 2.0, (picture - half - 2.0).max(half + 2.0));
            let text = self.text(label, (x, y), Anchor::Middle);
            self.shapes.push(Shape::Text(text));
        }
        let base = self.crisp(self.window.bottom());
        let run = vec![(self.window.x, base), (self.window.right(), base)];
        self.rules(vec![run], self.options.theme.muted.with_alpha(0.6));
    }
}
