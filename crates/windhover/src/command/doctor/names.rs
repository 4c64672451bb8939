//! The names of the servers, and their addresses.

use super::{Finding, servers};
use crate::settings::Settings;
use net::{Interrupt, Options, Patience, Url};
use std::time::Instant;

pub(super) fn examine(settings: &Settings) -> Vec<Finding> {
    let urls = servers(settings);
    if urls.is_empty() {
        return vec![Finding::broken("no server is named", "--server URL, or `server` under [agent]")];
    }
    urls.iter().map(|url| Url::parse(url).map_or_else(|e| wrong(url, &e), |url| look_up(&url))).collect()
}

fn wrong(url: &str, why: &dyn std::fmt::Display) -> Finding {
    Finding::broken(format!("`{url}` is no address: {why}"), "write it as https://HOST:9463")
}

fn look_up(url: &Url) -> Finding {
    let start = Instant::now();
    let resolver = Options::default().resolver;
    match resolver.resolve(&url.host, url.port, Patience::usual(&Interrupt::default())) {
        Ok(addresses) => {
            let addresses: Vec<_> = addresses.iter().map(|address| address.ip().to_string()).collect();
            let took_ms = start.elapsed().as_millis();
            Finding::fine(format!("{} is {} ({took_ms} ms)", url.host, addresses.join(", ")))
        }
        Err(e) => Finding::broken(
            e.to_string(),
            "look at /etc/resolv.conf and /etc/hosts, or name the server by address",
        ),
    }
}
