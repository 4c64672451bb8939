//! Pages in memory that once were needed and are no more.
//!
//! Those of the program's own file: a program that reads settings, builds tables and greets a server touches most of its
//! code once. The kernel keeps such pages mapped until memory is short; here they are let go at once. What is needed again
//! is mapped again, from the page cache as a rule.
//!
//! And those of the heap: what was freed between two pieces that still live stays the process's, so that a heap keeps the
//! size of its busiest moment, and grows from one such moment to the next busier one without anything being lost.
#![allow(unsafe_code)]

use rustix::mm::{Advice, madvise};
use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt;

/// Lets go of the pages of the running program's file that nobody can write and nobody has written: its code and its
/// constants. Returns how many bytes of address space that is.
///
/// # Errors
/// When the kernel does not say what is mapped. Nothing is harmed then.
pub fn let_go_of_code() -> io::Result<usize> {
    let program = fs::read_link("/proc/self/exe")?;
    let smaps = fs::read("/proc/self/smaps")?;
    let mut bytes = 0;
    for (start, end) in unwritten(&smaps, program.as_os_str().as_bytes()) {
        // SAFETY: the range is a mapping of the program's own file that cannot be written and has no page that was
        // (`unwritten`), so that its bytes are those of the file; after this call the next access reads the same
        // bytes from there. A mapping of the running program's file stays as long as the process.
        let done = unsafe { madvise(start as *mut _, end - start, Advice::LinuxDontNeed) };
        bytes += if done.is_ok() { end - start } else { 0 };
    }
    Ok(bytes)
}

/// Gives the kernel back the pages of the heap on which nothing lives. Returns whether there were any; never with a C
/// library other than glibc, whose heap this knows how to ask.
pub fn let_go_of_free_memory() -> bool {
    #[cfg(target_env = "gnu")]
    // SAFETY: it takes a number and no pointer, locks the heap as an allocation does, and leaves every allocation as it is.
    let had_any = unsafe { libc::malloc_trim(0) } == 1;
    #[cfg(not(target_env = "gnu"))]
    let had_any = false;
    had_any
}

/// Ranges of addresses in smaps (proc(5)) that belong to the file, may not be written, and hold no page of their own.
fn unwritten(smaps: &[u8], program: &[u8]) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut candidate = None;
    for line in smaps.split(|&byte| byte == b'\n') {
        if let Some(range) = head(line, program) {
            candidate = range;
        } else if let Some(rest) = line.strip_prefix(b"Anonymous:") {
            let is_none = rest.trim_ascii() == b"0 kB";
            found.extend(candidate.take().filter(|_| is_none));
        }
    }
    found
}

/// The first line of a mapping: its range if it is the file's and may not be written; `None` for lines of other kinds.
fn head(line: &[u8], program: &[u8]) -> Option<Option<(usize, usize)>> {
    let mut fields = line.splitn(6, |&byte| byte == b' ');
    let range = std::str::from_utf8(fields.next()?).ok()?;
    let (start, end) = range.split_once('-')?;
    let address = |text| usize::from_str_radix(text, 16).ok();
    let range = (address(start)?, address(end)?);
    let rights = fields.next()?;
    let path = fields.nth(3).unwrap_or_default().trim_ascii_start();
    Some((path == program && rights.first() == Some(&b'r') && rights.get(1) == Some(&b'-')).then_some(range))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMAPS: &[u8] = b"\
00200000-00428000 r--p 00000000 fe:00 77 /usr/bin/a program
Rss: 1000 kB
Anonymous:             0 kB
00429000-008c9000 r-xp 00228000 fe:00 77 /usr/bin/a program
Anonymous:             0 kB
008c9000-008cd000 r--p 006c7000 fe:00 77 /usr/bin/a program
Anonymous:            16 kB
008ce000-008d4000 rw-p 006cb000 fe:00 77 /usr/bin/a program
Anonymous:             0 kB
7f0000000000-7f0000001000 r-xp 00000000 fe:00 78 /usr/lib/libc.so.6
Anonymous:             0 kB
7f0000002000-7f0000003000 r--p 00000000 00:00 0
Anonymous:             0 kB
7ffd00000000-7ffd00002000 r-xp 00000000 00:00 0          [vdso]
Anonymous:             0 kB
";

    #[test]
    fn only_what_is_the_files_and_as_the_file_has_it_is_let_go() {
        let found = unwritten(SMAPS, b"/usr/bin/a program");
        assert_eq!(found, [(0x20_0000, 0x42_8000), (0x42_9000, 0x8c_9000)]);
        assert!(unwritten(SMAPS, b"/usr/bin/other").is_empty());
        assert!(unwritten(b"nonsense\n\xff\xfe-zz r\nAnonymous: 0 kB", b"").is_empty());
    }

    static CONSTANT: [u8; 9000] = [7; 9000];

    #[test]
    fn code_and_constants_are_as_before_when_needed_again() {
        let before = std::hint::black_box(&CONSTANT).iter().map(|&b| u32::from(b)).sum::<u32>();
        assert!(let_go_of_code().unwrap() > 4096);
        let after = std::hint::black_box(&CONSTANT).iter().map(|&b| u32::from(b)).sum::<u32>();
        assert_eq!((before, after), (63_000, 63_000));
    }

    #[cfg(target_env = "gnu")]
    #[test]
    fn memory_between_what_lives_is_given_back() {
        // Pieces small enough to be of the heap, every second of which is freed in stretches of a few pages.
        let mut pieces: Vec<Option<Box<[u8; 4000]>>> = (0..1024).map(|_| Some(Box::new([1; 4000]))).collect();
        pieces.iter_mut().enumerate().filter(|(at, _)| at / 8 % 2 == 0).for_each(|(_, piece)| *piece = None);
        let before = anonymous_kib();
        assert!(let_go_of_free_memory());
        let after = anonymous_kib();
        assert!(after + 500 < before, "{before} KiB before, {after} after");
        assert!(pieces.iter().flatten().all(|piece| piece.iter().all(|&byte| byte == 1)));
    }

    #[cfg(target_env = "gnu")]
    fn anonymous_kib() -> u64 {
        let status = fs::read_to_string("/proc/self/status").unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:")).unwrap();
        line.trim().trim_end_matches(" kB").parse().unwrap()
    }
}
