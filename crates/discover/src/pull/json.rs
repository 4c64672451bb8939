//! Numbers within JSON, found by their paths.

use super::Error;
use stdx::json::{Kind, Reader};

/// A value that holds no others.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Leaf {
    Number(f64),
    Text(String),
}

impl Leaf {
    pub(super) fn number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Text(_) => None,
        }
    }

    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Number(_) => None,
        }
    }
}

/// Visits every number, truth (as 1 and 0) and text with its path: names and places in arrays.
pub(super) fn leaves(bytes: &[u8], each: &mut dyn FnMut(&[String], Leaf)) -> Result<(), Error> {
    let mut reader = Reader::new(bytes);
    let mut path = Vec::new();
    walk(&mut reader, &mut path, each).map_err(|e| Error::malformed(format!("not JSON: {e}")))
}

fn walk(
    reader: &mut Reader<'_>,
    path: &mut Vec<String>,
    each: &mut dyn FnMut(&[String], Leaf),
) -> Result<(), stdx::json::Error> {
    match reader.peek()? {
        Kind::Object => {
            reader.object()?;
            while let Some(name) = reader.field()? {
                path.push(name.into_owned());
                walk(reader, path, each)?;
                path.pop();
            }
        }
        Kind::Array => {
            reader.array()?;
            let mut at = 0usize;
            while reader.element()? {
                path.push(at.to_string());
                walk(reader, path, each)?;
                path.pop();
                at += 1;
            }
        }
        Kind::Number => {
            let number = reader.number()?.parse().unwrap_or(f64::NAN);
            each(path, Leaf::Number(number));
        }
        Kind::Bool => each(path, Leaf::Number(f64::from(u8::from(reader.bool()?)))),
        Kind::String => each(path, Leaf::Text(reader.string()?.into_owned())),
        Kind::Null => reader.skip()?,
    }
    Ok(())
}
