//! An event as a line for people or for programs.

use std::fmt::{Debug, Write};
use std::time::{SystemTime, UNIX_EPOCH};
use stdx::calendar;
use stdx::json::write_string;
use tracing::field::{Field, Visit};
use tracing::{Event, Level};

/// What a line looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Time, level, message, then `name=value`.
    Plain,
    /// The same with the level in colour.
    Coloured,
    /// An object with `timestamp`, `level`, `message` and the fields.
    Json,
}

const DIM: &str = "\x1b[2m";
const PLAIN: &str = "\x1b[0m";

/// The line, with its end.
pub fn write(shape: Shape, time: SystemTime, event: &Event<'_>) -> String {
    let (time, level) = (utc(time), event.metadata().level());
    let mut line = match shape {
        Shape::Plain => format!("{time} {level:>5}"),
        Shape::Coloured => format!("{DIM}{time}{PLAIN} {}{level:>5}{PLAIN}", colour(*level)),
        Shape::Json => format!("{{\"timestamp\":\"{time}\",\"level\":\"{level}\""),
    };
    if shape == Shape::Json {
        event.record(&mut Members(&mut line));
        line.push('}');
    } else {
        event.record(&mut Words(&mut line));
    }
    line.push('\n');
    line
}

fn colour(level: Level) -> &'static str {
    match level {
        Level::ERROR => "\x1b[31m",
        Level::WARN => "\x1b[33m",
        Level::INFO => "\x1b[32m",
        Level::DEBUG => "\x1b[34m",
        Level::TRACE => "\x1b[35m",
    }
}

/// `2026-11-21T14:00:00.000000Z`.
fn utc(time: SystemTime) -> String {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    let (seconds, micros) = (since.as_secs(), since.subsec_micros());
    let (days, second) = ((seconds / 86_400) as i64, seconds % 86_400);
    let (year, month, day) = calendar::date(days);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{micros:06}Z")
}

// Writing to a string cannot fail, so what `write!` says below is not looked at.

/// Fields for people.
struct Words<'a>(&'a mut String);

impl Visit for Words<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.push(' ');
        if field.name() != "message" {
            self.0.push_str(field.name());
            self.0.push('=');
        }
        // Who writes line ends or a terminal's codes into a name must not forge lines.
        for c in format!("{value:?}").chars() {
            if c.is_control() { self.0.extend(c.escape_default()) } else { self.0.push(c) }
        }
    }
}

/// Fields for programs.
struct Members<'a>(&'a mut String);

impl Members<'_> {
    fn name(&mut self, field: &Field) {
        self.0.push(',');
        write_string(self.0, field.name());
        self.0.push(':');
    }

    fn number(&mut self, field: &Field, value: impl std::fmt::Display) {
        self.name(field);
        let _infallible = write!(self.0, "{value}");
    }
}

impl Visit for Members<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.record_str(field, &format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.name(field);
        write_string(self.0, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.number(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.number(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.number(field, value);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        // JSON has no word for these.
        if value.is_finite() { self.number(field, value) } else { self.record_str(field, &value.to_string()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};
    use std::time::Duration;
    use tracing::{Metadata, Subscriber, span};

    /// Writes every event down in a shape.
    struct Pen(Shape, Arc<Mutex<String>>);

    impl Subscriber for Pen {
        fn enabled(&self, _: &Metadata<'_>) -> bool {
            true
        }
        fn event(&self, event: &Event<'_>) {
            let time = UNIX_EPOCH + Duration::from_micros(951_782_400_000_123);
            self.1.lock().unwrap().push_str(&write(self.0, time, event));
        }
        fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
            span::Id::from_u64(1)
        }
        fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
        fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
        fn enter(&self, _: &span::Id) {}
        fn exit(&self, _: &span::Id) {}
    }

    fn written(shape: Shape, act: impl FnOnce()) -> String {
        let text = Arc::new(Mutex::new(String::new()));
        tracing::subscriber::with_default(Pen(shape, text.clone()), act);
        let text = text.lock().unwrap();
        text.clone()
    }

    #[test]
    fn lines_for_people_stay_one_line() {
        let text = written(Shape::Plain, || {
            tracing::info!(address = %"127.0.0.1:1", name = "a b", count = 3, "ready {}", "now");
            tracing::error!("two\nlines\u{1b}[0m");
        });
        let wanted = "2000-02-29T00:00:00.000123Z  INFO ready now address=127.0.0.1:1 name=\"a b\" count=3\n\
                      2000-02-29T00:00:00.000123Z ERROR two\\nlines\\u{1b}[0m\n";
        assert_eq!(text, wanted);
        assert!(written(Shape::Coloured, || tracing::warn!("x")).contains("\x1b[33m WARN\x1b[0m x"));
    }

    #[test]
    fn lines_for_programs_are_objects() {
        let text = written(Shape::Json, || {
            tracing::warn!(
                ok = true,
                less = -3,
                more = 4u64,
                share = 0.5,
                none = f64::NAN,
                at = "a\nb",
                "say \"x\""
            );
        });
        let wanted = "{\"timestamp\":\"2000-02-29T00:00:00.000123Z\",\"level\":\"WARN\",\"message\":\"say \\\"x\\\"\",\
                      \"ok\":true,\"less\":-3,\"more\":4,\"share\":0.5,\"none\":\"NaN\",\"at\":\"a\\nb\"}\n";
        assert_eq!(text, wanted);
    }
}
