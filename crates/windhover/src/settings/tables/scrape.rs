//! `[[scrape]]`: targets that show their numbers, in Prometheus' terms.

use super::super::{Kind, Settings};
use super::{Column, Section, Table};
use net::Tls;
use net::tls::Identity;
use scrape::relabel::{Rule, Spec};
use scrape::{Dns, Job, Limits, Login};

/// What stands in the brackets.
pub const SCRAPE: &str = "scrape";

const RELABEL_COLUMNS: &[Column] = &[
    Column::optional("source_labels", Kind::Texts, "", "Labels whose values are joined"),
    Column::optional("separator", Kind::Text, ";", "What is put between them"),
    Column::optional(
        "regex",
        Kind::Text,
        "(.*)",
        "What the joined values, or the names, must match from start to end",
    ),
    Column::optional("modulus", Kind::Count, "", "What a hash is divided by"),
    Column::optional("target_label", Kind::Text, "", "The label that is set"),
    Column::optional("replacement", Kind::Text, "$1", "What it is set to; `$1` is the first group"),
    Column::optional("action", Kind::Choice(scrape::relabel::ACTION_NAMES), "replace", "What is done"),
];

static RELABEL: Table = Table {
    key: "scrape.relabel",
    summary: "A rule for the labels of the targets of the `[[scrape]]` above, as Prometheus' `relabel_configs`",
    columns: RELABEL_COLUMNS,
    example: "source_labels = [\"__meta_dns_name\"]\nregex = \"_([^.]+)[.].*\"\ntarget_label = \"service\"",
};

static METRIC_RELABEL: Table = Table {
    key: "scrape.metric_relabel",
    summary: "A rule for the series of the `[[scrape]]` above, as Prometheus' `metric_relabel_configs`",
    columns: RELABEL_COLUMNS,
    example: "source_labels = [\"__name__\"]\nregex = \"go_.*\"\naction = \"drop\"",
};

/// `[[scrape]]`
pub(super) const TABLE: Table = Table {
    key: SCRAPE,
    summary: "Targets that show their numbers in Prometheus' text or as OpenMetrics; docs/manual/scraping.md tells how they are asked",
    columns: &[
        Column::optional("job", Kind::Text, "scrape", "The label `job` of the series"),
        Column::optional("targets", Kind::Texts, "", "Addresses, `host:port`"),
        Column::optional("labels", Kind::Pairs, "", "Labels of these targets"),
        Column::optional(
            "files",
            Kind::Texts,
            "",
            "Files with more targets as Prometheus' `file_sd_configs` has them, JSON or YAML; `*` in the last part of a path stands for anything",
        ),
        Column::optional(
            "dns",
            Kind::Texts,
            "",
            "Names that stand for more targets; no search list is applied",
        ),
        Column::optional(
            "dns_kind",
            Kind::Choice(&["SRV", "A", "AAAA"]),
            "SRV",
            "Which records of these names are asked for",
        ),
        Column::optional("port", Kind::Count, "", "The port of targets found as A or AAAA"),
        Column::optional("refresh", Kind::Duration, "30s", "How often the names are asked for"),
        Column::optional("interval", Kind::Duration, "15s", "Time between two scrapes of a target"),
        Column::optional("timeout", Kind::Duration, "10s", "Longest time a scrape may take"),
        Column::optional("scheme", Kind::Choice(&["http", "https"]), "http", "How targets are spoken to"),
        Column::optional("path", Kind::Text, "/metrics", "What they are asked for"),
        Column::optional("params", Kind::Pairs, "", "The query they are asked with"),
        Column::optional(
            "honor_labels",
            Kind::Switch,
            "false",
            "Whether a label of the page wins over the target's of the same name",
        ),
        Column::optional("honor_timestamps", Kind::Switch, "true", "Whether times that the page gives count"),
        Column::optional(
            "follow_redirects",
            Kind::Switch,
            "true",
            "Whether a target may send us to another page",
        ),
        Column::optional("user", Kind::Text, "", "User to be, with `password_file`"),
        Column::optional("password_file", Kind::Path, "", "File with the password, read at every scrape"),
        Column::optional("bearer_file", Kind::Path, "", "File with a token, read at every scrape"),
        Column::optional("ca", Kind::Path, "", "PEM file with authorities to trust besides the public ones"),
        Column::optional(
            "certificate",
            Kind::Path,
            "",
            "PEM file with our certificate, for targets that ask",
        ),
        Column::optional("key", Kind::Path, "", "PEM file with its key"),
        Column::optional(
            "server_name",
            Kind::Text,
            "",
            "The name a certificate must have; the host's when left out",
        ),
        Column::optional(
            "verify",
            Kind::Switch,
            "true",
            "Whether a certificate that is not trusted ends a scrape",
        ),
        Column::optional("body_max", Kind::Bytes, "64MiB", "Longest page, unpacked"),
        Column::optional(
            "samples_max",
            Kind::Count,
            "0",
            "Most samples of a scrape after the rules; 0 for any number",
        ),
        Column::optional("labels_max", Kind::Count, "0", "Most labels of a series; 0 for any number"),
        Column::optional(
            "label_name_max",
            Kind::Count,
            "0",
            "Most bytes of a label's name; 0 for any number",
        ),
        Column::optional(
            "label_value_max",
            Kind::Count,
            "0",
            "Most bytes of a label's value; 0 for any number",
        ),
        Column::optional("targets_max", Kind::Count, "0", "Most targets; 0 for any number"),
        Column::optional("relabel", Kind::Tables(&RELABEL), "", "Rules for targets"),
        Column::optional("metric_relabel", Kind::Tables(&METRIC_RELABEL), "", "Rules for series"),
    ],
    example: "job = \"node\"\ntargets = [\"web1:9100\", \"web2:9100\"]\ninterval = \"15s\"\n\n[[scrape.metric_relabel]]\nsource_labels = [\"__name__\"]\nregex = \"go_.*\"\naction = \"drop\"",
};

