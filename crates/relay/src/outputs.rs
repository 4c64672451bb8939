//! Which outputs there are: one file and one row each.

mod carbon;
mod collectd;
mod falcon;
mod file;
mod http;
mod influx;
pub(crate) mod movable;
mod nats;
mod opentsdb;
mod remote_write;
pub mod tcp;
mod text;
mod windhover;

pub use movable::Make;

use crate::output::Output;
use net::Url;
use std::time::Duration;
use stdx::random::Random;

/// What a row makes an output of.
#[derive(Clone)]
pub struct Target {
    /// Its address: a URL, or `host:port` where the protocol is no HTTP, or a file.
    pub address: String,
    /// Sent as `Authorization: Bearer …` when given.
    pub token: Option<String>,
    /// How connections are made.
    pub net: net::Options,
    /// How long an answer may take.
    pub timeout: Duration,
    /// This host's name, told where the protocol has a place for it.
    pub host: String,
    /// Paths, for protocols that have them; see [`wire::protocols::graphite::Template`].
    pub template: String,
    /// Whether names go as they are also where the other side might not know them.
    pub utf8: bool,
    /// For protocols with more than one form.
    pub form: String,
    /// Time between two samples of a series, in seconds, where the protocol wants to know it.
    pub step_s: u32,
    /// Randomness for whoever needs it.
    pub random: Random,
}

/// A row of the table.
pub struct Kind {
    /// What settings call it.
    pub name: &'static str,
    /// One sentence for people.
    pub summary: &'static str,
    /// What an address looks like.
    pub address: &'static str,
    /// Forms that `form` may name, the usual one first; empty when there is but one.
    pub forms: &'static [&'static str],
    /// Most samples in one piece.
    pub rows_max: usize,
    /// Makes one; the error is for people.
    pub make: fn(Target) -> Result<Box<dyn Output>, String>,
}

/// The table.
pub static KINDS: &[Kind] = &[
    windhover::KIND,
    remote_write::KIND,
    carbon::LINE,
    carbon::PICKLE,
    collectd::KIND,
    influx::KIND,
    opentsdb::KIND,
    falcon::KIND,
    nats::KIND,
    file::KIND,
];

/// The kind of this name, or an error that lists them.
///
/// # Errors
/// When there is none.
pub fn find(name: &str) -> Result<&'static Kind, String> {
    KINDS.iter().find(|kind| kind.name == name).ok_or_else(|| {
        let names: Vec<_> = KINDS.iter().map(|kind| kind.name).collect();
        format!("there is no output `{name}`; there are {}", names.join(", "))
    })
}

/// The address of a request: with this path where the address has none, and with the query that it may have.
fn url(address: &str, path: &str) -> Result<Url, String> {
    let (base, query) = address.split_once('?').map_or((address, None), |(base, query)| (base, Some(query)));
    let mut url = Url::parse(base)?;
    if url.path.is_empty() || url.path == "/" {
        url = url.below(path);
    }
    if let Some(query) = query {
        if query.contains(|c: char| c.is_whitespace() || c.is_control() || c == '#') {
            return Err(format!("`{query}`: write blanks and `#` of a query as %20 and %23"));
        }
        url.path = format!("{}?{query}", url.path.split('?').next().unwrap_or_default());
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn an_address_may_have_a_path_and_a_query() {
        let path = |address| url(address, "/write?db=windhover").unwrap().path;
        assert_eq!(path("http://h:1"), "/write?db=windhover");
        assert_eq!(path("http://h:1?db=x"), "/write?db=x");
        assert_eq!(path("http://h:1/api/v2/write?org=a&bucket=b"), "/api/v2/write?org=a&bucket=b");
        assert!(url("http://h:1/w?a=b c", "").is_err() && url("ftp://h", "").is_err());
    }

    #[test]
    fn names_are_unique_and_told() {
        let names: HashSet<_> = KINDS.iter().map(|kind| kind.name).collect();
        assert_eq!(names.len(), KINDS.len());
        assert!(KINDS.iter().all(|k| !k.summary.is_empty() && !k.address.is_empty() && k.rows_max > 0));
        assert!(find("remote_write").is_ok());
        assert!(find("carrier").is_err_and(|why| why.contains("windhover, remote_write")));
    }
}
