//! Groups of targets in YAML. Anchors are refused: a short file must not unfold into a long list.

use crate::target::Group;
use saphyr_parser::{Event, Parser, StrInput};
use std::iter::Peekable;

/// Reads a list of maps with `targets` and `labels`.
pub(super) fn groups(text: &str) -> Result<Vec<Group>, String> {
    let mut reader = Reader { events: Parser::new_from_str(text).peekable(), line: 1 };
    reader.expect(&Event::StreamStart)?;
    if matches!(reader.peek()?, Event::StreamEnd) {
        return Ok(Vec::new());
    }
    reader.next()?;
    let groups = reader.list(Reader::group)?;
    match reader.next()? {
        Event::DocumentEnd => Ok(groups),
        _ => Err(reader.wrong("nothing more after the list")),
    }
}

struct Reader<'t> {
    events: Peekable<Parser<'t, StrInput<'t>>>,
    line: usize,
}

impl<'t> Reader<'t> {
    fn next(&mut self) -> Result<Event<'t>, String> {
        match self.events.next() {
            Some(Ok((event, span))) => {
                self.line = span.start.line();
                Ok(event)
            }
            Some(Err(e)) => Err(e.to_string()),
            None => Err("the text ends early".to_owned()),
        }
    }

    fn peek(&mut self) -> Result<&Event<'t>, String> {
        match self.events.peek() {
            Some(Ok((event, _))) => Ok(event),
            Some(Err(e)) => Err(e.to_string()),
            None => Err("the text ends early".to_owned()),
        }
    }

    fn wrong(&self, wanted: &str) -> String {
        format!("line {}: expected {wanted}", self.line)
    }

    fn expect(&mut self, wanted: &Event<'_>) -> Result<(), String> {
        if self.next()? == *wanted { Ok(()) } else { Err(self.wrong("a YAML text")) }
    }

    fn list<T>(&mut self, item: impl Fn(&mut Self) -> Result<T, String>) -> Result<Vec<T>, String> {
        match self.next()? {
            Event::SequenceStart(0, _) => {}
            _ => return Err(self.wrong("a list, without an anchor")),
        }
        let mut items = Vec::new();
        while !matches!(self.peek()?, Event::SequenceEnd) {
            items.push(item(self)?);
        }
        self.next()?;
        Ok(items)
    }

    fn map(&mut self, mut field: impl FnMut(&mut Self, String) -> Result<(), String>) -> Result<(), String> {
        match self.next()? {
            Event::MappingStart(0, _) => {}
            _ => return Err(self.wrong("a map, without an anchor")),
        }
        while !matches!(self.peek()?, Event::MappingEnd) {
            let name = self.text()?;
            field(self, name)?;
        }
        self.next()?;
        Ok(())
    }

    fn text(&mut self) -> Result<String, String> {
        match self.next()? {
            Event::Scalar(text, ..) => Ok(text.into_owned()),
            _ => Err(self.wrong("a text")),
        }
    }

    fn group(&mut self) -> Result<Group, String> {
        let mut group = Group::default();
        self.map(|reader, name| match name.as_str() {
            "targets" => {
                group.addresses = reader.list(Self::text)?;
                Ok(())
            }
            "labels" => reader.map(|reader, name| {
                group.labels.push((name, reader.text()?));
                Ok(())
            }),
            _ => Err(reader.wrong("`targets` or `labels`")),
        })?;
        Ok(group)
    }
}
