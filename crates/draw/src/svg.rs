//! A scene as SVG. Places are those of our own font; a viewer that has another one still finds every label at its
//! anchor.

use crate::Color;
use crate::scene::{Anchor, Point, Scene, Shape, Stroke, Text, Turn};
use std::fmt::Write;

const FONT: &str = "Inter,system-ui,-apple-system,'Segoe UI','Noto Sans','DejaVu Sans',sans-serif";

/// Writes a scene.
pub(crate) fn write(scene: &Scene) -> String {
    let (width, height) = (number(scene.width), number(scene.height));
    let mut out = String::with_capacity(16 << 10);
    out.push_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let _ = writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} \
         {height}\" font-family=\"{FONT}\" role=\"img\">"
    );
    if !scene.title.is_empty() {
        let _ = writeln!(out, "<title>{}</title>", escaped(&scene.title));
    }
    let _ = writeln!(out, "<rect width=\"{width}\" height=\"{height}\"{}/>", color("fill", scene.background));
    shapes(&mut out, &scene.under);
    let window = scene.window;
    let (x, y) = (number(window.x), number(window.y));
    let (width, height) = (number(window.width), number(window.height));
    let _ = writeln!(
        out,
        "<clipPath id=\"plot\"><rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\"/></clipPath>\n<g \
         clip-path=\"url(#plot)\">"
    );
    shapes(&mut out, &scene.lines);
    out.push_str("</g>\n");
    shapes(&mut out, &scene.over);
    out.push_str("</svg>\n");
    out
}

fn shapes(out: &mut String, shapes: &[Shape]) {
    for shape in shapes {
        let _ = match shape {
            Shape::Box { rect, color: fill } => writeln!(
                out,
                "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"{}/>",
                number(rect.x),
                number(rect.y),
                number(rect.width),
                number(rect.height),
                color("fill", *fill)
            ),
            Shape::Area { rings, color: fill } => {
                writeln!(out, "<path d=\"{}\"{}/>", path(rings, true), color("fill", *fill))
            }
            Shape::Lines { runs, stroke } => {
                writeln!(out, "<path d=\"{}\"{}/>", path(runs, false), stroked(stroke))
            }
            Shape::Dots { at, radius, color: fill } => dots(out, at, *radius, *fill),
            Shape::Text(one) => text(out, one),
            Shape::Start(name) => {
                writeln!(out, "<g class=\"series\"><title>{}</title>", escaped(name))
            }
            Shape::End => writeln!(out, "</g>"),
        };
    }
}

fn dots(out: &mut String, at: &[Point], radius: f64, fill: Color) -> std::fmt::Result {
    for (x, y) in at {
        let (x, y, r) = (number(*x), number(*y), number(radius));
        writeln!(out, "<circle cx=\"{x}\" cy=\"{y}\" r=\"{r}\"{}/>", color("fill", fill))?;
    }
    Ok(())
}

fn text(out: &mut String, text: &Text) -> std::fmt::Result {
    let (x, y) = (number(text.at.0), number(text.at.1));
    write!(out, "<text x=\"{x}\" y=\"{y}\" font-size=\"{}\"", number(text.size))?;
    out.push_str(match text.anchor {
        Anchor::Start => "",
        Anchor::Middle => " text-anchor=\"middle\"",
        Anchor::End => " text-anchor=\"end\"",
    });
    match text.turn {
        Turn::None => {}
        Turn::Up => write!(out, " transform=\"rotate(-90 {x} {y})\"")?,
        Turn::Down => write!(out, " transform=\"rotate(90 {x} {y})\"")?,
    }
    out.push_str(if text.bold { " font-weight=\"600\"" } else { "" });
    out.push_str(if text.italic { " font-style=\"italic\"" } else { "" });
    writeln!(out, "{}>{}</text>", color("fill", text.color), escaped(&text.text))
}

fn stroked(stroke: &Stroke) -> String {
    let mut out = format!(
        " fill=\"none\"{} stroke-width=\"{}\" stroke-linejoin=\"bevel\"",
        color("stroke", stroke.color),
        number(stroke.width)
    );
    match stroke.dash {
        Some(length) => {
            let _ = write!(out, " stroke-dasharray=\"{}\"", number(length));
        }
        None => out.push_str(" stroke-linecap=\"round\""),
    }
    out
}

fn path(runs: &[Vec<Point>], closed: bool) -> String {
    let mut out = String::new();
    for run in runs {
        for (at, (x, y)) in run.iter().enumerate() {
            let step = if at == 0 { 'M' } else { 'L' };
            let _ = write!(out, "{step}{} {}", number(*x), number(*y));
        }
        if closed && !run.is_empty() {
            out.push('Z');
        }
    }
    out
}

fn color(of: &str, color: Color) -> String {
    let mut out = format!(" {of}=\"{}\"", color.hex());
    if color.a < 255 {
        let _ = write!(out, " {of}-opacity=\"{}\"", number(color.opacity()));
    }
    out
}

/// Two decimals are finer than anybody sees.
fn number(value: f64) -> String {
    let text = format!("{:.2}", value.clamp(-1e6, 1e6));
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars().take(crate::font::CHARS_MAX) {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' | '\t' => out.push(' '),
            // XML has no way to write them.
            letter if letter.is_control() || matches!(letter, '\u{fffe}' | '\u{ffff}') => {
                out.push('\u{fffd}')
            }
            letter => out.push(letter),
        }
    }
    out
}
