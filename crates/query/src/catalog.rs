//! What exists in a source, for completion.

use crate::graphite;
use lang::Catalog;
use lang::plan::Pattern;
use model::{MatchOp, Matcher, NAME, Source, TimeRange};
use std::collections::BTreeMap;

/// A source asked for names within a range.
pub struct SourceCatalog<'a> {
    /// Where they are.
    pub source: &'a dyn Source,
    /// Series without samples in it are not looked at.
    pub range: TimeRange,
}

impl Catalog for SourceCatalog<'_> {
    fn metrics(&self, prefix: &str, limit: usize) -> Vec<String> {
        self.values(NAME, prefix, limit)
    }

    fn labels(&self, prefix: &str, limit: usize) -> Vec<String> {
        self.labels_among(&[], prefix, limit)
    }

    fn values(&self, label: &str, prefix: &str, limit: usize) -> Vec<String> {
        self.values_among(Vec::new(), label, prefix, limit)
    }

    fn paths(&self, prefix: &str, limit: usize) -> Vec<(String, bool)> {
        let context = graphite::Context::new(self.range.start_ms / 1000, self.range.end_ms / 1000);
        let Ok(found) = graphite::find(&format!("{prefix}*"), &context, self.source) else {
            return Vec::new();
        };
        // What was written stays, wildcards too; only the last node is new.
        let parent = prefix.rfind('.').map_or("", |at| &prefix[..=at]);
        let mut nodes = BTreeMap::new();
        for node in &found.nodes {
            let name = node.path.rsplit('.').next().unwrap_or(&node.path);
            *nodes.entry(name).or_insert(false) |= node.is_leaf;
        }
        nodes.into_iter().take(limit).map(|(name, is_leaf)| (format!("{parent}{name}"), is_leaf)).collect()
    }

    fn labels_of(&self, metric: &str, prefix: &str, limit: usize) -> Vec<String> {
        let labels = self.labels_among(&[Matcher::equal(NAME, metric)], prefix, limit);
        // One that is not there, or not yet, is no reason to offer nothing.
        if labels.is_empty() { self.labels(prefix, limit) } else { labels }
    }

    fn values_of(&self, metric: &str, label: &str, prefix: &str, limit: usize) -> Vec<String> {
        let values = self.values_among(vec![Matcher::equal(NAME, metric)], label, prefix, limit);
        if values.is_empty() { self.values(label, prefix, limit) } else { values }
    }
}

impl SourceCatalog<'_> {
    fn labels_among(&self, matchers: &[Matcher], prefix: &str, limit: usize) -> Vec<String> {
        // There are at most a few hundred label names; values are what there may be millions of.
        let names = self.source.label_names(matchers, self.range, NAMES_MAX).unwrap_or_default();
        names.into_iter().filter(|name| name.starts_with(prefix)).take(limit).collect()
    }

    fn values_among(
        &self,
        mut matchers: Vec<Matcher>,
        label: &str,
        prefix: &str,
        limit: usize,
    ) -> Vec<String> {
        let mut pattern = Pattern::literal(prefix);
        pattern.push_many();
        let matcher = Matcher::new(label, MatchOp::Regex, pattern.to_regex()).ok();
        matchers.extend(matcher.filter(|_| !prefix.is_empty()));
        self.source.label_values(label, &matchers, self.range, limit).unwrap_or_default()
    }
}

/// Most label names looked at.
const NAMES_MAX: usize = 10_000;

#[cfg(test)]
mod tests {
    use super::*;
    use model::memory::MemoryStore;
    use model::{Kind, Labels};

    #[test]
    fn paths_go_on_and_labels_are_those_of_the_metric() {
        let store = MemoryStore::new();
        for pairs in [
            &[("__name__", "load1"), ("host", "web1")][..],
            &[("__name__", "load5"), ("host", "web2")],
            &[("__name__", "cpu"), ("host", "web1"), ("mode", "idle")],
            &[("__name__", "old.carbon.path"), ("host", "h")],
        ] {
            let labels = Labels::from_pairs(pairs.iter().copied()).unwrap();
            store.insert(&labels, Kind::Gauge, [(1000, 1.0)]);
        }
        let catalog = SourceCatalog { source: &store, range: TimeRange::new(0, 2000) };
        let paths = |prefix: &str| -> Vec<String> {
            let found = catalog.paths(prefix, 10).into_iter();
            found.map(|(path, is_leaf)| format!("{path}{}", if is_leaf { "" } else { "." })).collect()
        };
        assert_eq!(paths("we"), ["web1.", "web2."]);
        assert_eq!(paths("web1."), ["web1.cpu.", "web1.load1"]);
        assert_eq!(paths("*.lo"), ["*.load1", "*.load5"]);
        assert_eq!(paths("web3."), Vec::<String>::new());
        assert_eq!(catalog.labels_of("load1", "", 9), ["__name__", "host"]);
        assert_eq!(catalog.labels_of("cpu", "m", 9), ["mode"]);
        assert_eq!(catalog.labels_of("unknown", "m", 9), ["mode"]);
        assert_eq!(catalog.values_of("load5", "host", "", 9), ["web2"]);
        assert_eq!(catalog.values_of("load5", "host", "web1", 9), ["web1"]);
    }
}
