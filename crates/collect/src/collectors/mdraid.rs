//! Software RAID, from `/proc/mdstat` (md(4)).

use crate::entities::Entities;
use crate::file::KeptFile;
use crate::folder::Folder;
use crate::text::{decimal, fields, lines, number, trim};
use crate::{Collector, Error, Host, Metric, Pass, Row};

pub(super) static ROW: Row = Row {
    name: "mdraid",
    summary: "Software RAID: disks that are missing, failed or spare, and how far a resync is.",
    interval_ms: 10_000,
    metrics: &METRICS,
    open: |host, _| Box::new(Mdraid::new(host)),
};

const fn gauge(name: &'static str, unit: &'static str, help: &'static str) -> Metric {
    Metric::gauge(name, unit, help).by(&["device"])
}

/// In the order of [`Array::values`].
static METRICS: [Metric; 10] = [
    gauge("raid_active", "", "1 when the array works, 0 when it is stopped."),
    gauge("raid_size_bytes", "bytes", "Size of the array."),
    gauge("raid_disks", "", "Disks the array is made of, where it can do without some."),
    gauge("raid_disks_missing", "", "Disks it has to do without."),
    gauge("raid_disks_failed", "", "Disks marked as failed."),
    gauge("raid_disks_spare", "", "Disks that wait to take another's place."),
    gauge("raid_sync_ratio", "ratio", "How far a resync, recovery, reshape or check is, while there is one."),
    gauge("raid_sync_bytes_per_second", "bytes_per_second", "How fast that goes."),
    gauge("raid_sync_remaining_seconds", "seconds", "How long it will take."),
    gauge("raid_mismatched_bytes", "bytes", "What the last check or repair found to differ between disks."),
];
/// Place of the one that has a file of its own, which counts sectors.
const MISMATCHED: usize = METRICS.len() - 1;
const MISMATCHED_FILE: &[u8] = b"/md/mismatch_cnt";
const SECTOR_BYTES: f64 = 512.0;
/// Most arrays.
const ARRAYS_MAX: usize = 128;

struct Mdraid {
    file: KeptFile,
    folder: Folder,
    path: Vec<u8>,
    /// Room for the files of arrays, while the list of arrays is in the common one.
    room: Vec<u8>,
    arrays: Entities<{ METRICS.len() }>,
}

impl Mdraid {
    fn new(host: &Host) -> Self {
        Self {
            file: host.file("proc/mdstat"),
            folder: host.folder("sys/block"),
            path: Vec::new(),
            room: Vec::new(),
            arrays: Entities::new(ARRAYS_MAX),
        }
    }
}

impl Collector for Mdraid {
    fn collect(&mut self, pass: &mut Pass<'_>) -> Result<(), Error> {
        let Some(text) = self.file.read_if_there(pass.buffer)? else { return Ok(()) };
        self.arrays.begin();
        let mut lines = lines(text).peekable();
        while let Some(line) = lines.next() {
            let Some((name, mut array)) = Array::parse(line) else { continue };
            while let Some(more) = lines.next_if(|line| line.starts_with(b" ")) {
                array.add(more);
            }
            let Some(entity) = self.arrays.meet(name, |_| true) else { continue };
            self.path.clear();
            self.path.extend_from_slice(name);
            self.path.extend_from_slice(MISMATCHED_FILE);
            let mismatched = self.folder.read(&self.path, &mut self.room).ok().map(trim).and_then(number);
            let mut values = array.values();
            values[MISMATCHED] = mismatched.map(|sectors| sectors as f64 * SECTOR_BYTES);
            for ((cell, metric), value) in entity.cells.iter_mut().zip(&METRICS).zip(values) {
                match value {
                    Some(value) => pass.out.push(cell, metric, &[&entity.name], value),
                    None => pass.out.end(cell),
                }
            }
        }
        self.arrays.finish(&mut pass.out);
        Ok(())
    }
}

