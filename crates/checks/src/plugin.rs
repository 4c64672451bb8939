//! An outcome as monitoring plugins print it: a line for people, a bar, and performance data.
//!
//! ```text
//! HTTP OK: answered 200 in 0.012 s, 615 bytes | time=0.012000s;;;0 size=615B;;;0
//! ```

use crate::outcome::{Bounds, Reading};
use crate::{Outcome, Row};
use std::fmt::Write;

/// The line that `row` prints for what it found. The exit code is the number of the state.
pub fn line(row: &Row, outcome: &Outcome) -> String {
    // A bar would end the text and a line break the line.
    let text: String =
        outcome.text.chars().map(|c| if c == '|' || c.is_control() { ' ' } else { c }).collect();
    let mut line = format!("{} {}: {text}", row.name.to_ascii_uppercase(), outcome.state.as_str());
    let mut separator = " | ";
    for reading in outcome.readings.iter().filter(|reading| !reading.metric.short.is_empty()) {
        line.push_str(separator);
        line.push_str(&data(reading));
        separator = " ";
    }
    line
}

/// `label=value[unit];[warning];[critical];[least]`
fn data(reading: &Reading) -> String {
    let metric = reading.metric;
    let (unit, factor, digits) = match metric.unit {
        "seconds" => ("s", 1.0, 6),
        "bytes" => ("B", 1.0, 0),
        "ratio" => ("%", 100.0, 1),
        _ => ("", 1.0, 0),
    };
    let number = |value: f64| format!("{:.digits$}", value * factor);
    let bound = |bound: Option<f64>| match bound {
        Some(bound) if reading.bounds.is_floor => format!("{}:", number(bound)),
        Some(bound) => number(bound),
        None => String::new(),
    };
    let Bounds { warning, critical, is_floor } = reading.bounds;
    let mut text = metric.short.to_owned();
    if !reading.detail.is_empty() {
        let _ = write!(text, "_{}", reading.detail);
    }
    let least = if is_floor { "" } else { "0" };
    let _ = write!(text, "={}{unit};{};{};{least}", number(reading.value), bound(warning), bound(critical));
    text
}

#[cfg(test)]
mod tests {
    use super::line;
    use crate::metric::{CERTIFICATE_EXPIRY, DURATION, PHASE, UP};
    use crate::outcome::Bounds;
    use crate::{Outcome, builtin};

    #[test]
    fn an_outcome_is_one_line_with_performance_data() {
        let mut outcome = Outcome { text: "fine | \nreally".into(), ..Outcome::default() };
        outcome.read(&UP, "", 1.0);
        outcome.read(&PHASE, "connect", 0.5);
        let time = Bounds { warning: Some(1.0), critical: Some(2.5), is_floor: false };
        outcome.judge(&DURATION, 0.75, time, "slow", String::new());
        let floor = Bounds { warning: Some(9.0), critical: None, is_floor: true };
        outcome.judge(&CERTIFICATE_EXPIRY, 8.0, floor, "certificate", "runs out".into());
        let row = builtin::find("http").unwrap();
        assert_eq!(
            line(row, &outcome),
            "HTTP WARNING: runs out | time_connect=0.500000s;;;0 time=0.750000s;1.000000;2.500000;0 \
             certificate=8.000000s;9.000000:;;"
        );
        let outcome = Outcome { text: "a|b\nc".into(), ..Outcome::default() };
        assert_eq!(line(row, &outcome), "HTTP OK: a b c");
    }
}
