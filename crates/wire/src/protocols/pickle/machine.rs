//! The part of Python's pickle machine that data made of lists, tuples, texts and numbers needs (Lib/pickletools.py describes
//! the instructions). It holds no more values than the input has bytes, and calls nothing.

use crate::number;
use std::borrow::Cow;

/// Highest protocol of pickle.
const PROTOCOL_MAX: u8 = 5;

/// A value on the stack, in a list, or remembered.
#[derive(Debug)]
pub(super) enum Value<'a> {
    /// `None`
    None,
    /// A number or a truth value.
    Number(f64),
    /// Text or bytes; which of both depends on the Python that wrote them.
    Text(Cow<'a, [u8]>),
    /// A tuple: its share of [`Machine::tuples`].
    Tuple { start: usize, end: usize },
    /// A list.
    List(Vec<usize>),
}

impl Value<'_> {
    /// What it is, for people.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::None => "None",
            Self::Number(_) => "a number",
            Self::Text(_) => "a text",
            Self::Tuple { .. } => "a tuple",
            Self::List(_) => "a list",
        }
    }
}

/// Why a pickle is refused, and where.
#[derive(Debug)]
pub(super) struct Error {
    pub(super) at: usize,
    pub(super) what: String,
}

/// A pickle that was run.
#[derive(Debug, Default)]
pub(super) struct Machine<'a> {
    values: Vec<Value<'a>>,
    /// What tuples hold.
    tuples: Vec<usize>,
    stack: Vec<usize>,
    /// Heights of the stack at the marks.
    marks: Vec<usize>,
    memo: Vec<Option<usize>>,
}

type Done = Result<(), String>;

impl<'a> Machine<'a> {
    /// Runs a pickle to its end.
    pub(super) fn run(input: &'a [u8]) -> Result<Self, Error> {
        let (mut machine, mut input, len) = (Self::default(), Input { rest: input }, input.len());
        loop {
            let at = len - input.rest.len();
            match machine.step(&mut input, len) {
                Ok(true) => return Ok(machine),
                Ok(false) => {}
                Err(what) => return Err(Error { at, what }),
            }
        }
    }

