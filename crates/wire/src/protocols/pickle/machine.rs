//! The part of Python's pickle machine that data made of lists, tuples, texts and numbers needs (Lib/pickletools.py describes
//! the instructions). It holds no more values than the input has bytes, and calls nothing.

mod input;

use input::{Input, long, memo_number, quoted, unescaped, written_number};
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
