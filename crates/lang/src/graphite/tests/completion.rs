//! What is offered at `|`.

use super::FUNCTIONS;
use crate::catalog::Catalog;
use crate::graphite::complete;

struct Tree;

impl Catalog for Tree {
    fn metrics(&self, _: &str, _: usize) -> Vec<String> {
        Vec::new()
    }
    fn labels(&self, prefix: &str, _: usize) -> Vec<String> {
        ["__name__", "host", "name", "name_space"]
            .iter()
            .filter(|n| n.starts_with(prefix))
            .map(|n| (*n).to_owned())
            .collect()
    }
    fn values(&self, label: &str, prefix: &str, _: usize) -> Vec<String> {
        let values = [format!("{label}-1"), format!("{label}-2")];
        values.into_iter().filter(|v| v.starts_with(prefix)).collect()
    }
    fn paths(&self, prefix: &str, _: usize) -> Vec<(String, bool)> {
        let all = [("web1", false), ("web1.load1", true), ("web1.load5", true), ("web1.cpu", false)];
        let depth = prefix.matches('.').count();
        let fits = |path: &str| path.starts_with(prefix) && path.matches('.').count() == depth;
        all.iter().filter(|(path, _)| fits(path)).map(|(path, leaf)| ((*path).to_owned(), *leaf)).collect()
    }
}

#[test]
fn paths_tags_and_functions_are_offered_where_they_fit() {
    for (marked, replaced, expected) in [
        ("|", "", &["web1.", "scale(", "seriesByTag(", "sum("][..]),
        ("w|", "w", &["web1."]),
        ("web1.|", "web1.", &["web1.load1", "web1.load5", "web1.cpu."]),
        ("sumSeries(web1.lo|", "web1.lo", &["web1.load1", "web1.load5"]),
        ("scale(web1.load1, |", "", &["scale(", "seriesByTag(", "sum(", "sumSeries("]),
        ("web1.{lo|", "web1.{lo", &[]),
        ("web1.load1|sc|", "sc", &["scale("]),
        ("seriesByTag('|", "", &["name=", "host=", "name_space="]),
        ("seriesByTag('na|", "na", &["name=", "name_space="]),
        ("seriesByTag('name=|", "name=", &["name=__name__-1", "name=__name__-2"]),
        ("seriesByTag('a=b', \"host!=ho|", "host!=ho", &["host!=host-1", "host!=host-2"]),
        ("seriesByTag('host=~host-2|", "host=~host-2", &["host=~host-2"]),
    ] {
        let marked: Vec<char> = marked.chars().collect();
        let cursor = marked.iter().rposition(|c| *c == '|').unwrap();
        let text: String =
            marked.iter().enumerate().filter(|(at, _)| *at != cursor).map(|(_, c)| c).collect();
        let found = complete(&text, cursor, &FUNCTIONS, &Tree);
        let texts: Vec<&str> =
            found.items.iter().take(expected.len().max(1)).map(|item| item.text.as_str()).collect();
        assert_eq!(texts, expected, "{text}");
        let span: String =
            text.chars().skip(found.span.start).take(found.span.end - found.span.start).collect();
        assert_eq!(span, replaced, "{text}");
    }
}
