//! Numbers with a prefix for their size.

/// Prefixes with what they stand for, greatest first.
const BINARY: [(&str, f64); 5] = [
    ("Pi", 1_125_899_906_842_624.0),
    ("Ti", 1_099_511_627_776.0),
    ("Gi", 1_073_741_824.0),
    ("Mi", 1_048_576.0),
    ("Ki", 1024.0),
];
const SI: [(&str, f64); 5] = [("P", 1e15), ("T", 1e12), ("G", 1e9), ("M", 1e6), ("k", 1e3)];

/// A number and its prefix; none in a system that is not known.
pub(super) fn scaled(number: f64, system: &str) -> (f64, &'static str) {
    let units: &[(&str, f64)] = match system {
        "binary" => &BINARY,
        "si" => &SI,
        _ => &[],
    };
    let fitting = units.iter().find(|(_, size)| number.abs() >= *size);
    let (value, prefix) = fitting.map_or((number, ""), |(prefix, size)| (number / size, *prefix));
    let is_nearly_whole = value - value.floor() < 1e-11 && number > 1.0;
    (if is_nearly_whole { value.floor() } else { value }, prefix)
}
