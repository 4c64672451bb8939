//! Who may send, with their passwords: the file that collectd's `AuthFile` names.

use std::collections::HashMap;
use std::fs;
use std::path::PathBuf;
use std::time::SystemTime;

/// Largest file, in bytes.
const FILE_BYTES_MAX: u64 = 4 << 20;
/// How often it is looked whether the file was changed, in milliseconds.
const LOOK_MS: i64 = 5_000;

/// The users of a file, read again when it changes.
#[derive(Debug, Default)]
pub(super) struct Users {
    path: PathBuf,
    changed: Option<SystemTime>,
    looked_ms: Option<i64>,
    passwords: HashMap<String, String>,
}

impl Users {
    pub(super) fn of(path: PathBuf) -> Self {
        Self { path, ..Self::default() }
    }

    pub(super) fn password(&self, user: &str) -> Option<&str> {
        self.passwords.get(user).map(String::as_str)
    }

    /// Reads the file when it is new. With an error the users stay as they were.
    pub(super) fn refresh(&mut self, now_ms: i64) -> Result<(), String> {
        if self.looked_ms.is_some_and(|looked| (now_ms - looked).abs() < LOOK_MS) {
            return Ok(());
        }
        self.looked_ms = Some(now_ms);
        let failed = |e| format!("{}: {e}", self.path.display());
        let meta = fs::metadata(&self.path).map_err(failed)?;
        let changed = meta.modified().ok();
        if changed.is_some() && changed == self.changed {
            return Ok(());
        }
        if meta.len() > FILE_BYTES_MAX {
            return Err(format!("{}: more than {FILE_BYTES_MAX} bytes", self.path.display()));
        }
        self.passwords = read(&fs::read_to_string(&self.path).map_err(failed)?);
        self.changed = changed;
        Ok(())
    }
}

/// Lines `user: password`, without blanks around both; other lines are comments, as with collectd.
fn read(text: &str) -> HashMap<String, String> {
    let lines = text.lines().filter(|line| !line.trim_start().starts_with('#'));
    let pairs = lines.filter_map(|line| line.split_once(':'));
    let pairs = pairs.map(|(user, password)| (user.trim().to_owned(), password.trim().to_owned()));
    pairs.filter(|(user, password)| !user.is_empty() && !password.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_again_when_it_changes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("auth");
        let mut users = Users::of(path.clone());
        assert!(users.refresh(0).unwrap_err().contains("auth: "));
        fs::write(&path, "# who\nann:  secret: 1 \n bob : x\nnobody\n:y\n").unwrap();
        users.refresh(1).unwrap();
        assert_eq!(users.password("ann"), None);
        users.refresh(LOOK_MS).unwrap();
        assert_eq!((users.password("ann"), users.password("bob")), (Some("secret: 1"), Some("x")));
        assert_eq!((users.passwords.len(), users.password("")), (2, None));
        fs::write(&path, "ann: other\n").unwrap();
        fs::File::options().write(true).open(&path).unwrap().set_modified(SystemTime::UNIX_EPOCH).unwrap();
        users.refresh(2 * LOOK_MS).unwrap();
        assert_eq!((users.password("ann"), users.password("bob")), (Some("other"), None));
    }
}
