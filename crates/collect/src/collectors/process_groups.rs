//! Processes put into groups by rules, and what each group uses.
//!
//! Counters of a group are the sum of what its processes used while they were seen to be in it: they go on when a process
//! ends. What is dear to read is read of a process that moved at most every ten seconds, of the others once a minute, and
//! of so many in a pass.

mod group;
mod member;
mod metrics;
mod rules;

use crate::collector::EVERY_TICK;
use crate::file::KeptFile;
use crate::options::process::Rule;
use crate::processes::Beside;
use crate::schedule::begins_period;
use crate::text::{fields, lines, number};
use crate::{Collector, Error, Host, Options, Pass, ProcessTable, Row};
use group::{Group, Units};
use member::{Member, Reader};
use metrics::METRICS;
use rules::Rules;

pub(super) static ROW: Row = Row {
    name: "process_groups",
    summary: "CPU, memory, disk traffic, descriptors, threads and restarts of the groups of processes that `[[process]]` describes.",
    interval_ms: EVERY_TICK,
    metrics: &METRICS,
    open: |host, options| Box::new(ProcessGroups::new(host, options)),
};

/// Processes whose dear numbers are read in one pass at most; the others wait.
const READINGS_MAX: usize = 32;
/// How often the time of the boot is read, in milliseconds: it moves when the clock is set.
const BOOT_EVERY_MS: u64 = 60_000;

struct ProcessGroups {
    rules: Rules,
    groups: Vec<Group>,
    members: Beside<Member>,
    /// Where the next pass begins to look for dear numbers that are old.
    cursor: usize,
    stat: KeptFile,
    /// When the host started, in Unix seconds.
    boot_seconds: Option<f64>,
    boot_ms: Option<i64>,
    ticks_per_second: f64,
    page_bytes: f64,
}

impl ProcessGroups {
    fn new(host: &Host, options: &Options) -> Self {
        let mut groups: Vec<Group> = Vec::new();
        for rule in &options.process_rules {
            match groups.iter_mut().find(|group| *group.name == *rule.group) {
                Some(group) => group.is_proportional |= rule.proportional,
                None => groups.push(Group::new(rule)),
            }
        }
        let place = |rule: &Rule| groups.iter().take_while(|group| *group.name != *rule.group).count() as u16;
        Self {
            rules: Rules::new(host, &options.process_rules, place),
            groups,
            members: Beside::default(),
            cursor: 0,
            stat: host.file("proc/stat"),
            boot_seconds: None,
            boot_ms: None,
            ticks_per_second: host.ticks_per_second as f64,
            page_bytes: host.page_bytes as f64,
        }
    }

    /// Puts those that are new or have changed into their groups, and notes who moved.
    fn sort(&mut self, pass: &mut Pass<'_>) {
        self.members.follow(pass.processes, |_| Member::default(), drop);
        for (process, member) in pass.processes.processes().iter().zip(self.members.values_mut()) {
            if member.looked < process.changed {
                let group = self.rules.find(process, pass.processes, pass.buffer);
                member.join(group, process, pass.processes.passes());
            }
            member.note_move(process);
        }
    }

    fn count(&mut self, processes: &ProcessTable) {
        self.groups.iter_mut().for_each(Group::begin);
        for (process, member) in processes.processes().iter().zip(self.members.values()) {
            let Some(group) = group_of(&mut self.groups, member) else { continue };
            group.count(process, member, processes.passes());
        }
    }

    /// Reads the dear numbers of those whose turn it is, from where the last pass left off.
    fn read_dear(&mut self, pass: &mut Pass<'_>) {
        let processes = pass.processes.processes();
        let mut readings = 0;
        for step in 0..processes.len() {
            let at = (self.cursor + step) % processes.len();
            let Some(member) = self.members.get_mut(at) else { continue };
            let Some(group) = group_of(&mut self.groups, member) else { continue };
            if !member.is_due(pass.now_ms) {
                continue;
            }
            if readings == READINGS_MAX {
                self.cursor = at;
                return;
            }
            readings += 1;
            let reader = Reader { table: pass.processes, buffer: pass.buffer };
            group.gain(member.read(&processes[at], group.is_proportional, pass.now_ms, reader));
        }
    }

    fn read_boot(&mut self, pass: &mut Pass<'_>) {
        if begins_period(BOOT_EVERY_MS, self.boot_ms, pass.now_ms) {
            let text = self.stat.read(pass.buffer).unwrap_or_default();
            let line = lines(text).find_map(|line| line.strip_prefix(b"btime"));
            self.boot_seconds = line.and_then(|line| fields(line).next()).and_then(number).map(|n| n as f64);
            self.boot_ms = Some(pass.now_ms);
        }
    }
}

fn group_of<'g>(groups: &'g mut [Group], member: &Member) -> Option<&'g mut Group> {
    groups.get_mut(usize::from(member.group?))
}

impl Collector for ProcessGroups {
    fn collect(&mut self, pass: &mut Pass<'_>) -> Result<(), Error> {
        pass.read_processes()?;
        self.read_boot(pass);
        self.sort(pass);
        self.read_dear(pass);
        self.count(pass.processes);
        let units = Units {
            ticks_per_second: self.ticks_per_second,
            page_bytes: self.page_bytes,
            boot_seconds: self.boot_seconds,
        };
        self.groups.iter_mut().for_each(|group| group.finish(&units, &mut pass.out));
        Ok(())
    }

    fn is_wanted(&self) -> bool {
        !self.groups.is_empty()
    }
}

#[cfg(test)]
mod tests;
