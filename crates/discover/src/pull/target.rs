//! Which service is asked, and from where it is seen.

use super::Row;
use std::fmt;
use std::path::PathBuf;

/// Where a service listens, in its own words.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Address {
    /// A name or an IP address, and a port.
    Tcp(String, u16),
    /// A unix socket. Also the file a service writes its numbers to.
    Path(PathBuf),
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(host, port) if host.contains(':') => write!(f, "[{host}]:{port}"),
            Self::Tcp(host, port) => write!(f, "{host}:{port}"),
            Self::Path(path) => write!(f, "{}", path.display()),
        }
    }
}

/// From where a service is seen: one in a container has a root, a network and users of its own.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Place {
    /// Folder that is `/` to the service (`/proc/PID/root`); empty for our own.
    pub root: PathBuf,
    /// Its network namespace (`/proc/PID/ns/net`); `None` for our own.
    pub network: Option<PathBuf>,
    /// The user and group we are to the service: a unix socket tells. `None` leaves us who we are. Only root may be others.
    pub user: Option<(u32, u32)>,
}

/// Whom to trust behind TLS, and who we are there.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Papers {
    /// PEM file with the authorities who may vouch for the service; empty for the public ones.
    pub ca_file: PathBuf,
    /// PEM files with our own certificate and its key, for services that ask their clients for one.
    pub identity: Option<(PathBuf, PathBuf)>,
    /// Whether the service is on this host, whatever its address looks like.
    pub is_at_home: bool,
}

/// Whom to ask, and as whom.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Target {
    /// Where it listens; `None` for the service's usual port on this host.
    pub address: Option<Address>,
    /// Whether it speaks TLS.
    pub is_tls: bool,
    /// Whom to trust there, and who we are.
    pub papers: Papers,
    /// Path of the page with the numbers; empty for the usual ones.
    pub path: String,
    /// Name that is asked for where one server has pages of several; empty for that of the address.
    pub host: String,
    /// Who we are; empty for nobody, or for what the service takes by default.
    pub user: String,
    /// And how we prove it; empty for not at all.
    pub password: String,
    /// Database that is connected to where a service wants one; empty for the usual one.
    pub database: String,
    /// From where it is seen.
    pub place: Place,
}

/// A password is nobody's business.
impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.address.as_ref().map_or_else(String::new, ToString::to_string))
    }
}

impl Target {
    /// A service at this address, asked by nobody in particular.
    pub fn at(address: Address) -> Self {
        Self { address: Some(address), ..Self::default() }
    }

    /// The schemes that mean TLS.
    const SECURE: [&str; 4] = ["https", "tls", "ssl", "rediss"];

    /// Reads `[http[s]://][user[:password]@]host[:port][/path]` or `/path/of/a.socket`; `unix:` may stand before that, and
    /// after it `:/path` of a page. `tls://` is TLS to what speaks no HTTP. Empty is the usual port on this host.
    ///
    /// # Errors
    /// A text for people.
    pub fn parse(text: &str, row: &Row) -> Result<Self, String> {
        let mut target = Self::default();
        if text.is_empty() {
            return Ok(target);
        }
        let socket = text.strip_prefix("unix:").or_else(|| text.starts_with('/').then_some(text));
        if let Some(socket) = socket {
            let (path, page) =
                socket.split_once(":/").map_or((socket, None), |(path, page)| (path, Some(page)));
            target.address = Some(Address::Path(path.into()));
            target.path = page.map(|page| format!("/{page}")).unwrap_or_default();
            return Ok(target);
        }
        let (scheme, rest) = text.split_once("://").unwrap_or(("", text));
        target.is_tls = Self::SECURE.iter().any(|secure| scheme.eq_ignore_ascii_case(secure));
        let (rest, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        path.clone_into(&mut target.path);
        let (who, place) = rest.rsplit_once('@').unwrap_or(("", rest));
        let (user, password) = who.split_once(':').unwrap_or((who, ""));
        (target.user, target.password) = (user.to_owned(), password.to_owned());
        target.address = Some(address(place, row.port).ok_or_else(|| {
            format!("`{place}` is not an address: write host:port, :port, [::1]:port or the path of a socket")
        })?);
        Ok(target)
    }

    /// Where it listens, the usual port on this host included.
    pub fn address(&self, row: &Row) -> Address {
        self.address.clone().unwrap_or_else(|| Address::Tcp("127.0.0.1".into(), row.port))
    }
}

fn address(text: &str, port_usual: u16) -> Option<Address> {
    let (host, port) = if let Some(rest) = text.strip_prefix('[') {
        let (host, port) = rest.split_once(']')?;
        (host, if port.is_empty() { None } else { Some(port.strip_prefix(':')?) })
    } else {
        match text.split_once(':') {
            // More than one colon without brackets is a bare IPv6 address.
            Some((host, port)) if !port.contains(':') => (host, Some(port)),
            _ => (text, None),
        }
    };
    let port = match port {
        Some(port) => port.parse().ok().filter(|&port| port != 0)?,
        None => port_usual,
    };
    let host = if host.is_empty() && !text.is_empty() { "127.0.0.1" } else { host };
    (!host.is_empty()).then(|| Address::Tcp(host.to_owned(), port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_as_people_write_them() {
        let row = super::super::named("nginx").unwrap();
        let tcp = |host: &str, port| Some(Address::Tcp(host.into(), port));
        let unix = |path: &str| Some(Address::Path(path.into()));
        for (text, address, path, user) in [
            ("", None, "", ""),
            ("10.0.0.1", tcp("10.0.0.1", 80), "", ""),
            (":81", tcp("127.0.0.1", 81), "", ""),
            ("db.example:5432", tcp("db.example", 5432), "", ""),
            ("::1", tcp("::1", 80), "", ""),
            ("[::1]:81", tcp("::1", 81), "", ""),
            ("[::1]", tcp("::1", 80), "", ""),
            ("http://u:p@a:81/x?y", tcp("a", 81), "/x?y", "u"),
            ("/run/a.sock", unix("/run/a.sock"), "", ""),
            ("unix:/run/a.sock", unix("/run/a.sock"), "", ""),
            ("unix:/run/a.sock:/status", unix("/run/a.sock"), "/status", ""),
        ] {
            let target = Target::parse(text, row).unwrap();
            assert_eq!((target.address, &*target.path, &*target.user), (address, path, user), "{text}");
        }
        for text in ["a:0", "a:b", "[::1", "http:///x", "a:65536"] {
            assert!(Target::parse(text, row).unwrap_err().contains("not an address"), "{text}");
        }
    }

    #[test]
    fn a_password_is_not_shown() {
        let row = super::super::named("redis").unwrap();
        let target = Target::parse("u:secret@h:1", row).unwrap();
        assert_eq!((&*target.password, format!("{target:?}")), ("secret", "h:1".into()));
    }
}