/// Every job of the settings; else every problem with its place.
pub fn all(settings: &Settings) -> Result<Vec<Job>, Vec<String>> {
    let (mut all, mut problems) = (Vec::new(), Vec::new());
    for section in settings.sections(SCRAPE) {
        match job(section) {
            Ok(job) => all.push(job),
            Err(why) => problems.push(format!("{}: {SCRAPE}: {why}", section.place)),
        }
    }
    if problems.is_empty() { Ok(all) } else { Err(problems) }
}

fn job(section: &Section) -> Result<Job, String> {
    let mut job = Job::new(section.text("job"));
    job.targets = section.texts("targets").to_vec();
    job.files = section.texts("files").to_vec();
    job.dns = dns(section)?;
    if job.targets.is_empty() && job.files.is_empty() && job.dns.is_none() {
        return Err("it has no `targets`, `files` or `dns`".to_owned());
    }
    job.labels = section.pairs("labels");
    job.interval = section.duration("interval").unwrap_or(job.interval);
    job.timeout = timeout(section, job.interval)?;
    job.is_https = section.text("scheme") == "https";
    job.path = section.text("path").to_owned();
    job.params = section.pairs("params");
    job.honor_labels = section.switch("honor_labels");
    job.honor_timestamps = section.switch("honor_timestamps");
    job.follow_redirects = section.switch("follow_redirects");
    job.relabel = rules(section, "relabel")?;
    job.metric_relabel = rules(section, "metric_relabel")?;
    job.login = login(section)?;
    job.tls = tls(section)?;
    job.server_name = section.text("server_name").to_owned();
    job.verify = section.switch("verify");
    job.limits = limits(section);
    match job.problems().as_slice() {
        [] => Ok(job),
        [problem, ..] => Err(format!("`targets`: {problem}")),
    }
}

/// Ten seconds when left out, or all of a shorter interval.
fn timeout(section: &Section, interval: std::time::Duration) -> Result<std::time::Duration, String> {
    let timeout = section.duration("timeout").unwrap_or(interval);
    if interval.as_millis() < 100 {
        return Err("`interval` must be at least 100 ms".to_owned());
    }
    match timeout {
        _ if !section.is_set("timeout") => Ok(timeout.min(interval)),
        timeout if timeout.is_zero() || timeout > interval => {
            Err("`timeout` must be more than 0 and no longer than `interval`".to_owned())
        }
        timeout => Ok(timeout),
    }
}

fn dns(section: &Section) -> Result<Option<Dns>, String> {
    let names = section.texts("dns").to_vec();
    if names.is_empty() {
        return Ok(None);
    }
    let kind = net::dns::Kind::named(section.text("dns_kind")).ok_or("`dns_kind` is not known")?;
    let port =
        section.count("port").map(u16::try_from).transpose().map_err(|_| "`port` is more than 65535")?;
    if kind != net::dns::Kind::Srv && port.is_none() {
        return Err("`port` is needed: A and AAAA records have none".to_owned());
    }
    let refresh = section.duration("refresh").filter(|time| time.as_millis() >= 1000);
    Ok(Some(Dns {
        names,
        kind,
        port: port.unwrap_or_default(),
        refresh: refresh.ok_or("`refresh` must be at least 1 s")?,
    }))
}

