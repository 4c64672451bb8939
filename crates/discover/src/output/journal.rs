//! What systemd starts writes to the journal unless it is told otherwise: its outputs are a socket then.

use super::{Found, Writer};
use crate::plan::Source;

/// Where journals are kept: over restarts of the host, and until then.
const FOLDERS: [&str; 2] = ["/var/log/journal", "/run/log/journal"];

pub(super) fn find(writer: &Writer<'_>) -> Option<Result<Found, String>> {
    if writer.container.is_some() {
        return None;
    }
    let wanted = unit(&writer.groups)?;
    let number = if writer.stream == Some(logparse::Stream::Stderr) { 2 } else { 1 };
    if !writer.process.descriptor(number)?.starts_with("socket:") {
        return None;
    }
    if !FOLDERS.iter().any(|folder| writer.host.is_folder(folder)) {
        return Some(Err("it goes to the journal, which keeps no files on this host".to_owned()));
    }
    Some(Ok(Found { path: String::new(), source: Source::Journal(wanted) }))
}

/// The field by which the journal tells the unit of a control group.
fn unit(groups: &str) -> Option<String> {
    let is_ours = |line: &&str| line.starts_with("0::") || line.contains(":name=systemd:");
    let path = groups.lines().find(is_ours)?.rsplit(':').next()?;
    let mut units = path.split('/').filter(|part| part.ends_with(".service"));
    let first = units.next()?;
    if !first.starts_with("user@") {
        return Some(format!("_SYSTEMD_UNIT={first}"));
    }
    units.next().map(|own| format!("_SYSTEMD_USER_UNIT={own}"))
}

#[cfg(test)]
mod tests {
    use super::unit;

    #[test]
    fn units_are_known_by_their_control_groups() {
        for (groups, wanted) in [
            ("0::/system.slice/redis-server.service\n", Some("_SYSTEMD_UNIT=redis-server.service")),
            (
                "12:cpu:/\n1:name=systemd:/system.slice/system-postgresql.slice/postgresql@15-main.service\n",
                Some("_SYSTEMD_UNIT=postgresql@15-main.service"),
            ),
            ("0::/system.slice/a.service/worker\n", Some("_SYSTEMD_UNIT=a.service")),
            (
                "0::/user.slice/user-7.slice/user@7.service/app.slice/b.service\n",
                Some("_SYSTEMD_USER_UNIT=b.service"),
            ),
            ("0::/user.slice/user-7.slice/session-2.scope\n", None),
            ("0::/\n", None),
            ("", None),
        ] {
            assert_eq!(unit(groups).as_deref(), wanted, "{groups}");
        }
    }
}
