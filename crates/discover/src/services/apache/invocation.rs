//! Where an Apache found its configuration, and what it was told beside.

use crate::Process;
use crate::root::path;
use std::collections::BTreeMap;
use std::io::Read;

/// Most of a program that is searched, in bytes: it has less than one.
const PROGRAM_BYTES_MAX: u64 = 32 << 20;
/// Places of distributions, when the program does not tell.
const USUAL: [&str; 3] =
    ["/etc/apache2/apache2.conf", "/etc/httpd/conf/httpd.conf", "/usr/local/apache2/conf/httpd.conf"];

/// How it was started.
#[derive(Debug, Clone, Default)]
pub(super) struct Invocation {
    pub configuration: String,
    /// Where relative paths begin.
    pub root: String,
    /// Variables of its environment and of `-D`.
    pub variables: BTreeMap<String, String>,
    /// Directives before and after the file (`-C`, `-c`).
    pub before: Vec<String>,
    pub after: Vec<String>,
}

pub(super) fn of(process: &Process) -> Invocation {
    let (root, file) = compiled(process);
    let given = process.option(&["-d"]).map(|folder| process.absolute(&folder));
    let root = given.or(root);
    let told = process.option(&["-f"]).or(file);
    let guess = || {
        USUAL
            .iter()
            .find(|file| process.root.exists(file))
            .map_or(USUAL[0].to_owned(), |file| (*file).to_owned())
    };
    let configuration = told.map_or_else(guess, |file| path::join(root.as_deref().unwrap_or("/"), &file));
    let root = root.unwrap_or_else(|| path::folder(&configuration).to_owned());
    let mut variables: BTreeMap<String, String> = process.environment().into_iter().collect();
    variables.extend(values(process, "-D").into_iter().map(|name| (name, String::new())));
    Invocation { configuration, root, variables, before: values(process, "-C"), after: values(process, "-c") }
}

/// Every value of an option that may stand several times.
fn values(process: &Process, letter: &str) -> Vec<String> {
    let mut values = Vec::new();
    let mut words = process.arguments.iter().skip(1);
    while let Some(word) = words.next() {
        match word.strip_prefix(letter) {
            Some("") => values.extend(words.next().cloned()),
            Some(value) => values.push(value.to_owned()),
            None => {}
        }
    }
    values
}

/// HTTPD_ROOT and SERVER_CONFIG_FILE, as `apache2 -V` would print them.
fn compiled(process: &Process) -> (Option<String>, Option<String>) {
    let mut bytes = Vec::new();
    let read = process.open_program().map(|file| file.take(PROGRAM_BYTES_MAX).read_to_end(&mut bytes));
    if !matches!(read, Some(Ok(_))) {
        return (None, None);
    }
    (defined(&bytes, "HTTPD_ROOT"), defined(&bytes, "SERVER_CONFIG_FILE"))
}

/// ` -D NAME="value"`
fn defined(program: &[u8], name: &str) -> Option<String> {
    let wanted = format!("-D {name}=\"");
    let at = memchr::memmem::find(program, wanted.as_bytes())? + wanted.len();
    let end = memchr::memchr(b'"', &program[at..])?;
    Some(String::from_utf8_lossy(&program[at..at + end]).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_compiled_in_is_found() {
        let program = b"\x7fELF\0 -D HTTPD_ROOT=\"/etc/apache2\"\0 -D SERVER_CONFIG_FILE=\"apache2.conf\"\0";
        assert_eq!(defined(program, "HTTPD_ROOT").as_deref(), Some("/etc/apache2"));
        assert_eq!(defined(program, "SERVER_CONFIG_FILE").as_deref(), Some("apache2.conf"));
        assert_eq!(defined(program, "OTHER"), None);
    }
}
