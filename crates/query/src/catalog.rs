//! What exists in a source, for completion.

use lang::Catalog;
use lang::plan::Pattern;
use model::{MatchOp, Matcher, NAME, Source, TimeRange};

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
