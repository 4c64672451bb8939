//! Where an nginx found its configuration: by its command line, else by what was compiled into it.

use crate::root::path;
use crate::{Inspection, Process};
use std::io::Read;

/// Where nginx is put when its builder does not say.
const PREFIX: &str = "/usr/local/nginx";
const CONFIGURATION: &str = "conf/nginx.conf";
const ACCESS_LOG: &str = "logs/access.log";
const ERROR_LOG: &str = "logs/error.log";
/// Most of a program that is searched for its arguments of `configure`, in bytes; with everything linked in it has 60 MB.
const PROGRAM_BYTES_MAX: u64 = 128 << 20;
const CHUNK_BYTES: usize = 64 << 10;
/// Longest text looked for that may lie across two chunks.
const TEXT_BYTES_MAX: usize = 8 << 10;

/// How it was started.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct CommandLine {
    /// `-c`
    pub configuration: Option<String>,
    /// `-p`
    pub prefix: Option<String>,
    /// `-g`
    pub directives: String,
    /// `-e`
    pub error_log: Option<String>,
}

/// What `configure` was told.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Compiled {
    pub prefix: Option<String>,
    pub configuration: Option<String>,
    pub access_log: Option<String>,
    pub error_log: Option<String>,
}

/// The places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Places {
    /// Where relative paths of logs begin.
    pub prefix: String,
    /// The configuration.
    pub configuration: String,
    /// The log of a configuration that names none.
    pub access_log: String,
    /// Where errors go that no directive leads elsewhere.
    pub error_log: String,
    /// Directives of the command line.
    pub directives: String,
}

/// Finds them.
pub(super) fn places(inspection: &mut Inspection<'_>) -> Places {
    let process = inspection.process;
    let line = command_line(&words(process));
    let compiled = compiled(process);
    let is_guessed = compiled == Compiled::default();
    let prefix = line.prefix.map(|prefix| process.absolute(&prefix));
    let prefix = prefix.or(compiled.prefix).unwrap_or_else(|| PREFIX.to_owned());
    let configuration = line.configuration.or(compiled.configuration);
    let configuration = match configuration {
        Some(configuration) => path::join(&prefix, &configuration),
        None if is_guessed => guess(process, &prefix),
        None => path::join(&prefix, CONFIGURATION),
    };
    let access_log = compiled.access_log.unwrap_or_else(|| ACCESS_LOG.to_owned());
    let error_log = line.error_log.or(compiled.error_log).unwrap_or_else(|| ERROR_LOG.to_owned());
    Places {
        access_log: path::join(&prefix, &access_log),
        error_log: if error_log == "stderr" { error_log } else { path::join(&prefix, &error_log) },
        prefix,
        configuration,
        directives: line.directives,
    }
}

/// Without a look into the program: the place of its builders, else that of distributions.
fn guess(process: &Process, prefix: &str) -> String {
    let usual =
        [path::join(prefix, CONFIGURATION), "/etc/nginx/nginx.conf".into(), "/etc/angie/angie.conf".into()];
    let found = usual.iter().find(|path| process.root.exists(path));
    found.unwrap_or(&usual[1]).clone()
}

/// The words of the command line, also of one that became a title, where the blanks within words cannot be told.
fn words(process: &Process) -> Vec<String> {
    match process.arguments.first().and_then(|title| title.split_once(": master process ")) {
        Some((_, line)) => {
            // Angie puts its version before, and brackets around: `v1.6.0 #1 [/usr/sbin/angie -c x]`.
            let bracketed = line.split_once(" [").and_then(|(_, line)| line.trim_end().strip_suffix(']'));
            bracketed.unwrap_or(line).split_ascii_whitespace().map(str::to_owned).collect()
        }
        None => process.arguments.clone(),
    }
}

pub(super) fn command_line(words: &[String]) -> CommandLine {
    let mut line = CommandLine::default();
    let mut words = words.iter().skip(1).peekable();
    while let Some(word) = words.next() {
        // Letters without a value may stand before one that has one: `-tc file`.
        let Some(letters) = word.strip_prefix('-') else { continue };
        let Some(at) = letters.find(['c', 'p', 'g', 'e', 's']) else { continue };
        let (letter, rest) = (&letters[at..=at], &letters[at + 1..]);
        let mut value =
            if rest.is_empty() { words.next().cloned().unwrap_or_default() } else { rest.to_owned() };
        match letter {
            "c" => line.configuration = Some(value).filter(|value| !value.is_empty()),
            "p" => line.prefix = Some(value).filter(|value| !value.is_empty()),
            "e" => line.error_log = Some(value).filter(|value| !value.is_empty()),
            "g" => {
                while let Some(more) =
                    words.next_if(|next| !(value.trim_end().ends_with(';') && next.starts_with('-')))
                {
                    value = format!("{value} {more}");
                }
                line.directives = value;
            }
            _ => {}
        }
    }
    line
}

