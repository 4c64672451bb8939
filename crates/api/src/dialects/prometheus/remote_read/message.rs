//! The messages of remote read 1.0.
//!
//! ```text
//! ReadRequest  { 1: Query*  2: response types (0 samples, 1 streamed chunks) }
//! Query        { 1: int64 start_ms  2: int64 end_ms  3: Matcher*  4: hints }
//! Matcher      { 1: type (0 =, 1 !=, 2 =~, 3 !~)  2: name  3: value }
//! ReadResponse { 1: QueryResult* }   QueryResult { 1: TimeSeries* }
//! TimeSeries   { 1: Label { 1: name 2: value }*  2: Sample { 1: double value 2: int64 time_ms }*  4: Histogram* }
//!
//! ChunkedReadResponse { 1: ChunkedSeries*  2: number of the query }
//! ChunkedSeries       { 1: Label*  2: Chunk { 1: first time_ms  2: last time_ms  3: encoding (1 XOR, 3 float histograms)  4: bytes }* }
//! ```

use model::{Histogram, Labels, MatchOp, Matcher};
use stdx::varint;
use wire::protocols::remote_write::write_histogram;

/// A request.
#[derive(Debug, Default)]
pub struct Asked {
    /// In order.
    pub queries: Vec<Query>,
    /// How the client wants the answer.
    pub way: Option<Way>,
}

/// How samples are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// One message of samples.
    Samples,
    /// A message a series, with chunks as they are in Prometheus' blocks.
    Chunks,
}

/// What one part of a request asks for; both ends are included.
#[derive(Debug, Default)]
pub struct Query {
    /// First instant.
    pub start_ms: i64,
    /// Last instant.
    pub end_ms: i64,
    /// All must hold.
    pub matchers: Vec<Matcher>,
}

/// A field's value.
enum Value<'a> {
    Number(u64),
    Bytes(&'a [u8]),
    /// Eight or four bytes that nothing here wants.
    Fixed,
}

const BROKEN: &str = "not a remote-read message";

/// The fields of a message, one after the other.
struct Fields<'a>(&'a [u8]);

impl<'a> Iterator for Fields<'a> {
    type Item = Result<(u64, Value<'a>), String>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let field = self.field();
        if field.is_none() {
            self.0 = &[];
        }
        Some(field.ok_or_else(|| BROKEN.to_owned()))
    }
}

impl<'a> Fields<'a> {
    fn field(&mut self) -> Option<(u64, Value<'a>)> {
        let key = varint::read_u64(&mut self.0)?;
        let value = match key & 7 {
            0 => Value::Number(varint::read_u64(&mut self.0)?),
            1 => self.skip(8)?,
            2 => Value::Bytes(varint::read_bytes(&mut self.0)?),
            5 => self.skip(4)?,
            _ => return None,
        };
        Some((key >> 3, value))
    }

    fn skip(&mut self, bytes: usize) -> Option<Value<'a>> {
        self.0 = self.0.get(bytes..)?;
        Some(Value::Fixed)
    }
}

/// Reads a request without its snappy frame.
pub fn read(bytes: &[u8]) -> Result<Asked, String> {
    let (mut asked, mut ways) = (Asked::default(), Vec::new());
    for field in Fields(bytes) {
        match field? {
            (1, Value::Bytes(bytes)) => asked.queries.push(query(bytes)?),
            (2, Value::Number(way)) => ways.push(way),
            (2, Value::Bytes(mut packed)) => {
                while let Some(way) = varint::read_u64(&mut packed) {
                    ways.push(way);
                }
            }
            _ => {}
        }
    }
    // The first way that we know; samples for those that were there before there was a choice.
    asked.way = match ways.iter().find(|way| **way <= 1) {
        Some(0) => Some(Way::Samples),
        Some(_) => Some(Way::Chunks),
        None => ways.is_empty().then_some(Way::Samples),
    };
    Ok(asked)
}

fn query(bytes: &[u8]) -> Result<Query, String> {
    let mut query = Query::default();
    for field in Fields(bytes) {
        match field? {
            (1, Value::Number(ms)) => query.start_ms = ms as i64,
            (2, Value::Number(ms)) => query.end_ms = ms as i64,
            (3, Value::Bytes(bytes)) => query.matchers.push(matcher(bytes)?),
            _ => {}
        }
    }
    Ok(query)
}