    /// What the pickle is of.
    pub(super) fn result(&self) -> &Value<'a> {
        self.stack.last().map_or(&Value::None, |at| &self.values[*at])
    }

    /// A value.
    pub(super) fn value(&self, at: usize) -> &Value<'a> {
        &self.values[at]
    }

    /// What a list or a tuple holds.
    pub(super) fn items<'m>(&'m self, value: &'m Value<'a>) -> Option<&'m [usize]> {
        match value {
            Value::Tuple { start, end } => self.tuples.get(*start..*end),
            Value::List(items) => Some(items),
            _ => None,
        }
    }

    /// Does one instruction; whether it was the last.
    fn step(&mut self, input: &mut Input<'a>, memo_max: usize) -> Result<bool, String> {
        let code = input.byte()?;
        match code {
            b'.' => return self.finish().map(|()| true),
            0x80 => check_protocol(input.byte()?),
            0x95 => input.number::<8>().map(|_| ()),
            b'(' => {
                self.marks.push(self.stack.len());
                Ok(())
            }
            b'N' => self.push(Value::None),
            0x88 | 0x89 => self.push(Value::Number(f64::from(code == 0x88))),
            b'I' | b'L' | b'F' => self.push(Value::Number(written_number(input.ascii_line()?)?)),
            b'J' => self.number(f64::from(input.number::<4>()? as u32 as i32)),
            b'K' => self.number(f64::from(input.byte()?)),
            b'M' => self.number(input.number::<2>()? as f64),
            b'G' => self.number(f64::from_bits((input.number::<8>()?).swap_bytes())),
            0x8a => self.long(input, 1),
            0x8b => self.long(input, 4),
            b'U' | b'C' | 0x8c => self.text(input, 1),
            b'T' | b'X' | b'B' => self.text(input, 4),
            0x8d | 0x8e => self.text(input, 8),
            b'S' => self.push(Value::Text(quoted(input.ascii_line()?)?.into())),
            b'V' => self.push(Value::Text(unescaped(input.line()?)?)),
            b']' => self.push(Value::List(Vec::new())),
            b')' => self.tuple(0),
            0x85..=0x87 => self.tuple(usize::from(code - 0x84)),
            b't' => self.since_mark().and_then(|count| self.tuple(count)),
            b'l' => self.list(),
            b'a' => self.append(1),
            b'e' => self.since_mark().and_then(|count| self.append(count)),
            b'p' => memo_number(input.ascii_line()?).and_then(|number| self.put(number, memo_max)),
            b'q' => input.byte().and_then(|number| self.put(usize::from(number), memo_max)),
            b'r' => input.number::<4>().and_then(|number| self.put(number as usize, memo_max)),
            0x94 => self.put(self.memo.len(), memo_max),
            b'g' => memo_number(input.ascii_line()?).and_then(|number| self.get(number)),
            b'h' => input.byte().and_then(|number| self.get(usize::from(number))),
            b'j' => input.number::<4>().and_then(|number| self.get(number as usize)),
            other => Err(refusal(other)),
        }
        .map(|()| false)
    }

    fn finish(&self) -> Done {
        match (self.stack.len(), self.marks.len()) {
            (1, 0) => Ok(()),
            _ => Err("the pickle ends with other than one value".to_owned()),
        }
    }

    fn push(&mut self, value: Value<'a>) -> Done {
        self.stack.push(self.values.len());
        self.values.push(value);
        Ok(())
    }

    fn number(&mut self, number: f64) -> Done {
        self.push(Value::Number(number))
    }

    fn long(&mut self, input: &mut Input<'a>, len_bytes: usize) -> Done {
        let bytes = input.counted(len_bytes)?;
        self.number(long(bytes))
    }

    fn text(&mut self, input: &mut Input<'a>, len_bytes: usize) -> Done {
        let bytes = input.counted(len_bytes)?;
        self.push(Value::Text(bytes.into()))
    }

    /// Takes the last mark away; how many values are above it.
    fn since_mark(&mut self) -> Result<usize, String> {
        let mark = self.marks.pop().ok_or("a mark is missing")?;
        self.stack.len().checked_sub(mark).ok_or_else(|| "a mark lies above the stack".to_owned())
    }

    /// How high the stack is below so many values, none of them below the last mark.
    fn below(&self, count: usize) -> Result<usize, String> {
        let floor = self.marks.last().copied().unwrap_or(0);
        let height = self.stack.len().checked_sub(count).filter(|height| *height >= floor);
        height.ok_or_else(|| "the stack is too short".to_owned())
    }

    fn tuple(&mut self, count: usize) -> Done {
        let (below, start) = (self.below(count)?, self.tuples.len());
        self.tuples.extend(self.stack.drain(below..));
        self.push(Value::Tuple { start, end: self.tuples.len() })
    }

    fn list(&mut self) -> Done {
        let count = self.since_mark()?;
        let items = self.stack.split_off(self.below(count)?);
        self.push(Value::List(items))
    }

    fn append(&mut self, count: usize) -> Done {
        let below = self.below(count)?;
        let list = below.checked_sub(1).map(|top| self.stack[top]).ok_or("the stack is too short")?;
        match &mut self.values[list] {
            Value::List(list) => list.extend(self.stack.drain(below..)),
            other => return Err(format!("{} is appended to as if it were a list", other.name())),
        }
        Ok(())
    }

    /// Remembers the value on top.
    fn put(&mut self, number: usize, memo_max: usize) -> Done {
        let top = self.stack.last().copied().ok_or("there is nothing to remember")?;
        // Numbers are given in a row, so there are no more than bytes.
        if number > memo_max {
            return Err(format!("memo number {number} is larger than the pickle"));
        }
        if self.memo.len() <= number {
            self.memo.resize(number + 1, None);
        }
        self.memo[number] = Some(top);
        Ok(())
    }

    /// Recalls a value.
    fn get(&mut self, number: usize) -> Done {
        let value = self.memo.get(number).copied().flatten();
        self.stack.push(value.ok_or_else(|| format!("nothing is remembered as {number}"))?);
        Ok(())
    }
}

fn check_protocol(protocol: u8) -> Done {
    match protocol {
        0..=PROTOCOL_MAX => Ok(()),
        _ => Err(format!("pickle protocol {protocol} is not known")),
    }
}

/// Why an instruction is not done.
fn refusal(code: u8) -> String {
    let name = match code {
        b'c' => "GLOBAL",
        0x93 => "STACK_GLOBAL",
        b'R' => "REDUCE",
        b'b' => "BUILD",
        b'i' => "INST",
        b'o' => "OBJ",
        0x81 => "NEWOBJ",
        0x92 => "NEWOBJ_EX",
        b'P' => "PERSID",
        b'Q' => "BINPERSID",
        0x82..=0x84 => "EXT",
        b'}' => "EMPTY_DICT",
        b'd' => "DICT",
        b's' => "SETITEM",
        b'u' => "SETITEMS",
        0x8f => "EMPTY_SET",
        0x90 => "ADDITEMS",
        0x91 => "FROZENSET",
        0x96 => "BYTEARRAY8",
        0x97 => "NEXT_BUFFER",
        0x98 => "READONLY_BUFFER",
        b'0' => "POP",
        b'1' => "POP_MARK",
        b'2' => "DUP",
        _ => return format!("byte {code:#04x} is no instruction of pickle"),
    };
    format!("pickle instruction {name} is not taken: only lists, tuples, texts and numbers are")
}

struct Input<'a> {
    rest: &'a [u8],
}

