//! The protobuf wire format, as far as a reader needs it.
//!
//! ```text
//! field := varint(number << 3 | type)  then by type
//!   0: varint     1: 8 bytes, little endian     2: varint(len) bytes     5: 4 bytes, little endian
//! ```

use stdx::varint;

/// A field of a message.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Field<'a> {
    pub(crate) number: u64,
    pub(crate) value: Value<'a>,
}

/// Its value. Types 3 and 4 (groups) have been dead for long and count as broken.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Value<'a> {
    Varint(u64),
    Fixed64(u64),
    Bytes(&'a [u8]),
    Fixed32(u32),
}

/// The fields of a message in the order they came. An error (the byte where the broken field starts) is the last item.
#[derive(Debug, Clone)]
pub(crate) struct Fields<'a> {
    rest: &'a [u8],
    len: usize,
}

impl<'a> Fields<'a> {
    pub(crate) fn new(message: &'a [u8]) -> Self {
        Self { rest: message, len: message.len() }
    }

    /// Where the first broken field is, if there is one.
    pub(crate) fn first_error(mut self) -> Option<usize> {
        self.find_map(Result::err)
    }

    /// Byte of the message at which the next field starts.
    pub(crate) fn position(&self) -> usize {
        self.len - self.rest.len()
    }

    #[inline]
    fn take(&mut self) -> Option<Field<'a>> {
        let key = varint::read_u64(&mut self.rest)?;
        let value = match key & 7 {
            0 => Value::Varint(varint::read_u64(&mut self.rest)?),
            1 => {
                let (bytes, rest) = self.rest.split_first_chunk()?;
                self.rest = rest;
                Value::Fixed64(u64::from_le_bytes(*bytes))
            }
            2 => Value::Bytes(varint::read_bytes(&mut self.rest)?),
            5 => {
                let (bytes, rest) = self.rest.split_first_chunk()?;
                self.rest = rest;
                Value::Fixed32(u32::from_le_bytes(*bytes))
            }
            _ => return None,
        };
        Some(Field { number: key >> 3, value })
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Result<Field<'a>, usize>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let start = self.len - self.rest.len();
        let field = self.take();
        if field.is_none() {
            self.rest = &[];
        }
        Some(field.ok_or(start))
    }
}

/// The varints of a repeated field, packed or one by one.
pub(crate) fn packed_varints(value: Value<'_>, mut each: impl FnMut(u64)) -> Option<()> {
    match value {
        Value::Varint(number) => each(number),
        Value::Bytes(mut bytes) => {
            while !bytes.is_empty() {
                each(varint::read_u64(&mut bytes)?);
            }
        }
        _ => return None,
    }
    Some(())
}

/// The 8-byte numbers of a repeated field, packed or one by one.
pub(crate) fn packed_fixed64(value: Value<'_>, mut each: impl FnMut(u64)) -> Option<()> {
    match value {
        Value::Fixed64(number) => each(number),
        Value::Bytes(bytes) => {
            let (chunks, rest) = bytes.as_chunks();
            chunks.iter().for_each(|chunk| each(u64::from_le_bytes(*chunk)));
            return rest.is_empty().then_some(());
        }
        _ => return None,
    }
    Some(())
}

/// A signed number as `sint32` and `sint64` have it.
pub(crate) fn zigzag(number: u64) -> i64 {
    (number >> 1) as i64 ^ -((number & 1) as i64)
}
