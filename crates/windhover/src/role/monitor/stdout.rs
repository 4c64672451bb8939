//! Lines of probes on the standard output, as they would come out of `socat`.

use model::{Batch, PushError, Receipt, Report, Sink};
use std::io::Write;

/// See the module's text.
pub struct Stdout;

impl Sink for Stdout {
    fn push(&self, batch: &Batch) -> Result<Receipt, PushError> {
        let mut out = String::new();
        for rows in batch.groups() {
            for (slot, value) in rows.slots.iter().zip(rows.values) {
                let labels = batch.dictionary.labels(*slot);
                let kind = batch.dictionary.kind(*slot);
                wire::protocols::probe::write_line(&mut out, labels.host(), labels.name(), *value, kind);
            }
        }
        let mut stdout = std::io::stdout().lock();
        let written = stdout.write_all(out.as_bytes()).and_then(|()| stdout.flush());
        written.map_err(|e| PushError::Failed(format!("the standard output: {e}")))?;
        let report = Report { accepted: batch.len() as u64, ..Report::default() };
        Ok(Receipt { report, duplicates: 0 })
    }
}
