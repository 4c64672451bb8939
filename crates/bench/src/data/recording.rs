//! Recorded scrapes: text, a line `#T <unix ms>` before each scrape, then its lines `name{label="value"} number`,
//! packed with zstd or plain. [`record`] makes such files of any text endpoint.

use model::{Labels, LabelsBuilder};
use std::collections::HashMap;
use std::fs;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Scrapes that were really made.
#[derive(Debug, Clone)]
pub struct Recording {
    /// The series, in order of their first appearance.
    pub labels: Vec<Labels>,
    /// Time in Unix milliseconds, then which series had which value.
    pub scrapes: Vec<(i64, Vec<(u32, f64)>)>,
}

impl Recording {
    /// Reads a file.
    pub fn open(path: &Path) -> Result<Self, String> {
        let told = |what: &dyn std::fmt::Display| format!("{}: {what}", path.display());
        if path.extension().is_none_or(|extension| extension != "zst") {
            return Self::parse(&fs::read_to_string(path).map_err(|e| told(&e))?).map_err(|e| told(&e));
        }
        let unpacked = Command::new("zstd").args(["-dc", "--long=27"]).arg(path).output();
        let unpacked = unpacked.map_err(|e| format!("zstd: {e}"))?;
        if !unpacked.status.success() {
            return Err(told(&String::from_utf8_lossy(&unpacked.stderr)));
        }
        Self::parse(&String::from_utf8_lossy(&unpacked.stdout)).map_err(|e| told(&e))
    }

    fn parse(text: &str) -> Result<Self, String> {
        let mut recording = Self { labels: Vec::new(), scrapes: Vec::new() };
        let mut numbers: HashMap<&str, u32> = HashMap::new();
        for (at, line) in text.lines().enumerate() {
            let wrong = |what: &str| format!("line {}: {what}", at + 1);
            if let Some(time) = line.strip_prefix("#T ") {
                recording.scrapes.push((time.trim().parse().map_err(|_| wrong("no time"))?, Vec::new()));
                continue;
            }
            let (name, value) = line.rsplit_once(' ').ok_or_else(|| wrong("no value"))?;
            let number = match numbers.get(name) {
                Some(number) => *number,
                None => {
                    recording.labels.push(labels(name).map_err(|e| wrong(&e))?);
                    *numbers.entry(name).or_insert(recording.labels.len() as u32 - 1)
                }
            };
            let value = value.parse().map_err(|_| wrong("no number"))?;
            recording
                .scrapes
                .last_mut()
                .ok_or_else(|| wrong("before the first time"))?
                .1
                .push((number, value));
        }
        Ok(recording)
    }
}

fn labels(text: &str) -> Result<Labels, String> {
    let (name, rest) = text.split_once('{').unwrap_or((text, "}"));
    let mut builder = LabelsBuilder::default();
    builder.add("__name__", name).add("host", "host-0000").add("job", "node");
    let mut rest = rest.trim_end_matches('}');
    while let Some((label, after)) = rest.split_once("=\"") {
        let (value, after) = after.split_once('"').ok_or("a value without an end")?;
        builder.add(label, value);
        rest = after.trim_start_matches(',');
    }
    builder.build().map_err(|e| e.to_string())
}

/// Scrapes `url` once a second for so many seconds into `path`. A scrape that fails is left out.
pub fn record(url: &str, seconds: u64, path: &Path) -> Result<usize, String> {
    let told = |e: std::io::Error| format!("{}: {e}", path.display());
    let mut file = BufWriter::new(fs::File::create(path).map_err(told)?);
    let started = Instant::now();
    let mut scrapes = 0;
    for second in 0..seconds {
        let due = started + Duration::from_secs(second);
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_err(|e| e.to_string())?;
        let answer = ureq::get(url).call().map_err(|e| e.to_string());
        let text =
            answer.and_then(|mut answer| answer.body_mut().read_to_string().map_err(|e| e.to_string()));
        match text {
            Ok(text) => {
                write_scrape(&mut file, now.as_millis(), &text).map_err(told)?;
                scrapes += 1;
            }
            Err(why) => eprintln!("second {second}: {why}"),
        }
    }
    file.flush().map_err(told)?;
    Ok(scrapes)
}

fn write_scrape(file: &mut impl Write, now_ms: u128, text: &str) -> std::io::Result<()> {
    writeln!(file, "#T {now_ms}")?;
    for line in text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        writeln!(file, "{line}")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let mut file = Vec::new();
        let text = "# HELP up Up\nup 1\n\nload{cpu=\"0\",mode=\"user\"} 2.5\n";
        write_scrape(&mut file, 1000, text).unwrap();
        write_scrape(&mut file, 2000, "up 0\n").unwrap();
        let read = Recording::parse(std::str::from_utf8(&file).unwrap()).unwrap();
        assert_eq!(read.scrapes, [(1000, vec![(0, 1.0), (1, 2.5)]), (2000, vec![(0, 0.0)])]);
        assert_eq!(read.labels[1].get("mode"), Some("user"));
        assert!(Recording::parse("up 1").is_err_and(|e| e.contains("line 1")));
    }
}
