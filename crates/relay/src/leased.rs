//! Clusters whose members register: who is there is told from outside, and outputs come with those who come.
//!
//! The log says who is in from where on, so that every sample is shared out by those who were in when it came, also
//! after a restart. Two cases have nobody to send to, and nothing is lost in them: before the first member ever comes,
//! an output without a place holds what comes and gives it to the first; and the last member stays when it dies.

use crate::log::Log;
use crate::mark::leased;
use crate::members::{Leaving, Tell};
use crate::outputs::Kind;
use crate::outputs::movable::{Make, Movable, Place};
use crate::relay::{Error, OutputOptions};
use crate::stats;
use std::sync::Arc;
use std::time::Duration;

/// Most members of one cluster, those that left and are still known among them.
pub const MEMBERS_MAX: usize = 256;
/// Wait after the disk has failed.
const DISK_WAIT: Duration = Duration::from_secs(1);

/// A cluster whose members register.
#[derive(Clone)]
pub struct Leased {
    /// Its name in the rules.
    pub cluster: String,
    /// What its members speak.
    pub kind: &'static Kind,
    /// Makes the output of a member at an address.
    pub make: Make,
    /// Most bytes of the log that may wait for a member.
    pub queue_bytes_max: u64,
    /// Most samples in one piece.
    pub rows_max: usize,
}

/// An output, and whether it is to give away what waits for it.
type Outgoing = (OutputOptions, Arc<Leaving>);

struct Member {
    name: String,
    place: Arc<Place>,
    leaving: Arc<Leaving>,
    is_alive: bool,
}

/// A cluster at work.
pub(crate) struct Group {
    options: Leased,
    log: Arc<Log>,
    tell: Tell,
    members: Vec<Member>,
    /// Who is in, by the names of their outputs.
    ring: Vec<String>,
}

impl Group {
    /// What an earlier run left; the outputs of all that it knew are to be started.
    ///
    /// # Errors
    /// When the log cannot be written.
    pub(crate) fn open(options: Leased, log: Arc<Log>, tell: Tell) -> Result<(Self, Vec<Outgoing>), Error> {
        let ring = log.outs().remove(&leased(&options.cluster)).unwrap_or_default();
        let mut group = Self { options, log, tell, members: Vec::new(), ring };
        let nobody = group.output_name("");
        let prefix = nobody.clone();
        let mut known = group.log.known(&group.options.cluster);
        known.insert(0, (String::new(), String::new()));
        for output in &group.ring {
            let name = output.strip_prefix(&prefix).unwrap_or_default();
            if !known.iter().any(|(its, _)| its == name) {
                known.push((name.to_owned(), String::new()));
            }
        }
        let mut outputs = Vec::new();
        for (name, url) in known {
            let output = group.output_name(&name);
            let is_in = group.ring.contains(&output);
            // One that is out, and has nothing left to give away, is forgotten.
            if name.is_empty() || is_in || group.log.waits(&output) {
                outputs.push(group.add(&name, &url, is_in && !name.is_empty()));
            } else {
                group.log.forget(&output);
            }
        }
        if group.ring.is_empty() {
            group.set_ring(vec![nobody]).map_err(Error::Log)?;
        }
        let end = group.log.end();
        for member in &group.members {
            let is_out = !group.ring.contains(&group.output_name(&member.name));
            member.leaving.set(is_out.then(|| (group.options.cluster.clone(), end)));
        }
        Ok((group, outputs))
    }

    pub(crate) fn cluster(&self) -> &str {
        &self.options.cluster
    }

    /// Who is in, and where; the last known ones after a start.
    pub(crate) fn known(&self) -> Vec<(String, String)> {
        let is_in =
            |member: &&Member| !member.name.is_empty() && self.ring.contains(&self.output_name(&member.name));
        self.members.iter().filter(is_in).map(|member| (member.name.clone(), member.place.url())).collect()
    }

    fn output_name(&self, member: &str) -> String {
        format!("{}/{member}", self.options.cluster)
    }

