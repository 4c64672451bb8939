//! Reads what `rrdtool dump` prints, of any version, row after row; nothing but the rows is kept.

mod scan;
pub mod write;

use self::scan::{Event, Scanner};
use super::{Archive, Consolidation, PendingPoint, PendingRow, RoundRobin, Source, SourceKind};
use crate::Malformed;
use std::io::BufRead;

/// Most values of a file, which is 1 GiB of them.
pub const VALUES_MAX: usize = 1 << 27;

/// Reads a dump. The reason of an error starts with the line.
pub fn read(reader: &mut dyn BufRead) -> Result<RoundRobin, Malformed> {
    let mut parser = Parser { scanner: Scanner::new(reader), values: 0 };
    match parser.file() {
        Ok(file) => Ok(file),
        Err(reason) => Err(Malformed::new(format!("line {}: {reason}", parser.scanner.line()))),
    }
}

/// Half a sentence.
type Reason = String;

struct Parser<'r> {
    scanner: Scanner<'r>,
    /// Values read so far.
    values: usize,
}

impl Parser<'_> {
    fn file(&mut self) -> Result<RoundRobin, Reason> {
        if self.scanner.next()? != Event::Open || self.scanner.token() != "rrd" {
            return Err("is no dump of a round robin file: it does not begin with <rrd>".into());
        }
        let mut file = RoundRobin {
            version: 0,
            step_s: 0,
            updated_s: -1,
            updated_us: 0,
            sources: Vec::new(),
            archives: Vec::new(),
        };
        while let Some(name) = self.child()? {
            match name.as_str() {
                "version" => file.version = self.number("version")? as u8,
                "step" => file.step_s = self.number("step")?,
                "lastupdate" => file.updated_s = self.number("lastupdate")? as i64,
                "ds" => {
                    let source = self.source()?;
                    file.sources.push(source);
                }
                "rra" => {
                    let archive = self.archive(file.sources.len())?;
                    file.archives.push(archive);
                }
                _ => self.pass()?,
            }
        }
        check(&file)?;
        Ok(file)
    }

    fn source(&mut self) -> Result<Source, Reason> {
        let (mut name, mut kind) = (String::new(), None);
        let (mut heartbeat_s, mut min, mut max) = (0, f64::NAN, f64::NAN);
        let mut pending = PendingPoint { last: "U".into(), value: f64::NAN, unknown_s: 0 };
        while let Some(element) = self.child()? {
            match element.as_str() {
                "name" => name = self.text()?,
                "type" => {
                    let text = self.text()?;
                    kind = Some(SourceKind::parse(&text).ok_or(format!("{text} is no type of a source"))?);
                }
                "minimal_heartbeat" => heartbeat_s = self.number("heartbeat")?,
                "min" => min = self.value()?,
                "max" => max = self.value()?,
                "last_ds" => pending.last = self.text()?,
                "value" => pending.value = self.value()?,
                "unknown_sec" => pending.unknown_s = self.number("unknown_sec")?,
                _ => self.pass()?,
            }
        }
        if name.is_empty() {
            return Err("a source has no name".into());
        }
        let kind = kind.ok_or(format!("the source {name} has no type"))?;
        Ok(Source { name, kind, heartbeat_s, min, max, pending })
    }

    fn archive(&mut self, sources: usize) -> Result<Archive, Reason> {
        let mut function = None;
        let (mut steps, mut xff) = (0, f64::NAN);
        let (mut values, mut pending) = (Vec::new(), Vec::new());
        while let Some(element) = self.child()? {
            match element.as_str() {
                "cf" => {
                    let text = self.text()?;
                    let known = Consolidation::parse(&text);
                    function = Some(known.ok_or(format!("{text} is no consolidation function"))?);
                }
                "pdp_per_row" => steps = self.number("pdp_per_row")?,
                "xff" => xff = self.value()?,
                // The oldest dumps have it without the <params> around.
                "params" => {
                    while let Some(parameter) = self.child()? {
                        if parameter == "xff" { xff = self.value()? } else { self.pass()? }
                    }
                }
                "cdp_prep" => pending = self.pending_rows(sources)?,
                "database" => values = self.rows(sources)?,
                _ => self.pass()?,
            }
        }
        let function = function.ok_or("an archive has no function")?;
        if steps == 0 || values.is_empty() {
            return Err(format!("an archive of {} has no rows or no steps", function.as_str()));
        }
        if pending.len() != sources {
            return Err(format!("an archive has {} sources in <cdp_prep> for {sources}", pending.len()));
        }
        let xff = if function.is_measured() { xff } else { f64::NAN };
        Ok(Archive { function, steps, xff, rows: values.len() / sources, values, pending })
    }

    fn pending_rows(&mut self, sources: usize) -> Result<Vec<PendingRow>, Reason> {
        let mut rows = Vec::new();
        while let Some(element) = self.child()? {
            if element != "ds" || rows.len() == sources {
                return Err(format!("<{element}> is one too many in <cdp_prep>"));
            }
            rows.push(self.pending_row()?);
        }
        Ok(rows)
    }

    fn pending_row(&mut self) -> Result<PendingRow, Reason> {
        let mut row = PendingRow { primary: 0.0, secondary: 0.0, value: f64::NAN, unknown: 0 };
        while let Some(element) = self.child()? {
            match element.as_str() {
                "primary_value" => row.primary = self.value()?,
                "secondary_value" => row.secondary = self.value()?,
                "value" => row.value = self.value()?,
                "unknown_datapoints" => row.unknown = self.number("unknown_datapoints")?,
                _ => self.pass()?,
            }
        }
        Ok(row)
    }

    fn rows(&mut self, sources: usize) -> Result<Vec<f64>, Reason> {
        let mut values = Vec::new();
        while let Some(element) = self.child()? {
            if element != "row" {
                return Err(format!("<{element}> in a <database>"));
            }
            let before = values.len();
            while let Some(element) = self.child()? {
                if element != "v" {
                    return Err(format!("<{element}> in a <row>"));
                }
                values.push(self.value()?);
                self.values += 1;
                if self.values > VALUES_MAX {
                    return Err(format!("more than {VALUES_MAX} values"));
                }
            }
            if values.len() - before != sources {
                return Err(format!("a row of {} values for {sources} sources", values.len() - before));
            }
        }
        Ok(values)
    }

    /// The next element inside the one that is open; `None` when that is closed.
    fn child(&mut self) -> Result<Option<String>, Reason> {
        match self.scanner.next()? {
            Event::Open => Ok(Some(self.scanner.token().to_owned())),
            Event::Close => Ok(None),
            Event::Text => Err(format!("`{}` where an element was expected", self.scanner.token())),
            Event::End => Err("the file is cut short".into()),
        }
    }

    /// The text of the element that was opened, which holds nothing else.
    fn text(&mut self) -> Result<String, Reason> {
        let mut text = String::new();
        loop {
            match self.scanner.next()? {
                Event::Text => text.push_str(self.scanner.token()),
                Event::Close => return Ok(text),
                Event::Open => return Err(format!("<{}> where text was expected", self.scanner.token())),
                Event::End => return Err("the file is cut short".into()),
            }
        }
    }

    fn value(&mut self) -> Result<f64, Reason> {
        let text = self.text()?;
        parse_value(&text).ok_or_else(|| format!("`{text}` is no number"))
    }

    fn number(&mut self, what: &str) -> Result<u64, Reason> {
        let text = self.text()?;
        text.parse().map_err(|_| format!("the {what} `{text}` is no whole number"))
    }

    /// Passes over the element that was opened.
    fn pass(&mut self) -> Result<(), Reason> {
        let mut depth = 1;
        while depth > 0 {
            match self.scanner.next()? {
                Event::Open => depth += 1,
                Event::Close => depth -= 1,
                Event::Text => {}
                Event::End => return Err("the file is cut short".into()),
            }
        }
        Ok(())
    }
}

/// A number as C programs print it: `NaN`, `-nan` and `U` are unknown.
fn parse_value(text: &str) -> Option<f64> {
    match text.trim_start_matches(['-', '+']).to_ascii_lowercase().as_str() {
        "nan" | "u" => Some(f64::NAN),
        _ => text.parse().ok(),
    }
}

fn check(file: &RoundRobin) -> Result<(), Reason> {
    if !(1..=super::binary::VERSION_MAX).contains(&file.version) {
        return Err(format!(
            "the version is {}, known are 1 to {}",
            file.version,
            super::binary::VERSION_MAX
        ));
    }
    if file.step_s == 0 || file.step_s > u64::from(u32::MAX) || file.updated_s < 0 {
        return Err("there is no <step> or no <lastupdate>".into());
    }
    if file.sources.is_empty() || file.archives.is_empty() {
        return Err("there is no source or no archive".into());
    }
    file.check_times().map_err(|malformed| format!("the file {malformed}"))
}
