//! Where nginx tells its own numbers: locations with `stub_status`.

use super::syntax::Directive;
use crate::Inspection;
use crate::inspection::{distance, reachable_v6};
use crate::plan::{Address, Ask, Part, Work};
use crate::process::listeners::Listener;
use std::net::SocketAddr;

/// Told when there is none.
const NONE: &str = "no stub_status: nginx's own numbers need \
                    `location = /nginx_status { stub_status; allow 127.0.0.1; deny all; }` in a server";

/// One argument of `listen` with its options.
struct Listen {
    listener: Listener,
    is_tls: bool,
    is_v6_only: bool,
    /// It wants the PROXY protocol, which we do not speak, or QUIC.
    is_odd: bool,
}

/// Adds a part that asks, when there is a place.
pub(super) fn plan(inspection: &mut Inspection<'_>, http: Option<&Directive>) {
    let servers =
        http.map(Directive::children).unwrap_or_default().iter().filter(|child| child.name() == "server");
    let mut has_status = false;
    for server in servers {
        let mut paths = Vec::new();
        find(server, "/", &mut paths);
        has_status |= !paths.is_empty();
        for (path, place) in paths {
            match path {
                // The first that can be asked says it all: the numbers are those of the whole nginx.
                Some(path) if ask(inspection, server, &path) => return,
                Some(_) => inspection.problem(format!(
                    "{place}: stub_status is where the agent cannot ask: only by PROXY protocol or QUIC"
                )),
                None => inspection.problem(format!(
                    "{place}: stub_status is in a location of a regular expression that gives no path"
                )),
            }
        }
    }
    if http.is_some() && !has_status {
        inspection.problem(NONE);
    }
}

/// Locations with `stub_status` below a level, as paths; `None` where a regular expression does not say one.
fn find(level: &Directive, path: &str, found: &mut Vec<(Option<String>, String)>) {
    for child in level.children() {
        match (child.name(), child.arguments()) {
            ("stub_status", _) => found.push((Some(path.to_owned()), child.place())),
            ("location", arguments) => match location(arguments) {
                Some(path) => find(child, &path, found),
                None => {
                    let mut inner = Vec::new();
                    find(child, "", &mut inner);
                    found.extend(inner.into_iter().map(|(_, place)| (None, place)));
                }
            },
            ("if" | "limit_except", _) => find(child, path, found),
            _ => {}
        }
    }
}

/// A path that a location takes. Named ones are reached from others only.
fn location(arguments: &[String]) -> Option<String> {
    match arguments {
        [modifier, expression] if modifier.starts_with('~') => literal(expression),
        [path] if path.starts_with('~') => literal(path.trim_start_matches(['~', '*'])),
        [_, path] => Some(path.clone()),
        // `=` and `^~` may be written without a blank.
        [path] => {
            Some(path.trim_start_matches(['=', '^', '~']).to_owned()).filter(|path| path.starts_with('/'))
        }
        _ => None,
    }
}

/// The text that a regular expression stands for when it stands for one only.
fn literal(expression: &str) -> Option<String> {
    let text =
        expression.trim_start_matches('^').trim_end_matches('$').replace("\\.", ".").replace("\\/", "/");
    let is_plain = text.chars().all(|c| c.is_ascii_alphanumeric() || "/_-.".contains(c));
    (is_plain && text.starts_with('/')).then_some(text)
}

/// Adds the part; false when no socket of the server can be used.
fn ask(inspection: &mut Inspection<'_>, server: &Directive, path: &str) -> bool {
    let mut listens: Vec<Listen> = listens(server);
    listens.retain(|listen| !listen.is_odd);
    let Some(best) = listens.into_iter().min_by_key(rank) else { return false };
    let mut ask = inspection.ask("nginx", &best.listener);
    if let (Listener::Tcp(address), true) = (&best.listener, best.is_v6_only) {
        ask.address = Address::Tcp(reachable_v6(*address));
    }
    let ask = Ask { is_tls: best.is_tls, path: path.to_owned(), host: host(server), ..ask };
    inspection.part(Part::new(format!("status {path}"), Work::Ask(ask)));
    true
}

