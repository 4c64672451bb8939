//! The letters: outlines and widths of the font in `font/`.

use std::collections::HashMap;
use tiny_skia::{Path, PathBuilder, Transform};
use ttf_parser::{Face, GlyphId, OutlineBuilder};

static BYTES: &[u8] = include_bytes!("../font/text.otf");

/// Width of the empty box that stands for a letter that the font lacks, as a multiple of the size.
const BOX: f64 = 0.6;
/// Longest text that is drawn, in characters.
pub(crate) const CHARS_MAX: usize = 1000;

/// The font, with the outlines that were asked for.
pub(crate) struct Font {
    face: Face<'static>,
    outlines: HashMap<char, Option<Path>>,
}

impl Font {
    pub(crate) fn new() -> Self {
        let face = Face::parse(BYTES, 0).expect("the font is part of the program and a test reads it");
        Self { face, outlines: HashMap::new() }
    }

    /// Whether it has a letter.
    #[cfg(test)]
    pub(crate) fn has(&self, letter: char) -> bool {
        self.face.glyph_index(letter).is_some()
    }

    /// From the base line of a text to that of the next, as a multiple of its size.
    pub(crate) const LINE: f64 = 1.45;
    /// Height of capitals, as a multiple of the size.
    pub(crate) const CAPITALS: f64 = 0.73;

    fn scale(&self, size: f64) -> f64 {
        size / f64::from(self.face.units_per_em())
    }

    fn advance(&self, letter: char) -> f64 {
        // What is no letter at all (such as a line break) takes the place of a space.
        let letter = if letter.is_control() { ' ' } else { letter };
        match self.face.glyph_index(letter) {
            Some(glyph) => f64::from(self.face.glyph_hor_advance(glyph).unwrap_or(0)),
            None => BOX * f64::from(self.face.units_per_em()),
        }
    }

    /// Width of a text in pixels.
    pub(crate) fn width(&self, text: &str, size: f64) -> f64 {
        text.chars().take(CHARS_MAX).map(|letter| self.advance(letter)).sum::<f64>() * self.scale(size)
    }

    /// The text itself when it is not wider than `width`, else as much of it as fits before `…`.
    pub(crate) fn cut(&self, text: &str, size: f64, width: f64) -> String {
        if self.width(text, size) <= width && text.chars().count() <= CHARS_MAX {
            return text.to_owned();
        }
        let mut left = width - self.width("…", size);
        let mut kept = String::new();
        for letter in text.chars().take(CHARS_MAX) {
            left -= self.advance(letter) * self.scale(size);
            if left < 0.0 {
                break;
            }
            kept.push(letter);
        }
        kept + "…"
    }

    /// The outlines of a text whose base line starts at the origin, y downwards.
    pub(crate) fn outline(&mut self, text: &str, size: f64, italic: bool) -> Option<Path> {
        let scale = self.scale(size);
        let slant = if italic { 0.2 } else { 0.0 };
        let (mut x, mut all) = (0.0, PathBuilder::new());
        for letter in text.chars().take(CHARS_MAX) {
            if let Some(path) = self.letter(letter) {
                let place = Transform::from_row(
                    scale as f32,
                    0.0,
                    (scale * slant) as f32,
                    -scale as f32,
                    x as f32,
                    0.0,
                );
                if let Some(path) = path.clone().transform(place) {
                    all.push_path(&path);
                }
            }
            x += self.advance(letter) * scale;
        }
        all.finish()
    }

    fn letter(&mut self, letter: char) -> Option<&Path> {
        if letter.is_whitespace() || letter.is_control() {
            return None;
        }
        if !self.outlines.contains_key(&letter) {
            let path = match self.face.glyph_index(letter) {
                Some(glyph) => self.drawn(glyph),
                None => self.empty_box(),
            };
            self.outlines.insert(letter, path);
        }
        self.outlines.get(&letter)?.as_ref()
    }

    fn drawn(&self, glyph: GlyphId) -> Option<Path> {
        let mut outline = Outline(PathBuilder::new());
        self.face.outline_glyph(glyph, &mut outline)?;
        outline.0.finish()
    }

    fn empty_box(&self) -> Option<Path> {
        let em = f32::from(self.face.units_per_em());
        let (left, right, top, rule) = (0.06 * em, (BOX as f32 - 0.06) * em, 0.72 * em, 0.07 * em);
        let mut path = PathBuilder::new();
        path.push_rect(tiny_skia::Rect::from_ltrb(left, 0.0, right, top)?);
        // The other way round, which makes it a hole.
        path.move_to(left + rule, rule);
        path.line_to(left + rule, top - rule);
        path.line_to(right - rule, top - rule);
        path.line_to(right - rule, rule);
        path.close();
        path.finish()
    }
}

struct Outline(PathBuilder);

impl OutlineBuilder for Outline {
    fn move_to(&mut self, x: f32, y: f32) {
        self.0.move_to(x, y);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.0.line_to(x, y);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        self.0.quad_to(x1, y1, x, y);
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        self.0.cubic_to(x1, y1, x2, y2, x, y);
    }

    fn close(&mut self) {
        self.0.close();
    }
}
