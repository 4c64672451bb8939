//! `10s:6h,1m:7d`: seconds a point, and how long or how many.

const UNITS: [(&str, u64); 6] = [
    ("seconds", 1),
    ("minutes", 60),
    ("hours", 3600),
    ("days", 86_400),
    ("weeks", 7 * 86_400),
    ("years", 365 * 86_400),
];

/// An archive to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Seconds of a point.
    pub step_s: u64,
    /// Number of points.
    pub points: u64,
}

impl Retention {
    /// Seconds that it covers.
    pub fn keep_s(&self) -> u64 {
        self.step_s.saturating_mul(self.points)
    }
}

/// Reads a list.
pub(super) fn list(text: &str) -> Result<Vec<Retention>, String> {
    text.split(',').map(|part| one(part.trim())).collect()
}

fn one(text: &str) -> Result<Retention, String> {
    let split = text.split_once(':').ok_or_else(|| format!("`{text}` is no retention like 60s:7d"))?;
    let (step, age) = (split.0, split.1);
    let step_s = seconds(step)?;
    if step_s == 0 {
        return Err(format!("`{text}`: a point of no time"));
    }
    let points = match age.parse::<u64>() {
        Ok(points) => points,
        Err(_) => seconds(age)? / step_s,
    };
    Ok(Retention { step_s, points })
}

/// A number of seconds, or one with a unit: any start of its name (`s`, `min`, `hours`).
fn seconds(text: &str) -> Result<u64, String> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let wrong = || format!("`{text}` is no number with a unit of s, min, h, d, w or y");
    let number: u64 = number.parse().map_err(|_| wrong())?;
    let unit_s = match unit {
        "" => 1,
        unit => UNITS.iter().find(|(name, _)| name.starts_with(unit)).ok_or_else(wrong)?.1,
    };
    number.checked_mul(unit_s).ok_or_else(wrong)
}

/// Sorts the finest first, as whisper does, and checks its rules for what may stand together.
pub(super) fn check(sorted: &mut [Retention]) -> Result<(), String> {
    sorted.sort_by_key(|retention| retention.step_s);
    if let Some(empty) = sorted.iter().find(|r| r.points == 0) {
        return Err(format!("{} s: keeps no point", empty.step_s));
    }
    for pair in sorted.windows(2) {
        let [fine, coarse] = [pair[0], pair[1]];
        let (a, b) = (fine.step_s, coarse.step_s);
        if a == b {
            return Err(format!("{a} s: twice the same precision"));
        }
        if b % a != 0 {
            return Err(format!("{b} s is no multiple of {a} s"));
        }
        if coarse.keep_s() <= fine.keep_s() {
            return Err(format!("{b} s: must be kept longer than {a} s"));
        }
        if fine.points < b / a {
            return Err(format!("{a} s: {} points are fewer than one of {b} s needs", fine.points));
        }
    }
    Ok(())
}
