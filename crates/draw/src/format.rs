//! Numbers as the labels of an axis tell them.

/// How large numbers get short.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Units {
    /// Thousands: `k`, `M`, `G` …
    #[default]
    Si,
    /// 1024: `Ki`, `Mi` …
    Binary,
    /// Values are seconds.
    Seconds,
    /// Values are milliseconds.
    Milliseconds,
    /// They do not.
    Plain,
}

const SI: &[(&str, f64)] = &[("E", 1e18), ("P", 1e15), ("T", 1e12), ("G", 1e9), ("M", 1e6), ("k", 1e3)];
const BINARY: &[(&str, f64)] = &[
    ("Ei", 1_152_921_504_606_846_976.0),
    ("Pi", 1_125_899_906_842_624.0),
    ("Ti", 1_099_511_627_776.0),
    ("Gi", 1_073_741_824.0),
    ("Mi", 1_048_576.0),
    ("Ki", 1024.0),
];
const SECONDS: &[(&str, f64)] =
    &[("y", 31_536_000.0), ("d", 86_400.0), ("h", 3600.0), ("min", 60.0), ("s", 1.0)];
const MILLISECONDS: &[(&str, f64)] =
    &[("y", 31_536_000e3), ("d", 86_400e3), ("h", 3600e3), ("min", 60e3), ("s", 1e3), ("ms", 1.0)];

impl Units {
    /// Graphite's names: `si`, `binary`, `sec`, `msec`, `none`.
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "si" => Self::Si,
            "binary" => Self::Binary,
            "sec" => Self::Seconds,
            "msec" => Self::Milliseconds,
            "none" => Self::Plain,
            _ => return None,
        })
    }

    fn prefixes(self) -> &'static [(&'static str, f64)] {
        match self {
            Self::Si => SI,
            Self::Binary => BINARY,
            Self::Seconds => SECONDS,
            Self::Milliseconds => MILLISECONDS,
            Self::Plain => &[],
        }
    }

    /// The unit in which an axis that reaches to `largest` tells its values: its text and its size.
    pub fn of(self, largest: f64) -> (&'static str, f64) {
        let found = self.prefixes().iter().find(|(_, size)| largest.abs() >= *size * (1.0 - 1e-9));
        found.or(self.prefixes().last().filter(|(_, size)| *size == 1.0)).copied().unwrap_or(("", 1.0))
    }

    /// A number alone, with four digits at most: `1.234 k`.
    pub fn short(self, value: f64) -> String {
        let (unit, size) = self.of(value);
        with_unit(&trimmed(value / size, digits_after(value / size)), unit)
    }
}

// Decimals that give a number four digits.
fn digits_after(value: f64) -> usize {
    let magnitude = value.abs().max(1e-12).log10().floor() as i32;
    (3 - magnitude).clamp(0, 12) as usize
}

/// A number with `decimals` digits after the point.
pub fn fixed(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    // Zero has no sign.
    if text.bytes().all(|b| matches!(b, b'-' | b'0' | b'.')) {
        text.replace('-', "")
    } else {
        text.replace('-', "−")
    }
}

/// The same without zeroes at its end.
pub fn trimmed(value: f64, decimals: usize) -> String {
    let text = fixed(value, decimals);
    if !text.contains('.') {
        return text;
    }
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A number before its unit.
pub fn with_unit(number: &str, unit: &str) -> String {
    if unit.is_empty() { number.to_owned() } else { format!("{number} {unit}") }
}
