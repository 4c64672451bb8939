//! A group of servers asked for the addresses of a name: one server after the other, one name after the other.

use super::exchange::{Reply, Round};
use super::message::Code;
use super::name;
use super::record::{Data, Kind};
use crate::resolve::ADDRESSES_MAX;
use crate::{Error, Interrupt};
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

/// Most names that may stand for one another.
const CHAIN_MAX: usize = 8;

/// What a group of servers said of a name.
pub(super) enum Outcome {
    Found(Vec<IpAddr>, SocketAddr),
    Denied(String),
    Failed(String),
}

/// A group of servers and the patience with it.
pub(super) struct Group<'a> {
    pub(super) servers: &'a [SocketAddr],
    pub(super) timeout: Duration,
    pub(super) attempts: usize,
    pub(super) deadline: Instant,
    pub(super) interrupt: &'a Interrupt,
}

impl Group<'_> {
    /// Asks for one name after the other until one has addresses. Servers that fail for one will not do for the next.
    pub(super) fn ask(&self, names: &[String]) -> Result<Outcome, Error> {
        let mut last = Outcome::Failed(String::new());
        for name in names {
            last = self.ask_chain(name)?;
            if !matches!(last, Outcome::Denied(_)) {
                break;
            }
        }
        Ok(last)
    }

    /// Asks for a name, and for the one it stands for when a server leaves that to us.
    fn ask_chain(&self, name: &str) -> Result<Outcome, Error> {
        let mut name = name.to_owned();
        for _ in 0..CHAIN_MAX {
            match self.ask_one(&name)? {
                Ok(outcome) => return Ok(outcome),
                Err(target) => name = target,
            }
        }
        Ok(Outcome::Failed(format!("`{name}` is at the end of a chain of more than {CHAIN_MAX} names")))
    }

    fn left(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }

    /// Asks the servers in turn for one name; the inner error is another name that it stands for.
    fn ask_one(&self, name: &str) -> Result<Result<Outcome, String>, Error> {
        let mut said = Vec::new();
        for attempt in 0..self.attempts {
            for (at, &server) in self.servers.iter().enumerate() {
                // Each gets its share of the time left, so that one that is dead does not take that of the next.
                let share = self.left() / (self.servers.len() - at) as u32;
                let timeout = self.timeout.min(share);
                if timeout.is_zero() {
                    break;
                }
                let round = Round { server, timeout, recursion: true, interrupt: self.interrupt };
                match round.ask(&[(name, Kind::Aaaa), (name, Kind::A)]) {
                    Ok(replies) => match judge(name, &replies, server) {
                        Ok(Outcome::Failed(why)) if attempt == 0 => said.push(why),
                        Ok(Outcome::Failed(_)) => {}
                        other => return Ok(other),
                    },
                    Err(Error::Resolve(why)) if attempt == 0 => said.push(why),
                    Err(Error::Resolve(_)) => {}
                    Err(e) => return Err(e),
                }
            }
        }
        Ok(Ok(Outcome::Failed(said.join("; "))))
    }
}

/// What a server's answers for the two kinds of addresses come to; the error is another name to ask for.
fn judge(name: &str, replies: &[Option<Reply>], server: SocketAddr) -> Result<Outcome, String> {
    let (mut found, mut target, mut worst, mut denied) = (Vec::new(), None, None, false);
    for reply in replies {
        let Some(Reply { message, .. }) = reply else {
            worst.get_or_insert_with(|| format!("{}: no answer for one kind of address", server.ip()));
            continue;
        };
        let end =
            end_of_chain(name, message.answers.iter().map(|record| (record.name.as_str(), &record.data)));
        let here = message.answers.iter().filter(|record| name::same(&record.name, end));
        found.push(here.filter_map(|record| record.data.address()).collect::<Vec<_>>());
        match message.code {
            Code::NoError if !name::same(end, name) => target = Some(end.to_owned()),
            Code::NoError => {}
            Code::NxDomain => denied = true,
            code => worst = Some(format!("{}: {code}", server.ip())),
        }
    }
    let addresses = in_turns(&found);
    if !addresses.is_empty() {
        return Ok(Outcome::Found(addresses, server));
    }
    if denied {
        return Ok(Outcome::Denied(format!("{}: there is no such name", server.ip())));
    }
    match (worst, target) {
        (Some(why), _) => Ok(Outcome::Failed(why)),
        (None, Some(target)) => Err(target),
        (None, None) => Ok(Outcome::Denied(format!("{}: the name has no address", server.ip()))),
    }
}

/// Follows the names that stand for one another within an answer.
fn end_of_chain<'a>(name: &'a str, records: impl Iterator<Item = (&'a str, &'a Data)> + Clone) -> &'a str {
    let mut at = name;
    for _ in 0..CHAIN_MAX {
        let next = records.clone().find_map(|(owner, data)| match data {
            Data::Cname(target) if name::same(owner, at) => Some(target.as_str()),
            _ => None,
        });
        match next {
            Some(next) => at = next,
            None => break,
        }
    }
    at
}

/// One of each kind after the other, so that both have a place among the few that are tried.
fn in_turns(lists: &[Vec<IpAddr>]) -> Vec<IpAddr> {
    let longest = lists.iter().map(Vec::len).max().unwrap_or_default();
    let turns = (0..longest).flat_map(|i| lists.iter().filter_map(move |list| list.get(i).copied()));
    turns.take(ADDRESSES_MAX).collect()
}
