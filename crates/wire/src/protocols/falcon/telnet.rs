//! What Open-Falcon's transfer takes on its telnet port.
//!
//! ```text
//! line := "update" endpoint metric time value [type [step]]  |  "quit"  |  anything else, which is refused
//! time := whole Unix seconds        value := as Go reads numbers
//! type := "COUNTER" (without one) | "GAUGE" | "DERIVE"
//! step := seconds | heartbeat ":" min ":" max ":" seconds          60 without one; only the seconds count
//! ```
//!
//! Words are parted by any blanks. Times are floored as with [`super`]'s push. There are no tags. Not as there, samples are
//! taken at once and not when the connection ends, and what is refused is told.

use super::super::Protocol;
use crate::known::Known;
use crate::{Context, lines, number};
use model::{Batch, HOST, Kind, LabelsBuilder, NAME, Position, Report, Slot};

/// The row in the table.
pub const PROTOCOL: Protocol = Protocol {
    name: "falcon_telnet",
    summary: "`update` lines as Open-Falcon's transfer takes them on its telnet port",
    media_types: &["text/plain"],
    paths: &[],
    example: b"update web1 cpu.idle 1462430040 97.5 GAUGE 60\n",
    decode,
};

/// The step of lines that do not say theirs, in seconds.
const STEP_S: i64 = 60;

/// Decodes lines up to a `quit`.
pub fn decode(input: &[u8], context: &Context<'_>, out: &mut Batch) -> Report {
    Decoder::default().decode(input, context, out).0
}

/// Decodes lines, and remembers the series in them as long as the batch keeps its dictionary. The context's labels must
/// stay the same.
#[derive(Debug, Default)]
pub struct Decoder {
    known: Known,
    labels: LabelsBuilder,
    /// Endpoint, metric and kind of a line, which are its series.
    key: Vec<u8>,
}

impl Decoder {
    /// Decodes lines; `false` when one was `quit`, behind which nothing is looked at.
    pub fn decode(&mut self, input: &[u8], context: &Context<'_>, out: &mut Batch) -> (Report, bool) {
        self.known.follow(out);
        let mut report = Report::default();
        for (number, bytes) in (1..).zip(input.split(|byte| *byte == b'\n')) {
            let taken = match lines::check(bytes) {
                Ok("") => continue,
                Ok("quit") => return (report, false),
                Ok(line) => self.line(line, context, out),
                Err(reason) => Err(reason),
            };
            match taken {
                Ok(()) => report.accepted += 1,
                Err(reason) => report.reject(Position::Line(number), reason),
            }
        }
        (report, true)
    }

    fn line(&mut self, line: &str, context: &Context<'_>, out: &mut Batch) -> Result<(), String> {
        let mut words = line.split_whitespace();
        let command = words.next().unwrap_or_default();
        if command != "update" {
            return Err(format!("`{command}` is neither update nor quit"));
        }
        let mut word = |what: &str| words.next().ok_or_else(|| format!("expected the {what}"));
        let (endpoint, metric, time, value) =
            (word("endpoint")?, word("metric")?, word("time")?, word("value")?);
        let (kind, step) = (words.next().unwrap_or("COUNTER"), words.next());
        if let Some(more) = words.next() {
            return Err(format!(
                "expected `update endpoint metric time value type step`, then came `{more}`"
            ));
        }
        let time_s: i64 =
            time.parse().map_err(|_| format!("time `{time}` is not a whole number of seconds"))?;
        let value = number::go(value).ok_or_else(|| format!("value `{value}` is not a finite number"))?;
        let kind = super::kind(kind)?;
        let step_s = step.map_or(Ok(STEP_S), read_step)?;
        let slot = self.series(endpoint, metric, kind, context, out)?;
        out.sample(slot, super::time_ms(time_s, step_s, context), value);
        Ok(())
    }

