//! Which thread of this process used how much processor time: an exact account, by the kernel's own clock of each.

use model::{Batch, Description, HOST, Kind, Labels, NAME, Slot};
use std::collections::BTreeMap;
use std::path::Path;

/// The one metric.
const METRIC: &str = "windhover_process_thread_cpu_seconds_total";
/// Most names of threads; the rest goes under `other`.
const NAMES_MAX: usize = 48;

/// What each thread used when last seen, and what each name used in all.
#[derive(Debug, Default)]
pub struct Threads {
    seen_ns: BTreeMap<u32, u64>,
    by_name: BTreeMap<String, Used>,
}

#[derive(Debug, Default)]
struct Used {
    ns: u64,
    slot: Option<Slot>,
}

impl Threads {
    /// Adds the time of every name to the batch.
    pub fn push(&mut self, batch: &mut Batch, host: &str, role: &str) {
        self.read(Path::new("/proc/self/task"));
        for (name, used) in &mut self.by_name {
            let slot = used.slot.get_or_insert_with(|| {
                let labels = [(NAME, METRIC), (HOST, host), ("role", role), ("thread", name)];
                let labels =
                    Labels::from_pairs(labels).expect("short names of threads are within the limits");
                batch.dictionary.add(&labels, Kind::Counter)
            });
            batch.push(*slot, used.ns as f64 / 1e9);
        }
    }

    /// What the metric is.
    pub fn description() -> Description {
        let help = "Processor time of the threads of this process, by their names.";
        Description::of(METRIC, Kind::Counter, "seconds", help)
    }

    /// Reads the threads there are (`schedstat`, the first field: nanoseconds on a processor). Those that ended keep
    /// what was last seen of them under their name.
    fn read(&mut self, folder: &Path) {
        let Ok(tasks) = std::fs::read_dir(folder) else { return };
        let mut seen_ns = BTreeMap::new();
        for task in tasks.flatten() {
            let Some(id) = task.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
            let read = |file: &str| std::fs::read_to_string(task.path().join(file)).ok();
            let Some(ns) = read("schedstat").and_then(|text| text.split(' ').next()?.parse().ok()) else {
                continue;
            };
            let Some(name) = read("comm") else { continue };
            let before = self.seen_ns.get(&id).copied().unwrap_or(0);
            // A number that is used again by another thread begins anew.
            let fresh = if ns >= before { ns - before } else { ns };
            self.add(name.trim_end(), fresh);
            seen_ns.insert(id, ns);
        }
        self.seen_ns = seen_ns;
    }

    fn add(&mut self, name: &str, ns: u64) {
        let name = if name.is_empty() { "unnamed" } else { name };
        let full = self.by_name.len() >= NAMES_MAX && !self.by_name.contains_key(name);
        self.by_name.entry(if full { "other" } else { name }.to_owned()).or_default().ns += ns;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_of_ended_threads_stays_and_a_number_used_again_begins_anew() {
        let folder = std::env::temp_dir().join(format!("windhover-threads-{}", std::process::id()));
        let thread = |id: u32, name: &str, ns: u64| {
            let folder = folder.join(id.to_string());
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(folder.join("comm"), format!("{name}\n")).unwrap();
            std::fs::write(folder.join("schedstat"), format!("{ns} 5 7\n")).unwrap();
        };
        let mut threads = Threads::default();
        let used = |threads: &Threads| -> Vec<(String, u64)> {
            threads.by_name.iter().map(|(name, used)| (name.clone(), used.ns)).collect()
        };
        thread(1, "collect", 100);
        thread(2, "ship", 10);
        threads.read(&folder);
        thread(1, "collect", 150);
        std::fs::remove_dir_all(folder.join("2")).unwrap();
        threads.read(&folder);
        thread(2, "ship", 4);
        thread(3, "ship", 1);
        threads.read(&folder);
        assert_eq!(used(&threads), [("collect".to_owned(), 150), ("ship".to_owned(), 15)]);
        (10..99).for_each(|id| thread(id, &format!("t{id}"), 1));
        threads.read(&folder);
        assert_eq!(threads.by_name.len(), NAMES_MAX + 1);
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
