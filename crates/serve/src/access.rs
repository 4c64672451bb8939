//! Who may speak to us. From this machine to this machine no password is asked; everybody else shows a token.
//!
//! "This machine" means that the peer's address **and** the `Host` the client asked for are loopback and that nothing
//! says the request was forwarded. The peer alone would not do: a reverse proxy here, or a web page whose name was made
//! to resolve to 127.0.0.1 (DNS rebinding), would speak for the whole world. Nor may a page from elsewhere post to
//! 127.0.0.1 through the browser of whoever looks at it: browsers say where a page is from (`Origin`), and that must be
//! this machine too.

use http::{HeaderMap, header};
use std::net::{IpAddr, SocketAddr};

/// The rules in force.
#[derive(Debug, Clone, Default)]
pub struct Access {
    /// Tokens that open every door, as `Authorization: Bearer TOKEN` or as the password of Basic (any user name).
    pub tokens: Vec<String>,
    /// Let everybody in (set by an explicit flag only).
    pub open: bool,
}

const FORWARDED: [&str; 4] = ["forwarded", "x-forwarded-for", "x-real-ip", "via"];

impl Access {
    /// Whether a request may pass.
    pub fn allows(&self, peer: SocketAddr, headers: &HeaderMap) -> bool {
        self.open || is_local(peer, headers) || self.shows_token(headers)
    }

    fn shows_token(&self, headers: &HeaderMap) -> bool {
        let Some(text) = headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok()) else {
            return false;
        };
        let Some((scheme, rest)) = text.split_once(' ') else { return false };
        let shown = if scheme.eq_ignore_ascii_case("bearer") {
            rest.trim().to_owned()
        } else if scheme.eq_ignore_ascii_case("basic") {
            let Some(decoded) = decode_base64(rest.trim()) else { return false };
            match decoded.split_once(':') {
                Some((_, password)) => password.to_owned(),
                None => return false,
            }
        } else {
            return false;
        };
        // Every token is compared, so that the time taken tells nothing about which one was near.
        self.tokens.iter().fold(false, |found, token| found | equal_in_constant_time(token, &shown))
    }
}

fn is_local(peer: SocketAddr, headers: &HeaderMap) -> bool {
    let host = headers.get(header::HOST).and_then(|v| v.to_str().ok()).unwrap_or("");
    let forwarded = FORWARDED.iter().any(|h| headers.contains_key(*h));
    peer.ip().to_canonical().is_loopback() && is_loopback_name(host) && !forwarded && is_from_here(headers)
}

/// Whether a browser's page, if it is one that asks, was loaded from this machine.
fn is_from_here(headers: &HeaderMap) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else { return true };
    let host = origin.to_str().ok().and_then(|origin| origin.split_once("://")).map_or("", |(_, host)| host);
    is_loopback_name(host)
}

/// Whether the host part of `host[:port]` is `localhost` or a loopback address.
pub fn is_loopback_name(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or(""),
        None => host.split(':').next().unwrap_or(""),
    };
    name.eq_ignore_ascii_case("localhost")
        || name.parse::<IpAddr>().is_ok_and(|ip| ip.to_canonical().is_loopback())
}

fn equal_in_constant_time(a: &str, b: &str) -> bool {
    a.len() == b.len() && a.bytes().zip(b.bytes()).fold(0, |diff, (x, y)| diff | (x ^ y)) == 0
}

/// Standard base64 (RFC 4648, section 4) to text; padding optional.
fn decode_base64(text: &str) -> Option<String> {
    let (mut bytes, mut bits, mut count) = (Vec::with_capacity(text.len()), 0u32, 0);
    for c in text.trim_end_matches('=').bytes() {
        let value = match c {
            b'A'..=b'Z' => c - b'A',
            b'a'..=b'z' => c - b'a' + 26,
            b'0'..=b'9' => c - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
            bits &= (1 << count) - 1;
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests;
