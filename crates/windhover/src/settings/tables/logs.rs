//! `[[log]]`: files whose lines become series.

use super::super::{Kind, Settings};
use super::{Column, LOG, Section, Table};
use logparse::journal::Wanted;
use logparse::{Envelope, Format, Spec, Stream};
use std::sync::Arc;

/// The row in the table of tables.
pub(super) const TABLE: Table = Table {
    key: LOG,
    summary: "Log files of requests whose lines become series; docs/reference/logs.md tells of formats and series",
    columns: &[
        Column::optional(
            "files",
            Kind::Texts,
            "",
            "Absolute paths; `*`, `?` and `[a-z]` stand for what they do in a shell",
        ),
        Column::optional(
            "journal",
            Kind::Text,
            "",
            "Read messages of the systemd journal instead of files: those of a unit (`nginx.service`), of entries with a field (`SYSLOG_IDENTIFIER=sshd`), or count all of them (`*`); `files` are then the journal's own, where they are not at their usual place",
        ),
        Column::optional(
            "name",
            Kind::Text,
            "",
            "The label `name` of its series; that of the first file when left out",
        ),
        Column::optional(
            "family",
            Kind::Choice(logparse::formats::FAMILY_NAMES),
            "nginx",
            "In whose terms the format is written",
        ),
        Column::optional(
            "format",
            Kind::Text,
            "",
            "The format as it stands there; the family's usual one when left out",
        ),
        Column::optional(
            "envelope",
            Kind::Choice(logparse::envelope::ENVELOPE_NAMES),
            "none",
            "What a runtime of containers wrapped around each line: Docker's `json-file`, the `cri` of Kubernetes and Podman; `auto` for what each line shows",
        ),
        Column::optional(
            "stream",
            Kind::Choice(&["both", "stdout", "stderr"]),
            "both",
            "Which output of the container is read, where there is an envelope",
        ),
        Column::optional("labels", Kind::Pairs, "", "Labels that its series get"),
        Column::optional(
            "urls",
            Kind::Count,
            "50",
            "How many URLs of a file have series of their own; 0 for none",
        ),
        Column::optional(
            "from_start",
            Kind::Switch,
            "false",
            "Whether what is in the files when they are first seen counts, too",
        ),
    ],
    example: "files = [\"/var/log/nginx/*access.log\"]\nformat = '$remote_addr - $remote_user [$time_local] \"$request\" $status $body_bytes_sent \"$http_referer\" \"$http_user_agent\" $request_time $upstream_cache_status [$upstream_response_time]'\nlabels = { team = \"shop\" }",
};

/// Most URLs of a file with series of their own.
const URLS_MAX: u64 = 2000;

/// Every log of the settings with an id; else every problem with its place.
pub fn all(settings: &Settings) -> Result<Vec<(String, Spec)>, Vec<String>> {
    let (mut all, mut problems) = (Vec::new(), Vec::new());
    for section in settings.sections(LOG) {
        match spec(section) {
            Ok(spec) => all.push((format!("{LOG} {}", all.len()), spec)),
            Err(why) => problems.push(format!("{}: {LOG}: {why}", section.place)),
        }
    }
    if problems.is_empty() { Ok(all) } else { Err(problems) }
}

fn spec(section: &Section) -> Result<Spec, String> {
    let files = section.texts("files");
    let journal = section.text("journal");
    let first = match files.first() {
        Some(first) => first.as_str(),
        None if journal.is_empty() => return Err("`files` or `journal` is needed".to_owned()),
        None => "",
    };
    if let Some(relative) = files.iter().find(|file| !file.starts_with('/')) {
        return Err(format!("`files`: write all of the path to `{relative}`"));
    }
    let format = Format::compile(section.text("family"), section.text("format"));
    let format = Arc::new(format.map_err(|why| format!("`format`: {why}"))?);
    let name = match section.text("name") {
        "" if !journal.is_empty() => {
            if journal == "*" {
                "journal"
            } else {
                journal
            }
        }
        "" => first.rsplit('/').next().unwrap_or(first),
        name => name,
    };
    let mut spec = Spec::new(name, first, format);
    if !files.is_empty() {
        spec.patterns = files.to_vec();
    }
    spec.journal = wanted(journal);
    spec.labels = section.pairs("labels");
    spec.envelope = Envelope::named(section.text("envelope"));
    spec.stream = match section.text("stream") {
        "stdout" => Some(Stream::Stdout),
        "stderr" => Some(Stream::Stderr),
        _ => None,
    };
    if spec.journal.is_some() && spec.envelope.is_some() {
        return Err("`envelope` is for files; entries of a `journal` have none".to_owned());
    }
    if spec.stream.is_some() && spec.envelope.is_none() {
        return Err("`stream` needs an `envelope`, which tells the outputs apart".to_owned());
    }
    spec.from_start = section.switch("from_start");
    let urls = section.count("urls").unwrap_or_default();
    if urls > URLS_MAX {
        return Err(format!("`urls` may be at most {URLS_MAX}"));
    }
    spec.options.urls_max = urls as usize;
    Ok(spec)
}

