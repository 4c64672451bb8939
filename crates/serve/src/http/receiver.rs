//! From bytes to requests, one after the other: pure, so that any way of cutting the bytes into pieces can be tried.

use super::chunked::{Broken, Chunked};
use super::head::{Framing, Head, Wrong, parse};

/// How much is read at once where nothing is known of what comes.
const READ_BYTES: usize = 4 << 10;
/// How much memory is taken at once for a body whose length is only claimed.
const BODY_STEP_BYTES: usize = 256 << 10;

/// The requests of one connection.
#[derive(Debug, Default)]
pub struct Receiver {
    /// What came and was not yet taken.
    input: Vec<u8>,
    /// How much of it has no end of a head.
    looked: usize,
    arriving: Option<Arriving>,
}

#[derive(Debug)]
struct Arriving {
    head: Head,
    body: Vec<u8>,
    left: Left,
}

#[derive(Debug)]
enum Left {
    /// Until the body has so many bytes.
    Length(usize),
    Chunks(Chunked),
}

/// What has come.
#[derive(Debug, PartialEq, Eq)]
pub enum Come {
    /// Nothing that is whole.
    Nothing,
    /// A head, which may be looked at before its body is taken.
    Head,
    /// A request with its body.
    Whole(Head, Vec<u8>),
    /// More body than is allowed.
    TooLarge,
    /// Chunks that are none.
    Broken,
    /// No request.
    Wrong(Wrong),
}

impl Receiver {
    /// Where what is read next is to be appended; it has room.
    pub fn room(&mut self) -> &mut Vec<u8> {
        match &mut self.arriving {
            Some(Arriving { left: Left::Length(length), body, .. }) => {
                body.reserve((*length - body.len()).clamp(1, BODY_STEP_BYTES));
                body
            }
            _ => {
                self.input.reserve(READ_BYTES);
                &mut self.input
            }
        }
    }

    /// Takes a buffer to read into, if it has none.
    pub fn borrow(&mut self, buffer: &mut Vec<u8>) {
        if self.input.capacity() == 0 {
            std::mem::swap(&mut self.input, buffer);
        }
    }

    /// Gives its buffer back when there is nothing in it, so that a connection at rest holds no memory.
    pub fn give_back(&mut self, buffer: &mut Vec<u8>) {
        if self.input.is_empty() {
            let input = std::mem::take(&mut self.input);
            if buffer.capacity() == 0 && input.capacity() <= BODY_STEP_BYTES {
                *buffer = input;
            }
        }
    }

    /// Whether a request has begun and not ended.
    pub fn is_within(&self) -> bool {
        self.arriving.is_some() || !self.input.is_empty()
    }

    /// Whether a head has come whose body has not.
    pub fn is_within_body(&self) -> bool {
        self.arriving.is_some()
    }

    /// Bytes of body that are held.
    pub fn body_bytes(&self) -> usize {
        self.arriving.as_ref().map_or(0, |arriving| arriving.body.len())
    }

    /// Whether a head has come and nothing of its body.
    pub fn is_at_body(&self) -> bool {
        self.is_within_body() && self.body_bytes() == 0 && self.input.is_empty()
    }

    /// The head whose body is arriving.
    pub fn head(&self) -> Option<&Head> {
        self.arriving.as_ref().map(|arriving| &arriving.head)
    }

    /// What has come by now, with bodies of at most `bytes_max`. Nothing good comes after what is too large, broken or wrong.
    pub fn next(&mut self, bytes_max: usize) -> Come {
        let Some(arriving) = &mut self.arriving else { return self.begin() };
        let is_over = match &mut arriving.left {
            Left::Length(length) if *length > bytes_max => return Come::TooLarge,
            Left::Length(length) if arriving.body.len() >= *length => {
                // The next request came with the end of this one.
                self.input.extend_from_slice(&arriving.body[*length..]);
                arriving.body.truncate(*length);
                true
            }
            Left::Length(_) => false,
            Left::Chunks(chunked) => match chunked.take(&self.input, &mut arriving.body, bytes_max) {
                Ok(taken) => {
                    self.input.drain(..taken);
                    chunked.is_over()
                }
                Err(Broken) => return Come::Broken,
            },
        };
        if arriving.body.len() > bytes_max {
            return Come::TooLarge;
        }
        match self.arriving.take_if(|_| is_over) {
            Some(Arriving { head, body, .. }) => Come::Whole(head, body),
            None => Come::Nothing,
        }
    }

    fn begin(&mut self) -> Come {
        // A head that comes byte by byte is not read from its start for every byte.
        if self.looked > 0 && !self.has_end() && self.input.len() <= super::head::HEAD_BYTES_MAX {
            self.looked = self.input.len();
            return Come::Nothing;
        }
        let (head, length) = match parse(&self.input) {
            Ok(Some(found)) => found,
            Ok(None) => {
                self.looked = self.input.len();
                return Come::Nothing;
            }
            Err(wrong) => return Come::Wrong(wrong),
        };
        self.looked = 0;
        let mut body = Vec::new();
        let left = match head.framing {
            Framing::Length(wanted) => {
                let wanted = usize::try_from(wanted).unwrap_or(usize::MAX);
                let end = self.input.len().min(length.saturating_add(wanted));
                body.extend_from_slice(&self.input[length..end]);
                self.input.drain(..end);
                Left::Length(wanted)
            }
            Framing::Chunked => {
                self.input.drain(..length);
                Left::Chunks(Chunked::default())
            }
        };
        self.arriving = Some(Arriving { head, body, left });
        Come::Head
    }

    // An end of a head that lies partly in what was looked at before is found as well.
    fn has_end(&self) -> bool {
        let from = self.looked.saturating_sub(2);
        let new = &self.input[from..];
        new.windows(2).any(|pair| pair == b"\n\n") || new.windows(3).any(|three| three == b"\n\r\n")
    }
}

#[cfg(test)]
mod tests;
