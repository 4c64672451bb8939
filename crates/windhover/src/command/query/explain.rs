//! What was done and how long it took, in words.

use super::answer::Answer;
use crate::command::counted;
use serde_json::Value;
use std::io::Write;

/// Step by step; inputs are told by the number of their step.
pub(super) fn steps(answer: &Answer, out: &mut dyn Write) -> std::io::Result<()> {
    let steps: Vec<&Value> = answer.json["steps"].as_array().into_iter().flatten().collect();
    let number = |step: &Value| step.as_u64().unwrap_or(0) + 1;
    writeln!(out)?;
    for step in steps {
        let inputs: Vec<String> =
            step["inputs"].as_array().into_iter().flatten().map(|input| number(input).to_string()).collect();
        let of = if inputs.is_empty() { String::new() } else { format!(" ← {}", inputs.join(", ")) };
        writeln!(out, "{:>3}. {}{of}", number(&step["step"]), step["does"].as_str().unwrap_or(""))?;
        let whole = |name: &str| step[name].as_u64().unwrap_or(0);
        // A node of a vector reads by itself, without a read of the plan.
        let read = match step["read"].is_null() && whole("series_read") == 0 {
            true => String::new(),
            false => format!(
                "{} with {} read, ",
                counted(whole("series_read"), "series").replace("seriess", "series"),
                counted(whole("samples"), "sample")
            ),
        };
        let series = counted(whole("series"), "series").replace("seriess", "series");
        writeln!(out, "     {read}{series} given, {}", time(whole("time_us")))?;
    }
    Ok(())
}

/// Times of the parts, and what was touched.
pub(super) fn trace(answer: &Answer, out: &mut dyn Write) -> std::io::Result<()> {
    writeln!(out)?;
    for (name, field) in
        [("parse", "parse_us"), ("find", "find_us"), ("read", "read_us"), ("compute", "compute_us")]
    {
        writeln!(out, "{name:>8} {:>10}", time(answer.stat(field)))?;
    }
    let (series, samples) = (answer.stat("series"), answer.stat("samples"));
    writeln!(out, "{series:>8} series, {samples} samples or rows touched, from tier {}", answer.tier())
}

fn time(us: u64) -> String {
    match us {
        0..1_000 => format!("{us} µs"),
        1_000..1_000_000 => format!("{:.1} ms", us as f64 / 1e3),
        _ => format!("{:.2} s", us as f64 / 1e6),
    }
}