/// What of the journal is read; nothing when files are.
fn wanted(journal: &str) -> Option<Wanted> {
    Some(match journal {
        "" => return None,
        "*" => Wanted::Counts,
        field if field.contains('=') => Wanted::Field(field.to_owned()),
        // As journalctl has it.
        unit if unit.contains('.') => Wanted::Field(format!("_SYSTEMD_UNIT={unit}")),
        unit => Wanted::Field(format!("_SYSTEMD_UNIT={unit}.service")),
    })
}

#[cfg(test)]
mod tests {
    use super::super::of_file;
    use super::*;

    fn read(text: &str) -> Result<Vec<(String, Spec)>, Vec<String>> {
        all(&of_file(text).unwrap())
    }

    #[test]
    fn journals_are_read() {
        for (text, name, wanted, patterns) in [
            (
                "journal = 'nginx'",
                "nginx",
                Wanted::Field("_SYSTEMD_UNIT=nginx.service".to_owned()),
                &[""][..],
            ),
            ("journal = 'a.socket'", "a.socket", Wanted::Field("_SYSTEMD_UNIT=a.socket".to_owned()), &[""]),
            ("journal = 'A=b.c'\nname = 'x'", "x", Wanted::Field("A=b.c".to_owned()), &[""]),
            ("journal = '*'\nfiles = ['/j/*.journal']", "journal", Wanted::Counts, &["/j/*.journal"]),
        ] {
            let (_, spec) = read(&format!("[[log]]\n{text}\n")).unwrap().remove(0);
            assert_eq!((spec.name.as_str(), spec.journal, spec.log_file), (name, Some(wanted), None));
            assert_eq!(spec.patterns, patterns);
        }
    }

    #[test]
    fn logs_are_read_and_mistakes_named() {
        let text = "[[log]]\nfiles = ['/var/log/a.log']\n[[log]]\nfiles = ['/b/*', '/c']\nname = 'shop'\n\
                    family = 'regex'\nformat = '(?P<status>\\d+)'\nenvelope = 'cri'\nstream = 'stderr'\nlabels = { team = 'x' }\nurls = 0\nfrom_start = true\n";
        let logs = read(text).unwrap();
        let [(_, plain), (_, chosen)] = &logs[..] else { panic!("{logs:?}") };
        assert_eq!((plain.name.as_str(), plain.from_start, plain.options.urls_max), ("a.log", false, 50));
        assert_eq!((chosen.name.as_str(), chosen.patterns.len(), chosen.options.urls_max), ("shop", 2, 0));
        assert_eq!((plain.envelope, chosen.envelope), (None, Envelope::named("cri")));
        assert_eq!(chosen.stream, Some(Stream::Stderr));
        assert!(chosen.from_start && chosen.labels == [("team".to_owned(), "x".to_owned())]);
        for (keys, wanted) in [
            ("files = ['a.log']", "w.toml:1: log: `files`: write all of the path to `a.log`"),
            ("files = ['/a']\nformat = '$'", "w.toml:1: log: `format`: at byte 0: `$` without the name"),
            ("files = ['/a']\nurls = 3000", "`urls` may be at most 2000"),
            ("name = 'x'", "w.toml:1: log: `files` or `journal` is needed"),
            ("journal = 'a'\nenvelope = 'cri'", "`envelope` is for files"),
            ("files = ['/a']\nstream = 'stderr'", "`stream` needs an `envelope`"),
        ] {
            let problems = read(&format!("[[log]]\n{keys}\n")).unwrap_err();
            assert!(problems.len() == 1 && problems[0].contains(wanted), "{problems:?}");
        }
    }
}
