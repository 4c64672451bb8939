//! Every setting, once: the table from which the file's keys, the flags, the environment names, `--help`, `config show`
//! and the reference page all follow.

#[cfg(feature = "server")]
pub mod aggregation;
pub mod central;
pub mod file;
pub mod plugins;
#[cfg(feature = "server")]
pub mod policy;
pub mod resolve;
#[cfg(feature = "server")]
mod schemas;
pub mod tables;
pub mod value;
pub mod watched;

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

const fn both(
    key: &'static str,
    flag: &'static str,
    kind: Kind,
    default: &'static str,
    help: &'static str,
) -> Setting {
    Setting { key, flag, kind, default, help, server_only: false }
}

const fn server(
    key: &'static str,
    flag: &'static str,
    kind: Kind,
    default: &'static str,
    help: &'static str,
) -> Setting {
    Setting { key, flag, kind, default, help, server_only: true }
}

/// The table.
pub static SETTINGS: &[Setting] = &[
    both(
        "data",
        "data",
        Kind::Path,
        "windhover-data",
        "Folder that holds everything that must survive a restart",
    ),
    both(
        "host",
        "host",
        Kind::Text,
        "",
        "Name of this host in its series; the system's host name when not set",
    ),
    both(
        "log.level",
        "log-level",
        Kind::Choice(&["error", "warn", "info", "debug", "trace"]),
        "info",
        "How much to log",
    ),
    both("log.format", "log-format", Kind::Choice(&["text", "json"]), "text", "Shape of a log line"),
    both("agent.server", "server", Kind::Urls, "", "Where the agent ships to; several are tried in order"),
    both(
        "agent.token_file",
        "token-file",
        Kind::Path,
        "",
        "File with the token that the agent shows to the server",
    ),
    both(
        "agent.ca_file",
        "ca-file",
        Kind::Path,
        "",
        "Certificates (PEM) to trust for https besides the system's",
    ),
    both(
        "agent.cert_file",
        "cert-file",
        Kind::Path,
        "",
        "Certificate chain (PEM) that the agent shows to servers that ask for one",
    ),
    both("agent.key_file", "key-file", Kind::Path, "", "Key (PEM) of the agent's certificate"),
    both(
        "agent.resolvers",
        "resolvers",
        Kind::Servers,
        "8.8.8.8,1.1.1.1,9.9.9.9,2001:4860:4860::8888,2606:4700:4700::1111",
        "Name servers that are asked for the server's name when the host's own fail; an empty list for none",
    ),
    both(
        "agent.ntp_servers",
        "ntp-servers",
        Kind::Servers,
        "",
        "Time servers, by address, whose clocks the host's is compared with once a minute",
    ),
    both("agent.interval", "interval", Kind::Duration, "1s", "Time between two measurements"),
    both("agent.per_core", "per-core", Kind::Switch, "false", "Also measure every processor core"),
    both(
        "agent.top_processes",
        "top-processes",
        Kind::Count,
        "10",
        "How many process groups are named one by one",
    ),
    both(
        "agent.checks_at_once",
        "checks-at-once",
        Kind::Count,
        "16",
        "Most checks (`[[check]]`) that run at the same time",
    ),
    both(
        "agent.settings_every",
        "settings-every",
        Kind::Duration,
        "60s",
        "How often the server is asked for settings of this host's group; 0s for never",
    ),
    both(
        "agent.settings_trial",
        "settings-trial",
        Kind::Duration,
        "5m",
        "How long settings from the server must do no harm before they are trusted",
    ),
    both(
        "agent.spool_bytes_max",
        "spool-bytes-max",
        Kind::Bytes,
        "500MB",
        "Most disk the unsent samples may take",
    ),
    both(
        "agent.log_level_shipped",
        "log-level-shipped",
        Kind::Choice(&["off", "error", "warn", "info", "debug", "trace"]),
        "info",
        "How much of its own log the program sends to the server, or keeps where it is one",
    ),
    both(
        "agent.backlog_bytes_per_second",
        "backlog-bytes-per-second",
        Kind::Bytes,
        "4MB",
        "How fast samples that wait since an outage are sent, behind those measured now; 0 for no limit",
    ),
    both(
        "doors.statsd",
        "statsd",
        Kind::Address,
        "",
        "Address of the statsd door, UDP and TCP, such as 127.0.0.1:8125; off when not set",
    ),
    both(
        "doors.statsd_socket",
        "statsd-socket",
        Kind::Path,
        "",
        "Socket in the file system on which the statsd door takes datagrams",
    ),
    both(
        "doors.falcon_agent",
        "falcon-agent",
        Kind::Address,
        "",
        "Address of the door of Open-Falcon's agent, such as 127.0.0.1:1988; off when not set",
    ),
    both(
        "statsd.interval",
        "statsd-interval",
        Kind::Duration,
        "10s",
        "How often statsd's lines become samples",
    ),
    both(
        "statsd.idle",
        "statsd-idle",
        Kind::Duration,
        "5m",
        "How long statsd's counters and gauges are told without news; after twelve times that they are forgotten",
    ),
    both(
        "statsd.quantiles",
        "statsd-quantiles",
        Kind::Texts,
        "0.5,0.9,0.95,0.99",
        "Quantiles of statsd's timers, histograms and distributions",
    ),
    both(
        "statsd.buckets",
        "statsd-buckets",
        Kind::Texts,
        "",
        "Upper bounds of cumulative buckets of statsd's timers, by which hosts can be taken together; none when not set",
    ),
    both(
        "statsd.series_max",
        "statsd-series-max",
        Kind::Count,
        "10000",
        "Most series that statsd's lines may make",
    ),
    both(
        "statsd.memory_bytes_max",
        "statsd-memory-bytes-max",
        Kind::Bytes,
        "32MiB",
        "Most memory that statsd's names and sketches may take before new series are refused",
    ),
    server(
        "listen",
        "listen",
        Kind::Address,
        "127.0.0.1:9463",
        "Address of the web pages and every HTTP door",
    ),
    server(
        "access.token_file",
        "access-token-file",
        Kind::Path,
        "",
        "File with the tokens that open the server, one a line",
    ),
    server(
        "access.open",
        "access-open",
        Kind::Switch,
        "false",
        "Let everybody in without a token, on any address",
    ),
    server(
        "tls.cert_file",
        "tls-cert-file",
        Kind::Path,
        "",
        "Certificate (PEM, with those that lead to its authority): the address speaks https",
    ),
    server("tls.key_file", "tls-key-file", Kind::Path, "", "Private key (PEM) of the certificate"),
    server(
        "tls.client_ca_file",
        "tls-client-ca-file",
        Kind::Path,
        "",
        "Authorities (PEM): who shows a certificate of theirs needs no token",
    ),
    server(
        "store.sync",
        "store-sync",
        Kind::Text,
        "200ms",
        "Longest time until written samples are synced, or `always`",
    ),
    server("store.late", "store-late", Kind::Duration, "1h", "How late a sample may arrive"),
    server(
        "store.retention",
        "store-retention",
        Kind::Duration,
        "10d",
        "How long samples are kept as they came, where no `[[store.policy]]` says otherwise",
    ),
    server(
        "store.schemas",
        "store-schemas",
        Kind::Path,
        "",
        "Carbon's storage-schemas.conf: how long series with dotted names are kept that no `[[store.policy]]` matches",
    ),
    server(
        "store.aggregation",
        "store-aggregation",
        Kind::Path,
        "",
        "Carbon's storage-aggregation.conf: how the samples of a step become one value where `export --step` does not say",
    ),
    server(
        "store.retention_bytes",
        "store-retention-bytes",
        Kind::Bytes,
        "20GiB",
        "Most disk the samples may take; oldest go first",
    ),
    server(
        "store.free_bytes_min",
        "store-free-bytes-min",
        Kind::Bytes,
        "256MiB",
        "Space that stays free on the disk: below it the oldest samples go, then nothing is taken",
    ),
    server(
        "store.background_cpu_percent",
        "store-background-cpu-percent",
        Kind::Count,
        "25",
        "Share of one processor core that joining blocks and computing rows may take",
    ),
    server(
        "store.series_max",
        "store-series-max",
        Kind::Count,
        "5000000",
        "Most series kept in memory; new ones beyond are refused",
    ),
    server(
        "events.retention",
        "events-retention",
        Kind::Duration,
        "30d",
        "How long logs, notes and other events are kept",
    ),
    server(
        "events.retention_bytes",
        "events-retention-bytes",
        Kind::Bytes,
        "1GiB",
        "Most disk the events may take; oldest go first",
    ),
    server(
        "http.body_bytes_max",
        "http-body-bytes-max",
        Kind::Bytes,
        "32MiB",
        "Largest request body as it arrives",
    ),
    server(
        "http.inflated_bytes_max",
        "http-inflated-bytes-max",
        Kind::Bytes,
        "256MiB",
        "Largest request body after decompression",
    ),
    server("http.calls_max", "http-calls-max", Kind::Count, "16", "Requests worked on at once"),
];

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
