//! What somebody remembers of each process, kept in step with the table.

use super::{Process, ProcessTable};
use crate::room;

/// One `T` for every process of a table, in the same order: the value at a place belongs to the process at that place
/// of [`ProcessTable::processes`] after [`Beside::follow`].
#[derive(Debug)]
pub struct Beside<T> {
    entries: Vec<Entry<T>>,
    /// Room for the next list.
    spare: Vec<Entry<T>>,
}

#[derive(Debug)]
struct Entry<T> {
    pid: u32,
    start_ticks: u64,
    value: T,
}

impl<T> Default for Beside<T> {
    fn default() -> Self {
        Self { entries: Vec::new(), spare: Vec::new() }
    }
}

impl<T> Beside<T> {
    /// Gets in step with the table: `meet` makes the values of processes that are new, `part` takes those of processes
    /// that are gone.
    pub fn follow(
        &mut self,
        table: &ProcessTable,
        mut meet: impl FnMut(&Process) -> T,
        mut part: impl FnMut(T),
    ) {
        let processes = table.processes();
        if self.is_in_step(processes) {
            return;
        }
        // Both lists are in order of pid, so one walk is enough.
        room::make(&mut self.spare, processes.len());
        let mut known = self.entries.drain(..).peekable();
        for process in processes {
            while let Some(entry) = known.next_if(|entry| entry.pid < process.pid) {
                part(entry.value);
            }
            let value = match known.next_if(|entry| entry.pid == process.pid) {
                Some(entry) if entry.start_ticks == process.stat.start_ticks => entry.value,
                Some(entry) => {
                    part(entry.value);
                    meet(process)
                }
                None => meet(process),
            };
            self.spare.push(Entry { pid: process.pid, start_ticks: process.stat.start_ticks, value });
        }
        known.for_each(|entry| part(entry.value));
        std::mem::swap(&mut self.entries, &mut self.spare);
    }

    fn is_in_step(&self, processes: &[Process]) -> bool {
        self.entries.len() == processes.len()
            && self
                .entries
                .iter()
                .zip(processes)
                .all(|(entry, process)| process.is(entry.pid, entry.start_ticks))
    }

    /// The value at a place.
    pub fn get_mut(&mut self, at: usize) -> Option<&mut T> {
        self.entries.get_mut(at).map(|entry| &mut entry.value)
    }

    /// The values, in the order of the processes.
    pub fn values(&self) -> impl Iterator<Item = &T> {
        self.entries.iter().map(|entry| &entry.value)
    }

    /// The values, in the order of the processes.
    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.entries.iter_mut().map(|entry| &mut entry.value)
    }
}
