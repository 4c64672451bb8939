//! The ini dialect of Python's `configparser`, as far as carbon's files use it: `key = value` or `key: value`, keys in
//! any case, whole-line comments with `#` or `;`, values that go on in indented lines, `%%` for a percent sign.

use super::Problem;

/// Largest file that is read, in bytes.
const BYTES_MAX: usize = 16 << 20;

/// A section and its lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Section {
    pub name: String,
    /// Line of its header, from 1.
    pub line: usize,
    /// Line, key in lower case, value.
    entries: Vec<(usize, String, String)>,
}

impl Section {
    /// The value of a key with its line.
    pub(super) fn get(&self, key: &str) -> Option<(usize, &str)> {
        let found = self.entries.iter().find(|(_, name, _)| name == key);
        found.map(|(line, _, value)| (*line, value.as_str()))
    }
}

/// The sections in the order of the file.
pub(super) fn sections(text: &str) -> Result<Vec<Section>, Problem> {
    if text.len() > BYTES_MAX {
        return Err(Problem { line: 1, reason: format!("the file is larger than {BYTES_MAX} bytes") });
    }
    let mut sections: Vec<Section> = Vec::new();
    let mut indent = 0;
    let mut continues = false;
    for (number, raw) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let fault = |reason: String| Problem { line: number + 1, reason };
        let line = raw.trim();
        if line.is_empty() || line.starts_with(['#', ';']) {
            // An empty line does not end a value; the indentation of the next one does.
            continue;
        }
        let column = raw.len() - raw.trim_start().len();
        let last = sections.last_mut();
        if continues && column > indent {
            let entry = last.and_then(|section| section.entries.last_mut());
            let (_, _, value) = entry.expect("a value goes on only after one began");
            value.push('\n');
            value.push_str(&unescaped(line).map_err(fault)?);
            continue;
        }
        (indent, continues) = (column, false);
        if let Some(name) = header(line) {
            begin(&mut sections, name, number + 1)?;
            continue;
        }
        let section = last.ok_or_else(|| fault(format!("`{line}` stands before the first [section]")))?;
        section.push(line, number + 1)?;
        continues = true;
    }
    Ok(sections)
}

fn header(line: &str) -> Option<&str> {
    let rest = line.strip_prefix('[')?;
    rest.rfind(']').map(|end| &rest[..end])
}

fn begin(sections: &mut Vec<Section>, name: &str, line: usize) -> Result<(), Problem> {
    let problem = |reason: String| Err(Problem { line, reason });
    if name == "DEFAULT" {
        return problem("[DEFAULT] is no section of its own: write its values into each section".into());
    }
    if let Some(before) = sections.iter().find(|section| section.name == name) {
        return problem(format!("[{name}] is there already, in line {}", before.line));
    }
    sections.push(Section { name: name.to_owned(), line, entries: Vec::new() });
    Ok(())
}

impl Section {
    fn push(&mut self, text: &str, line: usize) -> Result<(), Problem> {
        let fault = |reason: String| Problem { line, reason };
        let split = text.split_once(['=', ':']);
        let (key, value) = split.ok_or_else(|| fault(format!("`{text}` has neither `=` nor `:`")))?;
        let key = key.trim().to_lowercase();
        if let Some((before, _)) = self.get(&key) {
            return Err(fault(format!("[{}] has `{key}` already, in line {before}", self.name)));
        }
        self.entries.push((line, key, unescaped(value.trim()).map_err(fault)?));
        Ok(())
    }
}

/// `%%` is a percent sign; other uses name variables, which such files have none of.
fn unescaped(value: &str) -> Result<String, String> {
    let plain = value.replace("%%", "");
    if plain.contains('%') {
        return Err(format!("`{value}`: a percent sign is written `%%`"));
    }
    Ok(value.replace("%%", "%"))
}
