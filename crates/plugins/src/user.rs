//! Whom a plugin runs as. Names are looked up in `/etc/passwd` and `/etc/group` themselves: the C library's way would load
//! code of the system into a program that is linked without it.

use std::path::PathBuf;

/// A user and a group by name or number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    /// The user.
    pub user: String,
    /// The group; that of the user when "".
    pub group: String,
}

/// A user with one group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct User {
    pub(crate) uid: u32,
    pub(crate) gid: u32,
    /// Home folder.
    pub(crate) home: PathBuf,
}

impl User {
    /// Looks an owner up, as the files are now.
    pub(crate) fn find(owner: &Owner) -> Result<Self, String> {
        let read = |path: &str| std::fs::read_to_string(path).map_err(|e| format!("cannot read {path}: {e}"));
        let passwd = read("/etc/passwd")?;
        let groups = if owner.group.is_empty() { String::new() } else { read("/etc/group")? };
        find(&owner.user, &owner.group, &passwd, &groups)
    }
}

/// `passwd` has `name:x:uid:gid:comment:home:shell`, `groups` has `name:x:gid:members`.
fn find(user: &str, group: &str, passwd: &str, groups: &str) -> Result<User, String> {
    let row = |text: &str, key: &str| {
        let mut rows = text.lines().map(|line| line.split(':').map(str::to_owned).collect::<Vec<_>>());
        rows.find(|row| row.first().is_some_and(|name| name == key) || row.get(2).is_some_and(|id| id == key))
    };
    let number = |row: &[String], at: usize| row.get(at).and_then(|id| id.parse().ok());
    let found = row(passwd, user);
    let known = found.as_ref().and_then(|row| Some((number(row, 2)?, number(row, 3)?)));
    let (uid, own_gid) = match (known, user.parse()) {
        (Some((uid, gid)), _) => (uid, Some(gid)),
        (None, Ok(uid)) => (uid, None),
        (None, Err(_)) => return Err(format!("there is no user `{user}` in /etc/passwd")),
    };
    let gid = match group {
        "" => own_gid.ok_or_else(|| format!("user {user} has no entry in /etc/passwd: name a group, too"))?,
        group => row(groups, group)
            .and_then(|row| number(&row, 2))
            .or_else(|| group.parse().ok())
            .ok_or_else(|| format!("there is no group `{group}` in /etc/group"))?,
    };
    let home = found.and_then(|row| row.into_iter().nth(5)).filter(|home| !home.is_empty());
    Ok(User { uid, gid, home: home.map_or_else(|| "/".into(), PathBuf::from) })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PASSWD: &str = "root:x:0:0:root:/root:/bin/sh\nnagios:x:110:115::/var/lib/nagios:\nbroken\n";
    const GROUPS: &str = "root:x:0:\nadm:x:4:nagios\n";

    #[test]
    fn users_are_found_by_name_and_number() {
        let found = |user, group| find(user, group, PASSWD, GROUPS).map(|u| (u.uid, u.gid, u.home));
        assert_eq!(found("nagios", ""), Ok((110, 115, "/var/lib/nagios".into())));
        assert_eq!(found("110", "adm"), Ok((110, 4, "/var/lib/nagios".into())));
        assert_eq!(found("4711", "12"), Ok((4711, 12, "/".into())));
        assert_eq!(found("nobody", ""), Err("there is no user `nobody` in /etc/passwd".to_owned()));
        assert_eq!(found("nagios", "x"), Err("there is no group `x` in /etc/group".to_owned()));
        assert!(found("4711", "").unwrap_err().contains("name a group"));
    }
}
