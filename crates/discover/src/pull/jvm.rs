//! Java machines: the counters HotSpot keeps in a file that others may map (`/tmp/hsperfdata_USER/PID`). Nothing is asked of
//! the process.

use super::ask::Ask;
use super::session::Once;
use super::{Error, Metric, Row};

pub(super) const ROW: Row = Row {
    name: "jvm",
    summary: "Java machines (HotSpot): memory by pool, garbage collections, threads, classes, pauses at safepoints.",
    port: 0,
    needs: "Needs the file `/tmp/hsperfdata_USER/PID`, which there is unless `-XX:-UsePerfData` was given, and the right to \
            read it: the agent runs as the same user or as root. Its path is the address.",
    metrics: &METRICS,
    open: || Box::new(Once(ask)),
};

const fn gauge(name: &'static str, source: &'static str, help: &'static str) -> Metric {
    Metric::gauge(name, "", help).from(source)
}

const fn pool(name: &'static str, source: &'static str, help: &'static str) -> Metric {
    Metric::gauge(name, "bytes", help).by(&["pool"]).from(source)
}

static METRICS: [Metric; 16] = [
    Metric::gauge("jvm_info", "", "Always 1; the labels tell.").by(&["version", "machine"]),
    gauge("jvm_threads", "java.threads.live", "Threads."),
    gauge("jvm_threads_daemon", "java.threads.daemon", "Threads that do not keep it alive."),
    gauge("jvm_threads_peak", "java.threads.livePeak", "Most threads there were at once."),
    Metric::counter("jvm_threads_started_total", "", "Threads started.").from("java.threads.started"),
    Metric::counter("jvm_classes_loaded_total", "", "Classes loaded.").from("java.cls.loadedClasses"),
    Metric::counter("jvm_classes_unloaded_total", "", "Classes unloaded.").from("java.cls.unloadedClasses"),
    pool(
        "jvm_memory_used_bytes",
        "used",
        "Memory of a pool in use; many collectors tell only when they have collected.",
    ),
    pool("jvm_memory_committed_bytes", "capacity", "Memory of a pool had from the system."),
    pool("jvm_memory_limit_bytes", "maxCapacity", "Most memory a pool may have."),
    Metric::counter("jvm_collections_total", "", "Garbage collections.")
        .by(&["collector"])
        .from("invocations"),
    Metric::counter("jvm_collection_seconds_total", "seconds", "Time they took.")
        .by(&["collector"])
        .from("time"),
    Metric::counter("jvm_safepoints_total", "", "Times all threads were stopped.").from("sun.rt.safepoints"),
    Metric::counter("jvm_safepoint_seconds_total", "seconds", "Time all threads stood still.")
        .from("sun.rt.safepointTime"),
    Metric::counter("jvm_safepoint_sync_seconds_total", "seconds", "Time it took until they stood still.")
        .from("sun.rt.safepointSyncTime"),
    Metric::counter("jvm_compile_seconds_total", "seconds", "Time spent compiling.")
        .from("java.ci.totalTime"),
];

/// Most counters of a file.
const ENTRIES_MAX: u32 = 16_384;
/// The file's first bytes, in either order of bytes.
const MAGIC: [u8; 4] = [0xca, 0xfe, 0xc0, 0xc0];
/// Unit of times in the file.
const TICKS: u8 = 3;

/// A counter of the file.
struct Entry<'f> {
    name: &'f str,
    unit: u8,
    value: Value<'f>,
}

enum Value<'f> {
    Number(i64),
    Text(&'f str),
}

fn ask(ask: &mut Ask<'_>) -> Result<(), Error> {
    let file = ask.connect()?.rest()?;
    let entries = entries(&file).ok_or_else(|| Error::malformed("not a file of HotSpot's counters"))?;
    let text = |wanted: &str| {
        entries.iter().find(|entry| entry.name == wanted).and_then(|entry| match entry.value {
            Value::Text(text) => Some(text),
            Value::Number(_) => None,
        })
    };
    let frequency = entries.iter().find(|entry| entry.name == "sun.os.hrt.frequency");
    let frequency = match frequency.map(|entry| &entry.value) {
        Some(Value::Number(hertz)) if *hertz > 0 => *hertz as f64,
        _ => 1e9,
    };
    for entry in &entries {
        let Value::Number(number) = entry.value else { continue };
        let value = if entry.unit == TICKS { number as f64 / frequency } else { number as f64 };
        if !ask.tell(&METRICS, entry.name, &[], value) {
            of_several(entry.name, value, &text, ask);
        }
    }
    let info = [
        text("java.property.java.version").unwrap_or_default(),
        text("java.property.java.vm.name").unwrap_or_default(),
    ];
    ask.push(&METRICS[0], &info, 1.0);
    Ok(())
}

