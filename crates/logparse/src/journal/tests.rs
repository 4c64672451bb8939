//! Files that systemd's own programs make, put beside what they read in them.

use super::entry::read_file;
use super::layout::SIGNATURE;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use stdx::random::Random;

const MAKER: &str = "/lib/systemd/systemd-journal-remote";

/// How files are made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kind {
    pub(crate) is_compact: bool,
    pub(crate) has_key: bool,
    pub(crate) is_packed: bool,
}

pub(crate) const USUAL: Kind = Kind { is_compact: true, has_key: true, is_packed: true };

/// Whether the programs are there that make and read journals; says so when they are not.
pub(crate) fn is_installed() -> bool {
    let is_there = Path::new(MAKER).exists() && Path::new("/usr/bin/journalctl").exists();
    if !is_there {
        eprintln!("systemd-journal-remote is not installed: nothing is tested");
    }
    is_there
}

/// An entry of the export format.
pub(crate) fn entry(time_us: u64, fields: &[(&str, &[u8])]) -> Vec<u8> {
    let mut out = format!(
        "__REALTIME_TIMESTAMP={time_us}\n__MONOTONIC_TIMESTAMP={}\n_BOOT_ID=0123456789abcdef0123456789abcdef\n",
        time_us % 1_000_000_000
    )
    .into_bytes();
    for (name, value) in fields {
        out.extend_from_slice(name.as_bytes());
        if value.iter().all(|byte| (0x20..0x7f).contains(byte)) {
            out.push(b'=');
        } else {
            out.push(b'\n');
            out.extend_from_slice(&(value.len() as u64).to_le_bytes());
        }
        out.extend_from_slice(value);
        out.push(b'\n');
    }
    out.push(b'\n');
    out
}

