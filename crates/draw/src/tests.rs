//! Charts as structure and as pixels.

mod looks;
mod picture;

use crate::{Chart, Line, Options};

/// A sine of 300 minutes.
fn wave(name: &str, lift: f64) -> Line {
    let values = (0..300).map(|at| (f64::from(at) / 20.0 + lift).sin() * 40.0 + 50.0 + lift * 10.0).collect();
    line(name, values)
}

/// A line of minutes.
fn line(name: &str, values: Vec<f64>) -> Line {
    Line { name: name.to_owned(), start_ms: 1_700_000_040_000, step_ms: 60_000, values, ..Line::default() }
}

fn chart(lines: Vec<Line>) -> Chart {
    Chart { options: Options { width: 600, height: 300, ..Options::default() }, lines }
}
