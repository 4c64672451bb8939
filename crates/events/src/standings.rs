//! How the parts of every host stand: the newest statement of each host, kept in memory and written down now and then.
//! What happened between two writings is said again by the hosts themselves.

use crate::Options;
use crate::file::{self, STANDINGS};
use crate::telemetry::{DAMAGED, HOSTS_REFUSED};
use model::event::is_same_problem;
use model::{Event, HostStandings, PushError, Stand, Stood};
use std::collections::BTreeMap;
use std::io;
use stdx::disk::write_atomically;
use stdx::varint;
use wire::protocols::native::events::{Said, read_standings, write_standings};

/// Most hosts whose parts are remembered.
const HOSTS_MAX: usize = 100_000;
/// Time between two writings.
const SAVE_EVERY_MS: i64 = 60_000;

/// See the module's text.
#[derive(Debug, Default)]
pub(crate) struct Board {
    hosts: BTreeMap<String, HostStandings>,
    changed: bool,
    saved_ms: i64,
}

impl Board {
    /// Reads what was written down last.
    pub(crate) fn open(options: &Options) -> io::Result<Self> {
        let bytes = match options.disk.read(&file::standings(&options.folder)) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => Vec::new(),
            read => read?,
        };
        file::check_version(&bytes)?;
        let mut walk = file::records(&bytes);
        let mut hosts = BTreeMap::new();
        for host in walk.by_ref().filter_map(|record| decode(record.payload)) {
            hosts.insert(host.host.clone(), host);
        }
        DAMAGED.add(walk.damaged());
        Ok(Self { hosts, changed: false, saved_ms: options.clock.now_ms() })
    }

    /// Takes how the parts of a host stand; gives the events of problems that came, changed and went.
    pub(crate) fn update(
        &mut self,
        host: &str,
        time_ms: i64,
        parts: &[Stand<'_>],
    ) -> Result<Vec<Event>, PushError> {
        if !self.hosts.contains_key(host) && self.hosts.len() >= HOSTS_MAX {
            HOSTS_REFUSED.add(1);
            return Err(PushError::Failed(format!("more than {HOSTS_MAX} hosts have parts")));
        }
        let known = self.hosts.entry(host.to_owned()).or_default();
        if time_ms < known.time_ms {
            return Ok(Vec::new());
        }
        let mut changes = Vec::new();
        let mut before: BTreeMap<(String, String), Stood> =
            known.parts.drain(..).map(|p| ((p.part.clone(), p.name.clone()), p)).collect();
        for part in parts {
            let old = before.remove(&(part.part.to_owned(), part.name.to_owned()));
            if !is_same_problem(part.problem, old.as_ref().map_or("", |old| &old.problem)) {
                changes.push(Event::of_standing(time_ms, part));
            }
            let same = old.filter(|old| is_same_problem(&old.problem, part.problem));
            let since_ms = same.map_or(time_ms, |old| old.since_ms);
            known.parts.push(stood(part, since_ms));
        }
        known.host = host.to_owned();
        known.time_ms = time_ms;
        self.changed = true;
        Ok(changes)
    }

    /// How the parts of one host stand, or of all.
    pub(crate) fn read(&self, host: Option<&str>) -> Vec<HostStandings> {
        match host {
            Some(host) => self.hosts.get(host).cloned().into_iter().collect(),
            None => self.hosts.values().cloned().collect(),
        }
    }

    /// How many parts of each host have a problem, where any has.
    pub(crate) fn problems(&self) -> BTreeMap<String, usize> {
        let count = |host: &HostStandings| host.parts.iter().filter(|part| !part.problem.is_empty()).count();
        let counted = self.hosts.values().map(|host| (host.host.clone(), count(host)));
        counted.filter(|(_, count)| *count > 0).collect()
    }

    /// Forgets hosts that were silent since `oldest_ms`.
    pub(crate) fn forget_before(&mut self, oldest_ms: i64) {
        let before = self.hosts.len();
        self.hosts.retain(|_, host| host.time_ms >= oldest_ms);
        self.changed |= self.hosts.len() != before;
    }

    /// Writes everything down when the last writing is long ago.
    pub(crate) fn save_if_due(&mut self, options: &Options, now_ms: i64) -> io::Result<()> {
        let waited_ms = now_ms.saturating_sub(self.saved_ms);
        // A clock that went back does not put it off.
        if self.changed && !(0..SAVE_EVERY_MS).contains(&waited_ms) { self.save(options) } else { Ok(()) }
    }

    /// Writes everything down.
    pub(crate) fn save(&mut self, options: &Options) -> io::Result<()> {
        if !self.changed {
            return Ok(());
        }
        let mut bytes = file::head().to_vec();
        for host in self.hosts.values() {
            file::write_record(&mut bytes, |out| encode(host, out));
        }
        write_atomically(options.disk.as_ref(), &file::standings(&options.folder), &bytes)?;
        self.changed = false;
        self.saved_ms = options.clock.now_ms();
        Ok(())
    }
}

fn stood(part: &Stand<'_>, since_ms: i64) -> Stood {
    Stood {
        part: part.part.to_owned(),
        name: part.name.to_owned(),
        last_ms: part.last_ms,
        took_us: part.took_us,
        samples: part.samples,
        problem: part.problem.to_owned(),
        since_ms,
    }
}

fn encode(host: &HostStandings, out: &mut Vec<u8>) {
    out.push(STANDINGS);
    let parts: Vec<Stand<'_>> = host.parts.iter().map(Stood::view).collect();
    write_standings(out, &host.host, host.time_ms, &parts);
    host.parts.iter().for_each(|part| varint::write_i64(out, part.since_ms));
}

/// Reads the payload of a record; `None` when it is of another kind or damaged.
pub(crate) fn decode(payload: &[u8]) -> Option<HostStandings> {
    let mut input = payload.strip_prefix(&[STANDINGS])?;
    let Ok(Said::Standings { host, time_ms, parts }) = read_standings(&mut input) else { return None };
    let parts = parts.iter().map(|part| Some(stood(part, varint::read_i64(&mut input)?)));
    Some(HostStandings { host: host.to_owned(), time_ms, parts: parts.collect::<Option<_>>()? })
}
