//! A counter's text and the series it stands for.
//!
//! ```text
//! counter := metric [ "/" tag ( "," tag )* ]        tags sorted by key
//! tag     := key "=" value
//! ```
//!
//! endpoint → label `host`, metric → name, tags → labels. The keys that cannot be labels as they are have the names
//! that the push door gives them: `host` and `__name__` are `exported_host` and `exported___name__`, the empty key is
//! `=`. Metrics may hold slashes and label values of other doors commas, so a counter cannot be taken apart for sure;
//! what counts is which series would be written that way.

use model::{HOST, Labels, Matcher, NAME, ReadError, Series, Source, TimeRange};

/// Most slashes that are tried as the one before the tags.
const SLASHES_MAX: usize = 8;
/// Most series of a metric on a host that are looked through for tags which cannot be taken apart.
const SERIES_MAX: usize = 10_000;

/// The series of this name.
pub(super) fn find(source: &dyn Source, endpoint: &str, counter: &str) -> Result<Option<Series>, ReadError> {
    if endpoint.is_empty() || counter.is_empty() {
        return Ok(None);
    }
    for (metric, tags) in readings(counter) {
        let wanted = pieces(tags);
        let on_host = vec![Matcher::equal(HOST, endpoint), Matcher::equal(NAME, metric)];
        let exact = on_host.iter().cloned().chain(wanted.iter().filter_map(|tag| matcher(tag))).collect();
        // Where the tags as taken apart are no labels, the text may still be that of some series.
        let loose = (!wanted.is_empty()).then_some(on_host);
        for matchers in [Some(exact), loose].into_iter().flatten() {
            let selection = source.select(&matchers, TimeRange::ALL, SERIES_MAX)?;
            let found =
                selection.series.into_iter().find(|series| pieces(&tags_of(&series.labels)) == wanted);
            if found.is_some() {
                return Ok(found);
            }
        }
    }
    Ok(None)
}

/// The counter that a series is known by.
pub(super) fn text(labels: &Labels) -> String {
    let key = |name: &'_ str| match name {
        "exported_host" => HOST.to_owned(),
        "exported___name__" => NAME.to_owned(),
        "=" => String::new(),
        name => name.to_owned(),
    };
    let tags = labels.iter().filter(|(name, _)| ![NAME, HOST].contains(name));
    let mut tags: Vec<String> = tags.map(|(name, value)| format!("{}={value}", key(name))).collect();
    tags.sort_unstable();
    let slash = if tags.is_empty() { "" } else { "/" };
    format!("{}{slash}{}", labels.name(), tags.join(","))
}

/// Metric and tags, in every way the text can be read; the shortest metric first, at last all of it.
fn readings(counter: &str) -> impl Iterator<Item = (&str, &str)> {
    let slashes = counter.match_indices('/').map(|(at, _)| (&counter[..at], &counter[at + 1..]));
    let with_tags = slashes.filter(|(metric, tags)| !metric.is_empty() && tags.contains('='));
    with_tags.take(SLASHES_MAX).chain([(counter, "")])
}

/// The tags one by one, keys as label names, sorted. Empty values are none.
fn pieces(tags: &str) -> Vec<String> {
    let mut pieces: Vec<String> = tags
        .split(',')
        .filter(|tag| !tag.is_empty())
        .filter_map(|tag| match tag.split_once('=') {
            Some((_, "")) => None,
            Some((HOST, value)) => Some(format!("exported_host={value}")),
            Some((NAME, value)) => Some(format!("exported___name__={value}")),
            _ => Some(tag.to_owned()),
        })
        .collect();
    pieces.sort_unstable();
    pieces
}

fn matcher(tag: &str) -> Option<Matcher> {
    let (key, value) = tag.split_once('=')?;
    Some(Matcher::equal(if key.is_empty() { "=" } else { key }, value))
}

fn tags_of(labels: &Labels) -> String {
    let tags = labels.iter().filter(|(name, _)| ![NAME, HOST].contains(name));
    let tags = tags.map(|(name, value)| format!("{}={value}", if name == "=" { "" } else { name }));
    tags.collect::<Vec<_>>().join(",")
}