impl<'a> Input<'a> {
    fn bytes(&mut self, len: usize) -> Result<&'a [u8], String> {
        let (bytes, rest) = self.rest.split_at_checked(len).ok_or("the pickle ends in the middle")?;
        self.rest = rest;
        Ok(bytes)
    }

    fn byte(&mut self) -> Result<u8, String> {
        self.bytes(1).map(|bytes| bytes[0])
    }

    /// A little-endian number of `N` bytes without a sign.
    fn number<const N: usize>(&mut self) -> Result<u64, String> {
        self.bytes(N).map(|bytes| bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }

    /// Bytes behind their count.
    fn counted(&mut self, len_bytes: usize) -> Result<&'a [u8], String> {
        let len = match len_bytes {
            1 => self.number::<1>(),
            4 => self.number::<4>(),
            _ => self.number::<8>(),
        }?;
        self.bytes(usize::try_from(len).unwrap_or(usize::MAX))
    }

    /// The rest of a line, without its end.
    fn line(&mut self) -> Result<&'a [u8], String> {
        let end = memchr::memchr(b'\n', self.rest).ok_or("the pickle ends in the middle")?;
        let line = self.bytes(end)?;
        self.rest = &self.rest[1..];
        Ok(line)
    }

    /// The rest of a line that can only be ASCII.
    fn ascii_line(&mut self) -> Result<&'a str, String> {
        let line = std::str::from_utf8(self.line()?).ok().filter(|line| line.is_ascii());
        line.ok_or_else(|| "a line is not ASCII".to_owned())
    }
}

/// A whole number of any length, little-endian two's complement.
fn long(bytes: &[u8]) -> f64 {
    let is_negative = bytes.last().is_some_and(|last| last & 0x80 != 0);
    let digit = |byte: u8| f64::from(if is_negative { !byte } else { byte });
    let size = bytes.iter().rev().fold(0.0, |number, byte| number * 256.0 + digit(*byte));
    if is_negative { -(size + 1.0) } else { size }
}

/// A number as protocol 0 writes it: `repr` of Python, an `L` behind long ones, 00 and 01 for truth values.
fn written_number(text: &str) -> Result<f64, String> {
    let digits = text.trim().trim_end_matches('L');
    number::prometheus(digits).ok_or_else(|| format!("`{text}` is not a number"))
}

fn memo_number(text: &str) -> Result<usize, String> {
    text.trim().parse().map_err(|_| format!("memo number `{text}` is not a number"))
}

/// Text as Python 2's `repr` writes it.
fn quoted(text: &str) -> Result<Vec<u8>, String> {
    let wrong = || "a text of protocol 0 is not in quotes".to_owned();
    let quote = text.chars().next().filter(|c| matches!(c, '\'' | '"')).ok_or_else(wrong)?;
    let inner = text[1..].strip_suffix(quote).ok_or_else(wrong)?;
    let (mut out, mut rest) = (Vec::new(), inner);
    while let Some(at) = rest.find('\\') {
        out.extend_from_slice(&rest.as_bytes()[..at]);
        let mut chars = rest[at + 1..].chars();
        match chars.next().ok_or_else(wrong)? {
            'n' => out.push(b'\n'),
            't' => out.push(b'\t'),
            'r' => out.push(b'\r'),
            'x' => {
                let code = chars.as_str().get(..2).and_then(|hex| u8::from_str_radix(hex, 16).ok());
                out.push(code.ok_or("`\\x` without two hexadecimal digits")?);
                chars.nth(1);
            }
            plain @ ('\\' | '\'' | '"') => out.push(plain as u8),
            other => return Err(format!("`\\{other}` in a text of protocol 0 is not known")),
        }
        rest = chars.as_str();
    }
    out.extend_from_slice(rest.as_bytes());
    Ok(out)
}

/// Text as `raw-unicode-escape` writes it: `\\uXXXX` and `\\UXXXXXXXX` stand for characters, other bytes are Latin-1.
fn unescaped(text: &[u8]) -> Result<Cow<'_, [u8]>, String> {
    if text.is_ascii() && memchr::memchr(b'\\', text).is_none() {
        return Ok(text.into());
    }
    let (mut out, mut rest) = (String::new(), text);
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        let len = match (byte, rest.first()) {
            (b'\\', Some(b'u')) => 4,
            (b'\\', Some(b'U')) => 8,
            _ => {
                out.push(char::from(*byte));
                continue;
            }
        };
        let hex = rest.get(1..=len).and_then(|hex| std::str::from_utf8(hex).ok());
        let code = hex.and_then(|hex| u32::from_str_radix(hex, 16).ok()).and_then(char::from_u32);
        out.push(code.ok_or("what stands behind `\\u` is no character's code")?);
        rest = &rest[1 + len..];
    }
    Ok(out.into_bytes().into())
}
