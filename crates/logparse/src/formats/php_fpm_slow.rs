//! PHP-FPM's slow log: where a request stood when it took too long. An entry is a head, the script, and a stack.

use super::{Family, Format, FormatError, php_fpm};
use crate::messages::{Dialect, Heard, Open};
use memchr::memmem;

pub(super) const FAMILY: Family = Family {
    name: "php-fpm-slow",
    summary: "The `slowlog` of a pool of PHP-FPM: slow requests by script and by the function that ran",
    default: "",
    example: "[22-Nov-2026 08:14:03]  [pool www] pid 913",
    example_format: "",
    needs_text: false,
    compile,
};

/// Steps of an entry: what comes next.
const SCRIPT: u8 = 0;
const STACK: u8 = 1;
const REST: u8 = 2;

#[derive(Debug)]
struct PhpFpmSlow;

fn compile(text: &str) -> Result<Format, FormatError> {
    super::no_text(text)?;
    Ok(Format::messages(PhpFpmSlow))
}

impl Dialect for PhpFpmSlow {
    fn line(&self, line: &[u8], open: &mut Open, heard: &mut Heard) -> bool {
        if let Some(head) = php_fpm::timed(line) {
            open.begin();
            open.name.clear();
            return head.starts_with(b"[pool ");
        }
        if let Some(script) = line.strip_prefix(b"script_filename = ") {
            open.keep(script);
            open.step = STACK;
            return open.is_entry;
        }
        if let (true, Some(function)) = (open.step <= STACK, function(line)) {
            if open.is_entry {
                heard.slow(function, &open.name);
            }
            open.step = REST;
            return open.is_entry;
        }
        open.is_entry || line.is_empty()
    }
}

/// `sleep()` of `[0x00007f] sleep() /srv/a.php:3`
fn function(line: &[u8]) -> Option<&[u8]> {
    let rest = line.strip_prefix(b"[0x")?;
    let at = memmem::find(rest, b"] ")? + 2;
    let rest = &rest[at..];
    let end = memmem::find(rest, b" /").unwrap_or(rest.len());
    Some(&rest[..end])
}

const _: () = assert!(SCRIPT == 0, "an entry begins with it");
