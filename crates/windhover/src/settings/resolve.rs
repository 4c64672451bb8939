//! From what was written to what holds: default, then file, then environment, then flag; later wins.

use super::tables::Section;
use super::{SETTINGS, Setting, file, find, value};
use crate::given;
use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Built in.
    Default,
    /// The server, for the group of this host: version and line.
    Server(String),
    /// A file and line.
    File(String),
    /// An environment variable.
    Environment(String),
    /// A flag.
    Flag(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => write!(f, "default"),
            Self::Server(place) | Self::File(place) => write!(f, "{place}"),
            Self::Environment(name) => write!(f, "${name}"),
            Self::Flag(flag) => write!(f, "--{flag}"),
        }
    }
}

/// All settings with their origins. Values are checked already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    values: BTreeMap<&'static str, (String, Origin)>,
    /// The tables that may stand several times, in the order of the files.
    pub(super) sections: Vec<Section>,
    /// The file they were read from, if any.
    pub file: Option<PathBuf>,
}

/// Brings all sources together. `environment` and `flags` answer with the text given for a setting, if any.
/// Every problem is told at once.
pub fn resolve(
    file: Option<&Path>,
    environment: impl Fn(&str) -> Option<String>,
    flags: impl Fn(&Setting) -> Option<String>,
) -> Result<Settings, Vec<String>> {
    let mut values: BTreeMap<_, _> =
        SETTINGS.iter().map(|s| (s.key, (s.default.to_owned(), Origin::Default))).collect();
    let file::Found { entries, sections, mut problems } = file.map(file::read).unwrap_or_default();
    for entry in entries {
        values.insert(entry.key, (entry.value, Origin::File(entry.place)));
    }
    for setting in SETTINGS {
        let name = setting.environment();
        let written = [
            environment(&name).map(|value| (value, Origin::Environment(name))),
            flags(setting).map(|value| (value, Origin::Flag(setting.flag.to_owned()))),
        ];
        for (value, origin) in written.into_iter().flatten() {
            match setting.kind.check(&value) {
                Ok(()) => {
                    values.insert(setting.key, (value, origin));
                }
                Err(why) => problems.push(format!("{origin}: {why}")),
            }
        }
    }
    let mut settings = Settings { values, sections, file: file.map(Path::to_owned) };
    settings.add_given();
    #[cfg(feature = "server")]
    if problems.is_empty() {
        problems.extend(super::policy::all(&settings).err());
        problems.extend(crate::role::relay::outputs::check(&settings).err());
    }
    problems.extend(super::tables::check::all(&settings, "").err().into_iter().flatten());
    problems.extend(super::tables::scrape::all(&settings).err().into_iter().flatten());
    problems.extend(super::tables::icinga::all(&settings).err().into_iter().flatten());
    problems.extend(super::tables::services::options(&settings).err().into_iter().flatten());
    problems.extend(super::watched::check(&settings).err());
    problems.extend(super::plugins::all(&settings).err());
    if problems.is_empty() { Ok(settings) } else { Err(problems) }
}

impl Settings {
    /// Adds what the server gave this host, where nobody here says otherwise. What of it makes no sense does not hold: it
    /// was refused when it came, or is of another version of the program.
    fn add_given(&mut self) {
        let Some(data) = self.path("data") else { return };
        let Ok(text) = std::fs::read_to_string(given::current_file(&data)) else { return };
        let found = super::central::parse("from the server", &text);
        for entry in found.entries {
            let known = self.values.get_mut(entry.key).filter(|(_, origin)| *origin == Origin::Default);
            if let Some(known) = known {
                *known = (entry.value, Origin::Server(entry.place));
            }
        }
        self.sections.extend(found.sections);
    }

    /// The text of a setting, "" when not set.
    pub fn text(&self, key: &str) -> &str {
        &self.entry(key).0
    }

    /// Where a setting comes from.
    pub fn origin(&self, key: &str) -> &Origin {
        &self.entry(key).1
    }

    fn entry(&self, key: &str) -> &(String, Origin) {
        debug_assert!(find(key).is_some(), "no such setting: {key}");
        self.values.get(key).expect("the table has every key the program asks for")
    }

    /// A path, `None` when not set.
    pub fn path(&self, key: &str) -> Option<PathBuf> {
        let text = self.text(key);
        (!text.is_empty()).then(|| PathBuf::from(text))
    }

    /// A time.
    pub fn duration(&self, key: &str) -> Duration {
        value::duration(self.text(key)).expect("checked when resolved")
    }

    /// A size in bytes.
    pub fn bytes(&self, key: &str) -> u64 {
        value::bytes(self.text(key)).expect("checked when resolved")
    }

    /// A whole number.
    pub fn count(&self, key: &str) -> u64 {
        self.text(key).parse().expect("checked when resolved")
    }

    /// True or false.
    pub fn switch(&self, key: &str) -> bool {
        self.text(key) == "true"
    }

    /// An address that may be left out, `None` when not set.
    pub fn address_if_set(&self, key: &str) -> Option<SocketAddr> {
        let text = self.text(key);
        (!text.is_empty()).then(|| text.parse().expect("checked when resolved"))
    }

    /// An address.
    #[cfg(feature = "server")]
    pub fn address(&self, key: &str) -> SocketAddr {
        self.text(key).parse().expect("checked when resolved")
    }

    /// The tables `[[key]]`, in the order of the files.
    pub fn sections<'a>(&'a self, key: &'a str) -> impl Iterator<Item = &'a Section> {
        debug_assert!(super::tables::find(key).is_some(), "no such table: {key}");
        self.sections.iter().filter(move |section| section.table == key)
    }

    /// A list of texts, empty when not set.
    pub fn texts(&self, key: &str) -> Vec<String> {
        self.text(key).split(',').map(str::trim).filter(|s| !s.is_empty()).map(str::to_owned).collect()
    }

    /// A list of addresses, empty when not set.
    pub fn urls(&self, key: &str) -> Vec<String> {
        self.text(key)
            .split(',')
            .filter(|s| !s.is_empty())
            .map(|s| s.trim_end_matches('/').to_owned())
            .collect()
    }

    /// Keys whose values differ from `other`.
    #[cfg(feature = "server")]
    pub fn differences(&self, other: &Self) -> Vec<&'static str> {
        SETTINGS.iter().map(|s| s.key).filter(|key| self.text(key) != other.text(key)).collect()
    }
}
