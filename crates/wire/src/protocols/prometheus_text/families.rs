//! What the comments say about metric families, and what that means for a sample's series.

use super::sample::quoted;
use model::{Description, Dictionary, Kind};
use std::borrow::Cow;
use std::collections::HashMap;

/// Most families that are remembered of one input; samples of further ones are of unknown kind.
pub(super) const FAMILIES_MAX: usize = 100_000;

/// A family's type as the formats name it.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
enum Type {
    #[default]
    Unknown,
    Counter,
    Gauge,
    Histogram,
    GaugeHistogram,
    Summary,
    /// Info and state set: ones and zeros that carry labels.
    Info,
}

#[derive(Default)]
struct Family {
    kind: Type,
    unit: String,
    help: String,
}

/// The families met so far.
#[derive(Default)]
pub(super) struct Families {
    by_name: HashMap<String, Family>,
    /// The name asked for last and what it was: the samples of a family follow each other.
    last: (String, Kind),
}

impl Families {
    /// Takes what follows the `#` of a comment.
    pub(super) fn comment(&mut self, comment: &str) -> Result<(), String> {
        let mut words = comment.trim_ascii_start().splitn(2, [' ', '\t']);
        let keyword = words.next().unwrap_or_default();
        let rest = words.next().unwrap_or_default().trim_ascii_start();
        if !matches!(keyword, "HELP" | "TYPE" | "UNIT") {
            return Ok(());
        }
        let (name, text) = name_and_text(rest)?;
        if self.by_name.len() >= FAMILIES_MAX && !self.by_name.contains_key(&*name) {
            return Err(format!("more than {FAMILIES_MAX} metric families in one input"));
        }
        self.last = Default::default();
        let family = self.by_name.entry(name.into_owned()).or_default();
        match keyword {
            "HELP" => family.help = unescape(text),
            "UNIT" => text.clone_into(&mut family.unit),
            _ => family.kind = type_of(text),
        }
        Ok(())
    }

    /// The kind of a sample's series.
    pub(super) fn kind_of(&mut self, name: &str) -> Kind {
        if self.last.0 != name {
            let kind = self.look_up(name);
            name.clone_into(&mut self.last.0);
            self.last.1 = kind;
        }
        self.last.1
    }

    fn look_up(&self, name: &str) -> Kind {
        if let Some(family) = self.by_name.get(name) {
            // A plain name: quantiles of summaries, and everything that has no parts.
            return match family.kind {
                Type::Counter => Kind::Counter,
                Type::Gauge | Type::Summary | Type::Info => Kind::Gauge,
                Type::Unknown | Type::Histogram | Type::GaugeHistogram => Kind::Unknown,
            };
        }
        let Some((family, suffix)) = name.rsplit_once('_') else { return Kind::Unknown };
        let kind = self.by_name.get(family).map_or(Type::Unknown, |family| family.kind);
        part_kind(kind, suffix)
    }

    /// Hands on what was learnt, for the names that the series have, in order of names.
    pub(super) fn describe(self, open_metrics: bool, dictionary: &mut Dictionary) {
        let mut families: Vec<_> = self.by_name.into_iter().collect();
        families.sort_by(|a, b| a.0.cmp(&b.0));
        for (name, family) in families {
            for (suffix, kind) in described_parts(family.kind, open_metrics && !name.ends_with("_total")) {
                dictionary.describe(Description {
                    metric: format!("{name}{suffix}").into(),
                    kind: *kind,
                    unit: family.unit.clone().into(),
                    help: family.help.clone().into(),
                });
            }
        }
    }
}

/// The name a comment is about and what it says; the name may be quoted.
fn name_and_text(rest: &str) -> Result<(Cow<'_, str>, &str), String> {
    if let Some(inside) = rest.strip_prefix('"') {
        let (name, text) = quoted(inside)?;
        return Ok((name, text.trim_ascii_start()));
    }
    let (name, text) = rest.split_once([' ', '\t']).unwrap_or((rest, ""));
    Ok((Cow::Borrowed(name), text.trim_ascii_start()))
}

/// A help text without its escapes (`\\` and `\n`).
fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (c, chars.clone().next()) {
            ('\\', Some('n')) => out.push('\n'),
            ('\\', Some(next @ ('\\' | '"'))) => out.push(next),
            _ => {
                out.push(c);
                continue;
            }
        }
        chars.next();
    }
    out
}

fn type_of(text: &str) -> Type {
    match text {
        "counter" => Type::Counter,
        "gauge" => Type::Gauge,
        "histogram" => Type::Histogram,
        "gaugehistogram" => Type::GaugeHistogram,
        "summary" => Type::Summary,
        "info" | "stateset" => Type::Info,
        _ => Type::Unknown,
    }
}

/// The kind of the series `family_suffix`.
fn part_kind(family: Type, suffix: &str) -> Kind {
    match (family, suffix) {
        (Type::Counter, "total") | (Type::Histogram, "bucket" | "count" | "sum") => Kind::Counter,
        (Type::Summary, "count" | "sum") => Kind::Counter,
        (Type::GaugeHistogram, "bucket" | "gcount" | "gsum") | (Type::Info, "info") => Kind::Gauge,
        (Type::Counter | Type::Histogram | Type::Summary, "created") => Kind::Gauge,
        _ => Kind::Unknown,
    }
}

/// Which series of a family a description is made for. OpenMetrics names a counter without its `_total`.
fn described_parts(family: Type, total_is_left_out: bool) -> &'static [(&'static str, Kind)] {
    match family {
        Type::Unknown => &[("", Kind::Unknown)],
        Type::Counter if total_is_left_out => &[("_total", Kind::Counter)],
        Type::Counter => &[("", Kind::Counter)],
        Type::Gauge | Type::Info => &[("", Kind::Gauge)],
        Type::Histogram => &[("_bucket", Kind::Counter), ("_count", Kind::Counter), ("_sum", Kind::Counter)],
        Type::GaugeHistogram => &[("_bucket", Kind::Gauge), ("_gcount", Kind::Gauge), ("_gsum", Kind::Gauge)],
        Type::Summary => &[("", Kind::Gauge), ("_count", Kind::Counter), ("_sum", Kind::Counter)],
    }
}
