//! What active agents are told to look at: the same for all of them.

use std::fmt::Write;

/// Keys and how often each is looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Items(Vec<(u32, String)>);

impl Items {
    /// Reads lines `seconds key`, such as `30 system.cpu.load[all,avg1]`; `#` begins a comment.
    ///
    /// # Errors
    /// The first line that is neither, with its number.
    pub fn read(text: &str) -> Result<Self, String> {
        let mut items = Vec::new();
        for (number, line) in (1..).zip(text.lines()) {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let item = line.split_once(char::is_whitespace).and_then(|(seconds, key)| {
                let seconds = seconds.parse().ok().filter(|seconds| *seconds > 0)?;
                Some((seconds, key.trim().to_owned()))
            });
            items.push(item.ok_or_else(|| format!("line {number}: `{line}` is not `seconds key`"))?);
        }
        Ok(Self(items))
    }

    /// The answer to an agent.
    pub(super) fn answer(&self) -> String {
        let mut answer = String::from("{\"response\":\"success\",\"data\":[");
        for (number, (seconds, key)) in (1..).zip(&self.0) {
            answer.push_str(if number > 1 { ",{\"key\":" } else { "{\"key\":" });
            stdx::json::write_string(&mut answer, key);
            // The delay is text, which agents of all ages read.
            let _infallible = write!(
                answer,
                ",\"itemid\":{number},\"delay\":\"{seconds}\",\"lastlogsize\":0,\"mtime\":0}}"
            );
        }
        answer + "]}"
    }
}
