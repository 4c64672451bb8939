//! Types of values that collectd does not bring along, as a `types.db` lists them.

use super::super::putval::types::values_of;
use model::{Position, Report};
use std::borrow::Cow;
use std::collections::HashMap;

/// Longest list of values that a type may have.
const VALUES_MAX: usize = 256;

/// The names of types' values: collectd's own, and those of a file, which count more.
#[derive(Debug, Clone, Default)]
pub struct Types {
    own: HashMap<String, Vec<String>>,
}

impl Types {
    /// Reads lines `type  name:KIND:min:max, name:KIND:min:max …`; `#` begins a comment. What cannot be read is reported with
    /// its line, the others hold.
    pub fn read(text: &str) -> (Self, Report) {
        let (mut types, mut report) = (Self::default(), Report::default());
        for (number, line) in (1..).zip(text.lines()) {
            let line = line.split('#').next().unwrap_or_default().trim();
            if line.is_empty() {
                continue;
            }
            match read_line(line) {
                Ok((name, values)) => {
                    report.accepted += 1;
                    types.own.insert(name, values);
                }
                Err(why) => report.reject(Position::Line(number), why),
            }
        }
        (types, report)
    }

    /// The names of a type's values in order; `None` for a type that nobody knows.
    pub(super) fn names(&self, kind: &str) -> Option<Vec<Cow<'_, str>>> {
        match self.own.get(kind) {
            Some(names) => Some(names.iter().map(|name| Cow::Borrowed(name.as_str())).collect()),
            None => values_of(kind).map(|values| values.map(|(name, _)| Cow::Borrowed(name)).collect()),
        }
    }
}

fn read_line(line: &str) -> Result<(String, Vec<String>), String> {
    let (name, sources) = line.split_once(char::is_whitespace).ok_or("a type without values")?;
    let mut names = Vec::new();
    for source in sources.split([',', ' ', '\t']).filter(|source| !source.is_empty()) {
        let fields: Vec<_> = source.split(':').collect();
        let [value, kind, _, _] = fields[..] else {
            return Err(format!("`{source}` is not name:KIND:min:max"));
        };
        if !["GAUGE", "COUNTER", "DERIVE", "ABSOLUTE"].iter().any(|known| kind.eq_ignore_ascii_case(known)) {
            return Err(format!("kind `{kind}` is not GAUGE, COUNTER, DERIVE or ABSOLUTE"));
        }
        names.push(value.to_owned());
    }
    match names.len() {
        1..=VALUES_MAX => Ok((name.to_owned(), names)),
        count => Err(format!("a type has 1 to {VALUES_MAX} values, not {count}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_adds_to_what_is_known_and_bad_lines_are_told() {
        let text = "# mine\nqueue  depth:GAUGE:0:U, age:derive:0:U\nif_octets in:DERIVE:0:U out:DERIVE:0:U # other\nbad\nworse x:Y:0:U\nworst x:GAUGE\n";
        let (types, report) = Types::read(text);
        assert_eq!((report.accepted, report.rejected), (2, 3));
        assert_eq!(types.names("queue").unwrap(), ["depth", "age"]);
        assert_eq!(types.names("if_octets").unwrap(), ["in", "out"]);
        assert_eq!(types.names("load").unwrap(), ["shortterm", "midterm", "longterm"]);
        assert!(types.names("worse").is_none());
        let reasons: Vec<_> =
            report.reasons.iter().map(|r| format!("{}: {}", r.position, r.reason)).collect();
        assert_eq!(
            reasons,
            [
                "line 4: a type without values",
                "line 5: kind `Y` is not GAUGE, COUNTER, DERIVE or ABSOLUTE",
                "line 6: `x:GAUGE` is not name:KIND:min:max",
            ]
        );
    }
}
