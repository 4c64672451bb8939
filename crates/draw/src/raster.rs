//! A scene as pixels, with smooth edges.

use crate::font::Font;
use crate::scene::{Anchor, Point, Rect, Scene, Shape, Stroke, Text, Turn};
use crate::{Color, png};
use tiny_skia::{FillRule, LineCap, LineJoin, Mask, Paint, Path, PathBuilder, Pixmap, StrokeDash, Transform};

/// Paints a scene and packs it.
pub(crate) fn paint(scene: &Scene, font: &mut Font) -> Vec<u8> {
    let (width, height) = (scene.width as u32, scene.height as u32);
    let mut canvas =
        Canvas { pixels: Pixmap::new(width, height).expect("sizes are bounded"), mask: None, font };
    canvas.pixels.fill(solid(scene.background));
    canvas.all(&scene.under);
    canvas.mask = window(scene);
    canvas.all(&scene.lines);
    canvas.mask = None;
    canvas.all(&scene.over);
    png::encode(width, height, &canvas.pixels.take_demultiplied())
}

/// A mask is only needed when something leaves the window.
fn window(scene: &Scene) -> Option<Mask> {
    let rect = scene.window;
    let within = |(x, y): &Point| {
        *x >= rect.x - 1.0 && *x <= rect.right() + 1.0 && *y >= rect.y - 1.0 && *y <= rect.bottom() + 1.0
    };
    let stays = scene.lines.iter().all(|shape| match shape {
        Shape::Area { rings: runs, .. } | Shape::Lines { runs, .. } => runs.iter().flatten().all(within),
        Shape::Dots { at, .. } => at.iter().all(within),
        _ => true,
    });
    if stays {
        return None;
    }
    let mut mask = Mask::new(scene.width as u32, scene.height as u32)?;
    let path = PathBuilder::from_rect(skia_rect(&rect)?);
    mask.fill_path(&path, FillRule::Winding, true, Transform::identity());
    Some(mask)
}

struct Canvas<'a> {
    pixels: Pixmap,
    mask: Option<Mask>,
    font: &'a mut Font,
}

impl Canvas<'_> {
    fn all(&mut self, shapes: &[Shape]) {
        for shape in shapes {
            match shape {
                Shape::Box { rect, color } => self.rect(rect, *color),
                Shape::Area { rings, color } => {
                    if let Some(path) = path(rings, true) {
                        self.fill(&path, *color, Transform::identity());
                    }
                }
                Shape::Lines { runs, stroke } => self.stroke(runs, stroke),
                Shape::Dots { at, radius, color } => self.dots(at, *radius, *color),
                Shape::Text(text) => self.text(text),
                Shape::Start(_) | Shape::End => {}
            }
        }
    }

    fn rect(&mut self, rect: &Rect, color: Color) {
        if let Some(rect) = skia_rect(rect) {
            self.pixels.fill_rect(rect, &paint_of(color), Transform::identity(), self.mask.as_ref());
        }
    }

    fn fill(&mut self, path: &Path, color: Color, place: Transform) {
        self.pixels.fill_path(path, &paint_of(color), FillRule::Winding, place, self.mask.as_ref());
    }

    fn stroke(&mut self, runs: &[Vec<Point>], stroke: &Stroke) {
        let Some(path) = path(runs, false) else { return };
        let dash = stroke.dash.and_then(|length| StrokeDash::new(vec![length as f32; 2], 0.0));
        let butt = dash.is_some() || runs.iter().all(|run| run.len() == 2);
        let style = tiny_skia::Stroke {
            width: stroke.width as f32,
            line_join: LineJoin::Bevel,
            line_cap: if butt { LineCap::Butt } else { LineCap::Round },
            dash,
            ..tiny_skia::Stroke::default()
        };
        let paint = paint_of(stroke.color);
        self.pixels.stroke_path(&path, &paint, &style, Transform::identity(), self.mask.as_ref());
    }

    fn dots(&mut self, at: &[Point], radius: f64, color: Color) {
        let mut all = PathBuilder::new();
        for (x, y) in at {
            all.push_circle(*x as f32, *y as f32, radius as f32);
        }
        if let Some(path) = all.finish() {
            self.fill(&path, color, Transform::identity());
        }
    }

    fn text(&mut self, text: &Text) {
        let Some(path) = self.font.outline(&text.text, text.size, text.italic) else { return };
        let before = before(self.font, text);
        let (x, y) = (text.at.0 as f32, text.at.1 as f32);
        let place = match text.turn {
            Turn::None => Transform::from_translate(x - before as f32, y),
            Turn::Up => Transform::from_row(0.0, -1.0, 1.0, 0.0, x, y + before as f32),
            Turn::Down => Transform::from_row(0.0, 1.0, -1.0, 0.0, x, y - before as f32),
        };
        self.fill(&path, text.color, place);
        if text.bold {
            let style = tiny_skia::Stroke { width: text.size as f32 / 22.0, ..tiny_skia::Stroke::default() };
            self.pixels.stroke_path(&path, &paint_of(text.color), &style, place, self.mask.as_ref());
        }
    }
}

/// How much of a text stands before its place.
fn before(font: &Font, text: &Text) -> f64 {
    match text.anchor {
        Anchor::Start => 0.0,
        Anchor::Middle => font.width(&text.text, text.size) / 2.0,
        Anchor::End => font.width(&text.text, text.size),
    }
}

fn path(runs: &[Vec<Point>], closed: bool) -> Option<Path> {
    let mut path = PathBuilder::new();
    for run in runs {
        let Some(((x, y), rest)) = run.split_first() else { continue };
        path.move_to(*x as f32, *y as f32);
        for (x, y) in rest {
            path.line_to(*x as f32, *y as f32);
        }
        if closed {
            path.close();
        }
    }
    path.finish()
}

fn skia_rect(rect: &Rect) -> Option<tiny_skia::Rect> {
    tiny_skia::Rect::from_xywh(rect.x as f32, rect.y as f32, rect.width as f32, rect.height as f32)
}

fn solid(color: Color) -> tiny_skia::Color {
    tiny_skia::Color::from_rgba8(color.r, color.g, color.b, color.a)
}

fn paint_of(color: Color) -> Paint<'static> {
    let mut paint = Paint { anti_alias: true, ..Paint::default() };
    paint.set_color(solid(color));
    paint
}
