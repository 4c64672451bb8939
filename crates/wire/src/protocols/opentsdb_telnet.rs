//! OpenTSDB's `put` lines, as they come on its telnet port.
//!
//! ```text
//! line := "put" metric time value (tag "=" text)*
//! time := Unix seconds, with a fraction if need be | Unix milliseconds, of 11 to 14 digits
//! ```
//!
//! Words are parted by blanks. Tags become labels; of equal ones the last counts. A line without tags is taken, which OpenTSDB
//! refuses for the sake of its keys. The tag `__name__`, which is taken, becomes `exported___name__`.

use super::Protocol;
use crate::known::Known;
use crate::{Context, lines, number};
use model::{Batch, Kind, LabelsBuilder, NAME, Report, Slot};

/// The row in the table.
pub const PROTOCOL: Protocol = Protocol {
    name: "opentsdb_telnet",
    summary: "OpenTSDB's `put` lines, as on its telnet port",
    media_types: &["text/plain"],
    paths: &[],
    example: b"put sys.cpu.user 1356998400 42.5 host=web1 cpu=0\n",
    decode,
};

/// Largest number that is seconds and not milliseconds.
const SECONDS_MAX: i64 = 9_999_999_999;
/// The end of the year 9999, Unix milliseconds.
const TIME_MS_MAX: i64 = 253_402_300_799_999;

/// Decodes lines, each of them a `put`.
pub fn decode(input: &[u8], context: &Context<'_>, out: &mut Batch) -> Report {
    let mut decoder = Decoder::default();
    decoder.follow(out);
    let mut report = Report::default();
    lines::for_each(input, &mut report, |_, line, report| {
        match line.strip_prefix("put").filter(|rest| rest.starts_with([' ', '\t'])) {
            Some(rest) => decoder.put(rest, context, out)?,
            None => return Err("not a put".to_owned()),
        }
        report.accepted += 1;
        Ok(())
    });
    report
}

/// Decodes what follows a `put`, and remembers the series as long as the batch keeps its dictionary. The context's labels
/// must stay the same.
#[derive(Debug, Default)]
pub struct Decoder {
    known: Known,
    labels: LabelsBuilder,
    /// Metric and tags of a line, which are its series.
    key: Vec<u8>,
}

impl Decoder {
    /// To be called before the first line for a batch that was out of sight.
    pub fn follow(&mut self, out: &Batch) {
        self.known.follow(out);
    }

    /// Takes `metric time value tags`.
    ///
    /// # Errors
    /// What is wrong, in OpenTSDB's words where it has any.
    pub fn put(&mut self, text: &str, context: &Context<'_>, out: &mut Batch) -> Result<(), String> {
        let mut words = text.split_ascii_whitespace();
        let mut word = |got: u8| {
            let few = || format!("illegal argument: not enough arguments (need least 4, got {got})");
            words.next().ok_or_else(few)
        };
        let (metric, time, value) = (word(1)?, word(2)?, word(3)?);
        let time_ms = read_time(time)?;
        let value =
            number::finite(value).ok_or_else(|| format!("invalid value: {value} is not a finite number"))?;
        self.key.clear();
        for word in std::iter::once(metric).chain(words.clone()) {
            self.key.extend_from_slice(word.as_bytes());
            self.key.push(b' ');
        }
        let slot = match self.known.get(&self.key) {
            Some(slot) => slot,
            None => self.series(metric, words, context, out)?,
        };
        out.sample(slot, time_ms, value);
        Ok(())
    }

    fn series<'l>(
        &mut self,
        metric: &str,
        tags: impl Iterator<Item = &'l str>,
        context: &Context<'_>,
        out: &mut Batch,
    ) -> Result<Slot, String> {
        self.labels.clear();
        self.labels.add(NAME, metric);
        for word in tags {
            let pair = word.split_once('=').filter(|(tag, value)| !tag.is_empty() && !value.is_empty());
            let (tag, value) = pair.ok_or_else(|| format!("illegal argument: invalid tag: {word}"))?;
            self.labels.set(if tag == NAME { "exported___name__" } else { tag }, value);
        }
        let slot = context.add_series(out, &mut self.labels, Kind::Unknown);
        let slot = slot.map_err(|e| format!("illegal argument: {e}"))?;
        self.known.insert(&self.key, slot);
        Ok(slot)
    }
}

