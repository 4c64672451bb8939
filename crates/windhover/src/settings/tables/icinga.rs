//! `[[icinga]]`: Icinga 2, followed through its API.

use super::super::{Kind, Settings};
use super::scrape::{login, tls};
use super::{Column, Section, Table};
use net::Url;
use scrape::icinga::{Icinga, TYPES};
use std::time::Duration;

/// What stands in the brackets.
pub const ICINGA: &str = "icinga";

/// `[[icinga]]`
pub(super) const TABLE: Table = Table {
    key: ICINGA,
    summary: "An Icinga 2 whose events and status are followed through its API",
    columns: &[
        Column::required("url", Kind::Text, "Where its API is: `https://icinga.example:5665`"),
        Column::optional(
            "name",
            Kind::Text,
            "",
            "The label `icinga` of what it says of itself; the host of `url` when left out",
        ),
        Column::optional("user", Kind::Text, "", "An `ApiUser` of it, with `password_file`"),
        Column::optional("password_file", Kind::Path, "", "File with the password, read at every connection"),
        Column::optional("bearer_file", Kind::Path, "", "File with a token for a proxy in front of it"),
        Column::optional(
            "ca",
            Kind::Path,
            "",
            "PEM file with its authority: `/var/lib/icinga2/certs/ca.crt` of it",
        ),
        Column::optional(
            "certificate",
            Kind::Path,
            "",
            "PEM file with our certificate, for an `ApiUser` with `client_cn`",
        ),
        Column::optional("key", Kind::Path, "", "PEM file with its key"),
        Column::optional(
            "server_name",
            Kind::Text,
            "",
            "The name its certificate must have, which is its `NodeName`; the host of `url` when left out",
        ),
        Column::optional(
            "verify",
            Kind::Switch,
            "true",
            "Whether a certificate that is not trusted ends a connection",
        ),
        Column::optional(
            "types",
            Kind::Texts,
            "",
            "Types of events that are asked for; all that tell of checks when left out",
        ),
        Column::optional("filter", Kind::Text, "", "Icinga's own expression for which events are asked for"),
        Column::optional(
            "queue",
            Kind::Text,
            "",
            "The name of the queue Icinga keeps for us; after this host when left out",
        ),
        Column::optional("interval", Kind::Duration, "60s", "Time between two looks at its status"),
        Column::optional(
            "timeout",
            Kind::Duration,
            "10s",
            "Longest time that connecting and an answer may take",
        ),
        Column::optional("body_max", Kind::Bytes, "64MiB", "Longest answer; the stream of events has no end"),
        Column::optional("labels", Kind::Pairs, "", "Labels that its series get"),
    ],
    example: "url = \"https://icinga.example:5665\"\nuser = \"windhover\"\npassword_file = \"/etc/windhover/icinga.password\"\nca = \"/etc/windhover/icinga-ca.crt\"",
};

/// Every Icinga of the settings; else every problem with its place.
pub fn all(settings: &Settings) -> Result<Vec<Icinga>, Vec<String>> {
    let (mut all, mut problems) = (Vec::new(), Vec::new());
    for section in settings.sections(ICINGA) {
        match one(section) {
            Ok(icinga) => all.push(icinga),
            Err(why) => problems.push(format!("{}: {ICINGA}: {why}", section.place)),
        }
    }
    if problems.is_empty() { Ok(all) } else { Err(problems) }
}

fn one(section: &Section) -> Result<Icinga, String> {
    let url = Url::parse(section.text("url")).map_err(|why| format!("`url`: {why}"))?;
    let at_least = |name: &str, least: Duration| {
        let time = section.duration(name).filter(|time| *time >= least);
        time.ok_or_else(|| format!("`{name}` must be at least {} s", least.as_secs()))
    };
    let types = match section.texts("types") {
        [] => TYPES.iter().map(|kind| (*kind).to_owned()).collect(),
        types => types.to_vec(),
    };
    let name = if section.is_set("name") { section.text("name").to_owned() } else { url.host.clone() };
    Ok(Icinga {
        name,
        login: login(section)?,
        tls: tls(section)?,
        server_name: section.text("server_name").to_owned(),
        verify: section.switch("verify"),
        types,
        filter: section.text("filter").to_owned(),
        queue: section.text("queue").to_owned(),
        interval: at_least("interval", Duration::from_secs(1))?,
        timeout: at_least("timeout", Duration::from_secs(1))?,
        body_bytes_max: section.bytes("body_max").unwrap_or_default().max(1),
        labels: section.pairs("labels"),
        url,
    })
}

#[cfg(test)]
mod tests {
    use super::super::of_file;
    use super::*;

    fn read(text: &str) -> Result<Vec<Icinga>, Vec<String>> {
        all(&of_file(text)?)
    }

    #[test]
    fn what_is_left_out_is_as_usual() {
        let all =
            read("[[icinga]]\nurl = 'https://Icinga.example:5665/'\nuser = 'u'\npassword_file = '/p'\n")
                .unwrap();
        let [icinga] = all.as_slice() else { panic!("{all:?}") };
        assert_eq!(
            (icinga.name.as_str(), icinga.url.port, icinga.types.len()),
            ("icinga.example", 5665, TYPES.len())
        );
        assert!(icinga.verify && icinga.login.is_some() && icinga.interval.as_secs() == 60);
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        for (rest, wanted) in [
            ("", "`url` is needed"),
            ("url = 'icinga:5665'", "w.toml:1: icinga: `url`: "),
            ("url = 'http://i'\nuser = 'x'", "`user` and `password_file` go together"),
            ("url = 'http://i'\nkey = '/x'", "`certificate` and `key` go together"),
            ("url = 'http://i'\ninterval = '10ms'", "`interval` must be at least 1 s"),
        ] {
            let problems = read(&format!("[[icinga]]\n{rest}\n")).unwrap_err();
            assert!(problems.len() == 1 && problems[0].contains(wanted), "{problems:?}");
        }
    }
}
