//! Notifications: something a script has to tell that is not a number.

use super::words;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// Well again.
    Okay,
    /// Somebody should look.
    Warning,
    /// Something does not work.
    Failure,
}

impl Severity {
    /// The word that collectd has for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Okay => "okay",
            Self::Warning => "warning",
            Self::Failure => "failure",
        }
    }

    fn parse(text: &str) -> Result<Self, String> {
        match text.to_ascii_lowercase().as_str() {
            "okay" | "ok" => Ok(Self::Okay),
            "warning" | "warn" => Ok(Self::Warning),
            "failure" | "fail" => Ok(Self::Failure),
            _ => Err(format!("severity `{text}` is not okay, warning or failure")),
        }
    }
}

/// One `PUTNOTIF`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// How bad it is.
    pub severity: Severity,
    /// Unix milliseconds.
    pub time_ms: i64,
    /// What it says.
    pub message: String,
    /// What it is about: `host`, `plugin`, `type` … in the order they came.
    pub about: Vec<(String, String)>,
}

/// Reads what follows `PUTNOTIF`. `message` takes the rest of the line when it has no quotes.
pub(super) fn read(mut text: &str, now_ms: i64) -> Result<Notice, String> {
    let (mut severity, mut time_ms, mut about) = (None, now_ms, Vec::new());
    while !text.trim_ascii_start().is_empty() {
        let name = words::option_name(&mut text)
            .ok_or_else(|| format!("expected name=value, found `{}`", text.trim_ascii()))?;
        if name.eq_ignore_ascii_case("message") {
            let severity = severity.ok_or("PUTNOTIF has no `severity=` before its message")?;
            let message = if text.starts_with('"') { words::next(&mut text)? } else { Some(text.into()) };
            let message = message.unwrap_or_default().trim_ascii().to_owned();
            return Ok(Notice { severity, time_ms, message, about });
        }
        let value = words::next(&mut text)?.unwrap_or_default();
        match name.to_ascii_lowercase().as_str() {
            "severity" => severity = Some(Severity::parse(&value)?),
            "time" => time_ms = super::read_time(&value, now_ms)?,
            _ => about.push((name.to_owned(), value.into_owned())),
        }
    }
    Err("PUTNOTIF has no `message=`".to_owned())
}
