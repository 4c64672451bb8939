//! `/etc/hosts`: names that need no server (see hosts(5)). The file is walked anew at each look-up and never held.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::net::IpAddr;
use std::path::Path;

/// Longest file that is read, in bytes; lists that block advertisements reach some megabytes.
const FILE_BYTES_MAX: u64 = 32 << 20;
/// Longest line that is read, in bytes; what is longer counts as two.
const LINE_BYTES_MAX: u64 = 8 << 10;

/// The addresses of `name` on all lines that have it, at most `max`.
pub(super) fn addresses(path: &Path, name: &str, max: usize) -> Vec<IpAddr> {
    let mut found = Vec::new();
    let Ok(file) = File::open(path) else { return found };
    let mut reader = BufReader::with_capacity(4 << 10, file.take(FILE_BYTES_MAX));
    let name = name.strip_suffix('.').unwrap_or(name);
    let mut line = Vec::new();
    while found.len() < max {
        line.clear();
        match reader.by_ref().take(LINE_BYTES_MAX).read_until(b'\n', &mut line) {
            Ok(read) if read > 0 => {
                if let Some(address) = std::str::from_utf8(&line).ok().and_then(|line| address_of(line, name))
                    && !found.contains(&address)
                {
                    found.push(address);
                }
            }
            _ => break,
        }
    }
    found
}

/// The address on a line that has `name`.
fn address_of(line: &str, name: &str) -> Option<IpAddr> {
    let mut words = line.split('#').next()?.split_ascii_whitespace();
    let address = words.next()?;
    words.any(|word| word.eq_ignore_ascii_case(name)).then(|| address.parse().ok()).flatten()
}

/// The beginning of a text file; "" when it cannot be read.
pub(super) fn read_bounded(path: &Path, bytes_max: u64) -> String {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(bytes_max).read_to_end(&mut bytes));
    if read.is_err() {
        bytes.clear();
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_in_any_case_and_on_several_lines() {
        let path = std::env::temp_dir().join(format!("windhover-hosts-{}", std::process::id()));
        let text = b"127.0.0.1 localhost\n# 10.0.0.9 mon\n10.0.0.1\tmon.example Mon # near\n\xff\xfe\n::1 mon\nbad mon\n10.0.0.1 mon\n";
        std::fs::write(&path, text).unwrap();
        let found = addresses(&path, "MON", 8);
        let one = addresses(&path, "mon.example.", 8);
        let bounded = addresses(&path, "mon", 1);
        let _ = std::fs::remove_file(&path);
        assert_eq!(found, ["10.0.0.1".parse::<IpAddr>().unwrap(), "::1".parse().unwrap()]);
        assert_eq!((one.len(), bounded.len()), (1, 1));
        assert!(addresses(&path, "mon", 8).is_empty(), "a missing file has no names");
    }
}
