//! Dots on characters: each of the braille patterns has two columns of four dots.

/// The bit of a dot in its pattern, by row and column.
const BITS: [[u8; 2]; 4] = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]];
/// The pattern without a dot.
const EMPTY: u32 = 0x2800;

/// Lines of patterns.
pub(super) struct Canvas {
    chars: usize,
    lines: usize,
    /// The pattern of each character, and the series that was last drawn into it.
    cells: Vec<(u8, usize)>,
}

impl Canvas {
    pub(super) fn new(chars: usize, lines: usize) -> Self {
        Self { chars, lines, cells: vec![(0, 0); chars * lines] }
    }

    /// Characters of a line.
    pub(super) fn chars(&self) -> usize {
        self.chars
    }

    /// Dots across and down.
    pub(super) fn dots(&self) -> (usize, usize) {
        (self.chars * 2, self.lines * 4)
    }

    fn set(&mut self, x: usize, y: usize, series: usize) {
        let Some(cell) = self.cells.get_mut(y / 4 * self.chars + x / 2).filter(|_| x / 2 < self.chars) else {
            return;
        };
        cell.0 |= BITS[y % 4][x % 2];
        cell.1 = series;
    }

    /// Dots on the straight line between two, both included. `y` counts from the top.
    pub(super) fn connect(&mut self, from: (usize, usize), to: (usize, usize), series: usize) {
        let (dx, dy) = (to.0 as f64 - from.0 as f64, to.1 as f64 - from.1 as f64);
        let steps = dx.abs().max(dy.abs());
        for step in 0..=steps as usize {
            let share = if steps == 0.0 { 0.0 } else { step as f64 / steps };
            let [x, y] = [from.0 as f64 + dx * share, from.1 as f64 + dy * share].map(|v| v.round() as usize);
            self.set(x, y, series);
        }
    }

    /// A line of characters; `color` tells what begins and ends the colour of a series.
    pub(super) fn line(&self, line: usize, color: &dyn Fn(usize) -> (String, &'static str)) -> String {
        let mut text = String::new();
        for (bits, series) in &self.cells[line * self.chars..(line + 1) * self.chars] {
            if *bits == 0 {
                text.push(' ');
                continue;
            }
            let (begin, end) = color(*series);
            text += &begin;
            text.extend(char::from_u32(EMPTY + u32::from(*bits)));
            text += end;
        }
        text.trim_end().to_owned()
    }
}
