//! From literals and variables in their order to a plan.

use super::scan::Literal;
use super::{Anchored, Escape, Plan, Shape, Step, Tail, number_of};
use crate::field::Field;
use crate::formats::FormatError;

/// Most variables of a format.
const VARIABLES_MAX: usize = 256;
/// Longest literal, in bytes.
const LITERAL_BYTES_MAX: usize = 4096;

/// A variable with the literal behind it.
#[derive(Debug)]
struct Piece {
    name: String,
    field: Option<Field>,
    shape: Shape,
    /// A variable of known length behind it, without a literal between them.
    tail: Option<(Option<Field>, Shape)>,
    literal: String,
    /// Ends before a slash, which begins the next.
    ends_at_slash: bool,
}

/// Takes a format's pieces as they come.
#[derive(Debug)]
pub(crate) struct PlanBuilder {
    escape: Escape,
    prefix: String,
    pieces: Vec<Piece>,
    joined: Vec<String>,
}

impl PlanBuilder {
    pub(crate) fn new(escape: Escape) -> Self {
        Self { escape, prefix: String::new(), pieces: Vec::new(), joined: Vec::new() }
    }

    /// Adds text that stands in every line.
    pub(crate) fn literal(&mut self, text: &str) {
        match self.pieces.last_mut() {
            Some(piece) => piece.literal.push_str(text),
            None => self.prefix.push_str(text),
        }
    }

    /// Adds a variable. Only the first of several with the same field counts.
    pub(crate) fn variable(&mut self, name: &str, field: Option<Field>, shape: Shape) {
        let fields = |piece: &Piece| [piece.field, piece.tail.and_then(|(field, _)| field)];
        let is_known = |field: &Field| self.pieces.iter().any(|piece| fields(piece).contains(&Some(*field)));
        let follows = self.pieces.last().is_some_and(|last| last.literal.is_empty());
        if follows && field == Some(Field::Url) && self.pieces.last().is_some_and(|last| last.field == field)
        {
            // A path and the query behind it are one URL.
            return;
        }
        let field = field.filter(|field| !is_known(field));
        if follows && let Some(last) = self.pieces.last_mut() {
            let has_end = matches!(last.shape, Shape::Seconds | Shape::Status | Shape::Fixed(_));
            if !has_end && field == Some(Field::Url) && last.field.is_none() {
                // A host and the path on it: `$host$request_uri`.
                last.shape = Shape::Text;
                last.ends_at_slash = true;
            } else if !has_end && last.tail.is_none() && shape.len().is_some() {
                last.shape = Shape::Text;
                last.tail = Some((field, shape));
                last.name.push_str(name);
                return;
            } else if !has_end {
                return self.join(name);
            }
        }
        let literal = String::new();
        self.pieces.push(Piece {
            name: name.to_owned(),
            field,
            shape,
            tail: None,
            literal,
            ends_at_slash: false,
        });
    }

    /// Two variables become one that nothing is known of.
    fn join(&mut self, name: &str) {
        let Some(last) = self.pieces.last_mut() else { return };
        let names = format!("{}{name}", last.name);
        self.joined.retain(|joined| *joined != last.name);
        self.joined.push(names.clone());
        (last.name, last.field, last.shape, last.tail) = (names, None, Shape::Text, None);
    }

    /// Adds a variable that may be missing together with the blank before it: it becomes part of the one before.
    pub(crate) fn absorb(&mut self, name: &str) {
        match self.pieces.last_mut() {
            Some(last) if last.field.is_none() && last.literal.trim().is_empty() => {
                last.shape = Shape::Text;
                last.literal.clear();
            }
            _ => self.variable(name, None, Shape::Text),
        }
    }

    /// The plan.
    pub(crate) fn build(self) -> Result<Plan, FormatError> {
        if self.pieces.is_empty() {
            return Err(FormatError::new(0, "no variable in it"));
        }
        let literals = || self.pieces.iter().map(|piece| &piece.literal).chain([&self.prefix]);
        if self.pieces.len() > VARIABLES_MAX || literals().any(|text| text.len() > LITERAL_BYTES_MAX) {
            return Err(FormatError::new(
                0,
                format!("more than {VARIABLES_MAX} variables, or too much text"),
            ));
        }
        if literals().any(|text| text.contains('\n')) {
            return Err(FormatError::new(0, "entries of several lines cannot be read"));
        }
        let mut steps: Vec<Step> = self.pieces.iter().map(step).collect();
        let all: Vec<&Step> = steps.iter().collect();
        let anchored = Anchored::new(self.prefix.as_bytes(), &all, self.escape);
        let last = steps.pop();
        Ok(Plan {
            prefix: Literal::new(self.prefix.as_bytes()),
            steps,
            last,
            escape: self.escape,
            anchored,
            joined: self.joined,
        })
    }
}

fn step(piece: &Piece) -> Step {
    let literal: &[u8] = if piece.ends_at_slash { b"/" } else { piece.literal.as_bytes() };
    let consumed = if piece.ends_at_slash { 0 } else { literal.len() as u16 };
    let begins_like_a_number = literal.first().is_some_and(|byte| super::is_number(*byte));
    let shape = match piece.shape {
        // What belongs to the number and what to the literal is for the search to find out.
        Shape::Number if begins_like_a_number => Shape::Text,
        // A wrong size would make all lines wrong; the literal says as much where there is one.
        Shape::Seconds if !literal.is_empty() && !begins_like_a_number => Shape::Number,
        shape => shape,
    };
    let is_short = matches!(piece.shape, Shape::Short | Shape::List);
    // Where a colon ends it, it cannot be told from one within.
    let is_list = piece.shape == Shape::List && !literal.starts_with(b" :");
    let shape = if is_short { Shape::Text } else { shape };
    let tail = piece.tail.map(|(field, shape)| Tail { shape, field: number_of(field) });
    Step {
        shape,
        is_short,
        is_list,
        field: number_of(piece.field),
        consumed,
        tail,
        literal: Literal::new(literal),
    }
}
