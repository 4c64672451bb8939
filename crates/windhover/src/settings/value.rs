//! What values look like, and how they are read.

use super::tables::Table;
use std::net::SocketAddr;
use std::time::Duration;

/// The shape of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Any text.
    Text,
    /// A file or folder.
    Path,
    /// `host:port` with a numeric host.
    Address,
    /// A number with a unit: `200ms`, `10s`, `5m`, `1h`, `90d`, `2w`.
    Duration,
    /// A number with a unit: `500MB` (powers of 1000), `20GiB` (powers of 1024).
    Bytes,
    /// A whole number.
    Count,
    /// `true` or `false`.
    Switch,
    /// One or more addresses that start with `http://` or `https://`; separated by commas outside the file.
    Urls,
    /// IP addresses of name servers, each with a port or not; separated by commas outside the file.
    Servers,
    /// Several texts; separated by commas outside the file.
    Texts,
    /// Names with a text each; only in tables that may stand several times.
    Pairs,
    /// Tables below this one, `[[table.key]]`; only in tables that may stand several times.
    Tables(&'static Table),
    /// One of these words.
    Choice(&'static [&'static str]),
}

impl Kind {
    /// What to show in place of a value in `--help`.
    pub fn placeholder(self) -> String {
        match self {
            Self::Text => "TEXT".into(),
            Self::Path => "PATH".into(),
            Self::Address => "ADDR".into(),
            Self::Duration => "TIME".into(),
            Self::Bytes => "SIZE".into(),
            Self::Count => "N".into(),
            Self::Switch => "true|false".into(),
            Self::Urls => "URL".into(),
            Self::Servers => "IP".into(),
            Self::Texts => "TEXTS".into(),
            Self::Pairs => "NAMES".into(),
            Self::Tables(_) => "TABLES".into(),
            Self::Choice(words) => words.join("|"),
        }
    }

    /// Says what is wrong with a value, if anything is.
    pub fn check(self, value: &str) -> Result<(), String> {
        if value.is_empty() {
            return Ok(());
        }
        match self {
            Self::Text | Self::Path | Self::Texts | Self::Pairs | Self::Tables(_) => Ok(()),
            Self::Address => value
                .parse::<SocketAddr>()
                .map(drop)
                .map_err(|_| format!("`{value}` is not an address such as 127.0.0.1:9463 or [::]:9463")),
            Self::Duration => duration(value).map(drop),
            Self::Bytes => bytes(value).map(drop),
            Self::Count => {
                value.parse::<u64>().map(drop).map_err(|_| format!("`{value}` is not a whole number"))
            }
            Self::Switch => {
                value.parse::<bool>().map(drop).map_err(|_| format!("`{value}` is neither true nor false"))
            }
            Self::Urls => value.split(',').try_for_each(|url| {
                let known = url.starts_with("http://") || url.starts_with("https://");
                if known { Ok(()) } else { Err(format!("`{url}` does not start with http:// or https://")) }
            }),
            Self::Servers => {
                value.split(',').map(str::trim).filter(|server| !server.is_empty()).try_for_each(|server| {
                    let good = net::dns::parse_server(server).is_some();
                    if good {
                        Ok(())
                    } else {
                        Err(format!("`{server}` is not an IP address such as 8.8.8.8"))
                    }
                })
            }
            Self::Choice(words) if words.contains(&value) => Ok(()),
            Self::Choice(words) => Err(format!("`{value}` is not one of {}", words.join(", "))),
        }
    }
}

/// Reads `200ms`, `1.5s`, `90d` …
pub fn duration(text: &str) -> Result<Duration, String> {
    let units = [
        ("ms", 0.001),
        ("s", 1.0),
        ("m", 60.0),
        ("h", 3600.0),
        ("d", 86_400.0),
        ("w", 604_800.0),
        ("y", 31_557_600.0),
    ];
    let seconds = scaled(text, &units)
        .ok_or_else(|| format!("`{text}` is not a time such as 200ms, 10s, 5m, 1h or 90d"))?;
    Duration::try_from_secs_f64(seconds).map_err(|_| format!("`{text}` is too long a time"))
}

/// Reads `500MB`, `20GiB`, `4096` …
pub fn bytes(text: &str) -> Result<u64, String> {
    let units = [
        ("KiB", 1024.0),
        ("MiB", 1024.0 * 1024.0),
        ("GiB", 1024.0 * 1024.0 * 1024.0),
        ("TiB", 1024.0 * 1024.0 * 1024.0 * 1024.0),
        ("kB", 1e3),
        ("KB", 1e3),
        ("MB", 1e6),
        ("GB", 1e9),
        ("TB", 1e12),
        ("B", 1.0),
        ("", 1.0),
    ];
    let size =
        scaled(text, &units).ok_or_else(|| format!("`{text}` is not a size such as 500MB or 20GiB"))?;
    Ok(size as u64)
}

fn scaled(text: &str, units: &[(&str, f64)]) -> Option<f64> {
    let text = text.trim();
    let split = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let number: f64 = text[..split].parse().ok()?;
    let unit = text[split..].trim();
    let factor = units.iter().find(|(name, _)| *name == unit)?.1;
    Some(number * factor)
}
