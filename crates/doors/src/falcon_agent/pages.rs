//! Pages of Open-Falcon's agent that only tell something, in its own shapes.

use crate::doors::Place;
use crate::http::Answer;
use std::fs;

/// The answer of a page; `None` when there is none.
pub(super) fn answer(path: &str, place: &Place) -> Option<Answer> {
    let answer = match path {
        "/health" => Answer::text(200, "ok"),
        "/version" => Answer::text(200, place.options.version.as_str()),
        "/workdir" => Answer::text(200, place.options.folder.display().to_string()),
        // What is run as a plugin here is told elsewhere.
        "/plugins" => data("{}"),
        "/proc/cpu/num" => data(&std::thread::available_parallelism().map_or(1, usize::from).to_string()),
        "/proc/kernel/hostname" => data(&text(&place.options.host)),
        "/proc/kernel/version" => data(&text(read("/proc/sys/kernel/osrelease").trim())),
        "/proc/kernel/maxproc" => data(&number("/proc/sys/kernel/pid_max")?),
        "/proc/kernel/maxfiles" => data(&number("/proc/sys/fs/file-max")?),
        "/proc/system/uptime" => data(&uptime()?),
        "/page/system/uptime" => {
            let (days, hours, minutes) = up()?;
            data(&text(&format!("{days} days {hours} hours {minutes} minutes")))
        }
        "/proc/memory" => {
            let (total, free, used) = memory()?;
            data(&format!("{{\"total\":{total},\"free\":{free},\"used\":{used}}}"))
        }
        "/page/memory" => {
            let (total, free, used) = memory()?;
            data(&format!("[{total},{used},{free}]"))
        }
        _ => return None,
    };
    Some(answer)
}

/// Open-Falcon's envelope.
fn data(json: &str) -> Answer {
    Answer::json(format!("{{\"msg\":\"success\",\"data\":{json}}}"))
}

/// A JSON text.
fn text(words: &str) -> String {
    let mut out = String::from("\"");
    for c in words.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out + "\""
}

fn read(path: &str) -> String {
    fs::read_to_string(path).unwrap_or_default()
}

fn number(path: &str) -> Option<String> {
    read(path).trim().parse::<u64>().ok().map(|number| number.to_string())
}

/// Days, hours and minutes since the host was started.
fn up() -> Option<(u64, u64, u64)> {
    let seconds: f64 = read("/proc/uptime").split(' ').next()?.parse().ok()?;
    let minutes = seconds as u64 / 60;
    Some((minutes / 1440, minutes / 60 % 24, minutes % 60))
}

fn uptime() -> Option<String> {
    let (days, hours, mins) = up()?;
    Some(format!("{{\"days\":\"{days}\",\"hours\":\"{hours}\",\"mins\":\"{mins}\"}}"))
}

/// Total, free and used memory in MB, where buffers and caches are free, as Open-Falcon counts.
fn memory() -> Option<(u64, u64, u64)> {
    let table = read("/proc/meminfo");
    let kib = |name: &str| {
        let line = table.lines().find_map(|line| line.strip_prefix(name))?;
        line.trim().trim_end_matches(" kB").parse::<u64>().ok()
    };
    let total = kib("MemTotal:")?;
    let free = kib("MemFree:")? + kib("Buffers:")? + kib("Cached:")?;
    Some((total / 1024, free / 1024, total.saturating_sub(free) / 1024))
}
