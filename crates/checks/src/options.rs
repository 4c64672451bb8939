//! Every option of every check, once: the keys of `[[check]]`, the flags of `windhover check`, their help and the reference
//! page follow from here.

use std::time::Duration;

/// The shape of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Any text.
    Text,
    /// Several texts.
    Texts,
    /// Names with a text each.
    Pairs,
    /// A file.
    Path,
    /// A number with a unit: `500ms`, `10s`, `14d`.
    Duration,
    /// A size with a unit: `64KiB`, `1MB`.
    Bytes,
    /// A whole number.
    Count,
    /// `true` or `false`.
    Switch,
    /// One of these words.
    Choice(&'static [&'static str]),
}

/// An option.
#[derive(Debug)]
pub struct Opt {
    /// The key; the flag has dashes for underscores.
    pub name: &'static str,
    /// What a value looks like.
    pub shape: Shape,
    /// Value when nobody sets it; "" means not set.
    pub default: &'static str,
    /// One sentence for people, without a full stop.
    pub help: &'static str,
}

const fn opt(name: &'static str, shape: Shape, default: &'static str, help: &'static str) -> Opt {
    Opt { name, shape, default, help }
}

/// Options that only the schedule needs.
pub static SCHEDULE: &[&str] = &["name", "interval", "labels"];
/// Options that every check takes.
pub static COMMON: &[&str] = &[
    "name",
    "target",
    "targets",
    "url",
    "interval",
    "labels",
    "timeout",
    "family",
    "time_warning",
    "time_critical",
];

/// Number of options.
pub const COUNT: usize = 42;

/// The table.
pub static OPTIONS: [Opt; COUNT] = [
    opt("name", Shape::Text, "", "Label `check` of its series; the target when not set"),
    opt(
        "target",
        Shape::Text,
        "",
        "What to check: a URL, `host:port`, a host or a name, as the kind needs it",
    ),
    opt("targets", Shape::Texts, "", "Several of them, each a check of its own with the same options"),
    opt("url", Shape::Text, "", "The same as `target`, for pages"),
    opt("interval", Shape::Duration, "60s", "Time between two checks, at least 1 s"),
    opt("labels", Shape::Pairs, "", "More labels of its series"),
    opt("timeout", Shape::Duration, "10s", "How long it may take in all"),
    opt("family", Shape::Choice(&["any", "4", "6"]), "any", "Which addresses of a name are used"),
    opt("time_warning", Shape::Duration, "", "Taking longer than this is a warning"),
    opt("time_critical", Shape::Duration, "", "Taking longer than this is critical"),
    opt("dns_max", Shape::Duration, "", "How long finding the address may take"),
    opt("connect_max", Shape::Duration, "", "How long connecting may take, all addresses together"),
    opt("tls_max", Shape::Duration, "", "How long the TLS handshake may take"),
    opt("first_byte_max", Shape::Duration, "", "How long the first byte of the answer may take"),
    opt("transfer_max", Shape::Duration, "", "How long the rest of the answer may take"),
    opt("address", Shape::Text, "", "IP address to connect to, whatever the name says"),
    opt("method", Shape::Text, "GET", "Method of the request"),
    opt("headers", Shape::Pairs, "", "Headers of the request; `Host` replaces that of the URL"),
    opt("body", Shape::Text, "", "Body of the request"),
    opt("status", Shape::Text, "200", "Statuses that are right, such as `200-299, 401`"),
    opt("redirects", Shape::Count, "0", "How many redirects are followed, at most 20"),
    opt("body_has", Shape::Texts, "", "Texts that the body must contain, all of them"),
    opt("body_lacks", Shape::Texts, "", "Texts that the body must not contain"),
    opt("body_matches", Shape::Text, "", "Regular expression that must be found in the body"),
    opt("body_matches_not", Shape::Text, "", "Regular expression that must not be found in the body"),
    opt("body_bytes_max", Shape::Bytes, "1MiB", "How much of the body is read, at most 64 MiB"),
    opt("tls", Shape::Switch, "false", "Speak TLS"),
    opt("verify", Shape::Switch, "true", "Whether a certificate that is not trusted is a failure"),
    opt("ca", Shape::Path, "", "Certificates (PEM) of authorities to trust besides the public ones"),
    opt("certificate", Shape::Path, "", "Our own certificate chain (PEM), for servers that ask for one"),
    opt("key", Shape::Path, "", "The key of `certificate` (PEM)"),
    opt(
        "server_name",
        Shape::Text,
        "",
        "Name to ask for (SNI) and to find in the certificate; the host when not set",
    ),
    opt("certificate_warning", Shape::Duration, "14d", "A certificate that runs out sooner is a warning"),
    opt("certificate_critical", Shape::Duration, "", "A certificate that runs out sooner is critical"),
    opt(
        "send",
        Shape::Text,
        "",
        "What to send once connected; `\\r`, `\\n`, `\\t`, `\\0` and `\\\\` stand for what they do in C",
    ),
    opt("expect", Shape::Texts, "", "Texts that must come back, all of them, each anywhere in the answer"),
    opt(
        "name_server",
        Shape::Text,
        "",
        "Name server to ask, `address` or `address:port`; the host's first when not set",
    ),
    opt(
        "type",
        Shape::Choice(&["a", "aaaa", "cname", "mx", "ns", "ptr", "soa", "srv", "txt"]),
        "a",
        "Type of record to ask for",
    ),
    opt("values", Shape::Texts, "", "Values that must be among the answers, all of them"),
    opt("count", Shape::Count, "5", "How many packets are sent, at most 100"),
    opt("loss_warning", Shape::Count, "", "Losing more than this many percent is a warning"),
    opt(
        "loss_critical",
        Shape::Count,
        "",
        "Losing more than this many percent is critical; all of them when not set",
    ),
];

/// The option with this name.
pub fn find(name: &str) -> Option<&'static Opt> {
    OPTIONS.iter().find(|option| option.name == name)
}

/// Options as somebody wrote them, checked for their shapes, with defaults where nothing was written.
pub trait Given {
    /// Whether it was written.
    fn is_set(&self, name: &str) -> bool;
    /// A text; "" when there is neither value nor default.
    fn text(&self, name: &str) -> &str;
    /// Several texts.
    fn texts(&self, name: &str) -> Vec<String>;
    /// Names with a text each.
    fn pairs(&self, name: &str) -> Vec<(String, String)>;
    /// A time.
    fn duration(&self, name: &str) -> Option<Duration>;
    /// A size in bytes.
    fn bytes(&self, name: &str) -> Option<u64>;
    /// A whole number.
    fn count(&self, name: &str) -> Option<u64>;
    /// True or false.
    fn switch(&self, name: &str) -> bool;
}
