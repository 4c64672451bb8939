//! The text protocol of collectd's `exec` and `unixsock` plugins.
//!
//! ```text
//! line   := "PUTVAL" identifier (option | values)*  |  "PUTNOTIF" (name "=" text)* "message=" text  |  "#" comment
//! identifier := host "/" plugin ["-" instance] "/" type ["-" instance]      in double quotes when it has blanks
//! option := name "=" text         `interval` and others: they say nothing about the samples and are not needed
//! values := time (":" value)+      time: Unix seconds, with a fraction if need be, or N for now; value: a number or U
//! ```
//!
//! * Words may be quoted; commands and `N` are in any case. A line may have several lists of values.
//! * A series is named `plugin_type`, just `plugin` when both are the same, with `_name` behind it for each value of a type
//!   that has several (`interface_if_octets_rx`). The labels are `host`, `plugin_instance` and `type_instance`.
//! * Names and kinds of a type's values are collectd's ([`types`]). Values of a type that collectd does not know are of
//!   unknown kind and, when there are several, named by their number from 0.
//! * `U` is not known: it is left out and counted as skipped, as is a `PUTNOTIF`, which [`decode_with`] hands over.

mod identifier;
pub mod notice;
pub mod types;
mod words;

pub(super) use identifier::Identifier;

use super::Protocol;
use crate::{Context, lines, number};
use hashbrown::HashMap;
use model::{Batch, Kind, LabelsBuilder, Report, Slot};
use notice::Notice;

/// The row in the table.
pub const PROTOCOL: Protocol = Protocol {
    name: "putval",
    summary: "PUTVAL lines as scripts of collectd's exec plugin print them",
    media_types: &["text/plain"],
    paths: &["/api/v1/import/putval"],
    example: b"PUTVAL \"web1/exec-queue/gauge-depth\" interval=10 N:42\n",
    decode,
};

/// Most types that are remembered; senders that name more start anew.
const TYPES_MAX: usize = 512;

/// Decodes lines; see the module's text.
pub fn decode(input: &[u8], context: &Context<'_>, out: &mut Batch) -> Report {
    decode_with(input, context, out, |_| {})
}

/// [`decode`], with the notifications handed to `tell` as they come.
pub fn decode_with(
    input: &[u8],
    context: &Context<'_>,
    out: &mut Batch,
    mut tell: impl FnMut(Notice),
) -> Report {
    let mut report = Report::default();
    let mut putting = Putting::default();
    lines::for_each(input, &mut report, |_, line, report| {
        if line.starts_with('#') {
            return Ok(());
        }
        let (command, rest) = line.split_once([' ', '\t']).unwrap_or((line, ""));
        if command.eq_ignore_ascii_case("PUTVAL") {
            putting.line(rest, context, out, report)
        } else if command.eq_ignore_ascii_case("PUTNOTIF") {
            tell(notice::read(rest, context.now_ms)?);
            report.skipped += 1;
            Ok(())
        } else {
            Err(format!("`{command}` is neither PUTVAL nor PUTNOTIF"))
        }
    });
    report
}

/// What is needed for a `PUTVAL`, reused from line to line.
#[derive(Default)]
struct Putting {
    labels: LabelsBuilder,
    name: String,
    /// Time and value by place in the list, as the line has them.
    values: Vec<(i64, usize, f64)>,
    /// The series of each place.
    slots: Vec<Slot>,
    types: Looked,
}

impl Putting {
    /// Takes a line whole or not at all.
    fn line(
        &mut self,
        mut text: &str,
        context: &Context<'_>,
        out: &mut Batch,
        report: &mut Report,
    ) -> Result<(), String> {
        let identifier = words::next(&mut text)?.ok_or("PUTVAL has no identifier")?;
        let identifier = Identifier::parse(&identifier)?;
        let Self { labels, name, values, slots, types } = self;
        let kinds = types.of(identifier.kind);
        values.clear();
        let (mut lists, mut skipped, mut width) = (0, 0, 0);
        loop {
            if words::option_name(&mut text).is_some() {
                words::next(&mut text)?;
                continue;
            }
            let Some(list) = words::next(&mut text)? else { break };
            lists += 1;
            let count = read_list(&list, context.now_ms, values, &mut skipped)?;
            if let Some(kinds) = kinds.filter(|kinds| kinds.len() != count) {
                let (name, wanted) = (identifier.kind, kinds.len());
                return Err(format!("type `{name}` has {wanted} values, the line has {count}"));
            }
            width = count.max(width);
        }
        if lists == 0 {
            return Err("PUTVAL has no values, such as N:1".to_owned());
        }
        let kinds = kinds.unwrap_or_default();
        slots.clear();
        for place in 0..width {
            let (value, kind) = kinds.get(place).copied().unwrap_or(("", Kind::Unknown));
            identifier.write_name(value, place, width, name);
            identifier.write_labels(name, labels);
            slots.push(context.add_series(out, labels, kind).map_err(|e| e.to_string())?);
        }
        for (time_ms, place, value) in &*values {
            out.sample(slots[*place], *time_ms, *value);
        }
        report.accepted += values.len() as u64;
        report.skipped += skipped;
        Ok(())
    }
}

/// Names and kinds of a type's values.
type Values = Box<[(&'static str, Kind)]>;

/// Types that were looked up before, those that collectd does not know among them.
#[derive(Default)]
struct Looked(HashMap<Box<str>, Option<Values>>);

impl Looked {
    /// The names and kinds of a type's values; `None` for a type that collectd does not know.
    fn of(&mut self, name: &str) -> Option<&[(&'static str, Kind)]> {
        if !self.0.contains_key(name) {
            if self.0.len() >= TYPES_MAX {
                self.0.clear();
            }
            self.0.insert(name.into(), types::values_of(name).map(Iterator::collect));
        }
        self.0.get(name)?.as_deref()
    }
}

/// Reads `time:value:value…` into times, places and values; gives the number of values.
fn read_list(
    list: &str,
    now_ms: i64,
    out: &mut Vec<(i64, usize, f64)>,
    skipped: &mut u64,
) -> Result<usize, String> {
    let (time, values) = list.split_once(':').ok_or_else(|| format!("`{list}` is not time:value"))?;
    let time_ms = read_time(time, now_ms)?;
    let mut count = 0;
    for (place, text) in values.split(':').enumerate() {
        count += 1;
        if text.eq_ignore_ascii_case("u") || text.eq_ignore_ascii_case("nan") {
            *skipped += 1;
            continue;
        }
        let value = number::finite_bytes(text.as_bytes())
            .ok_or_else(|| format!("value `{text}` is not a decimal number (nor U for unknown)"))?;
        out.push((time_ms, place, value));
    }
    Ok(count)
}

/// A time in Unix milliseconds.
fn read_time(text: &str, now_ms: i64) -> Result<i64, String> {
    if text.eq_ignore_ascii_case("n") {
        return Ok(now_ms);
    }
    let seconds = number::finite_bytes(text.as_bytes()).filter(|seconds| (0.0..1e11).contains(seconds));
    let seconds = seconds.ok_or_else(|| format!("time `{text}` is not a number of seconds or N"))?;
    Ok((seconds * 1000.0).round() as i64)
}

#[cfg(test)]
mod tests;
