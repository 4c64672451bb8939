//! The kinds of trouble, in the words of the kernel. Pure.

/// A kind of trouble.
pub(super) struct Kind {
    pub(super) name: &'static str,
    /// Words of which one is in the message.
    pub(super) words: &'static [&'static [u8]],
    /// What stands before the victim's name, the first that is there; empty for the start of the message.
    before: &'static [&'static [u8]],
}

pub(super) static KINDS: [Kind; 9] = [
    Kind {
        name: "oom_kill",
        words: &[b"ut of memory: Kill"],
        before: &[b"Killed process ", b"Kill process "],
    },
    // Before disk errors: some tell of both.
    Kind {
        name: "filesystem_error",
        words: &[
            b"EXT4-fs error",
            b"EXT3-fs error",
            b"BTRFS error",
            b"BTRFS critical",
            b"metadata I/O error",
            b"Corruption",
        ],
        before: &[b"(device ", b"XFS ("],
    },
    Kind {
        name: "disk_error",
        words: &[b"I/O error", b"critical medium error", b"critical target error"],
        before: &[b"on dev ", b"dev "],
    },
    Kind { name: "hung_task", words: &[b"blocked for more than"], before: &[b"task "] },
    Kind { name: "lockup", words: &[b"soft lockup", b"hard LOCKUP", b"detected stall"], before: &[] },
    Kind {
        name: "hardware_error",
        words: &[b"[Hardware Error]", b" CE memory ", b" UE memory "],
        before: &[],
    },
    Kind {
        name: "program_crash",
        words: &[b"segfault at", b"general protection fault", b"trap invalid opcode"],
        before: &[b"traps: ", b""],
    },
    Kind {
        name: "link_lost",
        words: &[b"ink is Down", b"ink is down", b"ink down", b"ost carrier"],
        before: &[],
    },
    Kind { name: "bug", words: &[b"kernel BUG at", b"Oops:", b"WARNING: CPU:"], before: &[] },
];

/// Names of victims end at the first of these.
const ENDS: &[u8] = b" ,:;()[]\n";

impl Kind {
    /// Whom or what the message is about.
    pub(super) fn victim<'t>(&self, text: &'t [u8]) -> Option<&'t [u8]> {
        if self.name == "link_lost" {
            return interface(text);
        }
        let start = self.before.iter().find_map(|word| match word.is_empty() {
            true => Some(0),
            false => memchr::memmem::find(text, word).map(|at| at + word.len()),
        })?;
        let rest = &text[start..];
        // `1234 (name)`: a number before the name.
        let rest = match (self.name, memchr::memchr(b'(', rest)) {
            ("oom_kill", Some(bracket)) => &rest[bracket + 1..],
            _ => rest,
        };
        let end = rest.iter().position(|byte| ENDS.contains(byte)).unwrap_or(rest.len());
        Some(&rest[..end]).filter(|name| !name.is_empty())
    }
}

/// `e1000e 0000:00:1f.6 eno1: NIC Link is Down`: the word before the colon that a blank follows.
fn interface(text: &[u8]) -> Option<&[u8]> {
    let colon = memchr::memmem::find(text, b": ")?;
    text[..colon].rsplit(|byte| *byte == b' ').next().filter(|name| !name.is_empty())
}
