//! Why something cannot be read, in words for people, with what helps.

use crate::Root;
use std::io::{Error, ErrorKind};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Told of a process whose root the kernel hides from us.
pub const HIDDEN: &str = "the kernel hides from the agent where its files are: give the agent CAP_SYS_PTRACE and \
                          CAP_DAC_READ_SEARCH (or run it as root); its paths are taken for those of the host meanwhile";

/// Says that a file of the service cannot be read.
pub fn cannot_read(root: &Root, path: &str, error: &Error) -> String {
    let why = match error.kind() {
        ErrorKind::NotFound => "it is not there".to_owned(),
        ErrorKind::PermissionDenied => no_permission(&root.outside(path)),
        _ => error.to_string(),
    };
    format!("cannot read {path}: {why}")
}

fn no_permission(path: &Path) -> String {
    match first_closed(path) {
        Some((closed, group)) => format!(
            "no permission at {}; add the agent's user to group {group}, or give the agent CAP_DAC_READ_SEARCH",
            closed.display()
        ),
        None => "no permission; give the agent CAP_DAC_READ_SEARCH, or run it as root".to_owned(),
    }
}

/// The folder on the way, or the file, that its group may read and others may not.
fn first_closed(path: &Path) -> Option<(PathBuf, String)> {
    let mut way: Vec<&Path> = path.ancestors().collect();
    way.reverse();
    for step in way {
        let metadata = std::fs::metadata(step).ok()?;
        let (group, others) = if metadata.is_dir() { (0o010, 0o001) } else { (0o040, 0o004) };
        if metadata.mode() & others == 0 {
            let may = metadata.mode() & group != 0 && metadata.gid() != 0;
            return may.then(|| (step.to_owned(), group_name(metadata.gid())));
        }
    }
    None
}

/// A group by name as `/etc/group` has it, else by number.
fn group_name(id: u32) -> String {
    let groups = std::fs::read_to_string("/etc/group").unwrap_or_default();
    let mut fields = groups.lines().map(|line| line.split(':').collect::<Vec<_>>());
    let found = fields.find(|fields| fields.get(2).and_then(|field| field.parse().ok()) == Some(id));
    found.map_or(id.to_string(), |fields| fields[0].to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{self, Permissions};
    use std::os::unix::fs::{PermissionsExt, chown};

    #[test]
    fn what_is_missing_and_what_helps_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let root = Root::new(folder.path());
        let denied = Error::from(ErrorKind::PermissionDenied);
        assert_eq!(cannot_read(&root, "/a", &ErrorKind::NotFound.into()), "cannot read /a: it is not there");
        fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
        fs::create_dir(folder.path().join("log")).unwrap();
        fs::set_permissions(folder.path().join("log"), Permissions::from_mode(0o750)).unwrap();
        // Only root may give files away.
        if chown(folder.path().join("log"), None, Some(4)).is_ok() {
            let told = cannot_read(&root, "/log/a", &denied);
            assert!(told.contains("/log; add the agent's user to group adm, or"), "{told}");
        }
        fs::set_permissions(folder.path().join("log"), Permissions::from_mode(0o700)).unwrap();
        assert!(cannot_read(&root, "/log/a", &denied).contains("no permission; give the agent"));
    }
}