/// Who we are: by `user` and `password_file`, or by `bearer_file`.
pub(super) fn login(section: &Section) -> Result<Option<Login>, String> {
    let is_basic = section.is_set("user") || section.is_set("password_file");
    match (is_basic, section.is_set("bearer_file")) {
        (false, false) => Ok(None),
        (true, true) => Err("`user` and `bearer_file` exclude each other".to_owned()),
        (false, true) => Ok(Some(Login::Bearer { token_file: section.text("bearer_file").into() })),
        (true, false) if section.is_set("user") && section.is_set("password_file") => {
            Ok(Some(Login::Basic {
                user: section.text("user").to_owned(),
                password_file: section.text("password_file").into(),
            }))
        }
        (true, false) => Err("`user` and `password_file` go together".to_owned()),
    }
}

/// Whom to trust and with which certificate: by `ca`, `certificate` and `key`.
pub(super) fn tls(section: &Section) -> Result<Tls, String> {
    let file = |name: &str| section.is_set(name).then(|| section.text(name).into());
    let identity = match (file("certificate"), file("key")) {
        (Some(certificate_file), Some(key_file)) => Some(Identity { certificate_file, key_file }),
        (None, None) => None,
        _ => return Err("`certificate` and `key` go together".to_owned()),
    };
    Ok(Tls { ca_file: file("ca"), only_ca_file: false, identity })
}

fn limits(section: &Section) -> Limits {
    let count = |name: &str| section.count(name).unwrap_or_default();
    Limits {
        body_bytes_max: section.bytes("body_max").unwrap_or(Limits::default().body_bytes_max),
        samples_max: count("samples_max"),
        labels_max: count("labels_max"),
        label_name_bytes_max: count("label_name_max"),
        label_value_bytes_max: count("label_value_max"),
        targets_max: count("targets_max"),
    }
}

fn rules(section: &Section, name: &str) -> Result<Vec<Rule>, String> {
    let rule = |part: &Section| {
        let spec = Spec {
            source_labels: part.texts("source_labels"),
            separator: part.text("separator"),
            regex: part.text("regex"),
            modulus: part.count("modulus").unwrap_or_default(),
            target_label: part.text("target_label"),
            replacement: part.text("replacement"),
            action: part.text("action"),
        };
        Rule::new(&spec).map_err(|why| format!("`{name}`: {why} ({})", part.place))
    };
    section.parts(name).iter().map(rule).collect()
}

#[cfg(test)]
mod tests {
    use super::super::of_file;
    use super::*;

    fn read(text: &str) -> Result<Vec<Job>, Vec<String>> {
        all(&of_file(text)?)
    }

    #[test]
    fn jobs_are_read_with_their_rules() {
        let text = "[[scrape]]\njob = 'a'\ntargets = ['h:1']\ninterval = '5s'\n[[scrape.relabel]]\naction = 'labeldrop'\n\
                    regex = 'x'\n[[scrape.metric_relabel]]\nregex = 'y'\naction = 'keep'\n[[scrape.metric_relabel]]\n\
                    target_label = 'z'\n[[scrape]]\njob = 'b'\ndns = ['c']\n";
        let jobs = read(text).unwrap();
        let [a, b] = jobs.as_slice() else { panic!("{jobs:?}") };
        assert_eq!((a.relabel.len(), a.metric_relabel.len(), b.relabel.len()), (1, 2, 0));
        assert_eq!((a.interval.as_secs(), a.timeout.as_secs()), (5, 5));
        assert_eq!((b.interval.as_secs(), b.timeout.as_secs(), b.dns.is_some()), (15, 10, true));
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        for (rest, wanted) in [
            ("", "w.toml:1: scrape: it has no `targets`"),
            ("targets = ['a b']", "w.toml:1: scrape: `targets`: a b: "),
            ("targets = ['a']\ntimeout = '20s'", "`timeout` must be"),
            ("targets = ['a']\ninterval = '1ms'", "`interval` must be"),
            ("targets = ['a']\nuser = 'x'", "`user` and `password_file` go together"),
            ("targets = ['a']\ncertificate = 'x'", "`certificate` and `key` go together"),
            ("dns = ['a']\ndns_kind = 'A'", "`port` is needed"),
            ("targets = ['a']\nrelabel = 'x'", "there can be several, write [[scrape.relabel]]"),
            ("targets = ['a']\n[[scrape.relabel]]\nx = 1", "scrape.relabel: unknown key `x`"),
            ("targets = ['a']\n[[scrape.relabel]]\nregex = '('\ntarget_label = 'a'", "`relabel`: `regex`: "),
            ("targets = ['a']\n[[scrape.relabel]]\nregex = 'a'", "is needed for replace (w.toml:4)"),
        ] {
            let problems = read(&format!("[[scrape]]\njob = 'j'\n{rest}\n")).unwrap_err();
            assert!(problems.len() == 1 && problems[0].contains(wanted), "{problems:?}");
        }
    }
}
