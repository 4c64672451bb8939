//! Pages of services that speak HTTP, over TCP and over unix sockets.

use super::ask::Ask;
use super::link::ANSWER_BYTES_MAX;
use super::{Address, Error};
use net::{Exchange, Request, Url};

/// A page and its status.
pub(super) struct Page {
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
}

/// Asks for a page; any status is an answer.
pub(super) fn page(ask: &mut Ask<'_>, path: &str) -> Result<Page, Error> {
    let address = ask.target.address(ask.row);
    let mut link = ask.connect_to(&address)?;
    let (host, port) = match address {
        Address::Tcp(host, port) => (host, port),
        // Over a unix socket no name was asked for; servers want one all the same.
        Address::Path(_) => ("localhost".into(), 80),
    };
    let host = if ask.target.host.is_empty() { host } else { ask.target.host.clone() };
    let url = Url { tls: ask.target.is_tls, host, port, path: path.to_owned() };
    let proof = basic(&ask.target.user, &ask.target.password);
    let mut headers = vec![("User-Agent", "windhover"), ("Accept", "*/*"), ("Connection", "close")];
    headers.extend(proof.as_deref().map(|proof| ("Authorization", proof)));
    let request = Request { method: "GET", url: &url, headers: &headers, body: &[] };
    let exchange = Exchange::over(&mut link, &request, ANSWER_BYTES_MAX)?;
    let response = exchange.response();
    Ok(Page { status: response.status, body: response.body.to_vec() })
}

/// The body of a page that must be there.
pub(super) fn get(ask: &mut Ask<'_>, path: &str) -> Result<Vec<u8>, Error> {
    let page = page(ask, path)?;
    judge(page.status, path, &ask.target.user)?;
    Ok(page.body)
}

fn judge(status: u16, path: &str, user: &str) -> Result<(), Error> {
    let why = match status {
        200..=299 => return Ok(()),
        401 if user.is_empty() => {
            "it wants a user and a password (401): set them for this service".to_owned()
        }
        401 => format!("it does not accept the password of `{user}` (401)"),
        403 => "it refuses us (403): allow 127.0.0.1 there".to_owned(),
        404 => "there is no such page (404)".to_owned(),
        300..=399 => format!("it sends us elsewhere ({status}): set the path of the page itself"),
        _ => format!("it answers with status {status}"),
    };
    Err(Error::Refused(format!("{path}: {why}")))
}

fn basic(user: &str, password: &str) -> Option<String> {
    let is_header_safe = !user.bytes().chain(password.bytes()).any(|b| b.is_ascii_control());
    (!user.is_empty() && is_header_safe)
        .then(|| format!("Basic {}", super::base64::encode(format!("{user}:{password}").as_bytes())))
}
