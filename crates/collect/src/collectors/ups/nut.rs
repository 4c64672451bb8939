//! NUT's protocol (RFC 9271): lists of supplies and of their variables.

use super::*;
use std::io::{BufRead, BufReader, Read, Write};

/// Variables that are numbers: name, place of the metric, and the daemon's units in one of ours.
const NUMBERS: [(&str, usize, f64); 7] = [
    ("battery.charge", CHARGE, 100.0),
    ("battery.runtime", RUNTIME, 1.0),
    ("ups.load", LOAD, 100.0),
    ("input.voltage", INPUT, 1.0),
    ("output.voltage", OUTPUT, 1.0),
    ("battery.voltage", BATTERY, 1.0),
    ("ups.temperature", TEMPERATURE, 1.0),
];
/// Words of `ups.status`.
const WORDS: [&str; STATES] = ["OL", "OB", "LB", "RB", "OVER"];
const MODELS: [&str; 2] = ["device.model", "ups.model"];
/// Most supplies.
const SUPPLIES_MAX: usize = 32;

pub(super) fn ask(conversation: &mut dyn Conversation, findings: &mut Findings) -> io::Result<()> {
    let mut lines = BufReader::new(conversation.take(ANSWER_BYTES_MAX));
    let mut names = Vec::new();
    list(&mut lines, "UPS", |line| {
        let name = line.strip_prefix("UPS ").and_then(|rest| rest.split(' ').next());
        names.extend(name.map(str::to_owned));
    })?;
    for name in names.iter().take(SUPPLIES_MAX) {
        let prefix = format!("VAR {name} ");
        list(&mut lines, &format!("VAR {name}"), |line| {
            let variable = line.strip_prefix(&*prefix).and_then(|rest| rest.split_once(' '));
            if let Some((variable, value)) = variable {
                add(findings, name, variable, value.trim_matches('"'));
            }
        })?;
    }
    Ok(())
}

/// Asks for a list and visits its lines.
fn list<'c>(
    lines: &mut BufReader<io::Take<&'c mut (dyn Conversation + 'c)>>,
    what: &str,
    mut each: impl FnMut(&str),
) -> io::Result<()> {
    lines.get_mut().get_mut().write_all(format!("LIST {what}\n").as_bytes())?;
    let (begin, end) = (format!("BEGIN LIST {what}"), format!("END LIST {what}"));
    let mut line = String::new();
    let mut is_begun = false;
    loop {
        line.clear();
        if lines.read_line(&mut line)? == 0 {
            return Err(malformed());
        }
        let text = line.trim_end();
        match text {
            _ if text == end => return Ok(()),
            _ if text == begin => is_begun = true,
            // A supply whose driver is gone: the others go on.
            _ if text.starts_with("ERR ") => return Ok(()),
            _ if is_begun => each(text),
            _ => return Err(malformed()),
        }
    }
}

fn add(findings: &mut Findings, name: &str, variable: &str, value: &str) {
    if let Some((_, metric, unit)) = NUMBERS.iter().find(|(known, ..)| *known == variable) {
        let number = value.parse::<f64>().ok().filter(|number| number.is_finite());
        findings.add_some(*metric, &[name], number.map(|number| number / unit));
    } else if variable == "ups.status" {
        for (at, word) in WORDS.into_iter().enumerate() {
            let is_it = value.split(' ').any(|state| state == word);
            findings.add(STATUS + at, &[name], f64::from(is_it));
        }
    } else if MODELS.contains(&variable) && findings.value(INFO, &[name, value]).is_none() {
        findings.add(INFO, &[name, value], 1.0);
    }
}
