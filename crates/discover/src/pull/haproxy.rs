//! HAProxy: its table of proxies and servers as CSV, over the stats socket or a page, and what the process says of itself.

mod metrics;

use super::ask::{Ask, number};
use super::session::Once;
use super::target::Address;
use super::{Error, Row, http};
use metrics::METRICS;

pub(super) const ROW: Row = Row {
    name: "haproxy",
    summary: "HAProxy: sessions, traffic, errors, queues and answers of frontends, backends and servers, which of them are up, \
              and what the process has left.",
    port: 8404,
    needs: "Needs a line `stats socket /run/haproxy/admin.sock mode 660 level user` in the section `global` (and an agent in \
            the group of the socket, or root), or a page: `stats enable`, `stats uri /stats`; `http://host:port/stats` says \
            where. The socket tells of the process, too.",
    metrics: &METRICS,
    open: || Box::new(Once(ask)),
};

/// Where the page usually is.
const PATHS: [&str; 4] = ["/stats;csv", "/haproxy?stats;csv", "/haproxy_stats;csv", "/;csv"];
/// How the table begins.
const HEAD: &str = "# pxname,";

fn ask(ask: &mut Ask<'_>) -> Result<(), Error> {
    if let Address::Path(_) = ask.target.address(ask.row) {
        return by_commands(ask);
    }
    let path = ask.target.path.clone();
    if path.is_empty() {
        return by_guess(ask);
    }
    let path = if path.ends_with(";csv") { path } else { format!("{path};csv") };
    let page = http::get(ask, &path)?;
    read(&String::from_utf8_lossy(&page), ask)
}

/// Some page is that of the statistics; who knows no pages at all is a socket for commands that listens by TCP.
fn by_guess(ask: &mut Ask<'_>) -> Result<(), Error> {
    for path in PATHS {
        match http::page(ask, path) {
            Ok(page) if page.body.starts_with(HEAD.as_bytes()) => {
                return read(&String::from_utf8_lossy(&page.body), ask);
            }
            Ok(_) => {}
            Err(Error::Malformed(_)) => return by_commands(ask),
            Err(why) => return Err(why),
        }
    }
    Err(Error::Refused("no page of statistics found: set its path for this service".into()))
}

fn by_commands(ask: &mut Ask<'_>) -> Result<(), Error> {
    let info = command(ask, "show info")?;
    process_info(&info, ask);
    let table = command(ask, "show stat")?;
    read(&table, ask)
}

/// Each command is a connection of its own.
fn command(ask: &mut Ask<'_>, command: &str) -> Result<String, Error> {
    let mut link = ask.connect()?;
    link.send(format!("{command}\n").as_bytes())?;
    let answer = String::from_utf8_lossy(&link.rest()?).into_owned();
    if answer.starts_with("Permission denied") {
        return Err(Error::Refused(
            "the socket does not let us ask: `stats socket … level user` will do".into(),
        ));
    }
    Ok(answer)
}

/// Lines `name: value`.
fn process_info(text: &str, ask: &mut Ask<'_>) {
    for (name, value) in text.lines().filter_map(|line| line.split_once(": ")) {
        match name {
            "Version" => ask.push(&METRICS[0], &[value], 1.0),
            name => ask.tell_text(&METRICS, name, &[], value),
        }
    }
}

fn read(table: &str, ask: &mut Ask<'_>) -> Result<(), Error> {
    let mut lines = table.lines();
    let head = lines.next().filter(|head| head.starts_with(HEAD));
    let head = head.ok_or_else(|| Error::malformed("not HAProxy's table"))?;
    let columns: Vec<&str> = head.trim_start_matches("# ").split(',').collect();
    for line in lines.filter(|line| !line.is_empty()) {
        row(&columns, line, ask);
    }
    Ok(())
}

/// Fields with a comma or a quote within are quoted.
fn cells(line: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut is_quoted = false;
    for c in line.chars() {
        match c {
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => cells.push(String::new()),
            c => cells.last_mut().expect("never empty").push(c),
        }
    }
    cells
}

fn row(columns: &[&str], line: &str, ask: &mut Ask<'_>) {
    let cells = cells(line);
    let field = |name: &str| {
        let at = columns.iter().position(|column| *column == name)?;
        cells.get(at).map(String::as_str)
    };
    let (proxy, name) = (field("pxname").unwrap_or_default(), field("svname").unwrap_or_default());
    let (scope, labels): (_, &[&str]) = match field("type") {
        Some("0") => ("FRONTEND", &[proxy]),
        Some("1") => ("BACKEND", &[proxy]),
        Some("2") => ("server", &[proxy, name]),
        _ => return,
    };
    for (column, text) in columns.iter().zip(&cells) {
        if let Some(class) = column.strip_prefix("hrsp_") {
            let labels = [labels, &[class]].concat();
            ask.tell_text(&METRICS, &format!("{scope}.hrsp"), &labels, text);
        } else if let Some(value) = number(text) {
            ask.tell(&METRICS, &format!("{scope}.{column}"), labels, value);
        }
    }
    let status = field("status").unwrap_or_default();
    let is_up = ["UP", "OPEN", "no check", "DRAIN"].iter().any(|word| status.starts_with(word));
    ask.tell(&METRICS, &format!("{scope}.status"), labels, f64::from(u8::from(is_up)));
    let is_out = status.starts_with("MAINT") || status.starts_with("DRAIN");
    ask.tell(&METRICS, &format!("{scope}.maintenance"), labels, f64::from(u8::from(is_out)));
}