/// Has entries appended to a file, which is made when there is none.
pub(crate) fn write(path: &Path, kind: Kind, export: &[u8]) {
    let mut child = Command::new(MAKER)
        .arg(format!("--output={}", path.display()))
        .arg(format!("--compress={}", kind.is_packed))
        .arg("-")
        .env("SYSTEMD_JOURNAL_COMPACT", u8::from(kind.is_compact).to_string())
        .env("SYSTEMD_JOURNAL_KEYED_HASH", u8::from(kind.has_key).to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(export).unwrap();
    let done = child.wait_with_output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

/// The texts of each entry's data, sorted; the number of the boot is told twice and left out.
type Entries = BTreeMap<u64, Vec<Vec<u8>>>;

fn ours(path: &Path) -> (Entries, u64) {
    let mut all = Entries::new();
    let (_, damaged) = read_file(path, &mut |number, text| {
        if !text.starts_with(b"_BOOT_ID=") {
            all.entry(number).or_default().push(text.to_vec());
        }
    })
    .unwrap();
    all.values_mut().for_each(|texts| texts.sort());
    (all, damaged)
}

fn theirs(path: &Path) -> Entries {
    let told =
        Command::new("journalctl").args(["-o", "export", "--all", "--file"]).arg(path).output().unwrap();
    let (mut all, mut number, mut rest) = (Entries::new(), 0, &told.stdout[..]);
    while !rest.is_empty() {
        let end = rest.iter().position(|byte| *byte == b'\n').unwrap();
        let (line, after) = (&rest[..end], &rest[end + 1..]);
        rest = after;
        let text = if line.is_empty() {
            number += 1;
            continue;
        } else if line.contains(&b'=') {
            line.to_vec()
        } else {
            let (len, after) = rest.split_first_chunk::<8>().unwrap();
            let (value, after) = after.split_at(u64::from_le_bytes(*len) as usize);
            rest = &after[1..];
            [line, b"=", value].concat()
        };
        if !text.starts_with(b"__") && !text.starts_with(b"_BOOT_ID=") {
            all.entry(number).or_default().push(text);
        }
    }
    all.values_mut().for_each(|texts| texts.sort());
    all
}

/// Entries with fields that come again, binary ones, long ones that can be packed and others.
fn random_entries(random: &mut Random, count: u64) -> Vec<u8> {
    let mut all = Vec::new();
    for at in 0..count {
        let unit = format!("u{}.service", random.below(20));
        let priority = random.below(8).to_string();
        let len = match random.below(20) {
            0 => random.below(40_000),
            1 => random.below(3000),
            _ => random.below(120),
        };
        let step = if random.below(2) == 0 { 1 } else { 251 };
        let mut message: Vec<u8> = (0..len).map(|i| (random.below(step) + i % 7 + 32) as u8).collect();
        message.extend_from_slice(at.to_string().as_bytes());
        let other: Vec<u8> = (0..random.below(300)).map(|_| random.next_u64() as u8).collect();
        let mut fields: Vec<(&str, &[u8])> = vec![
            ("PRIORITY", priority.as_bytes()),
            ("_SYSTEMD_UNIT", unit.as_bytes()),
            ("MESSAGE", &message),
        ];
        if random.below(3) == 0 {
            fields.push(("OTHER", &other));
            fields.push(("OTHER", b"again"));
        }
        let more: Vec<String> = (0..random.below(40)).map(|at| format!("FIELD_{at}")).collect();
        fields.extend(more.iter().map(|name| (name.as_str(), name.as_bytes())));
        all.extend(entry(1_700_000_000_000_000 + at * 1000, &fields));
    }
    all
}

fn kinds() -> impl Iterator<Item = Kind> {
    (0..8).map(|bits| Kind { is_compact: bits & 1 != 0, has_key: bits & 2 != 0, is_packed: bits & 4 != 0 })
}

#[test]
fn what_journalctl_reads_is_read() {
    if !is_installed() {
        return;
    }
    let (folder, mut random) = (tempfile::tempdir().unwrap(), Random::from_seed(7));
    for (at, kind) in kinds().enumerate() {
        let path = folder.path().join(format!("{at}.journal"));
        write(&path, kind, &random_entries(&mut random, 700));
        let (theirs, (ours, damaged)) = (theirs(&path), ours(&path));
        assert_eq!((ours.len(), damaged), (700, 0), "{kind:?}");
        for (number, texts) in &theirs {
            assert_eq!(ours.get(number), Some(texts), "{kind:?}, entry {number}");
        }
        assert_eq!(ours.len(), theirs.len());
    }
}

/// A file with some entries, made once.
fn sample() -> Option<Vec<u8>> {
    use std::sync::OnceLock;
    static SAMPLE: OnceLock<Option<Vec<u8>>> = OnceLock::new();
    SAMPLE
        .get_or_init(|| {
            is_installed().then(|| {
                let folder = tempfile::tempdir().unwrap();
                let path = folder.path().join("a.journal");
                write(&path, USUAL, &random_entries(&mut Random::from_seed(3), 60));
                let bytes = fs::read(path).unwrap();
                // Tables of hashes are most of it, and not looked at.
                let end = bytes.iter().rposition(|byte| *byte != 0).unwrap_or(0);
                bytes[..end + 1].to_vec()
            })
        })
        .clone()
}

fn read_bytes(bytes: &[u8]) -> std::io::Result<(u64, u64)> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    read_file(file.path(), &mut |_, _| {})
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn damage_harms_nobody(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..30),
        is_header: bool,
        cut: Option<prop::sample::Index>,
    ) {
        let Some(mut bytes) = sample() else { return Ok(()) };
        // What is after the tables is what matters.
        let objects = super::layout::u64_at(&bytes, 104) + super::layout::u64_at(&bytes, 112);
        for (at, byte) in changes {
            let at = if is_header { at.index(300) } else { objects as usize + at.index(bytes.len() - objects as usize) };
            bytes[at] = byte;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        if let Ok((read, damaged)) = read_bytes(&bytes) {
            prop_assert!(read > 0 || damaged > 0 || bytes.len() > 200);
        }
    }
}

#[test]
fn files_that_are_none_are_told() {
    let why = |bytes: &[u8]| read_bytes(bytes).unwrap_err().to_string();
    assert_eq!(why(&[0; 500]), "it is no journal");
    assert_eq!(read_bytes(b"LPKSHHRH").unwrap_err().kind(), std::io::ErrorKind::UnexpectedEof);
    let mut header = [0; 300];
    header[..8].copy_from_slice(SIGNATURE);
    assert_eq!(read_bytes(&header).unwrap(), (0, 0));
    header[12] = 0x20;
    assert_eq!(why(&header), "it is a journal of a kind that this agent does not know (flags 0x20)");
    header[12] = 0;
    // An entry, and no list of them.
    header[152] = 1;
    assert_eq!(read_bytes(&header).unwrap(), (0, 1));
}

#[test]
fn what_was_packed_by_lz4_is_unpacked() {
    let mut out = Vec::new();
    // Four letters as they are, then those four again three times, then the last five.
    let block = b"\x48abcd\x04\x00\x50efghi";
    let packed = [&21u64.to_le_bytes()[..], block].concat();
    super::unpack::unpack(2, &packed, 100, &mut out).unwrap();
    assert_eq!(String::from_utf8_lossy(&out), "abcdabcdabcdabcdefghi");
    assert!(super::unpack::unpack(2, &packed, 20, &mut out).is_err());
    assert!(super::unpack::unpack(2, &packed[..12], 100, &mut out).is_err());
    assert!(super::unpack::unpack(1, &packed, 100, &mut out).unwrap_err().contains("xz"));
    assert!(super::unpack::unpack(4, &packed, 100, &mut out).is_err());
    assert!(
        super::unpack::unpack(4, b"\x28\xb5\x2f\xfd\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 100, &mut out)
            .is_err()
    );
}

/// Makes a file one that gets no more entries, as a rotation does.
pub(crate) fn archive(path: &Path, to: &str) -> PathBuf {
    let mut bytes = fs::OpenOptions::new().write(true).open(path).unwrap();
    use std::io::{Seek, SeekFrom};
    bytes.seek(SeekFrom::Start(16)).unwrap();
    bytes.write_all(&[2]).unwrap();
    let to = path.with_file_name(to);
    fs::rename(path, &to).unwrap();
    to
}