fn read_time(text: &str) -> Result<i64, String> {
    let wrong = || format!("illegal argument: invalid time: {text}");
    let ms = match text.parse::<i64>() {
        Ok(seconds @ 0..=SECONDS_MAX) => seconds * 1000,
        Ok(ms) => ms,
        Err(_) => (number::finite(text).ok_or_else(wrong)? * 1000.0).round() as i64,
    };
    if (0..=TIME_MS_MAX).contains(&ms) { Ok(ms) } else { Err(wrong()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::dump;
    use proptest::prelude::*;

    fn decoded(lines: &str) -> String {
        let mut batch = Batch::new();
        let report = decode(lines.as_bytes(), &Context::at(7), &mut batch);
        dump(&batch, &report)
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (line, reason) in [
            ("get x", "not a put"),
            ("putting x 1 1 a=b", "not a put"),
            ("put", "not a put"),
            ("put m 1", "illegal argument: not enough arguments (need least 4, got 3)"),
            ("put m later 1 a=b", "illegal argument: invalid time: later"),
            ("put m -1 1 a=b", "illegal argument: invalid time: -1"),
            ("put m 999999999999999 1 a=b", "illegal argument: invalid time: 999999999999999"),
            ("put m 1 NaN a=b", "invalid value: NaN is not a finite number"),
            ("put m 1 0x10 a=b", "invalid value: 0x10 is not a finite number"),
            ("put m 1 1 a", "illegal argument: invalid tag: a"),
            ("put m 1 1 =b", "illegal argument: invalid tag: =b"),
        ] {
            let wanted = format!("0 accepted, 1 rejected, 0 skipped\nrejected line 1: {reason}\n");
            assert_eq!(decoded(line), wanted, "{line}");
        }
    }

    #[test]
    fn times_are_seconds_or_milliseconds() {
        for (time, ms) in [
            ("1356998400", 1_356_998_400_000i64),
            ("1356998400500", 1_356_998_400_500),
            ("1356998400.5", 1_356_998_400_500),
        ] {
            assert!(
                decoded(&format!("put m {time} 1 a=b")).contains(&format!("\n{ms} unknown m{{a=\"b\"}} 1\n"))
            );
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(
            rows in prop::collection::vec(
                ("[a-z.]{1,3}", 0i64..9_999_999_999, any::<f64>().prop_filter("finite", |v| v.is_finite()),
                 prop::collection::btree_map("[a-z]{1,2}", "[a-z0-9./:=-]{1,3}", 0..3)), 0..20),
        ) {
            let mut lines = String::new();
            for (metric, time, value, tags) in &rows {
                let tags: String = tags.iter().map(|(tag, value)| format!("  {tag}={value}")).collect();
                lines += &format!("put {metric} {time} {value}{tags}\r\n");
            }
            let mut batch = Batch::new();
            let report = decode(lines.as_bytes(), &Context::at(7), &mut batch);
            prop_assert!(report.is_clean(), "{report}");
            let mut seen = Vec::new();
            for group in batch.groups() {
                for (slot, value) in group.slots.iter().zip(group.values) {
                    let labels = batch.dictionary.labels(*slot);
                    let tags = labels.iter().filter(|(name, _)| *name != NAME);
                    let tags = tags.map(|(tag, value)| (tag.to_owned(), value.to_owned())).collect();
                    seen.push((labels.name().to_owned(), group.time_ms / 1000, *value, tags));
                }
            }
            prop_assert_eq!(seen, rows);
        }
    }
}