/// Plain before TLS, sockets and own addresses before others.
fn rank(listen: &Listen) -> (bool, u8, bool) {
    match &listen.listener {
        Listener::Unix(_) => (listen.is_tls, 0, false),
        Listener::Tcp(address) => {
            let (rank, is_v6) = distance(address.ip());
            (listen.is_tls, rank, is_v6)
        }
    }
}

fn listens(server: &Directive) -> Vec<Listen> {
    let said = server.children().iter().filter(|child| child.name() == "listen");
    let mut all: Vec<Listen> = said.filter_map(|directive| listen(directive.arguments())).collect();
    // Since 0.7.37 also by `ssl on`, until 1.25.1.
    let is_tls = server.children().iter().any(|child| child.words == ["ssl", "on"]);
    all.iter_mut().for_each(|listen| listen.is_tls |= is_tls);
    if !server.children().iter().any(|child| child.name() == "listen") {
        all.extend(listen(&["80".to_owned()]));
    }
    all
}

fn listen(arguments: &[String]) -> Option<Listen> {
    let (address, options) = arguments.split_first()?;
    let has = |option: &str| options.iter().any(|word| word == option);
    let listener = match address.strip_prefix("unix:") {
        Some(path) => Listener::Unix(path.to_owned()),
        None => Listener::Tcp(socket_address(address)?),
    };
    let is_v6_only = address.starts_with('[') && !has("ipv6only=off");
    Some(Listen { listener, is_tls: has("ssl"), is_v6_only, is_odd: has("proxy_protocol") || has("quic") })
}

/// `80`, `*:80`, `127.0.0.1`, `[::]:80`, `localhost:80`
fn socket_address(text: &str) -> Option<SocketAddr> {
    let with_port = if text.starts_with('[') { text.contains("]:") } else { text.contains(':') };
    let (host, port) = match text.rsplit_once(':').filter(|_| with_port) {
        Some((host, port)) => (host, port.parse().ok()?),
        None => match text.parse::<u16>() {
            Ok(port) => ("*", port),
            Err(_) => (text, 80),
        },
    };
    let ip = match host {
        "*" => "0.0.0.0",
        "localhost" => "127.0.0.1",
        host => host.trim_start_matches('[').trim_end_matches(']'),
    };
    Some(SocketAddr::new(ip.parse().ok()?, port))
}

/// A name by which the server is chosen among those that share a socket.
fn host(server: &Directive) -> String {
    let names = server.children().iter().filter(|child| child.name() == "server_name");
    let mut names = names.flat_map(|directive| directive.arguments());
    let usable =
        names.find(|name| !name.is_empty() && !name.starts_with('~') && !name.contains('$') && *name != "_");
    match usable {
        // Any word does for a wildcard; `.example.com` stands for the name itself, too.
        Some(name) => name.replace('*', "windhover").trim_start_matches('.').to_owned(),
        None => "localhost".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_as_nginx_reads_them() {
        for (text, wanted) in [
            ("80", Some("0.0.0.0:80")),
            ("*:81", Some("0.0.0.0:81")),
            ("127.0.0.1", Some("127.0.0.1:80")),
            ("[::]:82", Some("[::]:82")),
            ("[::1]", Some("[::1]:80")),
            ("localhost:83", Some("127.0.0.1:83")),
            ("www.example.com:80", None),
            ("99999", None),
        ] {
            assert_eq!(socket_address(text), wanted.map(|text| text.parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn regular_expressions_give_a_path_when_they_are_plain() {
        let path = |words: &str| location(&words.split(' ').map(str::to_owned).collect::<Vec<_>>());
        for (words, wanted) in [
            ("/s", Some("/s")),
            ("= /s", Some("/s")),
            ("=/s", Some("/s")),
            ("^~ /s", Some("/s")),
            ("~ ^/s\\.x$", Some("/s.x")),
            ("~* /s", Some("/s")),
            ("~ /s(a|b)", None),
            ("@named", None),
        ] {
            assert_eq!(path(words).as_deref(), wanted, "{words}");
        }
    }
}
