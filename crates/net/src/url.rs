//! Addresses of HTTP servers: `http[s]://host[:port][/path]`, and nothing more. A user, a query or a fragment is refused
//! with its reason instead of being dropped silently.

mod page;

use std::fmt;
use std::net::Ipv6Addr;

/// Longest address, in bytes.
pub const URL_BYTES_MAX: usize = 2048;

/// An address, checked and taken apart.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Url {
    /// Whether the scheme is `https`.
    pub tls: bool,
    /// Name or IP address; IPv6 without brackets.
    pub host: String,
    /// The port, 80 or 443 where none is written.
    pub port: u16,
    /// Starts with `/`, does not end with it unless it is all there is. That of a page ([`Url::parse_page`]) is as it was
    /// written, with its query.
    pub path: String,
}

impl Url {
    /// Takes an address apart; the error is for people.
    pub fn parse(text: &str) -> Result<Self, String> {
        let refuse = |why: &str| Err(format!("`{text}` is not an address we can use: {why}"));
        if text.len() > URL_BYTES_MAX {
            return Err(format!("an address longer than {URL_BYTES_MAX} bytes"));
        }
        let (tls, rest) = match text.split_once("://") {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => (false, rest),
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("https") => (true, rest),
            _ => return refuse("it must start with http:// or https://"),
        };
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        if authority.contains('@') {
            return refuse("user and password do not belong here; use a token");
        }
        if !path.bytes().all(is_path_byte) || !authority.bytes().all(|b| b.is_ascii_graphic()) {
            return refuse("only a host, a port and a path may follow, without spaces, `?` and `#`");
        }
        let (host, port) = match split_authority(authority) {
            Ok(parts) => parts,
            Err(why) => return refuse(why),
        };
        let path = match path.trim_end_matches('/') {
            "" => "/",
            path => path,
        };
        let port = port.unwrap_or(if tls { 443 } else { 80 });
        Ok(Self { tls, host: host.to_ascii_lowercase(), port, path: path.to_owned() })
    }

    /// The address of `path` (which starts with `/`) below this one.
    pub fn below(&self, path: &str) -> Self {
        let base = self.path.trim_end_matches('/');
        Self { path: format!("{base}{path}"), ..self.clone() }
    }

    /// Host and port as the `Host` header has them.
    pub fn authority(&self) -> String {
        let (open, close) = if self.host.contains(':') { ("[", "]") } else { ("", "") };
        let default = if self.tls { 443 } else { 80 };
        let port = if self.port == default { String::new() } else { format!(":{}", self.port) };
        format!("{open}{}{close}{port}", self.host)
    }
}

fn is_path_byte(byte: u8) -> bool {
    byte.is_ascii_graphic()
        && !matches!(byte, b'?' | b'#' | b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}')
}

fn split_authority(authority: &str) -> Result<(&str, Option<u16>), &'static str> {
    let (host, port) = if let Some(rest) = authority.strip_prefix('[') {
        let (host, after) = rest.split_once(']').ok_or("a bracket is not closed")?;
        host.parse::<Ipv6Addr>().map_err(|_| "brackets are for IPv6 addresses")?;
        match after.strip_prefix(':') {
            Some(port) => (host, Some(port)),
            None if after.is_empty() => (host, None),
            None => return Err("only a port may follow the bracket"),
        }
    } else {
        let (host, port) = authority.split_once(':').map_or((authority, None), |(h, p)| (h, Some(p)));
        let name_byte = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
        if host.is_empty() || host.len() > 253 || !host.bytes().all(name_byte) {
            return Err("it has no proper host name (IPv6 addresses go into brackets)");
        }
        (host, port)
    };
    let port = match port {
        Some(digits) if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) => {
            Some(digits.parse().ok().filter(|&p: &u16| p != 0).ok_or("the port must be 1 to 65535")?)
        }
        Some(_) => return Err("the port must be a number"),
        None => None,
    };
    Ok((host, port))
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.tls { "https" } else { "http" };
        write!(f, "{scheme}://{}{}", self.authority(), self.path)
    }
}

/// Text as it may stand for a value in a query string: all but the unreserved characters of RFC 3986 escaped.
pub fn encode(text: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~".contains(&b);
    text.bytes().map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_taken_apart_and_put_together() {
        let cases = [
            ("http://a", "a", 80, "/", "http://a/"),
            ("HTTPS://Mon.example:8443/x/", "mon.example", 8443, "/x", "https://mon.example:8443/x"),
            ("http://[::1]:9463", "::1", 9463, "/", "http://[::1]:9463/"),
            ("https://127.0.0.1:443/a%20b", "127.0.0.1", 443, "/a%20b", "https://127.0.0.1/a%20b"),
        ];
        for (text, host, port, path, shown) in cases {
            let url = Url::parse(text).unwrap();
            assert_eq!((url.host.as_str(), url.port, url.path.as_str()), (host, port, path), "{text}");
            assert_eq!(url.to_string(), shown);
            assert_eq!(Url::parse(&url.to_string()).unwrap(), url);
        }
        assert_eq!(Url::parse("http://a/b").unwrap().below("/c").path, "/b/c");
        assert_eq!(Url::parse("http://a").unwrap().below("/c").path, "/c");
    }

    #[test]
    fn what_is_not_an_address_is_refused_with_the_reason() {
        let cases = [
            ("a:9463", "must start with"),
            ("ftp://a", "must start with"),
            ("http://", "no proper host"),
            ("http://u:p@a", "use a token"),
            ("http://a?x=1", "host name"),
            ("http://a/?x=1", "without spaces"),
            ("http://a/b c", "without spaces"),
            ("http://a\r\nX: y", "without spaces"),
            ("http://::1/", "brackets"),
            ("http://[::1", "not closed"),
            ("http://[a]", "IPv6"),
            ("http://[::1]x", "port"),
            ("http://a:", "number"),
            ("http://a:+1", "number"),
            ("http://a:0", "1 to 65535"),
            ("http://a:65536", "1 to 65535"),
        ];
        for (text, why) in cases {
            let error = Url::parse(text).unwrap_err();
            assert!(error.contains(why), "{text}: {error}");
        }
    }
}
