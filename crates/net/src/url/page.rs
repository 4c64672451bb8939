//! Addresses of pages, as a person or a `Location` header writes them: with a query, the path untouched.

use super::{URL_BYTES_MAX, Url, split_authority};

impl Url {
    /// Takes the address of a page apart. Unlike [`Url::parse`] it may have a query, and a slash at its end stays; a
    /// fragment never goes to a server and is dropped. The error is for people.
    pub fn parse_page(text: &str) -> Result<Self, String> {
        let refuse = |why: &str| Err(format!("`{}` is not an address of a page: {why}", text.escape_debug()));
        if text.len() > URL_BYTES_MAX {
            return Err(format!("an address longer than {URL_BYTES_MAX} bytes"));
        }
        let (tls, rest) = match text.split_once("://") {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => (false, rest),
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("https") => (true, rest),
            _ => return refuse("it must start with http:// or https://"),
        };
        let rest = without_fragment(rest);
        let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        if authority.contains('@') {
            return refuse("user and password do not belong here; use a header");
        }
        if !authority.is_ascii() {
            return refuse("write the host in ASCII (`xn--…`)");
        }
        if !path.bytes().all(|b| b.is_ascii_graphic()) {
            return refuse("spaces and letters beyond ASCII are written as `%20` and the like");
        }
        let (host, port) = match split_authority(authority) {
            Ok(parts) => parts,
            Err(why) => return refuse(why),
        };
        let slash = if path.starts_with('/') { "" } else { "/" };
        let port = port.unwrap_or(if tls { 443 } else { 80 });
        Ok(Self { tls, host: host.to_ascii_lowercase(), port, path: format!("{slash}{path}") })
    }

    /// The page that a reference on this page, such as the value of `Location`, leads to (RFC 3986, 5.2). Bytes that may
    /// not stand in an address are escaped, as browsers do.
    pub fn join(&self, reference: &str) -> Result<Self, String> {
        let reference = escaped(without_fragment(reference.trim()));
        if has_scheme(&reference) {
            return Self::parse_page(&reference);
        }
        if reference.starts_with("//") {
            let scheme = if self.tls { "https:" } else { "http:" };
            return Self::parse_page(&format!("{scheme}{reference}"));
        }
        let own_path = self.path.split('?').next().unwrap_or("/");
        let path = match reference.as_bytes().first() {
            None => self.path.clone(),
            Some(b'/') => without_dots(&reference),
            Some(b'?') => format!("{own_path}{reference}"),
            Some(_) => {
                without_dots(&format!("{}/{reference}", own_path.rsplit_once('/').map_or("", |(dir, _)| dir)))
            }
        };
        if path.len() > URL_BYTES_MAX {
            return Err(format!("an address longer than {URL_BYTES_MAX} bytes"));
        }
        Ok(Self { path, ..self.clone() })
    }
}

fn without_fragment(text: &str) -> &str {
    text.split('#').next().unwrap_or("")
}

fn has_scheme(reference: &str) -> bool {
    let scheme = reference.split(['/', '?']).next().and_then(|start| start.split_once(':'));
    scheme.is_some_and(|(scheme, _)| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
    })
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_graphic() {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// Takes `.` and `..` out of the path, not out of the query.
fn without_dots(path: &str) -> String {
    let (path, query) = path.split_at(path.find('?').unwrap_or(path.len()));
    let mut kept: Vec<&str> = Vec::new();
    let mut segments = path.split('/').skip(1).peekable();
    while let Some(segment) = segments.next() {
        let is_last = segments.peek().is_none();
        match segment {
            "." | ".." => {
                if segment == ".." {
                    kept.pop();
                }
                if is_last {
                    kept.push("");
                }
            }
            _ => kept.push(segment),
        }
    }
    format!("/{}{query}", kept.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_keep_their_path_and_query() {
        let cases = [
            ("http://a", "http://a/"),
            ("http://a?x=1", "http://a/?x=1"),
            ("https://A:443/b/?x=1&y={2}#top", "https://a/b/?x=1&y={2}"),
            ("http://[::1]:8080/health/", "http://[::1]:8080/health/"),
            ("http://a/x?u=http://b@c/", "http://a/x?u=http://b@c/"),
        ];
        for (text, shown) in cases {
            assert_eq!(Url::parse_page(text).unwrap().to_string(), shown);
        }
        for (text, why) in [
            ("a/b", "must start with"),
            ("http://u:p@a/", "use a header"),
            ("http://a/b c", "%20"),
            ("http://a/b\r\nX: y", "%20"),
            ("http://müller.example/", "xn--"),
            ("http:///x", "no proper host"),
        ] {
            let error = Url::parse_page(text).unwrap_err();
            assert!(error.contains(why), "{text}: {error}");
        }
    }

    // The examples of RFC 3986, 5.4, as far as they are pages.
    #[test]
    fn references_lead_where_the_rfc_says() {
        let base = Url::parse_page("http://a/b/c/d;p?q").unwrap();
        let cases = [
            ("g", "http://a/b/c/g"),
            ("./g", "http://a/b/c/g"),
            ("g/", "http://a/b/c/g/"),
            ("/g", "http://a/g"),
            ("//g", "http://g/"),
            ("?y", "http://a/b/c/d;p?y"),
            ("g?y", "http://a/b/c/g?y"),
            ("#s", "http://a/b/c/d;p?q"),
            ("g#s", "http://a/b/c/g"),
            (";x", "http://a/b/c/;x"),
            ("", "http://a/b/c/d;p?q"),
            (".", "http://a/b/c/"),
            ("..", "http://a/b/"),
            ("../g", "http://a/b/g"),
            ("../..", "http://a/"),
            ("../../../g", "http://a/g"),
            ("/./g", "http://a/g"),
            ("g.", "http://a/b/c/g."),
            ("g;x=1/../y", "http://a/b/c/y"),
            ("g?y/./x", "http://a/b/c/g?y/./x"),
            ("https://b:8443/ü x", "https://b:8443/%C3%BC%20x"),
        ];
        for (reference, wanted) in cases {
            assert_eq!(base.join(reference).unwrap().to_string(), wanted, "{reference}");
        }
        assert!(base.join("mailto:x@y").unwrap_err().contains("must start with"));
    }
}
