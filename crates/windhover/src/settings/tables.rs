//! Tables that may stand several times in the file, such as `[[store.policy]]`: which there are and what their keys are.

pub mod check;
pub mod icinga;
pub mod logs;
pub mod outputs;
mod plugins;
pub mod scrape;
pub mod services;

use super::{Kind, value};
use std::collections::BTreeMap;
use std::time::Duration;

/// A table that may stand several times.
#[derive(Debug, PartialEq, Eq)]
pub struct Table {
    /// What stands in the double brackets.
    pub key: &'static str,
    /// One sentence for people.
    pub summary: &'static str,
    /// Its keys.
    pub columns: &'static [Column],
    /// A small example, without the line of the brackets; for the reference page.
    #[cfg_attr(not(test), allow(dead_code))]
    pub example: &'static str,
}

/// A key of such a table.
#[derive(Debug, PartialEq, Eq)]
pub struct Column {
    /// The key.
    pub name: &'static str,
    /// What a value looks like.
    pub kind: Kind,
    /// Value when nobody sets it; "" means not set.
    pub default: &'static str,
    /// Whether the table is wrong without it.
    pub required: bool,
    /// One sentence for people.
    pub help: &'static str,
}

impl Column {
    /// A key that must be there.
    pub const fn required(name: &'static str, kind: Kind, help: &'static str) -> Self {
        Self { name, kind, default: "", required: true, help }
    }

    /// A key that may be left out.
    pub const fn optional(name: &'static str, kind: Kind, default: &'static str, help: &'static str) -> Self {
        Self { name, kind, default, required: false, help }
    }
}

/// What is kept of which series how long.
pub const POLICY: &str = "store.policy";
/// What is checked from this host.
pub const CHECK: &str = "check";

/// Groups of processes.
pub const PROCESS: &str = "process";
/// Open-Falcon's built-in monitors.
pub const FALCON_MONITOR: &str = "falcon.monitor";

/// Programs that are run and whose output becomes series.
pub const PLUGIN: &str = "plugin";
/// Folders of such programs.
pub const PLUGIN_DIR: &str = "plugin_dir";

/// Logs whose lines become series.
pub const LOG: &str = "log";

/// Every table that may stand several times.
pub static TABLES: &[Table] = &[
    STORE_POLICY,
    check::TABLE,
    PROCESS_GROUP,
    MONITOR,
    plugins::PLUGIN,
    plugins::PLUGIN_DIR,
    logs::TABLE,
    services::TABLE,
    outputs::OUTPUTS,
    outputs::CLUSTERS,
    outputs::ROUTES,
    scrape::TABLE,
    icinga::TABLE,
];

const STORE_POLICY: Table = Table {
    key: POLICY,
    summary: "How long the series that match are kept, in which resolutions; the first that matches holds",
    columns: &[
        Column::optional(
            "name",
            Kind::Text,
            "",
            "What its blocks are marked with; the matcher when left out",
        ),
        Column::required("match", Kind::Text, "Which series it is for: `name{label=\"value\"}`"),
        Column::required(
            "tiers",
            Kind::Texts,
            "Steps and how long they are kept; the first has the samples as they came",
        ),
    ],
    example: "name = \"debug\"\nmatch = '{job=~\"debug.*\"}'\ntiers = [\"1s:2d\", \"60s:30d\"]",
};

const PROCESS_GROUP: Table = Table {
    key: PROCESS,
    summary: "Processes measured as a group: those that fit every pattern given and no table before; `*` and `?` stand for anything, a regular expression begins with `~`",
    columns: &[
        Column::required("group", Kind::Text, "The group's name; several tables may share one"),
        Column::optional("name", Kind::Texts, "", "Names as the kernel keeps them, at most 15 bytes"),
        Column::optional(
            "exe",
            Kind::Texts,
            "",
            "Programs: by path, or by the name at its end when there is no slash",
        ),
        Column::optional("cmdline", Kind::Texts, "", "Command lines, a blank between arguments"),
        Column::optional("user", Kind::Texts, "", "Users by name, or by number where they have none"),
        Column::optional(
            "cgroup",
            Kind::Texts,
            "",
            "Control groups: by path, or by the name at its end when there is no slash: `nginx.service`",
        ),
        Column::optional(
            "pss",
            Kind::Switch,
            "false",
            "Whether to tell memory with shared pages counted in parts, which costs the kernel work once a minute",
        ),
    ],
    example: "group = \"web\"\nexe = [\"nginx\", \"haproxy*\"]",
};

