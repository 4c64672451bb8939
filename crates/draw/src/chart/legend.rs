//! The legend: below the chart, in columns.

use super::Layout;
use crate::font::Font;
use crate::options::LEGEND_LINES_MAX;
use crate::scene::{Anchor, Rect, Shape, Text};
use crate::{Color, format};
use std::collections::HashSet;

/// Most of the height that it takes.
const SHARE_MAX: f64 = 0.45;
/// Between two columns.
const COLUMN_GAP: f64 = 14.0;

struct Item {
    color: Option<Color>,
    text: String,
}

impl Layout<'_> {
    /// Draws it at the bottom of the window, and takes its room.
    pub(super) fn legend(&mut self) {
        let items = self.items();
        if items.is_empty() || self.options.hide_legend.unwrap_or(items.len() > LEGEND_LINES_MAX) {
            return;
        }
        let size = self.options.font_size;
        let swatch = size * 0.75;
        let lead = swatch + size * 0.5;
        let widest = items.iter().map(|item| self.font.width(&item.text, size) + lead).fold(1.0, f64::max);
        let columns = ((self.window.width + COLUMN_GAP) / (widest + COLUMN_GAP)).floor().max(1.0) as usize;
        let row_height = size * Font::LINE;
        let rows_max = ((self.window.height * SHARE_MAX) / row_height).floor().max(1.0) as usize;
        let items = bounded(items, columns * rows_max);
        let rows = items.len().div_ceil(columns);
        let width = ((self.window.width + COLUMN_GAP) / columns as f64 - COLUMN_GAP).min(widest.max(1.0));
        let taken = rows as f64 * row_height + size * 0.6;
        let top = self.window.bottom() - rows as f64 * row_height;
        for (at, item) in items.iter().enumerate() {
            let x = self.window.x + (at % columns) as f64 * (width + COLUMN_GAP);
            let middle = top + ((at / columns) as f64 + 0.5) * row_height;
            self.item(item, x, middle, width, lead);
        }
        self.window.height -= taken;
    }

    fn item(&mut self, item: &Item, x: f64, middle: f64, width: f64, lead: f64) {
        let size = self.options.font_size;
        let text = self.font.cut(&item.text, size, (width - lead).max(size));
        if let Some(color) = item.color {
            let side = (size * 0.75).round();
            let rect = Rect { x: x.round(), y: (middle - side / 2.0).round(), width: side, height: side };
            self.shapes.push(Shape::Box { rect, color });
        }
        let at = (x + lead, middle + size * Font::CAPITALS / 2.0);
        let color = self.options.theme.foreground;
        let text = Text { color, ..self.text(&text, at, Anchor::Start) };
        self.shapes.push(Shape::Text(text));
    }

    fn items(&self) -> Vec<Item> {
        let mut told = HashSet::new();
        let two_axes = self.drawn.iter().any(|drawn| drawn.line.right)
            && self.drawn.iter().any(|drawn| !drawn.line.right);
        let shown = self.drawn.iter().filter(|drawn| {
            let options = self.options;
            let seen = !drawn.line.hidden && !drawn.line.name.is_empty();
            let kept = !options.hide_null_from_legend || drawn.has_values();
            seen && kept && (!options.unique_legend || told.insert(drawn.line.name.as_str()))
        });
        shown
            .map(|drawn| {
                let right = if two_axes && drawn.line.right { " →" } else { "" };
                Item { color: Some(drawn.color), text: format!("{}{right}", drawn.line.name) }
            })
            .collect()
    }
}

/// When not all have room the last place says how many are left out.
fn bounded(mut items: Vec<Item>, places: usize) -> Vec<Item> {
    if items.len() > places {
        let left_out = items.len() - places + 1;
        items.truncate(places.saturating_sub(1));
        items.push(Item { color: None, text: format!("… and {} more", format::fixed(left_out as f64, 0)) });
    }
    items
}