/// Looks in the program for the arguments of `configure`, which `nginx -V` would print: the program is not run, which
/// would not work in a container, and need not be trusted.
fn compiled(process: &Process) -> Compiled {
    let text = process.open_program().and_then(|file| find_configure(file.take(PROGRAM_BYTES_MAX)));
    text.map(|text| parse_configure(&text)).unwrap_or_default()
}

fn find_configure(mut program: impl Read) -> Option<String> {
    let mut held: Vec<u8> = Vec::with_capacity(CHUNK_BYTES + TEXT_BYTES_MAX);
    let finder = memchr::memmem::Finder::new(b"configure arguments: ");
    loop {
        let kept = held.len();
        held.resize(kept + CHUNK_BYTES, 0);
        let read = program.read(&mut held[kept..]).ok()?;
        held.truncate(kept + read);
        if let Some(at) = finder.find(&held) {
            let is_whole = held.len() - at >= TEXT_BYTES_MAX || read == 0;
            if let Some(end) = memchr::memchr(0, &held[at..]).or(is_whole.then_some(held.len() - at)) {
                return Some(String::from_utf8_lossy(&held[at..at + end]).into_owned());
            }
            held.drain(..at);
        } else if read == 0 {
            return None;
        } else {
            held.drain(..held.len().saturating_sub(TEXT_BYTES_MAX));
        }
    }
}

fn parse_configure(text: &str) -> Compiled {
    let words = shell_words(text);
    let value = |name: &str| {
        let mut values = words.iter().filter_map(|word| word.strip_prefix(name)?.strip_prefix('='));
        values.next_back().filter(|value| !value.is_empty()).map(str::to_owned)
    };
    Compiled {
        // An nginx that was built without it still says so much about itself.
        prefix: value("--prefix").or_else(|| Some(PREFIX.to_owned())),
        configuration: value("--conf-path"),
        access_log: value("--http-log-path"),
        error_log: value("--error-log-path"),
    }
}

/// Words with blanks in quotes.
fn shell_words(text: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), String::new(), None);
    for c in text.chars() {
        match (quote, c) {
            (None, '\'' | '"') => quote = Some(c),
            (Some(q), c) if q == c => quote = None,
            (None, c) if c.is_whitespace() => words.push(std::mem::take(&mut word)),
            (_, c) => word.push(c),
        }
    }
    words.push(word);
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> CommandLine {
        command_line(&line.split(' ').map(str::to_owned).collect::<Vec<_>>())
    }

    fn wanted(configuration: &str, prefix: &str, directives: &str) -> CommandLine {
        let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        CommandLine {
            configuration: some(configuration),
            prefix: some(prefix),
            directives: directives.to_owned(),
            error_log: None,
        }
    }

    #[test]
    fn command_lines_are_read_also_from_titles() {
        assert_eq!(read("nginx"), wanted("", "", ""));
        assert_eq!(read("nginx -c /a -p /b"), wanted("/a", "/b", ""));
        assert_eq!(read("nginx -c/a -qp /b/"), wanted("/a", "/b/", ""));
        assert_eq!(
            read("nginx -g daemon off; user x; -c a.conf"),
            wanted("a.conf", "", "daemon off; user x;")
        );
        assert_eq!(read("nginx -g daemon off;"), wanted("", "", "daemon off;"));
        let error_log = Some("stderr".to_owned());
        assert_eq!(read("nginx -e stderr -c a"), CommandLine { error_log, ..wanted("a", "", "") });
        assert_eq!(read("nginx -c"), wanted("", "", ""));
    }

    #[test]
    fn arguments_of_configure_are_found_in_a_program_wherever_they_lie() {
        let text = b"configure arguments: --with-cc-opt='-g --prefix=no' --prefix=/opt/n --conf-path='/etc/a b.conf' --x\0";
        let wanted = Compiled {
            // Not what stands within another option.
            prefix: Some("/opt/n".to_owned()),
            configuration: Some("/etc/a b.conf".to_owned()),
            access_log: None,
            error_log: None,
        };
        for before in [0, 1, CHUNK_BYTES - 10, CHUNK_BYTES, 3 * CHUNK_BYTES - text.len()] {
            let mut program = vec![1; before];
            program.extend(text);
            program.extend(vec![2; 100_000]);
            let found = find_configure(&program[..]).unwrap();
            assert_eq!(parse_configure(&found), wanted, "{before}");
        }
        assert_eq!(find_configure(&vec![1; 200_000][..]), None);
        assert_eq!(
            find_configure(&b"configure arguments: --prefix=/x"[..]).unwrap(),
            "configure arguments: --prefix=/x"
        );
    }

    #[test]
    fn the_nginx_of_this_machine_tells_its_places_when_there_is_one() {
        let Ok(file) = std::fs::File::open("/usr/sbin/nginx") else { return };
        let text = find_configure(file).expect("nginx holds what it was built with");
        assert!(parse_configure(&text).configuration.is_some(), "{text}");
    }
}
