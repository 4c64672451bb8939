//! The whole answer.

use super::Look;
use crate::command::query::answer::Answer;
use std::io::Write;

pub(super) fn write(answer: &Answer, _: &Look, out: &mut dyn Write) -> std::io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, &answer.json)?;
    writeln!(out)
}
