//! The data folder: that it can be written, has room, and what waits in the spool.

use super::Finding;
use crate::settings::Settings;
use std::path::Path;
use stdx::disk::{Disk, RealDisk};

/// Less room than this is told.
const FREE_BYTES_MIN: u64 = 64 << 20;

pub(super) fn examine(settings: &Settings) -> Vec<Finding> {
    let Some(data) = settings.path("data") else {
        return vec![Finding::broken("`data` is empty", "name a folder with --data")];
    };
    let mut findings = vec![writable(&data)];
    findings.extend(room(&data));
    findings.extend(spool(&data.join("spool"), settings.bytes("agent.spool_bytes_max")));
    findings
}

fn writable(data: &Path) -> Finding {
    if !data.exists() {
        return Finding::fine(format!("{} is not there yet and will be made", data.display()));
    }
    let probe = data.join(format!(".doctor-{}", std::process::id()));
    let written = std::fs::write(&probe, b"doctor");
    match written.and_then(|()| std::fs::remove_file(&probe)) {
        Ok(()) => Finding::fine(format!("{} can be written", data.display())),
        Err(e) => Finding::doubtful(
            format!("{} cannot be written by this user: {e}", data.display()),
            "an agent goes on from memory; a server does not start. Ask again as the service's user",
        ),
    }
}

fn room(data: &Path) -> Option<Finding> {
    let free = RealDisk.free_bytes(data).ok()?;
    let text = format!("{} MiB are free", free >> 20);
    Some(if free < FREE_BYTES_MIN {
        Finding::broken(text, "make room: unsent samples are kept in memory only, and not many of them")
    } else {
        Finding::fine(text)
    })
}

fn spool(folder: &Path, bytes_max: u64) -> Option<Finding> {
    let files = std::fs::read_dir(folder).ok()?;
    let bytes: u64 = files.filter_map(|file| Some(file.ok()?.metadata().ok()?.len())).sum();
    let text = format!("{} KiB wait in the spool, of at most {} MiB", bytes >> 10, bytes_max >> 20);
    Some(if bytes > bytes_max / 2 {
        Finding::doubtful(text, "the oldest go when it is full: the steps below say why they are not sent")
    } else {
        Finding::fine(text)
    })
}
