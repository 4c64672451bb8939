//! Batches as carbon takes them: lines, and pickles of lists.

use crate::Heads;
use model::{Batch, HOST, Labels, NAME};
use std::io::Write;

/// Where a series that has no path of its own stands in the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Label(String),
    /// The values of all labels not named elsewhere, a dot between.
    Rest,
    /// Those labels as carbon's tags.
    Tags,
}

impl Template {
    /// Reads a template: `{host}`, `{__name__}` and other labels by name, `{*}` for the values of all the others in the
    /// order of their names, `{;}` at the end for those as tags. What is empty is left out together with its dot.
    ///
    /// # Errors
    /// When a brace is not closed, or `{;}` is not at the end.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (mut parts, mut rest) = (Vec::new(), text);
        while let Some(open) = rest.find('{') {
            if open > 0 {
                parts.push(Part::Text(rest[..open].to_owned()));
            }
            let (name, after) = rest[open + 1..].split_once('}').ok_or("a `{` that is not closed")?;
            parts.push(match name {
                "*" => Part::Rest,
                ";" if after.is_empty() => Part::Tags,
                ";" => return Err("`{;}` stands at the end or not at all".to_owned()),
                name => Part::Label(name.to_owned()),
            });
            rest = after;
        }
        if !rest.is_empty() {
            parts.push(Part::Text(rest.to_owned()));
        }
        Ok(Self { parts })
    }

    /// The path of a series. One without host and with dots in its name came through a Graphite door: it has a path,
    /// and that is its name, with its other labels as tags.
    pub fn path(&self, labels: &Labels) -> String {
        let mut path = String::new();
        if labels.host().is_empty() && labels.name().contains('.') {
            path.push_str(&clean(labels.name(), true));
            write_tags(&mut path, labels.iter().filter(|(name, _)| *name != NAME));
            return path;
        }
        for part in &self.parts {
            match part {
                Part::Text(text) => path.push_str(text),
                Part::Label(name) => path.push_str(&clean(labels.get(name).unwrap_or(""), name == NAME)),
                Part::Rest => {
                    let values: Vec<String> =
                        self.others(labels).map(|(_, value)| clean(value, false)).collect();
                    path.push_str(&values.join("."));
                }
                Part::Tags => {
                    let mut tags = String::new();
                    write_tags(&mut tags, self.others(labels));
                    path = tidy(&path);
                    path.push_str(&tags);
                    return path;
                }
            }
        }
        tidy(&path)
    }

    fn others<'l>(&'l self, labels: &'l Labels) -> impl Iterator<Item = (&'l str, &'l str)> {
        labels.iter().filter(|(name, _)| {
            *name != NAME && !self.parts.iter().any(|p| matches!(p, Part::Label(taken) if taken == name))
        })
    }
}

impl Default for Template {
    /// `{host}.{__name__}.{*}`, as Graphite reads series of ours.
    fn default() -> Self {
        Self {
            parts: vec![Part::Label(HOST.to_owned()), dot(), Part::Label(NAME.to_owned()), dot(), Part::Rest],
        }
    }
}

fn dot() -> Part {
    Part::Text(".".to_owned())
}

fn write_tags<'l>(path: &mut String, pairs: impl Iterator<Item = (&'l str, &'l str)>) {
    for (name, value) in pairs {
        let value = value.trim_start_matches('~').replace([';', ' ', '\n', '\t', '\r'], "_");
        if !value.is_empty() {
            let name = name.replace([';', '!', '^', '=', ' ', '\n', '\t', '\r'], "_");
            path.push_str(&format!(";{name}={value}"));
        }
    }
}

/// One component: what would end it or the line becomes `_`; a name may keep its dots.
fn clean(text: &str, dots: bool) -> String {
    let bad = |c: char| c.is_whitespace() || c.is_control() || c == ';' || (c == '.' && !dots);
    text.trim_matches('/').chars().map(|c| if bad(c) || c == '/' { '_' } else { c }).collect()
}

/// Without empty components.
fn tidy(path: &str) -> String {
    path.split('.').filter(|part| !part.is_empty()).collect::<Vec<_>>().join(".")
}

/// Writes lines and pickles; remembers the paths of a dictionary.
#[derive(Debug, Default)]
pub struct Encoder {
    heads: Heads,
    template: Template,
}

impl Encoder {
    /// Paths by this template.
    pub fn new(template: Template) -> Self {
        Self { heads: Heads::default(), template }
    }

    /// Appends a line for each finite row; gives the number of those that have none. Values are written so that they
    /// read back the same, times in seconds, with a fraction where they have one.
    pub fn lines(&mut self, batch: &Batch, out: &mut Vec<u8>) -> u64 {
        let (mut time, mut left_out) = (Vec::new(), 0);
        for rows in batch.groups() {
            time.clear();
            write_seconds(rows.time_ms, &mut time);
            for (&slot, &value) in rows.slots.iter().zip(rows.values) {
                if !value.is_finite() {
                    left_out += 1;
                    continue;
                }
                let path = |labels: &Labels, out: &mut Vec<u8>| {
                    out.extend_from_slice(self.template.path(labels).as_bytes())
                };
                out.extend_from_slice(self.heads.of(&batch.dictionary, slot, path));
                let _infallible = write!(out, " {value} ");
                out.extend_from_slice(&time);
                out.push(b'\n');
            }
        }
        left_out
    }

