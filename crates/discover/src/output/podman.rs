//! Podman's driver `k8s-file`, where its `conmon` cannot be seen: a file in the container's folder.

use super::{Found, Writer};

/// Root's containers, and those of users.
const FOLDERS: [&str; 2] = [
    "/var/lib/containers/storage/overlay-containers",
    "/home/*/.local/share/containers/storage/overlay-containers",
];

pub(super) fn find(writer: &Writer<'_>) -> Option<Result<Found, String>> {
    let number = writer.container.as_deref()?;
    let file =
        |folder: &&str| writer.host.glob(&format!("{folder}/{number}/userdata/ctr.log")).into_iter().next();
    let found = FOLDERS.iter().find_map(file)?;
    Some(Ok(writer.wrapped(found, "cri", Vec::new())))
}
