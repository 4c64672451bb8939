//! apcupsd's network information service: a word with its length before it, and lines with theirs, the last of none.

use super::*;

/// Lines that are numbers: name, place of the metric, and the daemon's units in one of ours.
const NUMBERS: [(&str, usize, f64); 7] = [
    ("BCHARGE", CHARGE, 100.0),
    ("TIMELEFT", RUNTIME, 1.0 / 60.0),
    ("LOADPCT", LOAD, 100.0),
    ("LINEV", INPUT, 1.0),
    ("OUTPUTV", OUTPUT, 1.0),
    ("BATTV", BATTERY, 1.0),
    ("ITEMP", TEMPERATURE, 1.0),
];
/// Words of `STATUS`.
const WORDS: [&str; STATES] = ["ONLINE", "ONBATT", "LOWBATT", "REPLACEBATT", "OVERLOAD"];
const LINES_MAX: usize = 200;

pub(super) fn ask(conversation: &mut dyn Conversation, findings: &mut Findings) -> io::Result<()> {
    conversation.write_all(b"\0\x06status")?;
    let mut lines = Vec::new();
    for _ in 0..LINES_MAX {
        let mut length = [0; 2];
        conversation.read_exact(&mut length)?;
        let mut line = vec![0; usize::from(u16::from_be_bytes(length))];
        if line.is_empty() {
            break;
        }
        conversation.read_exact(&mut line)?;
        lines.push(String::from_utf8_lossy(&line).into_owned());
    }
    let pairs: Vec<(&str, &str)> = lines.iter().filter_map(|line| line.split_once(':')).collect();
    let value = |key: &str| pairs.iter().find(|(name, _)| name.trim() == key).map(|(_, value)| value.trim());
    let name = value("UPSNAME").ok_or_else(malformed)?;
    for (key, metric, unit) in NUMBERS {
        // `100.0 Percent`
        let number = value(key).and_then(|text| text.split(' ').next()?.parse::<f64>().ok());
        findings.add_some(metric, &[name], number.filter(|n| n.is_finite()).map(|number| number / unit));
    }
    if let Some(status) = value("STATUS") {
        for (at, word) in WORDS.into_iter().enumerate() {
            let is_it = status.split(' ').any(|state| state == word);
            findings.add(STATUS + at, &[name], f64::from(is_it));
        }
    }
    if let Some(model) = value("MODEL") {
        findings.add(INFO, &[name, model], 1.0);
    }
    Ok(())
}