    /// Appends a frame for carbon's pickle port: a length, and a list of `(path, (time, value))` in protocol 2. Gives
    /// the number of rows that are not finite and are left out.
    pub fn pickle(&mut self, batch: &Batch, out: &mut Vec<u8>) -> u64 {
        let (start, mut left_out) = (out.len(), 0);
        // PROTO 2, EMPTY_LIST, MARK
        out.extend_from_slice(&[0, 0, 0, 0, 0x80, 2, b']', b'(']);
        for rows in batch.groups() {
            for (&slot, &value) in rows.slots.iter().zip(rows.values) {
                if !value.is_finite() {
                    left_out += 1;
                    continue;
                }
                let path = |labels: &Labels, out: &mut Vec<u8>| {
                    out.extend_from_slice(self.template.path(labels).as_bytes())
                };
                let path = self.heads.of(&batch.dictionary, slot, path);
                out.push(b'X'); // BINUNICODE
                out.extend_from_slice(&(path.len() as u32).to_le_bytes());
                out.extend_from_slice(path);
                pickle_time(rows.time_ms, out);
                out.push(b'G'); // BINFLOAT
                out.extend_from_slice(&value.to_be_bytes());
                out.extend_from_slice(&[0x86, 0x86]); // TUPLE2 twice
            }
        }
        out.extend_from_slice(b"e."); // APPENDS, STOP
        let len = (out.len() - start - 4) as u32;
        out[start..start + 4].copy_from_slice(&len.to_be_bytes());
        left_out
    }
}

/// A whole number of seconds where it is one, for readers that know no others.
fn pickle_time(time_ms: i64, out: &mut Vec<u8>) {
    match i32::try_from(time_ms / 1000) {
        Ok(seconds) if time_ms % 1000 == 0 => {
            out.push(b'J'); // BININT
            out.extend_from_slice(&seconds.to_le_bytes());
        }
        _ => {
            out.push(b'G');
            out.extend_from_slice(&(time_ms as f64 / 1000.0).to_be_bytes());
        }
    }
}

fn write_seconds(time_ms: i64, out: &mut Vec<u8>) {
    let _infallible = match time_ms.rem_euclid(1000) {
        0 => write!(out, "{}", time_ms / 1000),
        _ => write!(out, "{}", time_ms as f64 / 1000.0),
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Context;
    use crate::protocols::graphite;
    use model::{Kind, Slot};
    use proptest::prelude::*;

    fn path(template: &str, pairs: &[(&str, &str)]) -> String {
        Template::parse(template).unwrap().path(&Labels::from_pairs(pairs.iter().copied()).unwrap())
    }

    #[test]
    fn a_series_of_ours_stands_below_its_host() {
        let cpu = [("__name__", "cpu.user"), ("host", "web1.example"), ("core", "0"), ("mode", "a b")];
        assert_eq!(
            Template::default().path(&Labels::from_pairs(cpu).unwrap()),
            "web1_example.cpu.user.0.a_b"
        );
        assert_eq!(path("dc.{host}.{core}.{__name__}", &cpu), "dc.web1_example.0.cpu.user");
        assert_eq!(path("{host}.{__name__}{;}", &cpu), "web1_example.cpu.user;core=0;mode=a_b");
        assert_eq!(path("{host}.{none}.{__name__}", &cpu), "web1_example.cpu.user");
        assert_eq!(path("{host}.{__name__}", &[("__name__", "a.b"), ("dc", "x")]), "a.b;dc=x");
        assert!(Template::parse("{a").is_err() && Template::parse("{;}.x").is_err());
    }

    #[test]
    fn a_pickle_is_what_python_reads() {
        let mut batch = Batch::new();
        let slot = batch.dictionary.add(&Labels::from_pairs([(NAME, "a.b")]).unwrap(), Kind::Gauge);
        batch.sample(slot, 1_700_000_000_000, 1.5);
        let mut out = Vec::new();
        assert_eq!(Encoder::default().pickle(&batch, &mut out), 0);
        let mut wanted = vec![0, 0, 0, 30, 0x80, 2, b']', b'(', b'X', 3, 0, 0, 0, b'a', b'.', b'b', b'J'];
        wanted.extend_from_slice(&1_700_000_000i32.to_le_bytes());
        wanted.push(b'G');
        wanted.extend_from_slice(&1.5f64.to_be_bytes());
        wanted.extend_from_slice(&[0x86, 0x86, b'e', b'.']);
        wanted[3] = (wanted.len() - 4) as u8;
        assert_eq!(out, wanted);
    }

    proptest! {
        #[test]
        fn lines_read_back_the_same(rows in prop::collection::vec((0..5u32, 0..4_000_000_000_000i64, any::<f64>()), 1..40)) {
            let mut batch = Batch::new();
            for n in 0..5 {
                let name = format!("servers.web{n}.load");
                let labels = Labels::from_pairs([(NAME, name.as_str()), ("rack", "a1")]).unwrap();
                batch.dictionary.add(&labels, Kind::Unknown);
            }
            rows.iter().for_each(|(n, time_ms, value)| batch.sample(Slot(*n), *time_ms, *value));
            let mut text = Vec::new();
            let left_out = Encoder::default().lines(&batch, &mut text);
            let mut back = Batch::new();
            let report = graphite::decode(&text, &Context::at(0), &mut back);
            prop_assert_eq!(report.rejected, 0);
            let all = |batch: &Batch| -> Vec<(Labels, i64, u64)> {
                let rows = batch.groups().flat_map(|g| {
                    g.slots.iter().zip(g.values).map(move |(s, v)| (batch.dictionary.labels(*s), g.time_ms, *v)).collect::<Vec<_>>()
                });
                rows.filter(|(_, _, v)| v.is_finite()).map(|(l, t, v)| (l, t, v.to_bits())).collect()
            };
            prop_assert_eq!(left_out as usize, rows.iter().filter(|r| !r.2.is_finite()).count());
            prop_assert_eq!(all(&back), all(&batch));
        }
    }
}
