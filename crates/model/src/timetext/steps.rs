//! What follows the reference: `-1d3h`, `/d`, `+8h`.

use super::Edge;
use crate::{Unit, Zone};

/// Where the steps of a text begin: at its first sign, or at a `/` that a unit follows (dates have slashes too).
pub(super) fn start(text: &str) -> usize {
    let is_step = |(at, c): (usize, char)| match c {
        '+' | '-' => true,
        '/' => text[at + 1..].trim_start().starts_with(|c: char| c.is_ascii_alphabetic()),
        _ => false,
    };
    text.char_indices().find(|&pair| is_step(pair)).map_or(text.len(), |(at, _)| at)
}

/// Takes the steps from `instant_ms` on, in order.
pub(super) fn apply(text: &str, mut instant_ms: i64, zone: &Zone, edge: Edge) -> Result<i64, String> {
    let text: String = text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '_' | ',')).collect();
    let mut rest = text.as_str();
    while let Some(sign) = rest.chars().next() {
        rest = &rest[sign.len_utf8()..];
        match sign {
            '/' => {
                let word = take(&mut rest, char::is_alphabetic);
                let unit = unit(word)?.0;
                let start_ms = zone.floor(instant_ms, unit);
                // Only what ends with a unit means the unit's end: `now/d+8h` is eight in the morning either way.
                let is_end = edge == Edge::End && rest.is_empty();
                instant_ms = if is_end { zone.add(start_ms, 1, unit) - 1 } else { start_ms };
            }
            '+' | '-' => {
                let forward = sign == '+';
                loop {
                    instant_ms = step(&mut rest, instant_ms, zone, forward)?;
                    if !rest.starts_with(|c: char| c.is_ascii_digit()) {
                        break;
                    }
                }
            }
            other => return Err(format!("`{other}` cannot stand where +, - or / is expected")),
        }
    }
    Ok(instant_ms)
}

fn step(rest: &mut &str, instant_ms: i64, zone: &Zone, forward: bool) -> Result<i64, String> {
    let digits = take(rest, |c| c.is_ascii_digit());
    let word = take(rest, char::is_alphabetic);
    if digits.is_empty() && word.is_empty() {
        return Err("a number and a unit must follow the sign".to_owned());
    }
    let count: i64 = match digits {
        "" => 1,
        digits => digits.parse().map_err(|_| format!("{digits} is too large"))?,
    };
    let count = if forward { count } else { -count };
    let (unit, calendar) = unit(word)?;
    Ok(if calendar {
        zone.add(instant_ms, count, unit)
    } else {
        instant_ms.saturating_add(count.saturating_mul(unit.nominal_ms()))
    })
}

fn take<'a>(rest: &mut &'a str, wanted: impl Fn(char) -> bool) -> &'a str {
    let end = rest.find(|c| !wanted(c)).unwrap_or(rest.len());
    let (taken, left) = rest.split_at(end);
    *rest = left;
    taken
}

// The unit, and whether its steps follow the calendar.
fn unit(word: &str) -> Result<(Unit, bool), String> {
    let unit = Unit::parse(word).ok_or_else(|| match word {
        "" => "a unit is missing, such as s, m, h or d".to_owned(),
        word => format!("`{word}` is not a unit such as s, m, h, d, w, M, y"),
    })?;
    Ok((unit, matches!(word, "M" | "Q" | "q" | "y")))
}
