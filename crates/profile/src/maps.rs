//! Which file stands at which addresses of a process: the executable parts of `/proc/PID/maps` (proc(5)).

use std::path::PathBuf;

/// A piece of a file in memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mapping {
    /// First address.
    pub(crate) start: u64,
    /// First address behind it.
    pub(crate) end: u64,
    /// Where in the file it begins.
    pub(crate) offset: u64,
    /// The file; something in brackets where it is none.
    pub(crate) path: PathBuf,
}

/// Reads the lines of executable mappings; others are passed over.
pub(crate) fn parse(text: &str) -> Vec<Mapping> {
    text.lines().filter_map(line).collect()
}

fn line(line: &str) -> Option<Mapping> {
    // 55d0a0000000-55d0a0a00000 r-xp 00200000 fe:00 1234    /usr/bin/windhover
    let mut words = line.splitn(6, ' ');
    let (start, end) = words.next()?.split_once('-')?;
    let rights = words.next()?;
    let offset = u64::from_str_radix(words.next()?, 16).ok()?;
    let path = words.nth(2).unwrap_or("").trim_start();
    if !rights.contains('x') || path.is_empty() {
        return None;
    }
    Some(Mapping {
        start: u64::from_str_radix(start, 16).ok()?,
        end: u64::from_str_radix(end, 16).ok()?,
        offset,
        path: PathBuf::from(path),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_executable_parts_of_files_are_taken() {
        let text = "\
55d0a0000000-55d0a0200000 r--p 00000000 fe:00 1234                       /usr/bin/windhover
55d0a0200000-55d0a0a00000 r-xp 00200000 fe:00 1234                       /usr/bin/wind hover (deleted)
7ffd00000000-7ffd00021000 rw-p 00000000 00:00 0                          [stack]
7ffd00100000-7ffd00102000 r-xp 00000000 00:00 0                          [vdso]
7f0000000000-7f0000001000 r-xp 00000000 00:00 0 
nonsense
";
        let found = parse(text);
        assert_eq!(found.len(), 2);
        let program = Mapping {
            start: 0x55d0_a020_0000,
            end: 0x55d0_a0a0_0000,
            offset: 0x20_0000,
            path: "/usr/bin/wind hover (deleted)".into(),
        };
        assert_eq!((&found[0], found[1].path.to_str()), (&program, Some("[vdso]")));
    }
}
