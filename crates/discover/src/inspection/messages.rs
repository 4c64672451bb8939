//! Logs of messages: what a service says of itself, beside the requests it answers.

use super::Inspection;
use crate::plan::{Part, Work};

/// Where a program writes that was started without a place for its messages.
pub const STDERR: &str = "/dev/stderr";

impl Inspection<'_> {
    /// Adds a log of messages. Where it cannot be read that is told as a fact and not as a problem: whoever has messages
    /// taken by the journal or thrown away did so on purpose.
    pub fn messages(&mut self, path: &str, family: &'static str, name: &str, format: &str) {
        match self.message_log(path, family, name, format) {
            Ok(Some(part)) => self.part(part),
            Ok(None) => {}
            Err(why) => self.fact("messages not read", why),
        }
    }

    /// The same as a part, for whoever adds it elsewhere; nothing when the file is read already.
    ///
    /// # Errors
    /// Says why it cannot be read.
    pub fn message_log(
        &mut self,
        path: &str,
        family: &'static str,
        name: &str,
        format: &str,
    ) -> Result<Option<Part>, String> {
        let log = self.log(path, family, name, format)?;
        let is_same =
            |part: &Part| matches!(&part.work, Work::Log(other) if other.identity() == log.identity());
        let is_known = self.plan.parts.iter().flat_map(|part| part.parts.iter().chain([part])).any(is_same);
        Ok((!is_known).then(|| Part::new(format!("log {path}"), Work::Log(log))))
    }
}