fn matcher(bytes: &[u8]) -> Result<Matcher, String> {
    let (mut op, mut name, mut value) = (MatchOp::Equal, "", "");
    let text = |bytes| std::str::from_utf8(bytes).map_err(|_| "a matcher that is not UTF-8".to_owned());
    for field in Fields(bytes) {
        match field? {
            (1, Value::Number(number)) => {
                op = match number {
                    0 => MatchOp::Equal,
                    1 => MatchOp::NotEqual,
                    2 => MatchOp::Regex,
                    3 => MatchOp::NotRegex,
                    _ => return Err(format!("invalid matcher type {number}")),
                }
            }
            (2, Value::Bytes(bytes)) => name = text(bytes)?,
            (3, Value::Bytes(bytes)) => value = text(bytes)?,
            _ => {}
        }
    }
    Matcher::new(name, op, value)
}

/// An answer that is being written.
#[derive(Default)]
pub struct Answer {
    out: Vec<u8>,
}

/// A message that is not closed yet: its length is known when it is.
pub struct Open(usize);

/// Bytes kept for the length of an open message: a varint of 5 bytes, padded.
const LENGTH_BYTES: usize = 5;

impl Answer {
    /// Begins the result of a query.
    pub fn begin(&mut self) -> Open {
        self.open(1)
    }

    /// Ends it.
    pub fn end(&mut self, open: Open) {
        // Padded varints are longer than they must be, which every reader takes.
        let mut length = self.out.len() - open.0;
        let at = open.0 - LENGTH_BYTES;
        for byte in &mut self.out[at..open.0 - 1] {
            *byte = 0x80 | (length & 0x7f) as u8;
            length >>= 7;
        }
        self.out[open.0 - 1] = length as u8;
    }

    /// Begins a series of the result that is open, with its numbers.
    pub fn series(&mut self, labels: &Labels, times_ms: &[i64], values: &[f64]) -> Open {
        let series = self.open(1);
        self.labels(labels);
        for (time_ms, value) in times_ms.iter().zip(values) {
            let mut time = Vec::with_capacity(10);
            varint::write_u64(&mut time, *time_ms as u64);
            self.key(2, 2);
            self.out.push((9 + 1 + time.len()) as u8);
            self.key(1, 1);
            self.out.extend_from_slice(&value.to_le_bytes());
            self.key(2, 0);
            self.out.extend_from_slice(&time);
        }
        series
    }

    /// Adds a native histogram to the series that is open.
    pub fn histogram(&mut self, time_ms: i64, histogram: &Histogram) {
        let message = self.open(4);
        write_histogram(histogram, time_ms, &mut self.out);
        self.end(message);
    }

    /// Begins a message of one series in chunks.
    pub fn chunked(labels: &Labels) -> (Self, Open) {
        let mut answer = Self::default();
        let series = answer.open(1);
        answer.labels(labels);
        (answer, series)
    }

    /// Adds a chunk.
    pub fn chunk(&mut self, times_ms: &[i64], encoding: u64, bytes: &[u8]) {
        let open = self.open(2);
        self.number(1, times_ms.first().copied().unwrap_or(0) as u64);
        self.number(2, times_ms.last().copied().unwrap_or(0) as u64);
        self.number(3, encoding);
        self.key(4, 2);
        varint::write_bytes(&mut self.out, bytes);
        self.end(open);
    }

    /// Ends it: the answer to query `number`.
    pub fn end_chunked(&mut self, series: Open, number: u64) {
        self.end(series);
        self.number(2, number);
    }

    fn labels(&mut self, labels: &Labels) {
        for (name, value) in labels.iter() {
            let label = self.open(1);
            self.text(1, name);
            self.text(2, value);
            self.end(label);
        }
    }

    fn number(&mut self, field: u8, number: u64) {
        self.key(field, 0);
        varint::write_u64(&mut self.out, number);
    }

    /// The whole message.
    pub fn into_bytes(self) -> Vec<u8> {
        self.out
    }

    fn open(&mut self, field: u8) -> Open {
        self.key(field, 2);
        self.out.extend_from_slice(&[0; LENGTH_BYTES]);
        Open(self.out.len())
    }

    fn key(&mut self, field: u8, kind: u8) {
        self.out.push(field << 3 | kind);
    }

    fn text(&mut self, field: u8, text: &str) {
        self.key(field, 2);
        varint::write_bytes(&mut self.out, text.as_bytes());
    }
}
