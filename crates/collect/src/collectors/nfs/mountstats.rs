//! What `/proc/PID/mountstats` tells of NFS mounts. Pure.

use crate::text::{fields, lines, number};

/// The sums of one mount.
#[derive(Debug, PartialEq, Eq, Default)]
pub(super) struct Mount<'t> {
    /// Where it is mounted, as the file writes it (a blank is `\040`).
    pub(super) path: &'t [u8],
    read_bytes: u64,
    written_bytes: u64,
    operations: u64,
    retransmissions: u64,
    timeouts: u64,
    response_ms: u64,
    /// Whether the lines of operations have begun.
    is_per_operation: bool,
}

// Fields of the line `bytes:` after the key.
const SERVER_READ: usize = 4;
const SERVER_WRITTEN: usize = 5;
// Fields of the line of an operation after its name.
const OPERATIONS: usize = 0;
const TRANSMISSIONS: usize = 1;
const TIMEOUTS: usize = 2;
const RESPONSE_MS: usize = 6;

/// Visits the NFS mounts of the file.
pub(super) fn visit<'t>(text: &'t [u8], mut visit: impl FnMut(Mount<'t>)) {
    let mut mount = None;
    for line in lines(text) {
        if line.starts_with(b"device ") {
            mount.take().into_iter().for_each(&mut visit);
            mount = begin(line);
        } else if let Some(mount) = &mut mount {
            mount.add(line);
        }
    }
    mount.into_iter().for_each(visit);
}

/// `device filer:/export mounted on /mnt with fstype nfs4 statvers=1.1`
fn begin(line: &[u8]) -> Option<Mount<'_>> {
    let mut words = fields(line).skip(4);
    let path = words.next()?;
    let fstype = words.nth(2)?;
    (fstype == b"nfs" || fstype == b"nfs4").then(|| Mount { path, ..Mount::default() })
}

impl Mount<'_> {
    fn add(&mut self, line: &[u8]) {
        let mut words = fields(line);
        let Some(key) = words.next() else { return };
        let mut values = [0u64; RESPONSE_MS + 1];
        let mut count = 0;
        for (value, word) in values.iter_mut().zip(words.map_while(number)) {
            *value = word;
            count += 1;
        }
        if key == b"per-op" {
            self.is_per_operation = true;
        } else if key == b"bytes:" && count > SERVER_WRITTEN {
            (self.read_bytes, self.written_bytes) = (values[SERVER_READ], values[SERVER_WRITTEN]);
        } else if self.is_per_operation && key.ends_with(b":") && count == values.len() {
            self.add_operation(&values);
        }
    }

    fn add_operation(&mut self, values: &[u64; RESPONSE_MS + 1]) {
        let again = values[TRANSMISSIONS].saturating_sub(values[OPERATIONS]);
        self.operations = self.operations.saturating_add(values[OPERATIONS]);
        self.retransmissions = self.retransmissions.saturating_add(again);
        self.timeouts = self.timeouts.saturating_add(values[TIMEOUTS]);
        self.response_ms = self.response_ms.saturating_add(values[RESPONSE_MS]);
    }

    /// In the order of the metrics.
    pub(super) fn values(&self) -> [f64; 6] {
        [
            self.read_bytes as f64,
            self.written_bytes as f64,
            self.operations as f64,
            self.retransmissions as f64,
            self.timeouts as f64,
            self.response_ms as f64 / 1000.0,
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_of_each_mount_are_summed() {
        let text = b"device proc mounted on /proc with fstype proc\n\
            device filer:/a mounted on /mnt/a with fstype nfs4 statvers=1.1\n\
            \topts:\trw,vers=4.2\n\
            \tbytes:\t1 2 3 4 500 600 7 8\n\
            \txprt:\ttcp 800 1 1 0 0 100 100 0 100 0 2 0 0\n\
            \tper-op statistics\n\
            \t        NULL: 1 1 0 44 24 0 0 0 0\n\
            \t        READ: 10 12 1 1000 2000 5 250 300 0\n\
            \t       WRITE: 10 cut\n\
            device filer:/b mounted on /mnt/b with fstype nfs statvers=1.1\n";
        let mut mounts = Vec::new();
        visit(text, |mount| mounts.push((mount.path, mount.values())));
        assert_eq!(mounts, [(&b"/mnt/a"[..], [500.0, 600.0, 11.0, 2.0, 1.0, 0.25]), (b"/mnt/b", [0.0; 6])]);
    }
}
