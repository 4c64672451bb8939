//! A target: hosts and a regular expression for counters.

/// See the grammar in [`super`].
#[derive(Debug, PartialEq)]
pub(in crate::dialects::falcon) struct Target {
    pub(in crate::dialects::falcon) hosts: Vec<String>,
    /// A regular expression, or a counter as it is when `is_whole`.
    pub(in crate::dialects::falcon) counter: String,
    /// The name ends where the target does.
    pub(in crate::dialects::falcon) is_whole: bool,
}

impl Target {
    /// Takes a target apart; `None` when it has no hosts or no counter.
    pub(in crate::dialects::falcon) fn parse(text: &str) -> Option<Self> {
        let inner = text.strip_prefix('{').unwrap_or(text);
        let (hosts, rest) = inner.split_at(inner.find(['#', '}'])?);
        let counter = rest.strip_prefix('}').unwrap_or(rest).strip_prefix('#')?;
        if hosts.is_empty() || counter.is_empty() {
            return None;
        }
        let hosts = hosts.split(',').map(|host| host.trim().replace('~', ".")).collect();
        let (counter, is_whole) = match counter.trim_end().strip_suffix("#$") {
            Some(whole) => (whole.replace('#', "."), true),
            None => (counter.replace("#%", ".+").replace('#', r"\."), false),
        };
        Some(Self { hosts, counter, is_whole })
    }
}

/// The piece of a counter's name after what was searched for, and whether more follows it.
pub(in crate::dialects::falcon) fn next_piece(counter: &str, searched: &str) -> (String, bool) {
    let searched = searched.trim_end();
    let searched = searched.strip_suffix(".+").or(searched.strip_suffix(".*")).unwrap_or(searched);
    let rest = counter.replace(&searched.replace(r"\.", "."), "");
    let rest = rest.strip_prefix('.').unwrap_or(&rest);
    match rest.split_once('.') {
        Some((piece, _)) => (piece.to_owned(), true),
        None => (rest.to_owned(), false),
    }
}
