//! What is offered at `|`.

use super::*;
use crate::catalog::Catalog;

struct Names;

impl Catalog for Names {
    fn metrics(&self, prefix: &str, limit: usize) -> Vec<String> {
        let names = ["load1", "load5", "http.requests", "up"];
        names.iter().filter(|n| n.starts_with(prefix)).take(limit).map(|n| (*n).to_owned()).collect()
    }
    fn labels(&self, prefix: &str, _: usize) -> Vec<String> {
        ["host", "job", "a.b"].iter().filter(|n| n.starts_with(prefix)).map(|n| (*n).to_owned()).collect()
    }
    fn values(&self, label: &str, prefix: &str, _: usize) -> Vec<String> {
        let values = [format!("{label}-1"), format!("{label}-2")];
        values.into_iter().filter(|v| v.starts_with(prefix)).collect()
    }
    fn labels_of(&self, metric: &str, prefix: &str, limit: usize) -> Vec<String> {
        let own = ["__name__".to_owned(), format!("{metric}_label")];
        let own = own.into_iter().filter(|name| metric.starts_with("my") && name.starts_with(prefix));
        let all = own.collect::<Vec<_>>();
        if all.is_empty() { self.labels(prefix, limit) } else { all }
    }
    fn values_of(&self, metric: &str, label: &str, prefix: &str, limit: usize) -> Vec<String> {
        if metric.starts_with("my") {
            vec![format!("{metric}_{label}")]
        } else {
            self.values(label, prefix, limit)
        }
    }
}

// The first offers as they would be written, and what they replace.
fn offered(marked: &str) -> String {
    let cursor = marked.chars().position(|c| c == '|').unwrap();
    let text = marked.replacen('|', "", 1);
    let completion = complete(&text, cursor, &Names);
    let chars: Vec<char> = text.chars().collect();
    let replaced: String = chars[completion.span.start..completion.span.end].iter().collect();
    let texts: Vec<&str> = completion.items.iter().take(3).map(|item| item.text.as_str()).collect();
    format!("{replaced}→{}", texts.join(" "))
}

#[test]
fn what_fits_the_place_is_offered() {
    for (marked, expected) in [
        ("|", "→load1 load5 http.requests"),
        ("lo|", "lo→log10( log2( load1"),
        ("lo|ad5", "load5→log10( log2( load1"),
        ("rat|", "rat→rate("),
        ("sum(ra|", "ra→rad( range() rate("),
        ("pi|", "pi→pi()"),
        ("up{|", "→host job \"a.b\""),
        ("up{h|}", "h→host"),
        ("up{host|", "host→host"),
        ("up{host |", "→= != =~"),
        ("up{host=|", "→\"host-1\" \"host-2\""),
        ("up{host=\"ho|", "ho→host-1 host-2"),
        ("up{job=\"x\", host=~'host-|", "host-→host-1 host-2"),
        ("sum by (|", "→host job \"a.b\""),
        ("sum by (host, j|", "j→job"),
        ("up / on(|", "→host job \"a.b\""),
        ("rate(up[|", "→1m 5m 10m"),
        ("up |", "→and or unless"),
        ("up un|", "un→unless"),
        ("up > bo|", "bo→bottomk( bool"),
        ("up + l|", "l→limit_ratio( limitk( label_join("),
        ("up + |", "→bool on ignoring"),
        ("my{|", "→my_label"),
        ("rate(my{|}[5m]) / other", "→my_label"),
        ("other + my{a=\"b\", |", "→my_label"),
        ("other{a=\"b\"} + {|", "→host job \"a.b\""),
        ("my{host=\"|", "→my_host"),
        ("sum by (|) (rate(my_total[5m]))", "→my_total_label"),
        ("sum(rate(my_total[5m])) by (|", "→my_total_label"),
        ("# ä\nlo|", "lo→log10( log2( load1"),
        ("up{host=\"a\" |", "→"),
        ("5|", "→"),
    ] {
        let expected = expected.replace("http.requests", "{\"http.requests\"}");
        assert_eq!(offered(marked), expected, "{marked}");
    }
}

#[test]
fn no_place_of_any_text_panics() {
    let texts = [
        "sum by (a) (rate(x{a=\"b\",c=~'d\\'é'}[5m:1m] offset -1h @ end())) > bool on(a) group_left y",
        "é\"",
        "{{",
        "x[[",
        "\"\\",
    ];
    for text in texts {
        for cursor in 0..=text.chars().count() + 1 {
            complete(text, cursor, &Names);
        }
    }
}
