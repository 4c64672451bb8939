//! Who is logged in, from the files that systemd's login manager keeps in `/run/systemd/sessions`.

use crate::folder::Folder;
use crate::text::{lines, number};
use crate::{Collector, Error, Host, Metric, Pass, Row, SeriesCell};

pub(super) static ROW: Row = Row {
    name: "users",
    summary: "Sessions of people, from here and from elsewhere, and how many different users they are (where systemd runs).",
    interval_ms: 10_000,
    metrics: &[SESSIONS, USERS],
    open: |host, _| Box::new(Users::new(host)),
};

const SESSIONS: Metric =
    Metric::gauge("users_sessions", "", "Sessions that are open: on the machine itself, or from elsewhere.")
        .by(&["origin"]);
const USERS: Metric = Metric::gauge("users_logged_in", "", "Different users with a session.");

const ORIGINS: [&str; 2] = ["local", "remote"];
/// Most sessions that are looked at.
const SESSIONS_MAX: usize = 1000;

struct Users {
    folder: Folder,
    /// Names found in a pass, each followed by a slash.
    names: Vec<u8>,
    /// Who was found in a pass.
    ids: Vec<u64>,
    sessions: [SeriesCell; ORIGINS.len()],
    users: SeriesCell,
}

impl Users {
    fn new(host: &Host) -> Self {
        Self {
            folder: host.folder("run/systemd/sessions"),
            names: Vec::new(),
            ids: Vec::new(),
            sessions: Default::default(),
            users: SeriesCell::default(),
        }
    }
}

impl Collector for Users {
    fn collect(&mut self, pass: &mut Pass<'_>) -> Result<(), Error> {
        let Self { folder, names, ids, .. } = self;
        names.clear();
        ids.clear();
        let listed = folder.list(pass.buffer, |name| {
            // Beside the file of a session is a pipe, `NAME.ref`, which would block its reader.
            if !name.contains(&b'.') {
                names.extend_from_slice(name);
                names.push(b'/');
            }
        });
        if listed.is_err() {
            return Ok(());
        }
        let mut counts = [0u32; ORIGINS.len()];
        for name in names.split(|byte| *byte == b'/').filter(|name| !name.is_empty()).take(SESSIONS_MAX) {
            // Ended since it was listed, or not for us to read.
            let Ok(text) = folder.read(name, pass.buffer) else { continue };
            let Some(session) = parse(text) else { continue };
            counts[usize::from(session.is_remote)] += 1;
            ids.push(session.user_id);
        }
        ids.sort_unstable();
        ids.dedup();
        for ((cell, origin), count) in self.sessions.iter_mut().zip(ORIGINS).zip(counts) {
            pass.out.push(cell, &SESSIONS, &[origin], f64::from(count));
        }
        pass.out.push(&mut self.users, &USERS, &[], self.ids.len() as f64);
        Ok(())
    }
}

#[derive(Debug, PartialEq, Eq)]
struct Session {
    user_id: u64,
    is_remote: bool,
}

/// The session, if it is one of a person that is open.
fn parse(text: &[u8]) -> Option<Session> {
    let value = |key: &[u8]| lines(text).find_map(|line| line.strip_prefix(key)?.strip_prefix(b"="));
    // Others are the login screen, timers, and the managers of services of users.
    let is_person = matches!(value(b"CLASS"), Some(b"user" | b"user-early" | b"user-light"));
    let is_open = value(b"STATE").is_none_or(|state| state != b"closing");
    let user_id = number(value(b"UID")?)?;
    (is_person && is_open).then(|| Session { user_id, is_remote: value(b"REMOTE") == Some(b"1") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_open_sessions_of_people_count() {
        let cases: [(&[u8], Option<Session>); 6] = [
            (b"UID=0\nREMOTE=1\nSTATE=active\nCLASS=user\n", Some(Session { user_id: 0, is_remote: true })),
            (b"UID=7\nCLASS=user-early", Some(Session { user_id: 7, is_remote: false })),
            (b"UID=7\nSTATE=closing\nCLASS=user\n", None),
            (b"UID=7\nSTATE=active\nCLASS=manager\n", None),
            (b"UID=x\nCLASS=user\n", None),
            (b"", None),
        ];
        for (text, session) in cases {
            assert_eq!(parse(text), session, "{}", String::from_utf8_lossy(text));
        }
    }
}
