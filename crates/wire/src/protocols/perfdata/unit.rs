//! Units of measure and their base units.

use model::Kind;

/// How values of a unit become samples.
#[derive(Debug, PartialEq)]
pub(super) struct Found<'a> {
    /// Metric name.
    pub(super) name: &'static str,
    /// Metric name of bounds.
    pub(super) bound_name: &'static str,
    pub(super) kind: Kind,
    /// The unit as it stands when it is none of ours, else "".
    pub(super) unknown: &'a str,
    factor: f64,
    divisor: f64,
}

impl Found<'_> {
    /// Divides where that is exact and a factor such as 0.001 would not be.
    pub(super) fn to_base(&self, value: f64) -> f64 {
        value * self.factor / self.divisor
    }
}

/// Cuts a value from its unit: behind its last digit or point. Exponents stay with the value.
pub(super) fn split(text: &str) -> (&str, &str) {
    let text = text.trim_ascii();
    let end = text.rfind(|c: char| c.is_ascii_digit() || matches!(c, '.' | ',')).map_or(0, |at| at + 1);
    text.split_at(end)
}

/// What is known of a unit.
pub(super) fn find(unit: &str) -> Found<'_> {
    let found = |name, bound_name, factor, divisor| Found {
        name,
        bound_name,
        kind: Kind::Gauge,
        unknown: "",
        factor,
        divisor,
    };
    let seconds = |factor, divisor| found("perfdata_seconds", "perfdata_seconds_bound", factor, divisor);
    match unit {
        "" => found("perfdata_value", "perfdata_value_bound", 1.0, 1.0),
        "%" => found("perfdata_ratio", "perfdata_ratio_bound", 1.0, 100.0),
        "c" => Found { kind: Kind::Counter, ..found("perfdata_total", "perfdata_total_bound", 1.0, 1.0) },
        "C" => found("perfdata_celsius", "perfdata_celsius_bound", 1.0, 1.0),
        "s" | "S" => seconds(1.0, 1.0),
        "ms" => seconds(1.0, 1e3),
        "us" | "µs" | "μs" => seconds(1.0, 1e6),
        "ns" => seconds(1.0, 1e9),
        "m" | "min" => seconds(60.0, 1.0),
        "h" => seconds(3600.0, 1.0),
        "d" => seconds(86_400.0, 1.0),
        _ => match data_factor(unit) {
            Some((factor, 'B')) => found("perfdata_bytes", "perfdata_bytes_bound", factor, 1.0),
            Some((factor, _)) => found("perfdata_bits", "perfdata_bits_bound", factor, 1.0),
            None => Found { unknown: unit, ..found("perfdata_value", "perfdata_value_bound", 1.0, 1.0) },
        },
    }
}

/// The factor and letter of bytes and bits.
fn data_factor(unit: &str) -> Option<(f64, char)> {
    let letter = unit.chars().next_back().filter(|c| matches!(c, 'B' | 'b'))?;
    let prefix = &unit[..unit.len() - 1];
    let (base, prefix) = match prefix.strip_suffix(['i', 'I']) {
        Some(prefix) if !prefix.is_empty() => (1024f64, prefix),
        _ => (1000f64, prefix),
    };
    let power = match prefix.to_ascii_uppercase().as_str() {
        "" => 0,
        one => ["K", "M", "G", "T", "P", "E", "Z", "Y"].iter().position(|p| *p == one)? + 1,
    };
    Some((base.powi(power as i32), letter))
}
