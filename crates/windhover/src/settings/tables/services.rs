//! `[[service]]`: what administrators know of services that are found.

use super::super::Settings;
use super::{Column, Kind, Section, Table};
use discover::{Known, Options, Sniffed, services};

/// What stands in the brackets.
pub const SERVICE: &str = "service";

/// `[[service]]`
pub(super) const TABLE: Table = Table {
    key: SERVICE,
    summary: "What discovery cannot know of a service: as whom to ask it, or that it is to be left alone",
    columns: &[
        Column::required("kind", Kind::Text, "Which service, as `windhover services` names it: `postgresql`"),
        Column::optional("port", Kind::Count, "", "The port it is asked at; any when left out"),
        Column::optional("socket", Kind::Path, "", "The socket it is asked at; any when left out"),
        Column::optional("user", Kind::Text, "", "User to be"),
        Column::optional("password_file", Kind::Path, "", "File with the password, on one line"),
        Column::optional("tls", Kind::Switch, "", "Whether it speaks TLS; as discovery found when left out"),
        Column::optional(
            "ca_file",
            Kind::Path,
            "",
            "PEM file of the authorities that vouch for it; any certificate will do when left out",
        ),
        Column::optional(
            "certificate_file",
            Kind::Path,
            "",
            "PEM file with our certificate, for services that ask for one",
        ),
        Column::optional("key_file", Kind::Path, "", "PEM file with its key"),
        Column::optional("ignore", Kind::Switch, "false", "Not to ask it at all"),
        Column::optional(
            "sniff",
            Kind::Switch,
            "",
            "Whether to read it off the wire; as `discover.sniff` says when left out",
        ),
    ],
    example: "kind = \"mysql\"\nport = 3306\nuser = \"windhover\"\npassword_file = \"/etc/windhover/mysql.password\"",
};

/// How services are to be found, or every problem with its place.
pub fn options(settings: &Settings) -> Result<Options, Vec<String>> {
    let (mut known, mut problems) = (Vec::new(), Vec::new());
    for section in settings.sections(SERVICE) {
        match read(section) {
            Ok(one) => known.push(one),
            Err(why) => problems.push(format!("{}: {SERVICE}: {why}", section.place)),
        }
    }
    let (only, without) = (settings.texts("discover.only"), settings.texts("discover.without"));
    for (key, name) in
        only.iter().map(|name| ("only", name)).chain(without.iter().map(|name| ("without", name)))
    {
        problems.extend(check(name).err().map(|why| format!("discover.{key}: {why}")));
    }
    let sniffed = Sniffed::read(&settings.texts("discover.sniff")).unwrap_or_else(|why| {
        problems.push(format!("discover.sniff: {why}"));
        Sniffed::default()
    });
    if problems.is_empty() {
        Ok(Options { only, without, known, sniffed, ..Options::default() })
    } else {
        Err(problems)
    }
}

fn read(section: &Section) -> Result<Known, String> {
    check(section.text("kind"))?;
    let port =
        section.count("port").map(u16::try_from).transpose().map_err(|_| "`port` is more than 65535")?;
    if port.is_some() && section.is_set("socket") {
        return Err("`port` and `socket` exclude each other".to_owned());
    }
    if section.is_set("certificate_file") != section.is_set("key_file") {
        return Err("`certificate_file` and `key_file` go together".to_owned());
    }
    let has_identity = section.is_set("certificate_file");
    let identity = || (section.text("certificate_file").into(), section.text("key_file").into());
    Ok(Known {
        tls: section.is_set("tls").then(|| section.switch("tls")),
        ca_file: section.text("ca_file").to_owned(),
        identity: has_identity.then(identity),
        service: section.text("kind").to_owned(),
        port,
        socket: section.text("socket").to_owned(),
        user: section.text("user").to_owned(),
        password_file: section.text("password_file").to_owned(),
        is_left_out: section.switch("ignore"),
        sniff: section.is_set("sniff").then(|| section.switch("sniff")),
    })
}

fn check(name: &str) -> Result<(), String> {
    if services::find(name).is_some() {
        return Ok(());
    }
    let names: Vec<_> = services::SERVICES.iter().map(|service| service.name).collect();
    Err(format!("there is no service `{name}`; there are {}", names.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::super::of_file;
    use super::*;

    fn read(text: &str) -> Result<Options, Vec<String>> {
        options(&of_file(text).unwrap())
    }

    #[test]
    fn what_is_known_of_services_is_read() {
        let text = "[[service]]\nkind = 'mysql'\nport = 3307\nuser = 'w'\npassword_file = '/p'\n\
                    [[service]]\nkind = 'redis'\nsocket = '/s'\nignore = true\n";
        let known = read(text).unwrap().known;
        assert_eq!((known[0].port, known[0].user.as_str(), known[0].is_left_out), (Some(3307), "w", false));
        assert_eq!((known[1].socket.as_str(), known[1].is_left_out), ("/s", true));
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        for (rest, wanted) in [
            ("kind = 'x'", "w.toml:1: service: there is no service `x`; there are nginx, "),
            (
                "kind = 'redis'\nkey_file = '/k'",
                "w.toml:1: service: `certificate_file` and `key_file` go together",
            ),
            ("kind = 'redis'\nport = 99999", "w.toml:1: service: `port` is more than 65535"),
            ("kind = 'redis'\nport = 1\nsocket = '/s'", "w.toml:1: service: `port` and `socket` exclude"),
        ] {
            let problems = read(&format!("[[service]]\n{rest}\n")).unwrap_err();
            assert!(problems.len() == 1 && problems[0].starts_with(wanted), "{problems:?}");
        }
    }
}
