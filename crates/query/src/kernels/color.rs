//! `.color(color)`: gradients as the library tinygradient divides them, which Timelion draws with.

use super::css_colors;
use crate::call::{Call, Failure, Outcome};

/// Colours series: one colour for all, as it was written, or `a:b:c` as a gradient over the list.
pub(crate) fn color(call: Call<'_>) -> Outcome {
    let text = call.text("color").unwrap_or_default();
    let stops: Vec<[u8; 3]> = text.split(':').map(parse).collect::<Result<_, _>>()?;
    let count = call.frame.series.len();
    let one = text.split(':').next().unwrap_or_default().trim();
    let colors: Vec<String> = match (stops.len().min(count), one.starts_with('#')) {
        (0 | 1, true) => vec![one.to_owned(); count],
        (0 | 1, false) => vec![hex(stops[0].map(f64::from)); count],
        _ => gradient(&stops, count),
    };
    let mut colors = colors.into_iter();
    call.each(|series| series.style.color = colors.next())
}

// Every colour is one of a series' own, as long as there are series; the rest is divided among the steps between.
fn gradient(stops: &[[u8; 3]], count: usize) -> Vec<String> {
    let stops = &stops[..stops.len().min(count)];
    let mut found = Vec::with_capacity(count);
    for (pair, steps) in stops.windows(2).zip(steps_between(stops.len(), count)) {
        for step in 0..steps {
            let share = step as f64 / steps as f64;
            found.push(hex(std::array::from_fn(|i| {
                let (from, to) = (f64::from(pair[0][i]), f64::from(pair[1][i]));
                from + (to - from) * share
            })));
        }
    }
    found.extend(stops.last().map(|last| hex(last.map(f64::from))));
    found
}

// As even as rounding has it; what is missing goes to the first of the shortest, what is over is taken from the first of
// the longest.
fn steps_between(stops: usize, count: usize) -> Vec<usize> {
    let wanted = count - 1;
    let even = (wanted as f64 / (stops - 1) as f64).round().max(1.0) as usize;
    let mut steps = vec![even; stops - 1];
    let mut total: usize = steps.iter().sum();
    while total < wanted {
        let at = (0..steps.len()).min_by_key(|&at| steps[at]).unwrap_or(0);
        steps[at] += 1;
        total += 1;
    }
    while total > wanted {
        let at = (0..steps.len()).rev().max_by_key(|&at| steps[at]).unwrap_or(0);
        steps[at] -= 1;
        total -= 1;
    }
    steps
}

fn hex(rgb: [f64; 3]) -> String {
    let [r, g, b] = rgb.map(|part| part.round() as u8);
    format!("#{r:02x}{g:02x}{b:02x}")
}

fn parse(text: &str) -> Result<[u8; 3], Failure> {
    let text = text.trim();
    if let Some(found) = css_colors::find(text) {
        return Ok(found);
    }
    let digits = text.strip_prefix('#').unwrap_or(text);
    let nibbles: Option<Vec<u8>> = digits.chars().map(|c| c.to_digit(16).map(|d| d as u8)).collect();
    match nibbles.as_deref() {
        Some([r, g, b]) => Ok([r * 17, g * 17, b * 17]),
        Some([a, b, c, d, e, f]) => Ok([a * 16 + b, c * 16 + d, e * 16 + f]),
        _ => {
            let near = lang::nearest::nearest(text, css_colors::names());
            let hint = near
                .map_or_else(|| "such as #c00, #cc0000 or red".to_owned(), |n| format!("did you mean {n}?"));
            Err(Failure::of("color", format!("`{text}` is not a colour")).hint(hint))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gradient_of(text: &str, count: usize) -> Vec<String> {
        let stops: Vec<[u8; 3]> = text.split(':').map(|stop| parse(stop).unwrap()).collect();
        gradient(&stops, count)
    }

    #[test]
    fn gradients_divide_the_space_between_colours() {
        assert_eq!(gradient_of("#000:#333333", 4), ["#000000", "#111111", "#222222", "#333333"]);
        // Three steps between three colours: the first pair has one of them.
        assert_eq!(gradient_of("#000:#f00:#00f", 4), ["#000000", "#ff0000", "#800080", "#0000ff"]);
        assert_eq!(gradient_of("#000:#111:#222", 2), ["#000000", "#111111"]);
        assert_eq!(gradient_of("#000:#fff:#000:#fff", 9).len(), 9);
        assert_eq!(parse("RebeccaPurple").unwrap(), [0x66, 0x33, 0x99]);
        assert_eq!(parse("blu").unwrap_err().hint.as_deref(), Some("did you mean blue?"));
    }
}
