//! Events told in words.

use super::record::Record;
use model::{Event, EventKind, Level};

/// The source of these events.
const SOURCE: &str = "icinga";

/// What a record says, for people, with its facts as fields.
pub(super) fn tell(record: &Record<'_>, time_ms: i64) -> Event {
    let (level, what) = said(record);
    let subject = match &*record.service {
        "" => record.host.to_string(),
        service => format!("{service} on {}", record.host),
    };
    let mut fields = vec![("type", record.kind.to_string()), ("check", record.check().to_owned())];
    if let Some(state) = record.state {
        fields.push(("state", word(record, state).to_owned()));
    }
    if let Some(is_hard) = record.is_hard {
        fields.push(("state_type", hardness(is_hard).to_owned()));
    }
    if !record.author.is_empty() {
        fields.push(("author", record.author.to_string()));
    }
    if !record.users.is_empty() {
        fields.push(("users", record.users.join(", ")));
    }
    fields.extend(record.facts.iter().cloned());
    let mut event = Event {
        time_ms,
        kind: EventKind::NOTE,
        level,
        source: SOURCE.to_owned(),
        text: format!("{subject}: {what}"),
        fields: fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
    };
    event.bound();
    event
}

fn said(record: &Record<'_>) -> (Level, String) {
    let output = record.result.as_ref().map_or("", |result| result.output.trim());
    let (author, text) = (&*record.author, record.text.trim());
    let with = |what: String, more: &str| if more.is_empty() { what } else { format!("{what}: {more}") };
    let by = |what: &str| if author.is_empty() { what.to_owned() } else { format!("{what} by {author}") };
    let info = |what: String| (Level::Info, what);
    match &*record.kind {
        "StateChange" => {
            let state = record.state.unwrap_or(3.0);
            let hard = record.is_hard.map_or(String::new(), |is_hard| format!(" ({})", hardness(is_hard)));
            (level(record, state), with(format!("{}{hard}", word(record, state)), output))
        }
        "Notification" => {
            let kind = record.facts.iter().find(|(name, _)| *name == "notification_type");
            let kind = kind.map_or(String::new(), |(_, kind)| format!(" ({kind})"));
            let to = if record.users.is_empty() { "nobody".to_owned() } else { record.users.join(", ") };
            info(with(format!("notification{kind} to {to}"), if text.is_empty() { output } else { text }))
        }
        "AcknowledgementSet" => info(with(by("acknowledged"), text)),
        "AcknowledgementCleared" => info("acknowledgement removed".to_owned()),
        "CommentAdded" => info(with(by("comment"), text)),
        "CommentRemoved" => info(with(by("comment removed, which was"), text)),
        "DowntimeAdded" => info(with(by("downtime planned"), text)),
        "DowntimeRemoved" => info(with(by("downtime removed, which was"), text)),
        "DowntimeStarted" => info(with(by("downtime started, planned"), text)),
        "DowntimeTriggered" => info(with(by("downtime in effect, planned"), text)),
        "Flapping" if record.is_flapping == Some(true) => {
            let share = record.flapping.map_or(String::new(), |share| format!(" ({share:.1} % of late)"));
            (Level::Warn, format!("its state flaps{share}"))
        }
        "Flapping" => info("its state flaps no more".to_owned()),
        other => info(with(by(other), text)),
    }
}

/// The name of a state; hosts have two.
fn word(record: &Record<'_>, state: f64) -> &'static str {
    match (record.service.is_empty(), state as i64) {
        (true, 0) => "UP",
        (true, _) => "DOWN",
        (false, 0) => "OK",
        (false, 1) => "WARNING",
        (false, 2) => "CRITICAL",
        (false, _) => "UNKNOWN",
    }
}

fn level(record: &Record<'_>, state: f64) -> Level {
    match word(record, state) {
        "UP" | "OK" => Level::Info,
        "DOWN" | "CRITICAL" => Level::Error,
        _ => Level::Warn,
    }
}

fn hardness(is_hard: bool) -> &'static str {
    if is_hard { "hard" } else { "soft" }
}
