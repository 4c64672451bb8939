//! Profiles of the program's own processor time: large and soon of no interest, so they do not stand in the log but in a
//! file for each host, which keeps the newest.

use crate::Options;
use crate::file::{self, PROFILE, take_text};
use crate::telemetry::DAMAGED;
use model::event::HOST_BYTES_MAX;
use model::{Event, EventKind};
use std::io;
use std::path::{Path, PathBuf};
use stdx::crc::crc32;
use stdx::disk::write_atomically;
use stdx::varint;
use wire::protocols::native::events::{read_event, write_event};

/// Most profiles of one host; at one an hour these are two days.
pub const PROFILES_PER_HOST_MAX: usize = 48;
/// How much of a host's name is in the name of its file.
const NAME_BYTES_MAX: usize = 100;
/// How often files are looked for that nobody adds to any more, in milliseconds.
const SWEEP_EVERY_MS: i64 = 24 * 3_600_000;

/// The files; who holds this may change them.
#[derive(Debug, Default)]
pub(crate) struct Profiles {
    swept_ms: Option<i64>,
}

/// Whether an event belongs here.
pub(crate) fn is_profile(event: &Event) -> bool {
    event.kind == EventKind::PROFILE
}

impl Profiles {
    /// Adds those among the events of a host. One that is there already changes nothing.
    pub(crate) fn add(&mut self, options: &Options, host: &str, events: &[Event]) -> io::Result<()> {
        let host = &host[..host.floor_char_boundary(HOST_BYTES_MAX)];
        let mut kept = self.read(options, host)?;
        let before = kept.len();
        for event in events.iter().filter(|event| is_profile(event)) {
            if !kept.contains(event) {
                kept.push(event.clone());
            }
        }
        if kept.len() == before {
            return Ok(());
        }
        kept.sort_by_key(|event| std::cmp::Reverse(event.time_ms));
        kept.truncate(PROFILES_PER_HOST_MAX);
        let mut bytes = file::head().to_vec();
        for event in &kept {
            file::write_record(&mut bytes, |out| encode(host, event, out));
        }
        options.disk.create_dir_all(&folder(options))?;
        write_atomically(options.disk.as_ref(), &path(options, host), &bytes)
    }

    /// All of a host, the newest first.
    pub(crate) fn read(&self, options: &Options, host: &str) -> io::Result<Vec<Event>> {
        let bytes = match options.disk.read(&path(options, host)) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            read => read?,
        };
        file::check_version(&bytes)?;
        let mut walk = file::records(&bytes);
        let all = walk.by_ref().filter_map(|record| decode(record.payload));
        let found = all.filter(|(whose, _)| whose == host).map(|(_, event)| event).collect();
        DAMAGED.add(walk.damaged());
        Ok(found)
    }

    /// Removes, once a day, the files of hosts that sent nothing since `oldest_ms`.
    pub(crate) fn sweep(&mut self, options: &Options, oldest_ms: i64, now_ms: i64) -> io::Result<()> {
        let is_due = self.swept_ms.is_none_or(|swept_ms| !(0..SWEEP_EVERY_MS).contains(&(now_ms - swept_ms)));
        if !is_due {
            return Ok(());
        }
        self.swept_ms = Some(now_ms);
        let entries = match options.disk.list(&folder(options)) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(()),
            listed => listed?,
        };
        for entry in entries {
            if entry.name.ends_with(".tmp") || newest_ms(options, &entry.path)? < oldest_ms {
                options.disk.remove_file(&entry.path)?;
            }
        }
        Ok(())
    }
}

fn newest_ms(options: &Options, path: &Path) -> io::Result<i64> {
    let bytes = options.disk.read(path)?;
    file::check_version(&bytes)?;
    let times = file::records(&bytes).filter_map(|record| Some(decode(record.payload)?.1.time_ms));
    Ok(times.max().unwrap_or(i64::MIN))
}

fn folder(options: &Options) -> PathBuf {
    options.folder.join("profiles")
}

/// What of a name may be a file's, and a checksum of all of it.
fn path(options: &Options, host: &str) -> PathBuf {
    let tame = |c: char| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' };
    let name: String = host.chars().map(tame).take(NAME_BYTES_MAX).collect();
    folder(options).join(format!("{name}.{:08x}", crc32(host.as_bytes())))
}

fn encode(host: &str, event: &Event, out: &mut Vec<u8>) {
    out.push(PROFILE);
    varint::write_bytes(out, host.as_bytes());
    write_event(out, event, &mut 0);
}

/// Reads the payload of a record; `None` when it is of another kind or damaged.
pub(crate) fn decode(payload: &[u8]) -> Option<(String, Event)> {
    let mut input = payload.strip_prefix(&[PROFILE])?;
    let host = take_text(&mut input)?.to_owned();
    let event = read_event(&mut input, &mut 0).ok()?;
    input.is_empty().then_some((host, event))
}
