//! Rules that rewrite label sets, in Prometheus' terms and with its results.

use crate::Set;
use model::limits::LABEL_NAME_BYTES_MAX;
use regex::Regex;

/// What a rule does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Sets `target_label` to `replacement` when `regex` matches the joined values.
    Replace,
    /// Drops what does not match.
    Keep,
    /// Drops what matches.
    Drop,
    /// Drops what does not have in `target_label` what the joined values are.
    KeepEqual,
    /// Drops what has in `target_label` what the joined values are.
    DropEqual,
    /// Sets `target_label` to a hash of the joined values modulo `modulus`.
    HashMod,
    /// Copies labels whose names match to what `replacement` makes of the name.
    LabelMap,
    /// Removes labels whose names match.
    LabelDrop,
    /// Removes labels whose names do not match.
    LabelKeep,
    /// Sets `target_label` to the joined values in lower case.
    Lowercase,
    /// Sets `target_label` to the joined values in upper case.
    Uppercase,
}

/// Every action by its name.
const ACTIONS: [(&str, Action); 11] = [
    ("replace", Action::Replace),
    ("keep", Action::Keep),
    ("drop", Action::Drop),
    ("keepequal", Action::KeepEqual),
    ("dropequal", Action::DropEqual),
    ("hashmod", Action::HashMod),
    ("labelmap", Action::LabelMap),
    ("labeldrop", Action::LabelDrop),
    ("labelkeep", Action::LabelKeep),
    ("lowercase", Action::Lowercase),
    ("uppercase", Action::Uppercase),
];

/// The names of all actions.
pub const ACTION_NAMES: &[&str] = &{
    let mut names = [""; ACTIONS.len()];
    let mut at = 0;
    while at < names.len() {
        names[at] = ACTIONS[at].0;
        at += 1;
    }
    names
};

/// A rule as it is written; see Prometheus' `relabel_config`.
#[derive(Debug, Clone)]
pub struct Spec<'a> {
    /// Labels whose values are joined.
    pub source_labels: &'a [String],
    /// What is put between them.
    pub separator: &'a str,
    /// What the joined values, or the names, must match from start to end.
    pub regex: &'a str,
    /// What a hash is divided by.
    pub modulus: u64,
    /// The label that is set.
    pub target_label: &'a str,
    /// What it is set to; `$1` and `${name}` are groups of the expression.
    pub replacement: &'a str,
    /// The name of the action.
    pub action: &'a str,
}

impl Default for Spec<'_> {
    fn default() -> Self {
        Self {
            source_labels: &[],
            separator: ";",
            regex: "(.*)",
            modulus: 0,
            target_label: "",
            replacement: "$1",
            action: "replace",
        }
    }
}

/// A rule ready to be applied.
#[derive(Debug, Clone)]
pub struct Rule {
    source_labels: Vec<String>,
    separator: String,
    regex: Regex,
    modulus: u64,
    target_label: String,
    replacement: String,
    action: Action,
}

impl Rule {
    /// Compiles a rule.
    ///
    /// # Errors
    /// When an action lacks what it needs, or the expression cannot be read; the text is for people.
    pub fn new(spec: &Spec<'_>) -> Result<Self, String> {
        let wanted = spec.action.to_ascii_lowercase();
        let action = ACTIONS.iter().find(|(name, _)| *name == wanted).map(|(_, action)| *action);
        let action = action.ok_or_else(|| format!("there is no action `{}`", spec.action))?;
        use Action::{DropEqual, HashMod, KeepEqual, Lowercase, Replace, Uppercase};
        let sets = matches!(action, Replace | HashMod | Lowercase | Uppercase | KeepEqual | DropEqual);
        if sets && spec.target_label.is_empty() {
            return Err(format!("`target_label` is needed for {wanted}"));
        }
        if action == HashMod && spec.modulus == 0 {
            return Err("`modulus` is needed for hashmod, and is more than 0".to_owned());
        }
        let regex = Regex::new(&format!("^(?s:{})$", spec.regex)).map_err(|e| format!("`regex`: {e}"))?;
        Ok(Self {
            source_labels: spec.source_labels.to_vec(),
            separator: spec.separator.to_owned(),
            regex,
            modulus: spec.modulus,
            target_label: spec.target_label.to_owned(),
            replacement: spec.replacement.to_owned(),
            action,
        })
    }

    fn joined(&self, set: &Set) -> String {
        let values = self.source_labels.iter().map(|name| set.get(name).map_or("", String::as_str));
        values.collect::<Vec<_>>().join(&self.separator)
    }

    /// Applies the rule; false when the set is dropped.
    fn apply(&self, set: &mut Set) -> bool {
        let value = self.joined(set);
        let target = || set.get(&self.target_label).map_or("", String::as_str);
        match self.action {
            Action::Keep => return self.regex.is_match(&value),
            Action::Drop => return !self.regex.is_match(&value),
            Action::KeepEqual => return target() == value,
            Action::DropEqual => return target() != value,
            Action::Replace => self.replace(set, &value),
            Action::HashMod => {
                put(set, &self.target_label, hash_of(&value).rem_euclid(self.modulus).to_string())
            }
            Action::Lowercase => put(set, &self.target_label, value.to_lowercase()),
            Action::Uppercase => put(set, &self.target_label, value.to_uppercase()),
            Action::LabelMap => self.map_names(set),
            Action::LabelDrop => set.retain(|name, _| !self.regex.is_match(name)),
            Action::LabelKeep => set.retain(|name, _| self.regex.is_match(name)),
        }
        true
    }

    fn replace(&self, set: &mut Set, value: &str) {
        let Some(groups) = self.regex.captures(value) else { return };
        let (mut target, mut replacement) = (String::new(), String::new());
        groups.expand(&self.target_label, &mut target);
        // A name made of groups may come to nothing, and then there is no label to set.
        if target.is_empty() || target.len() > LABEL_NAME_BYTES_MAX {
            return;
        }
        groups.expand(&self.replacement, &mut replacement);
        put(set, &target, replacement);
    }

    fn map_names(&self, set: &mut Set) {
        let mapped = |(name, value): (&String, &String)| {
            let groups = self.regex.captures(name)?;
            let mut new = String::new();
            groups.expand(&self.replacement, &mut new);
            Some((new, value.clone()))
        };
        let new: Vec<_> = set.iter().filter_map(mapped).collect();
        new.into_iter().for_each(|(name, value)| put(set, &name, value));
    }
}

/// Applies rules in their order; false when one of them drops the set.
pub fn apply(rules: &[Rule], set: &mut Set) -> bool {
    rules.iter().all(|rule| rule.apply(set))
}

/// Sets a label; an empty value removes it.
fn put(set: &mut Set, name: &str, value: String) {
    if value.is_empty() {
        set.remove(name);
    } else if !name.is_empty() {
        set.insert(name.to_owned(), value);
    }
}

/// The last eight bytes of the MD5 sum, as Prometheus takes them, so that shards agree with its own.
fn hash_of(value: &str) -> u64 {
    let sum = md5::compute(value).0;
    sum[8..].iter().fold(0, |hash, byte| hash << 8 | u64::from(*byte))
}

#[cfg(test)]
mod tests;