/// What the lines about an array tell.
#[derive(Debug, Default, PartialEq)]
struct Array {
    is_active: bool,
    size_bytes: Option<f64>,
    /// Disks there should be, and there are.
    disks: Option<(u64, u64)>,
    failed: u32,
    spare: u32,
    sync_ratio: Option<f64>,
    sync_speed: Option<f64>,
    sync_remaining: Option<f64>,
}

impl Array {
    /// `md0 : active raid1 sdb1[1] sda1[0](F)`
    fn parse(line: &[u8]) -> Option<(&[u8], Self)> {
        let mut words = fields(line);
        let name = words.next().filter(|name| name.starts_with(b"md"))?;
        words.next().filter(|colon| *colon == b":")?;
        let mut array = Self { is_active: words.next()? == b"active", ..Self::default() };
        for word in words {
            array.failed += u32::from(word.ends_with(b"(F)"));
            array.spare += u32::from(word.ends_with(b"(S)"));
        }
        Some((name, array))
    }

    /// `1048512 blocks super 1.2 [2/1] [U_]`, or `[==>…]  recovery = 12.6% (37/292) finish=127.5min`
    fn add(&mut self, line: &[u8]) {
        let mut words = fields(line).peekable();
        while let Some(word) = words.next() {
            if words.peek() == Some(&&b"blocks"[..]) {
                self.size_bytes = number(word).map(|blocks| blocks as f64 * 1024.0);
            } else if word == b"=" {
                let percent = words.peek().and_then(|word| word.strip_suffix(b"%")).and_then(decimal);
                self.sync_ratio = percent.map(|percent| percent / 100.0);
            }
            if let Some(minutes) = word.strip_prefix(b"finish=").and_then(|word| word.strip_suffix(b"min")) {
                self.sync_remaining = decimal(minutes).map(|minutes| minutes * 60.0);
            }
            if let Some(speed) = word.strip_prefix(b"speed=").and_then(|word| word.strip_suffix(b"K/sec")) {
                self.sync_speed = number(speed).map(|kibibytes| kibibytes as f64 * 1024.0);
            }
            self.disks = self.disks.or_else(|| disks(word));
        }
    }

    fn values(&self) -> [Option<f64>; METRICS.len()] {
        let missing = self.disks.map(|(wanted, there)| wanted.saturating_sub(there) as f64);
        [
            Some(f64::from(self.is_active)),
            self.size_bytes,
            self.disks.map(|(wanted, _)| wanted as f64),
            missing,
            Some(f64::from(self.failed)),
            Some(f64::from(self.spare)),
            self.sync_ratio,
            self.sync_speed,
            self.sync_remaining,
            None,
        ]
    }
}

/// `[2/1]`
fn disks(word: &[u8]) -> Option<(u64, u64)> {
    let inner = word.strip_prefix(b"[")?.strip_suffix(b"]")?;
    let slash = memchr::memchr(b'/', inner)?;
    Some((number(&inner[..slash])?, number(&inner[slash + 1..])?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrays_are_read_line_by_line() {
        let (name, mut array) =
            Array::parse(b"md127 : active (auto-read-only) raid5 sdc[3](S) sdb[1](F) sda[0]").unwrap();
        array.add(b"      1048512 blocks super 1.2 level 5, 512k chunk, algorithm 2 [3/2] [U_U]");
        array.add(b"      [==>......]  recovery = 12.5% (131072/1048512) finish=1.2min speed=13107K/sec");
        assert_eq!(name, b"md127");
        let wanted = Array {
            is_active: true,
            size_bytes: Some(1_073_676_288.0),
            disks: Some((3, 2)),
            failed: 1,
            spare: 1,
            sync_ratio: Some(0.125),
            sync_speed: Some(13_421_568.0),
            sync_remaining: Some(72.0),
        };
        assert_eq!(array, wanted);
        for line in ["Personalities : [raid1]", "unused devices: <none>", "md0", "md0 active", ""] {
            assert_eq!(Array::parse(line.as_bytes()), None, "{line}");
        }
        let mut stopped = Array::parse(b"md1 : inactive sdc[0](S)").unwrap().1;
        stopped.add(b"      resync=DELAYED [x/] = nonsense");
        assert_eq!(stopped, Array { spare: 1, ..Array::default() });
    }
}
