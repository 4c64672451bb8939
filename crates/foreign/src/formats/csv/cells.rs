//! One line, cut into cells.

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

/// Most cells of a line.
const CELLS_MAX: usize = 10_000;
/// What may stand between cells.
const SEPARATORS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// The separator that a line has most of.
pub(super) fn likely_separator(line: &[u8]) -> u8 {
    let count = |separator: u8| line.iter().filter(|b| **b == separator).count();
    // Of equals the first; `max_by_key` would take the last.
    SEPARATORS.into_iter().rev().max_by_key(|separator| count(*separator)).unwrap_or(b',')
}

/// The cells of a line, without quotes.
pub(super) struct Cells {
    reader: Reader,
    line: Vec<u8>,
    text: Vec<u8>,
    ends: Vec<usize>,
    len: usize,
}

impl Cells {
    pub(super) fn new(separator: u8) -> Self {
        let reader = ReaderBuilder::new().delimiter(separator).build();
        Self { reader, line: Vec::new(), text: Vec::new(), ends: vec![0; 64], len: 0 }
    }

    /// Cuts a line, with or without its end.
    pub(super) fn split(&mut self, line: &[u8]) -> Result<(), &'static str> {
        std::str::from_utf8(line).map_err(|_| "not UTF-8")?;
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        self.line.clear();
        self.line.extend_from_slice(line.strip_suffix(b"\r").unwrap_or(line));
        self.line.push(b'\n');
        self.text.resize(self.line.len(), 0);
        loop {
            self.reader.reset();
            let (result, read, _, ended) =
                self.reader.read_record(&self.line, &mut self.text, &mut self.ends);
            match result {
                ReadRecordResult::Record if read == self.line.len() => {
                    self.len = ended;
                    return Ok(());
                }
                ReadRecordResult::OutputEndsFull if self.ends.len() < CELLS_MAX => {
                    self.ends.resize((self.ends.len() * 2).min(CELLS_MAX), 0);
                }
                ReadRecordResult::OutputEndsFull => return Err("more cells than allowed"),
                _ => return Err("a quote is not closed on its line"),
            }
        }
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// A cell without white space at its ends; "" beyond the last.
    pub(super) fn get(&self, at: usize) -> &str {
        if at >= self.len {
            return "";
        }
        let start = if at == 0 { 0 } else { self.ends[at - 1] };
        std::str::from_utf8(&self.text[start..self.ends[at]]).unwrap_or_default().trim_ascii()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(line: &str) -> Result<Vec<String>, &'static str> {
        let mut cells = Cells::new(likely_separator(line.as_bytes()));
        cells.split(line.as_bytes())?;
        Ok((0..cells.len()).map(|at| cells.get(at).to_owned()).collect())
    }

    #[test]
    fn lines_are_cut_and_quotes_undone() {
        for (line, wanted) in [
            ("a,b", vec!["a", "b"]),
            ("a, b ,\r\n", vec!["a", "b", ""]),
            ("a;\"b;\"\"c\"\"\";1,5", vec!["a", "b;\"c\"", "1,5"]),
            ("one", vec!["one"]),
            ("a\tb\t\t", vec!["a", "b", "", ""]),
        ] {
            assert_eq!(cells(line).unwrap(), wanted, "{line:?}");
        }
        assert!(cells("a,\"b").is_err());
        assert_eq!(cells(&"1,".repeat(500)).unwrap().len(), 501);
        assert!(cells(&"1,".repeat(20_000)).is_err());
    }
}
