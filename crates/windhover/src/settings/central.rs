//! Which settings of an agent a server may give. The host's own file always wins.
//!
//! Nothing here may start a program, open a door, name a file or say where samples go: whoever holds the server must not
//! thereby hold the hosts.

use super::Kind;
use super::file::{self, Found};
use super::tables::{self, Section};

/// Keys a server may give.
pub static KEYS: &[&str] =
    &["agent.interval", "agent.per_core", "agent.top_processes", "agent.spool_bytes_max", "log.level"];

/// Tables a server may give.
pub static TABLES: &[&str] = &["process", "check"];

/// Reads settings that came from a server; what they may not say is a problem.
pub fn parse(name: &str, text: &str) -> Found {
    let mut found = Found::default();
    file::parse(name, text, &mut found);
    let refuse = |place: &str, key: &str| format!("{place}: `{key}` is for the host's own file only");
    let keys = found.entries.iter().filter(|entry| !KEYS.contains(&entry.key));
    let mut problems: Vec<String> = keys.map(|entry| refuse(&entry.place, entry.key)).collect();
    let tables = found.sections.iter().filter(|section| !TABLES.contains(&section.table));
    problems.extend(tables.map(|section| refuse(&section.place, section.table)));
    problems.extend(found.sections.iter().filter_map(file_named).map(|(place, key)| refuse(place, key)));
    found.problems.extend(problems);
    found
}

/// A key of the table that names a file.
fn file_named(section: &Section) -> Option<(&str, &str)> {
    let columns = tables::find(section.table)?.columns;
    let named = columns.iter().find(|column| column.kind == Kind::Path && section.is_set(column.name))?;
    Some((&section.place, named.name))
}

/// Every problem of a text with settings for agents.
#[cfg(feature = "server")]
pub fn problems(text: &str) -> Vec<String> {
    parse("settings", text).problems
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_gives_measures_and_no_programs() {
        let fine = parse("s", "[agent]\ninterval = \"10s\"\nper_core = true\n");
        assert_eq!((fine.problems.as_slice(), fine.entries.len()), (&[][..], 2));
        for (text, wanted) in [
            ("data = \"/x\"", "s:1: `data` is for the host's own file only"),
            ("[agent]\nserver = [\"http://a\"]", "s:2: `agent.server` is for the host's own file only"),
            (
                "[agent]\nintervall = \"1s\"",
                "s:2: unknown key `agent.intervall`; did you mean `agent.interval`?",
            ),
        ] {
            assert_eq!(parse("s", text).problems, [wanted]);
        }
    }
}