    fn add(&mut self, name: &str, url: &str, is_alive: bool) -> Outgoing {
        let (place, leaving) = (Arc::new(Place::new(url)), Arc::<Leaving>::default());
        let output = OutputOptions {
            name: self.output_name(name),
            kind: self.options.kind,
            output: Box::new(Movable::new(place.clone(), self.options.make.clone())),
            queue_bytes_max: self.options.queue_bytes_max,
            rows_max: self.options.rows_max,
        };
        self.members.push(Member { name: name.to_owned(), place, leaving: leaving.clone(), is_alive });
        (output, leaving)
    }

    /// A member is there. `start` is given its output when it is new; the output must follow the log before this
    /// returns from it.
    ///
    /// # Errors
    /// A sentence for people.
    pub(crate) fn join(
        &mut self,
        name: &str,
        url: &str,
        start: impl FnOnce(OutputOptions, Arc<Leaving>) -> Result<(), Error>,
    ) -> Result<(), String> {
        if name.is_empty() || url.is_empty() {
            return Err("a member has no name or no address".to_owned());
        }
        (self.options.make)(url).map_err(|why| format!("`{url}`: {why}"))?;
        let (mut was_alive, count) = (false, self.members.len());
        match self.members.iter_mut().find(|member| member.name == name) {
            Some(member) => {
                member.place.set(url);
                was_alive = std::mem::replace(&mut member.is_alive, true);
            }
            None if count > MEMBERS_MAX => {
                stats::MEMBERS_REFUSED.add(1);
                return Err(format!("it has {MEMBERS_MAX} members already"));
            }
            None => {
                let (output, leaving) = self.add(name, url, true);
                if let Err(e) = start(output, leaving) {
                    self.members.pop();
                    return Err(e.to_string());
                }
            }
        }
        self.remember();
        self.turn();
        if !was_alive {
            stats::RETURNED.add(1);
            (self.tell)(&self.options.cluster, name, None);
        }
        Ok(())
    }

    /// A member is gone.
    pub(crate) fn leave(&mut self, name: &str, why: &str) {
        let member = self.members.iter_mut().find(|member| member.name == name && member.is_alive);
        let Some(member) = member else { return };
        member.is_alive = false;
        self.turn();
        stats::LEFT.add(1);
        let is_last = self.members.iter().all(|member| !member.is_alive);
        let stays = if is_last { "; nobody else is there, so what comes waits for it" } else { "" };
        (self.tell)(&self.options.cluster, name, Some(&format!("{why}{stays}")));
    }

    /// Has the ring be of those who live, if anybody does.
    fn turn(&mut self) {
        let alive = self.members.iter().filter(|member| member.is_alive);
        let mut ring: Vec<String> = alive.map(|member| self.output_name(&member.name)).collect();
        ring.sort();
        if ring.is_empty() || ring == self.ring {
            return;
        }
        while self.set_ring(ring.clone()).is_err() {
            stats::DISK_FAILURES.add(1);
            if self.log.pause(DISK_WAIT, &|| false) {
                return;
            }
        }
        self.log.wake();
    }

    /// Writes the ring into the log, and has those who are no longer in it give away what waits for them.
    fn set_ring(&mut self, ring: Vec<String>) -> std::io::Result<()> {
        let position = self.log.set_out(&leased(&self.options.cluster), &ring)?;
        let before = std::mem::replace(&mut self.ring, ring);
        for member in &self.members {
            let output = self.output_name(&member.name);
            match (before.contains(&output), self.ring.contains(&output)) {
                (_, true) => member.leaving.set(None),
                (true, false) => {
                    member.leaving.set(Some((self.options.cluster.clone(), position)));
                    member.place.cut();
                }
                (false, false) => {}
            }
        }
        Ok(())
    }

    /// Writes down where members are, for a start at which nobody tells.
    fn remember(&self) {
        let named = self.members.iter().filter(|member| !member.name.is_empty());
        let known: Vec<(String, String)> =
            named.map(|member| (member.name.clone(), member.place.url())).collect();
        if self.log.remember_known(&self.options.cluster, &known).is_err() {
            stats::DISK_FAILURES.add(1);
        }
    }
}
