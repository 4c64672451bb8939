//! What monitoring plugins print (Nagios, Icinga and their kin): text for people and, behind a `|`, performance data.
//!
//! ```text
//! output := text ["|" items] (LF long text)* [LF text "|" items (LF items)*]
//! items  := item (blank+ item)*
//! item   := label "=" value [unit] [";" [warn] [";" [crit] [";" [min] [";" [max]]]]]
//! label  := text without blanks | "'" text "'"        in quotes it may hold blanks and `=`; '' is a quote
//! value  := a decimal number, a comma for the point if need be | "U" for not known
//! warn, crit := ["@"] [[start] ":"] [end]             start: a number, 0 when missing, or ~ for none; end: a number
//! ```
//!
//! * An item becomes a series named by its unit, brought to the base unit: `perfdata_seconds` (`s ms us ns m h d`),
//!   `perfdata_bytes` and `perfdata_bits` (`B`, `b`, with `k K M G T P E`, which are powers of 1000, or `Ki` …, powers of
//!   1024), `perfdata_ratio` (`%`), `perfdata_celsius` (`C`), `perfdata_total` (`c`, a counter), else `perfdata_value`, with an
//!   unknown unit as label `unit`. Label `label` is the item's. Who runs the plugin adds whose they are.
//! * Bounds become series of the name with `_bound` behind it: label `bound` is `min`, `max`, `warn_above` and `warn_below`
//!   (alarm outside of a range), `warn_from` and `warn_to` (alarm within a range, `@`), and the same with `crit`. The
//!   0 that a range without start begins with is not said. Bounds that cannot be read are left out and counted as skipped.
//! * A label `a::b` puts `a::` before the labels of the items after it that have none of their own, as `check_multi` means it.
//! * Lines that have no `|` with a `=` behind it are text. Bytes that are not UTF-8 are replaced.

mod bounds;
mod items;
mod unit;

use super::Protocol;
use crate::{Context, number};
use bounds::Bound;
use items::Item;
use model::{Batch, Kind, LabelsBuilder, NAME, Position, Report, Slot};
use std::borrow::Cow;

/// The row in the table.
pub const PROTOCOL: Protocol = Protocol {
    name: "perfdata",
    summary: "Performance data as monitoring plugins print it behind their text",
    media_types: &["text/plain"],
    paths: &[],
    example: b"DISK OK - free space: / 3326 MB (56%);|/=2643MB;5948;5958;0;5968\n",
    decode,
};

/// Decodes one plugin's output; see the module's text. Positions in the report are numbers of items.
pub fn decode(input: &[u8], context: &Context<'_>, out: &mut Batch) -> Report {
    let text = String::from_utf8_lossy(input);
    let (mut report, mut decoder) = (Report::default(), Decoder::default());
    for (number, item) in (1..).zip(lines(&text).filter_map(|(_, items)| items).flat_map(items::split)) {
        let taken = item.and_then(|item| decoder.item(&item, context, out, &mut report));
        if let Err(reason) = taken {
            report.reject(Position::Item(number), reason);
        }
    }
    report
}

/// Decodes items that somebody else has cut out already, each text one or more of them. Their positions are not told.
pub(super) fn texts(all: &[impl AsRef<str>], context: &Context<'_>, out: &mut Batch, report: &mut Report) {
    let mut decoder = Decoder::default();
    for item in all.iter().flat_map(|text| items::split(text.as_ref())) {
        let taken = item.and_then(|item| decoder.item(&item, context, out, report));
        if let Err(reason) = taken {
            report.reject(Position::Whole, reason);
        }
    }
}

/// The text for people on the first line that has any.
pub fn first_line(output: &str) -> &str {
    lines(output).map(|(text, _)| text).find(|text| !text.is_empty()).unwrap_or("")
}

/// Each line's text and items.
fn lines(output: &str) -> impl Iterator<Item = (&str, Option<&str>)> {
    let (mut pipes, mut number) = (0, 0);
    output.lines().map(move |line| {
        number += 1;
        let split = line.split_once('|').filter(|(_, items)| items.contains('='));
        match split {
            Some((text, items)) => {
                // The first line's items end with it; those of a later line go on to the end of the output.
                pipes += u32::from(number > 1);
                (text.trim_ascii(), Some(items))
            }
            None if pipes > 0 && line.contains('=') => ("", Some(line)),
            None => (line.trim_ascii(), None),
        }
    })
}

/// What is carried from item to item.
#[derive(Default)]
struct Decoder {
    labels: LabelsBuilder,
    /// The part before `::` of the last label that had one, with the colons.
    prefix: String,
    slots: Vec<(Slot, f64)>,
}

impl Decoder {
    /// Takes an item whole or not at all.
    fn item(
        &mut self,
        item: &Item<'_>,
        context: &Context<'_>,
        out: &mut Batch,
        report: &mut Report,
    ) -> Result<(), String> {
        let label = self.full_label(&item.label);
        let (value, unit) = unit::split(item.value);
        if (value, unit) == ("", "U") {
            // Without a unit its bounds would be series of another name.
            report.skipped += 1;
            return Ok(());
        }
        let value = read_number(value).ok_or_else(|| {
            format!("the value `{}` of `{label}` is not a decimal number (nor U)", item.value)
        })?;
        let unit = unit::find(unit);
        self.slots.clear();
        let mut skipped = 0;
        self.add(&label, &unit, None, value, context, out)?;
        for bound in bounds::read(&item.bounds) {
            match bound {
                Ok(bound) => self.add(&label, &unit, Some(bound), bound.value, context, out)?,
                Err(()) => skipped += 1,
            }
        }
        for (slot, value) in &self.slots {
            out.sample(*slot, context.now_ms, *value);
        }
        report.accepted += self.slots.len() as u64;
        report.skipped += skipped;
        Ok(())
    }

    fn full_label<'l>(&mut self, label: &'l str) -> Cow<'l, str> {
        if let Some(end) = label.rfind("::") {
            self.prefix.clear();
            self.prefix.push_str(&label[..end + 2]);
            return label.into();
        }
        if self.prefix.is_empty() { label.into() } else { format!("{}{label}", self.prefix).into() }
    }

    fn add(
        &mut self,
        label: &str,
        unit: &unit::Found<'_>,
        bound: Option<Bound>,
        value: f64,
        context: &Context<'_>,
        out: &mut Batch,
    ) -> Result<(), String> {
        let kind = if bound.is_none() { unit.kind } else { Kind::Gauge };
        let name = if bound.is_none() { unit.name } else { unit.bound_name };
        self.labels.clear();
        self.labels.add(NAME, name).add("bound", bound.map_or("", |bound| bound.name)).add("label", label);
        self.labels.add("unit", unit.unknown);
        let slot = context.add_series(out, &mut self.labels, kind).map_err(|e| e.to_string())?;
        self.slots.push((slot, unit.to_base(value)));
        Ok(())
    }
}

/// A decimal number; its point may be a comma.
fn read_number(text: &str) -> Option<f64> {
    match text.split_once(',') {
        Some((whole, fraction)) if !text.contains('.') => number::finite(&format!("{whole}.{fraction}")),
        _ => number::finite(text),
    }
}

#[cfg(test)]
mod tests;
