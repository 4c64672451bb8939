//! Every setting, once: the table from which the file's keys, the flags, the environment names, `--help`, `config show`
//! and the reference page all follow.

#[cfg(feature = "server")]
pub mod aggregation;
pub mod central;
pub mod file;
mod keys;
pub mod plugins;
#[cfg(feature = "server")]
pub mod policy;
pub mod resolve;
#[cfg(feature = "server")]
mod schemas;
pub mod tables;
pub mod value;
pub mod watched;

pub use keys::SETTINGS;
#[cfg(feature = "server")]
pub use resolve::Origin;
pub use resolve::{Settings, resolve};
pub use value::Kind;

/// One setting.
#[derive(Debug)]
pub struct Setting {
    /// Key in the file, dotted.
    pub key: &'static str,
    /// Flag on the command line, without the dashes.
    pub flag: &'static str,
    /// What a value looks like.
    pub kind: Kind,
    /// Value when nobody sets it; "" means not set.
    pub default: &'static str,
    /// One sentence for people.
    pub help: &'static str,
    /// Whether only the server side of the program has it.
    pub server_only: bool,
}

impl Setting {
    /// Name of the environment variable.
    pub fn environment(&self) -> String {
        format!("WINDHOVER_{}", self.key.replace('.', "_").to_ascii_uppercase())
    }
}

/// The setting with this key.
pub fn find(key: &str) -> Option<&'static Setting> {
    SETTINGS.iter().find(|s| s.key == key)
}

/// The known key nearest to a wrong one, if any is near.
pub fn suggestion(wrong: &str) -> Option<&'static str> {
    let near = SETTINGS.iter().map(|s| (distance(wrong, s.key), s.key)).min()?;
    (near.0 <= 1 + wrong.len() / 4).then_some(near.1)
}

/// Edits that turn one text into the other (Levenshtein 1966).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let change = corner + usize::from(x != *y);
            corner = row[j + 1];
            row[j + 1] = change.min(corner + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests;
