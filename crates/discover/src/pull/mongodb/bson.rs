//! BSON: documents written, and walked through.

use super::super::Error;

/// Deepest nesting of documents.
const DEPTH_MAX: usize = 32;

/// A value that holds no others. Those that are neither number, text nor bytes are left out.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Leaf<'b> {
    /// Numbers, truths as 1 and 0, times in milliseconds.
    Number(f64),
    Text(&'b str),
    Bytes(&'b [u8]),
}

/// A document in the making.
#[derive(Debug, Default)]
pub(super) struct Document(Vec<u8>);

impl Document {
    pub(super) fn number(self, name: &str, value: i32) -> Self {
        self.field(0x10, name, &value.to_le_bytes())
    }

    pub(super) fn text(self, name: &str, value: &str) -> Self {
        let len = (value.len() as i32 + 1).to_le_bytes();
        self.field(0x02, name, &[&len, value.as_bytes(), b"\0"].concat())
    }

    pub(super) fn bytes(self, name: &str, value: &[u8]) -> Self {
        let len = (value.len() as i32).to_le_bytes();
        self.field(0x05, name, &[&len[..], &[0], value].concat())
    }

    fn field(mut self, kind: u8, name: &str, value: &[u8]) -> Self {
        self.0.push(kind);
        self.0.extend_from_slice(name.as_bytes());
        self.0.push(0);
        self.0.extend_from_slice(value);
        self
    }

    /// With its length before and its end behind.
    pub(super) fn encode(self) -> Vec<u8> {
        let len = (self.0.len() as i32 + 5).to_le_bytes();
        [&len[..], &self.0, b"\0"].concat()
    }
}

/// Visits every leaf of a document with its path: names, and places in arrays.
pub(super) fn leaves<'b>(
    document: &'b [u8],
    each: &mut dyn FnMut(&[&'b str], Leaf<'b>),
) -> Result<(), Error> {
    let mut path = Vec::new();
    walk(&mut Fields(document), &mut path, each)
}

struct Fields<'b>(&'b [u8]);

impl<'b> Fields<'b> {
    fn bytes(&mut self, len: usize) -> Result<&'b [u8], Error> {
        let (bytes, rest) = self.0.split_at_checked(len).ok_or_else(malformed)?;
        self.0 = rest;
        Ok(bytes)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        Ok(self.bytes(N)?.try_into().expect("as long as asked for"))
    }

    fn length(&mut self) -> Result<usize, Error> {
        usize::try_from(i32::from_le_bytes(self.array()?)).map_err(|_| malformed())
    }

    /// Text up to a zero.
    fn name(&mut self) -> Result<&'b str, Error> {
        let len = self.0.iter().position(|&b| b == 0).ok_or_else(malformed)?;
        let name = std::str::from_utf8(self.bytes(len)?).map_err(|_| malformed())?;
        self.bytes(1)?;
        Ok(name)
    }

    /// Text with its length before and a zero behind.
    fn text(&mut self) -> Result<&'b str, Error> {
        let len = self.length()?.checked_sub(1).ok_or_else(malformed)?;
        let text = self.bytes(len)?;
        self.bytes(1)?;
        std::str::from_utf8(text).map_err(|_| malformed())
    }
}

fn walk<'b>(
    fields: &mut Fields<'b>,
    path: &mut Vec<&'b str>,
    each: &mut dyn FnMut(&[&'b str], Leaf<'b>),
) -> Result<(), Error> {
    if path.len() > DEPTH_MAX {
        return Err(malformed());
    }
    let len = fields.length()?.checked_sub(4).ok_or_else(malformed)?;
    let mut inner = Fields(fields.bytes(len)?);
    loop {
        let kind = inner.array::<1>()?[0];
        if kind == 0 {
            return Ok(());
        }
        path.push(inner.name()?);
        let leaf = match kind {
            0x03 | 0x04 => {
                walk(&mut inner, path, each)?;
                None
            }
            kind => leaf(kind, &mut inner)?,
        };
        if let Some(leaf) = leaf {
            each(path, leaf);
        }
        path.pop();
    }
}

fn leaf<'b>(kind: u8, fields: &mut Fields<'b>) -> Result<Option<Leaf<'b>>, Error> {
    Ok(Some(match kind {
        0x01 => Leaf::Number(f64::from_le_bytes(fields.array()?)),
        0x08 => Leaf::Number(f64::from(fields.array::<1>()?[0])),
        0x10 => Leaf::Number(f64::from(i32::from_le_bytes(fields.array()?))),
        0x09 | 0x12 => Leaf::Number(i64::from_le_bytes(fields.array()?) as f64),
        0x02 | 0x0e => Leaf::Text(fields.text()?),
        0x05 => {
            let len = fields.length()?;
            fields.bytes(1)?;
            Leaf::Bytes(fields.bytes(len)?)
        }
        other => return skip(other, fields).map(|()| None),
    }))
}

fn skip(kind: u8, fields: &mut Fields<'_>) -> Result<(), Error> {
    match kind {
        0x06 | 0x0a | 0x7f | 0xff => {}
        0x07 => _ = fields.bytes(12)?,
        0x0b => _ = (fields.name()?, fields.name()?),
        0x0c => _ = (fields.text()?, fields.bytes(12)?),
        0x0d => _ = fields.text()?,
        0x0f => {
            let len = fields.length()?.checked_sub(4).ok_or_else(malformed)?;
            _ = fields.bytes(len)?;
        }
        0x11 => _ = fields.bytes(8)?,
        0x13 => _ = fields.bytes(16)?,
        _ => return Err(malformed()),
    }
    Ok(())
}

fn malformed() -> Error {
    Error::malformed("a document that is not BSON; is this MongoDB?")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first example of bsonspec.org, and one of ours read back.
    #[test]
    fn documents_are_written_and_read() {
        let hello = Document::default().text("hello", "world").encode();
        assert_eq!(hello, b"\x16\x00\x00\x00\x02hello\x00\x06\x00\x00\x00world\x00\x00");
        // {"BSON": ["awesome", 5.05, 1986]}, the second one.
        let awesome = b"\x31\x00\x00\x00\x04BSON\x00\x26\x00\x00\x00\x02\x30\x00\x08\x00\x00\x00awesome\x00\x01\x31\x00\
                        \x33\x33\x33\x33\x33\x33\x14\x40\x10\x32\x00\xc2\x07\x00\x00\x00\x00";
        let mut seen = Vec::new();
        leaves(awesome, &mut |path, leaf| seen.push((path.join("."), leaf))).unwrap();
        assert_eq!(
            seen,
            [
                ("BSON.0".to_owned(), Leaf::Text("awesome")),
                ("BSON.1".to_owned(), Leaf::Number(5.05)),
                ("BSON.2".to_owned(), Leaf::Number(1986.0)),
            ]
        );
        for cut in 0..awesome.len() {
            assert!(leaves(&awesome[..cut], &mut |_, _| {}).is_err(), "cut at {cut}");
        }
    }
}
