//! `.color(color)`

use super::css_colors;
use crate::call::{Call, Failure, Outcome};

/// Colours series: one colour for all, or `a:b:c` as a gradient over the list.
pub(crate) fn color(call: Call<'_>) -> Outcome {
    let text = call.text("color").unwrap_or_default();
    let stops: Vec<[u8; 3]> = text.split(':').map(parse).collect::<Result<_, _>>()?;
    let count = call.frame.series.len();
    let mut at = 0;
    call.each(|series| {
        series.style.color = Some(hex(shade(&stops, at, count)));
        at += 1;
    })
}

// With at least as many colours as series each gets one of them; otherwise the space between is divided evenly.
fn shade(stops: &[[u8; 3]], at: usize, count: usize) -> [u8; 3] {
    if stops.len() == 1 || count <= stops.len() {
        return stops[at.min(stops.len() - 1)];
    }
    let place = at as f64 / (count - 1) as f64 * (stops.len() - 1) as f64;
    let left = (place.floor() as usize).min(stops.len() - 2);
    let share = place - left as f64;
    std::array::from_fn(|i| {
        let (from, to) = (f64::from(stops[left][i]), f64::from(stops[left + 1][i]));
        (from + (to - from) * share).round() as u8
    })
}

fn hex([r, g, b]: [u8; 3]) -> String {
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

    #[test]
    fn gradients_divide_the_space_evenly() {
        let stops = [parse("#000").unwrap(), parse("#333333").unwrap()];
        let shades: Vec<String> = (0..4).map(|i| hex(shade(&stops, i, 4))).collect();
        assert_eq!(shades, ["#000000", "#111111", "#222222", "#333333"]);
        assert_eq!(hex(parse("RebeccaPurple").unwrap()), "#663399");
        assert_eq!(parse("blu").unwrap_err().hint.as_deref(), Some("did you mean blue?"));
    }
}
