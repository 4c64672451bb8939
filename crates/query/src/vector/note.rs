//! What is said beside an answer: something is probably not as meant, or was put right.

use lang::Span;

/// One sentence and the characters it is about.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Note {
    /// A warning, rather than information: the answer is probably not what is wanted.
    pub is_warning: bool,
    /// The sentence.
    pub message: String,
    /// Where.
    pub span: Span,
}

impl Note {
    /// As Prometheus words it, with the line and column in the text the plan was made of.
    pub fn text(&self, source: &str) -> String {
        let (mut line, mut column) = (1, 1);
        for c in source.chars().take(self.span.start) {
            (line, column) = if c == '\n' { (line + 1, 1) } else { (line, column + 1) };
        }
        let kind = if self.is_warning { "warning" } else { "info" };
        format!("PromQL {kind}: {} ({line}:{column})", self.message)
    }
}

/// Most notes of an answer: what more there is says the same of other series.
const NOTES_MAX: usize = 100;

/// All notes of an answer, each once, in the order in which they came up.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Notes(Vec<Note>);

impl Notes {
    /// Says that the answer is probably not what is wanted.
    pub fn warn(&mut self, span: Span, message: impl Into<String>) {
        self.add(Note { is_warning: true, message: message.into(), span });
    }

    /// Says something else.
    pub fn inform(&mut self, span: Span, message: impl Into<String>) {
        self.add(Note { is_warning: false, message: message.into(), span });
    }

    fn add(&mut self, note: Note) {
        if self.0.len() < NOTES_MAX && !self.0.contains(&note) {
            self.0.push(note);
        }
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Note> {
        self.0.iter()
    }
}

/// A metric's name as notes put it at their end; nothing without one.
pub(super) fn of_metric(name: &str) -> String {
    if name.is_empty() { String::new() } else { format!(" for metric name {name:?}") }
}
