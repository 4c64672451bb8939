//! What containers are called: by files their managers keep, else by the managers themselves over their sockets. Both are
//! for root and whoever is allowed. Without a name a container is called by the first digits of its id.

mod files;
mod json;
mod sockets;

use super::family::OTHER;
use super::identity::Identity;
use super::kind::is_id;
use crate::Host;
use files::Files;
use sockets::Sockets;

/// Digits that people know a container by.
const SHORT_DIGITS: usize = 12;

/// Finds names below a root.
pub(super) struct Names {
    files: Files,
    sockets: Sockets,
    /// Ids that were put off in the walk before, and in this one, until the managers have answered.
    asked: Vec<String>,
    waiting: Vec<String>,
}

impl Names {
    pub(super) fn new(host: &Host) -> Self {
        Self { files: Files::new(host), sockets: Sockets::new(host), asked: Vec::new(), waiting: Vec::new() }
    }

    /// What to call the container of this id or name; `None` when its manager is being asked: then it should be looked
    /// at again in the next pass.
    pub(super) fn find(&mut self, id: &str) -> Option<Identity> {
        if !is_id(id) {
            return Some(Identity::named(unescape(id)));
        }
        let found = self.files.find(id).or_else(|| self.sockets.find(id));
        // The name of all that is not followed is no container's.
        if let Some(identity) = found.filter(|found| !found.name.is_empty() && found.name != OTHER) {
            return Some(identity);
        }
        if self.asked.iter().any(|asked| asked == id) || !self.sockets.are_there() {
            return Some(Identity::named(&id[..SHORT_DIGITS]));
        }
        self.waiting.push(id.to_owned());
        None
    }

    /// Ends a walk: asks for those that were put off. Returns whether there are such.
    pub(super) fn end_walk(&mut self) -> bool {
        self.asked = std::mem::take(&mut self.waiting);
        self.sockets.forget();
        if !self.asked.is_empty() {
            self.sockets.ask();
        }
        !self.asked.is_empty()
    }
}

/// systemd writes what a unit's name cannot hold as `\x2d`.
fn unescape(name: &str) -> String {
    let mut parts = name.split("\\x");
    let mut plain = parts.next().unwrap_or("").to_owned();
    for part in parts {
        match part.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok()).filter(u8::is_ascii) {
            Some(byte) => {
                plain.push(char::from(byte));
                plain.push_str(&part[2..]);
            }
            None => {
                plain.push_str("\\x");
                plain.push_str(part);
            }
        }
    }
    plain
}

#[cfg(test)]
mod tests;
