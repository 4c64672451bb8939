//! Space and inodes of mounted file systems.

mod asker;
mod mounts;

use crate::collector::EVERY_TICK;
use crate::file::KeptFile;
use crate::host::Space;
use crate::record::Recorder;
use crate::{Collector, Error, Host, Metric, Pass, Row, SeriesCell, telemetry};
use asker::{Answer, Asker, Question};
use mounts::Mount;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::path::PathBuf;
use std::time::Duration;

pub(super) static ROW: Row = Row {
    name: "filesystem",
    summary: "Space and inodes of each file system, once for each device; those without a store of their own are left out.",
    interval_ms: EVERY_TICK,
    metrics: &METRICS,
    open: |host, _| Box::new(FileSystems::new(host)),
};

const LABELS: &[&str] = &["mount", "device", "fstype"];
const fn bytes(name: &'static str, source: &'static str, help: &'static str) -> Metric {
    Metric::gauge(name, "bytes", help).by(LABELS).from(source)
}
const fn count(name: &'static str, source: &'static str, help: &'static str) -> Metric {
    Metric::gauge(name, "", help).by(LABELS).from(source)
}

static METRICS: [Metric; 9] = [
    count("filesystem_error", "", "1 when asking for the space failed or got no answer in time, else 0."),
    count(
        "filesystem_hung",
        "",
        "1 while a question for the space is not answered: its server or disk is gone; else 0.",
    ),
    count("filesystem_read_only", "", "1 when nothing can be written, else 0."),
    bytes("filesystem_size_bytes", "f_blocks", "Size."),
    bytes("filesystem_free_bytes", "f_bfree", "Free space, that kept back for the administrator included."),
    bytes("filesystem_available_bytes", "f_bavail", "Free space for ordinary users."),
    Metric::gauge(
        "filesystem_used_ratio",
        "ratio",
        "Used space as a part of used and available, as df shows it.",
    )
    .by(LABELS),
    count("filesystem_files", "f_files", "Inodes in all, where their number is fixed."),
    count("filesystem_files_free", "f_ffree", "Inodes unused."),
];
const ERROR: usize = 0;
const HUNG: usize = 1;
const READ_ONLY: usize = 2;
const FIRST_OF_SPACE: usize = 3;

/// Most file systems; the others are left out and counted.
const FILE_SYSTEMS_MAX: usize = 128;
/// Longest a pass waits for answers, all together. A file system that was late once is not waited for again until it
/// answers at once.
const ANSWER_WITHIN: Duration = Duration::from_millis(100);
/// The same of a recorded host: what it says does not depend on how busy the machine is.
const RECORDED_WITHIN: Duration = Duration::from_secs(60);

struct FileSystems {
    root: PathBuf,
    mounts: KeptFile,
    /// Whether the file says by itself that it has changed.
    is_live: bool,
    is_read: bool,
    list: Vec<FileSystem>,
    asker: Asker,
}

struct FileSystem {
    mount: Mount,
    question: Question,
    cells: [SeriesCell; METRICS.len()],
}

impl FileSystems {
    fn new(host: &Host) -> Self {
        // In another's root, `self` is a process that sees our mounts and not the host's.
        let mounts = if host.is_own() { "proc/self/mountinfo" } else { "proc/1/mountinfo" };
        Self {
            root: host.root.clone(),
            mounts: host.file(mounts),
            is_live: host.has_kernel,
            is_read: false,
            list: Vec::new(),
            asker: Asker::new(host.ask_space.clone()),
        }
    }

    fn has_changed(&mut self) -> bool {
        !(self.is_read && self.is_live) || self.mounts.descriptor().is_none_or(has_news)
    }

    fn update(&mut self, pass: &mut Pass<'_>) -> Result<(), Error> {
        let text = self.mounts.read(pass.buffer)?;
        let mut found = mounts::parse(text);
        telemetry::ENTITIES_REFUSED.add(found.len().saturating_sub(FILE_SYSTEMS_MAX) as u64);
        found.truncate(FILE_SYSTEMS_MAX);
        let (asker, root, out) = (&mut self.asker, &self.root, &mut pass.out);
        self.list.retain_mut(|known| match found.iter().find(|mount| mount.is_same(&known.mount)) {
            Some(mount) => {
                known.mount.is_read_only = mount.is_read_only;
                true
            }
            None => {
                asker.forget(known.question);
                known.cells.iter_mut().for_each(|cell| out.end(cell));
                false
            }
        });
        for mount in found {
            if self.list.iter().all(|known| !known.mount.is_same(&mount)) {
                let question = asker.add(root.join(mount.path.trim_start_matches('/')));
                self.list.push(FileSystem { mount, question, cells: Default::default() });
            }
        }
        self.is_read = true;
        Ok(())
    }
}

// The kernel marks the file of mounts when they change (proc(5), mountinfo).
fn has_news(descriptor: &rustix::fd::OwnedFd) -> bool {
    let mut files = [PollFd::new(descriptor, PollFlags::PRI)];
    let at_once = Timespec { tv_sec: 0, tv_nsec: 0 };
    poll(&mut files, Some(&at_once)).is_err()
        || files[0].revents().intersects(PollFlags::PRI | PollFlags::ERR)
}

impl Collector for FileSystems {
    fn collect(&mut self, pass: &mut Pass<'_>) -> Result<(), Error> {
        if self.has_changed() {
            self.update(pass)?;
        }
        self.asker.ask(if self.is_live { ANSWER_WITHIN } else { RECORDED_WITHIN });
        let mut silent = 0;
        for file_system in &mut self.list {
            let answer = self.asker.answer(file_system.question);
            silent += u32::from(answer == Answer::None);
            file_system.record(answer, &mut pass.out);
        }
        telemetry::FILE_SYSTEMS_SILENT.set(f64::from(silent));
        telemetry::FILE_SYSTEMS_SKIPPED.add(u64::from(silent));
        Ok(())
    }
}

impl FileSystem {
    fn record(&mut self, answer: Answer, out: &mut Recorder<'_>) {
        let labels = [&*self.mount.path, &*self.mount.device, &*self.mount.fstype];
        let mut push = |at: usize, value: f64| out.push(&mut self.cells[at], &METRICS[at], &labels, value);
        match answer {
            // Without a store of its own: nothing to say of it.
            Answer::Space(Space { blocks: 0, .. }) => {}
            Answer::Space(space) => {
                push(ERROR, 0.0);
                push(HUNG, 0.0);
                push(READ_ONLY, f64::from(self.mount.is_read_only));
                let values = values(&space);
                values.into_iter().enumerate().for_each(|(at, value)| push(FIRST_OF_SPACE + at, value));
            }
            Answer::Failed | Answer::None => {
                push(ERROR, 1.0);
                push(HUNG, f64::from(answer == Answer::None));
            }
        }
    }
}

fn values(space: &Space) -> [f64; METRICS.len() - FIRST_OF_SPACE] {
    let bytes = |blocks: u64| blocks as f64 * space.block_bytes as f64;
    let used = bytes(space.blocks.saturating_sub(space.blocks_free));
    let available = bytes(space.blocks_available);
    let used_ratio = if used + available > 0.0 { used / (used + available) } else { 0.0 };
    [
        bytes(space.blocks),
        bytes(space.blocks_free),
        available,
        used_ratio,
        space.files as f64,
        space.files_free as f64,
    ]
}

#[cfg(test)]
mod tests;