    fn series(
        &mut self,
        endpoint: &str,
        metric: &str,
        kind: Kind,
        context: &Context<'_>,
        out: &mut Batch,
    ) -> Result<Slot, String> {
        self.key.clear();
        for part in [endpoint, " ", metric, " ", kind.as_str()] {
            self.key.extend_from_slice(part.as_bytes());
        }
        if let Some(slot) = self.known.get(&self.key) {
            return Ok(slot);
        }
        self.labels.clear();
        self.labels.add(NAME, metric).add(HOST, endpoint);
        let slot = context.add_series(out, &mut self.labels, kind).map_err(|e| e.to_string())?;
        self.known.insert(&self.key, slot);
        Ok(slot)
    }
}

fn read_step(text: &str) -> Result<i64, String> {
    let parts = text.split(':').count();
    let seconds = match parts {
        1 | 4 => text.rsplit(':').next().and_then(|seconds| seconds.parse().ok()),
        _ => None,
    };
    seconds.ok_or_else(|| format!("step `{text}` is neither seconds nor heartbeat:min:max:seconds"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::dump;
    use proptest::prelude::*;

    fn decoded(lines: &str) -> (String, bool) {
        let mut batch = Batch::new();
        let (report, goes_on) =
            Decoder::default().decode(lines.as_bytes(), &Context::at(1_700_000_040_000), &mut batch);
        (dump(&batch, &report), goes_on)
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (line, reason) in [
            ("put h m 1 1", "`put` is neither update nor quit"),
            ("update h m 1", "expected the value"),
            (
                "update h m 1 1 GAUGE 60 x",
                "expected `update endpoint metric time value type step`, then came `x`",
            ),
            ("update h m now 1", "time `now` is not a whole number of seconds"),
            ("update h m 1 NaN", "value `NaN` is not a finite number"),
            ("update h m 1 1 gauge", "counterType `gauge` is not GAUGE, COUNTER or DERIVE"),
            (
                "update h m 1 1 GAUGE 120:U:60",
                "step `120:U:60` is neither seconds nor heartbeat:min:max:seconds",
            ),
            ("update h m 1 1 GAUGE x", "step `x` is neither seconds nor heartbeat:min:max:seconds"),
        ] {
            let (said, goes_on) = decoded(line);
            assert_eq!(said, format!("0 accepted, 1 rejected, 0 skipped\nrejected line 1: {reason}\n"));
            assert!(goes_on);
        }
    }

    #[test]
    fn nothing_is_read_behind_quit() {
        let (said, goes_on) = decoded("update h m 1700000050 1\r\nquit\r\nupdate h m 1700000050 2\n");
        assert_eq!(said, "1 accepted, 0 rejected, 0 skipped\n1700000040000 counter m{host=\"h\"} 1\n");
        assert!(!goes_on);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(
            rows in prop::collection::vec(
                ("[a-z0-9.]{1,9}", "[a-z.]{1,3}", 1..1_700_000_000i64, any::<f64>().prop_filter("finite", |v| v.is_finite()),
                 prop::sample::select(vec!["GAUGE", "COUNTER", "DERIVE"]), 1..400i64), 0..20),
        ) {
            let lines: String = rows.iter().map(|(h, m, t, v, k, s)| format!("update {h}  {m}\t{t} {v} {k} 9:U:U:{s}\n")).collect();
            let mut batch = Batch::new();
            let (report, _) = Decoder::default().decode(lines.as_bytes(), &Context::at(1_700_000_000_000), &mut batch);
            prop_assert!(report.is_clean(), "{report}");
            let mut seen = Vec::new();
            for group in batch.groups() {
                for (slot, value) in group.slots.iter().zip(group.values) {
                    let labels = batch.dictionary.labels(*slot);
                    let kind = batch.dictionary.kind(*slot).as_str().to_uppercase();
                    seen.push((labels.host().to_owned(), labels.name().to_owned(), group.time_ms, *value, kind));
                }
            }
            let wanted: Vec<_> = rows.iter().map(|(h, m, t, v, k, s)| {
                (h.clone(), m.clone(), (t - t % (*s).max(30)) * 1000, *v, (*k).to_owned())
            }).collect();
            prop_assert_eq!(seen, wanted);
        }
    }
}