/// `sun.gc.collector.0.time`, `sun.gc.generation.1.space.0.used`, `sun.gc.metaspace.used`: the name of the collector or the
/// pool is beside it.
fn of_several<'f>(name: &str, value: f64, text: &impl Fn(&str) -> Option<&'f str>, ask: &mut Ask<'_>) {
    let Some((of, field)) = name.strip_prefix("sun.gc.").and_then(|rest| rest.rsplit_once('.')) else {
        return;
    };
    let is_pool = of.contains(".space.") || matches!(of, "metaspace" | "compressedclassspace");
    let is_wanted = match field {
        "used" | "capacity" | "maxCapacity" => is_pool,
        "invocations" | "time" => of.starts_with("collector."),
        _ => false,
    };
    // Memory without a limit says the most a number can be.
    if is_wanted && value < i64::MAX as f64 / 2.0 {
        let own = text(&format!("sun.gc.{of}.name")).unwrap_or(of);
        // The only space of a generation has no name worth the word.
        let generation =
            of.split_once(".space.").and_then(|(generation, _)| text(&format!("sun.gc.{generation}.name")));
        let label = if own == "space" { generation.unwrap_or(own) } else { own };
        ask.tell(&METRICS, field, &[label], value);
    }
}

/// Reads the file: a prologue, then entries that each tell where their name and value are.
fn entries(file: &[u8]) -> Option<Vec<Entry<'_>>> {
    let is_little = file.get(4)? & 1 == 1;
    let u32_at = |at: usize| {
        let bytes: [u8; 4] = file.get(at..at.checked_add(4)?)?.try_into().ok()?;
        Some(if is_little { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) })
    };
    if file.get(..4)? != MAGIC || file.get(5)? != &2 {
        return None;
    }
    let (mut at, count) = (u32_at(24)? as usize, u32_at(28)?.min(ENTRIES_MAX));
    let mut entries = Vec::new();
    for _ in 0..count {
        let len = u32_at(at)? as usize;
        // The machine writes while we read: what makes no sense yet ends the list, and the next time there is more.
        let Some(entry) = entry(file.get(at..at.checked_add(len)?)?, is_little) else { break };
        entries.extend(entry);
        at = at.checked_add(len).filter(|_| len >= 20)?;
    }
    Some(entries)
}

/// One entry; `Some(None)` for kinds that say nothing to us.
fn entry(bytes: &[u8], is_little: bool) -> Option<Option<Entry<'_>>> {
    let u32_at = |at: usize| {
        let word: [u8; 4] = bytes.get(at..at + 4)?.try_into().ok()?;
        Some(if is_little { u32::from_le_bytes(word) } else { u32::from_be_bytes(word) } as usize)
    };
    let text = |from: usize| {
        let rest = bytes.get(from..)?;
        let end = rest.iter().position(|&b| b == 0).unwrap_or(rest.len());
        std::str::from_utf8(&rest[..end]).ok()
    };
    let (name, vector, kind, unit) = (text(u32_at(4)?)?, u32_at(8)?, *bytes.get(12)?, *bytes.get(14)?);
    let data = u32_at(16)?;
    let value = match kind {
        b'J' if vector == 0 => {
            let word: [u8; 8] = bytes.get(data..data.checked_add(8)?)?.try_into().ok()?;
            Value::Number(if is_little { i64::from_le_bytes(word) } else { i64::from_be_bytes(word) })
        }
        b'B' if vector > 0 => Value::Text(text(data)?),
        _ => return Some(None),
    };
    Some(Some(Entry { name, unit, value }))
}
