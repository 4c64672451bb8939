//! Thresholds and limits of an item.

use super::{read_number, unit};

/// One end of a range.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Bound {
    pub(super) name: &'static str,
    /// In the item's unit.
    pub(super) value: f64,
}

/// What the ends of a range are called: alarm below, above, from, to.
type Names = [&'static str; 4];
const WARN: Names = ["warn_below", "warn_above", "warn_from", "warn_to"];
const CRIT: Names = ["crit_below", "crit_above", "crit_from", "crit_to"];

/// The bounds that are there; `Err` for each that cannot be read.
pub(super) fn read<'a>(texts: &'a [&'a str; 4]) -> impl Iterator<Item = Result<Bound, ()>> + 'a {
    let [warn, crit, min, max] = *texts;
    let limits = [limit("min", min), limit("max", max)];
    range(WARN, warn).into_iter().chain(range(CRIT, crit)).chain(limits).flatten()
}

fn limit(name: &'static str, text: &str) -> Option<Result<Bound, ()>> {
    let text = text.trim_ascii();
    (!text.is_empty() && text != "U").then(|| Ok(Bound { name, value: value(text)? }))
}

/// `[@][start:]end`.
fn range(names: Names, text: &str) -> [Option<Result<Bound, ()>>; 2] {
    let (text, inside) = match text.trim_ascii().strip_prefix('@') {
        Some(rest) => (rest, true),
        None => (text.trim_ascii(), false),
    };
    let [below, above, from, to] = names;
    let (low, high) = if inside { (from, to) } else { (below, above) };
    let (start, end) = text.split_once(':').unwrap_or(("~", text));
    if start.is_empty() && end.is_empty() {
        return if text.is_empty() { [None, None] } else { [Some(Err(())), None] };
    }
    let end_of =
        |name, text: &str| (!matches!(text, "" | "~")).then(|| Ok(Bound { name, value: value(text)? }));
    match (end_of(low, start), end_of(high, end)) {
        (Some(Ok(low)), Some(Ok(high))) if low.value > high.value => [Some(Err(())), None],
        ends => [ends.0, ends.1],
    }
}

/// A number; plugins that repeat the unit behind it are forgiven.
fn value(text: &str) -> Result<f64, ()> {
    read_number(unit::split(text).0).ok_or(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bounds(texts: [&'static str; 4]) -> Vec<Result<(&'static str, f64), ()>> {
        read(&texts).map(|bound| bound.map(|b| (b.name, b.value))).collect()
    }

    #[test]
    fn ranges_are_told_by_their_ends() {
        for (text, wanted) in [
            ("10", vec![Ok(("warn_above", 10.0))]),
            ("10:", vec![Ok(("warn_below", 10.0))]),
            ("~:10", vec![Ok(("warn_above", 10.0))]),
            ("10:20", vec![Ok(("warn_below", 10.0)), Ok(("warn_above", 20.0))]),
            ("@10:20", vec![Ok(("warn_from", 10.0)), Ok(("warn_to", 20.0))]),
            ("-5:-1", vec![Ok(("warn_below", -5.0)), Ok(("warn_above", -1.0))]),
            (":10", vec![Ok(("warn_above", 10.0))]),
            ("80%", vec![Ok(("warn_above", 80.0))]),
            ("0,5", vec![Ok(("warn_above", 0.5))]),
            ("", vec![]),
            ("20:10", vec![Err(())]),
            (":", vec![Err(())]),
            ("x", vec![Err(())]),
        ] {
            assert_eq!(bounds([text, "", "", ""]), wanted, "{text}");
        }
    }

    #[test]
    fn limits_are_numbers() {
        let all = [Ok(("crit_above", 2.0)), Ok(("min", 0.0)), Ok(("max", 9.0))];
        assert_eq!(bounds(["", "2", "0", "9"]), all);
        assert_eq!(bounds(["", "", "U", "?"]), [Err(())]);
    }
}
