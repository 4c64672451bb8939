//! Label sets cut down and changed, on their encoded form: a part of a key is a key.

use model::{Labels, LabelsBuilder, NAME};
use stdx::varint;

/// The kind of a metric, where doors tell it as a label; it goes with the name.
const TYPE: &str = "__type__";
/// The unit of a metric, likewise.
const UNIT: &str = "__unit__";

/// Whether a label says what metric it is, so that it goes when the metric becomes another.
pub(super) fn is_of_metric(name: &str) -> bool {
    matches!(name, NAME | TYPE | UNIT)
}

/// Which labels stay.
#[derive(Debug, Clone, Copy)]
pub(super) enum Pick<'a> {
    /// These.
    Only(&'a [String]),
    /// All but these and the name.
    Without(&'a [String]),
    /// All but this one.
    Except(&'a str),
}

impl Pick<'_> {
    fn takes(self, name: &str) -> bool {
        match self {
            Self::Only(names) => names.iter().any(|wanted| wanted == name),
            Self::Without(names) => !is_of_metric(name) && !names.iter().any(|unwanted| unwanted == name),
            Self::Except(unwanted) => name != unwanted,
        }
    }

    /// The encoded labels that stay, in `out`, which is cleared first.
    pub(super) fn key(self, labels: &Labels, out: &mut Vec<u8>) {
        out.clear();
        for (name, value) in labels.iter().filter(|(name, _)| self.takes(name)) {
            varint::write_bytes(out, name.as_bytes());
            varint::write_bytes(out, value.as_bytes());
        }
    }

    /// The labels that stay.
    pub(super) fn labels(self, labels: &Labels) -> Labels {
        let mut key = Vec::with_capacity(labels.key().len());
        self.key(labels, &mut key);
        if key.len() == labels.key().len() { labels.clone() } else { Labels::from_checked_key(&key) }
    }
}

/// The labels without the metric's name, kind and unit.
pub(super) fn nameless(labels: &Labels) -> Labels {
    Pick::Without(&[]).labels(labels)
}

/// The labels with some set to other values, or removed where those are empty. `Err` says what is wrong with them.
pub(super) fn with<'a>(
    labels: &Labels,
    set: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Result<Labels, String> {
    let mut builder = LabelsBuilder::default();
    labels.iter().for_each(|(name, value)| _ = builder.add(name, value));
    for (name, value) in set {
        if value.is_empty() {
            builder.remove(name)
        } else {
            builder.set(name, value)
        };
    }
    builder.build().map_err(|error| error.to_string())
}

/// A number as it stands in labels and answers: shortest, never with an exponent.
pub(super) fn number(value: f64) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    match value {
        f64::INFINITY => "+Inf".to_owned(),
        f64::NEG_INFINITY => "-Inf".to_owned(),
        value => format!("{value}"),
    }
}
