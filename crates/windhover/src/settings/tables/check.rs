//! `[[check]]`: the keys are the options of the checks themselves.

use super::super::{Kind, Settings};
use super::{CHECK, Column, Section, Table};
use checks::{Configured, Given, Opt, Shape};
use std::time::Duration;

/// The row in the table of tables.
pub(super) const TABLE: Table = Table {
    key: CHECK,
    summary: "What to check from this host: pages, ports, names, hosts, certificates; docs/reference/checks.md tells which kind takes which keys",
    columns: &COLUMNS,
    example: "kind = \"http\"\nname = \"shop\"\ntargets = [\"https://shop.example/\", \"https://shop.example/health\"]\ninterval = \"10s\"\nbody_has = [\"ready\"]\nlabels = { team = \"shop\" }",
};

static COLUMNS: [Column; checks::options::COUNT + 1] = columns();

const fn columns() -> [Column; checks::options::COUNT + 1] {
    const KIND: Column = Column::required("kind", Kind::Choice(checks::builtin::NAMES), "What kind of check");
    let mut all = [KIND; checks::options::COUNT + 1];
    let mut at = 0;
    while at < checks::options::COUNT {
        let Opt { name, shape, default, help } = &checks::OPTIONS[at];
        all[at + 1] = Column { name, kind: kind(*shape), default, required: false, help };
        at += 1;
    }
    all
}

/// The kind of setting for a shape of option.
pub const fn kind(shape: Shape) -> Kind {
    match shape {
        Shape::Text => Kind::Text,
        Shape::Texts => Kind::Texts,
        Shape::Pairs => Kind::Pairs,
        Shape::Path => Kind::Path,
        Shape::Duration => Kind::Duration,
        Shape::Bytes => Kind::Bytes,
        Shape::Count => Kind::Count,
        Shape::Switch => Kind::Switch,
        Shape::Choice(words) => Kind::Choice(words),
    }
}

impl Given for Section {
    fn is_set(&self, name: &str) -> bool {
        Self::is_set(self, name)
    }

    fn text(&self, name: &str) -> &str {
        Self::text(self, name)
    }

    fn texts(&self, name: &str) -> Vec<String> {
        Self::texts(self, name).to_vec()
    }

    fn pairs(&self, name: &str) -> Vec<(String, String)> {
        Self::pairs(self, name)
    }

    fn duration(&self, name: &str) -> Option<Duration> {
        Self::duration(self, name)
    }

    fn bytes(&self, name: &str) -> Option<u64> {
        Self::bytes(self, name)
    }

    fn count(&self, name: &str) -> Option<u64> {
        Self::count(self, name)
    }

    fn switch(&self, name: &str) -> bool {
        Self::switch(self, name)
    }
}

/// Every check of the settings, ready to run on `host`; else every problem with its place.
pub fn all(settings: &Settings, host: &str) -> Result<Vec<Configured>, Vec<String>> {
    let (mut all, mut places, mut problems) = (Vec::new(), Vec::new(), Vec::new());
    for section in settings.sections(CHECK) {
        match Configured::read(section.text("kind"), section, host) {
            Ok(checks) => {
                places.extend(checks.iter().map(|_| &section.place));
                all.extend(checks);
            }
            Err(why) => problems.push(format!("{}: {CHECK}: {why}", section.place)),
        }
    }
    if let Some((first, second)) = checks::configured::twins(&all) {
        let (title, there, here) = (all[second].title(), places[first], places[second]);
        problems.push(format!(
            "{here}: {CHECK}: `{title}` is there already, in {there}; give one another `name`"
        ));
    }
    if problems.is_empty() { Ok(all) } else { Err(problems) }
}

#[cfg(test)]
mod tests {
    use super::super::of_file;
    use super::*;

    fn read(text: &str) -> Result<Vec<Configured>, Vec<String>> {
        all(&of_file(text).unwrap(), "merlin")
    }

    #[test]
    fn checks_are_read_one_for_each_target() {
        let text = "[[check]]\nkind = 'http'\nurl = 'http://a/'\n[[check]]\nkind = 'http'\nname = 'b'\n\
                    targets = ['http://b/1', 'http://b/2']\ninterval = '1s'\nlabels = { team = 'x' }\n";
        let checks = read(text).unwrap();
        let titles: Vec<String> = checks.iter().map(Configured::title).collect();
        assert_eq!(titles, ["http://a/", "b http://b/1", "b http://b/2"]);
        assert_eq!((checks[0].interval_ms, checks[1].interval_ms), (60_000, 1000));
        assert!(checks[2].labels.contains(&("team".to_owned(), "x".to_owned())));
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place_and_all_at_once() {
        let http = |rest: &str| format!("[[check]]\nkind = 'http'\nurl = 'http://a/'\n{rest}\n");
        for (rest, wanted) in [
            ("count = 3", "w.toml:1: check: `count` is not for http, which takes address, "),
            ("interval = '100ms'", "w.toml:1: check: `interval` must be 1 s to 1 week"),
            ("timeout = '0s'", "`timeout` must be more than 0"),
            ("status = 'ok'", "`status`: `ok` is not a set such as"),
            ("body_matches = '('", "`body_matches`: regex parse error"),
            ("address = 'b'", "`address`: `b` is not an IP address"),
            ("redirects = 21", "`redirects` may be at most 20"),
            ("key = 'x'", "`certificate` and `key` go together"),
            ("labels = { check = 'x' }", "`labels`: `check` is a label that the check gives itself"),
            ("headers = { 'a b' = 'x' }", "`headers`: `a b` cannot be a header"),
        ] {
            let problems = read(&http(rest)).unwrap_err();
            assert!(problems.len() == 1 && problems[0].contains(wanted), "{problems:?}");
        }
        let none = read("[[check]]\nkind = 'http'\n").unwrap_err();
        assert_eq!(none, ["w.toml:1: check: `target` or `targets` is needed: a URL"]);
        let two = read(&http("method = 'a b'").repeat(2)).unwrap_err();
        assert_eq!(two.len(), 2);
        let twins = read(&http("").repeat(2)).unwrap_err();
        assert_eq!(
            twins,
            ["w.toml:5: check: `http://a/` is there already, in w.toml:1; give one another `name`"]
        );
    }
}