const MONITOR: Table = Table {
    key: FALCON_MONITOR,
    summary: "One of Open-Falcon's built-in monitors: a port, a number of processes, the size of a folder",
    columns: &[
        Column::required("metric", Kind::Text, "`net.port.listen`, `proc.num` or `du.bs`"),
        Column::required(
            "tags",
            Kind::Text,
            "As in a strategy: `port=80`; `name=cron`, `cmdline=…` or both with a comma between; `path=/var/log`",
        ),
        Column::optional(
            "every",
            Kind::Duration,
            "",
            "Time between two looks; 10s, of a folder 1m, when left out",
        ),
    ],
    example: "metric = \"net.port.listen\"\ntags = \"port=80\"",
};

/// The table with this key.
pub fn find(key: &str) -> Option<&'static Table> {
    TABLES.iter().find(|table| table.key == key)
}

/// One such table as it stands in a file. Its values are checked; those that are required are there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// Which table.
    pub table: &'static str,
    /// Where: file and line.
    pub place: String,
    columns: &'static [Column],
    values: BTreeMap<&'static str, Vec<String>>,
    /// Tables below this one, by their key.
    parts: BTreeMap<&'static str, Vec<Section>>,
}

impl Section {
    /// Checks that no required key is missing or empty.
    pub fn new(
        table: &'static Table,
        place: String,
        values: BTreeMap<&'static str, Vec<String>>,
    ) -> Result<Self, String> {
        let given = |column: &&Column| {
            values.get(column.name).is_some_and(|v| v.first().is_some_and(|text| !text.is_empty()))
        };
        match table.columns.iter().filter(|column| column.required).find(|column| !given(column)) {
            Some(missing) => Err(format!("`{}` is needed: {}", missing.name, missing.help)),
            None => {
                Ok(Self { table: table.key, place, columns: table.columns, values, parts: BTreeMap::new() })
            }
        }
    }

    /// The same with tables below it.
    pub fn with_parts(self, parts: BTreeMap<&'static str, Vec<Self>>) -> Self {
        Self { parts, ..self }
    }

    /// Whether the file says it.
    pub fn is_set(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }

    /// A text, the default when not set.
    pub fn text(&self, name: &str) -> &str {
        self.values
            .get(name)
            .and_then(|texts| texts.first())
            .map_or_else(|| self.default(name), String::as_str)
    }

    /// A list of texts; empty when not set.
    pub fn texts(&self, name: &str) -> &[String] {
        self.values.get(name).map_or(&[], Vec::as_slice)
    }

    /// Names and their texts, in the order of the file.
    pub fn pairs(&self, name: &str) -> Vec<(String, String)> {
        let pairs = self.texts(name).iter().filter_map(|text| text.split_once('='));
        pairs.map(|(name, text)| (name.to_owned(), text.to_owned())).collect()
    }

    /// The tables below this one, in the order of the file.
    pub fn parts(&self, name: &str) -> &[Self] {
        self.parts.get(name).map_or(&[], Vec::as_slice)
    }

    /// A time; `None` when it has neither value nor default.
    pub fn duration(&self, name: &str) -> Option<Duration> {
        value::duration(self.text(name)).ok()
    }

    /// A size in bytes; `None` when it has neither value nor default.
    pub fn bytes(&self, name: &str) -> Option<u64> {
        value::bytes(self.text(name)).ok()
    }

    /// A whole number; `None` when it has neither value nor default.
    pub fn count(&self, name: &str) -> Option<u64> {
        self.text(name).parse().ok()
    }

    /// True or false.
    pub fn switch(&self, name: &str) -> bool {
        self.text(name) == "true"
    }

    fn default(&self, name: &str) -> &'static str {
        let column = self.columns.iter().find(|c| c.name == name);
        debug_assert!(column.is_some(), "[[{}]] has no key {name}", self.table);
        column.map_or("", |column| column.default)
    }
}

/// The settings that a file of this text makes, or what is wrong with the file.
#[cfg(test)]
fn of_file(text: &str) -> Result<super::Settings, Vec<String>> {
    let mut found = super::file::Found::default();
    super::file::parse("w.toml", text, &mut found);
    if !found.problems.is_empty() {
        return Err(found.problems);
    }
    let mut settings = super::resolve(None, |_| None, |_| None).unwrap();
    settings.sections = found.sections;
    Ok(settings)
}
