//! Names of users from the host's own list; those known elsewhere only (a directory service) go by their number.

use crate::Host;
use crate::file::KeptFile;
use crate::text::{lines, number};

/// Most names remembered; more begin anew.
const USERS_MAX: usize = 64;

pub(super) struct Users {
    file: KeptFile,
    known: Vec<(u32, Box<str>)>,
}

impl Users {
    pub(super) fn new(host: &Host) -> Self {
        Self { file: host.file("etc/passwd"), known: Vec::new() }
    }

    /// The name of a user. `buffer` is scratch space.
    pub(super) fn name(&mut self, user: u32, buffer: &mut Vec<u8>) -> &str {
        if let Some(at) = self.known.iter().position(|(known, _)| *known == user) {
            return &self.known[at].1;
        }
        if self.known.len() >= USERS_MAX {
            self.known.clear();
        }
        // Opened anew each time: the file is replaced when a user is added.
        let name = self.file.reopen().read(buffer).ok().and_then(|text| name_in(text, user));
        let name = name.map_or_else(|| user.to_string().into(), |name| String::from_utf8_lossy(name).into());
        self.known.push((user, name));
        &self.known.last().expect("put there above").1
    }
}

/// `name:password:number:…`, a line for each.
fn name_in(text: &[u8], user: u32) -> Option<&[u8]> {
    lines(text).find_map(|line| {
        let mut parts = line.split(|byte| *byte == b':');
        let name = parts.next().filter(|name| !name.is_empty())?;
        (parts.nth(1).and_then(number) == Some(u64::from(user))).then_some(name)
    })
}
