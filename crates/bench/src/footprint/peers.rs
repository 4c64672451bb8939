//! The others.

use super::{MEASURED, row};
use crate::peer::{Peer, folder, free_port, ready};
use std::process::Command;

/// Scraped each second.
pub fn node_exporter() -> Result<(), String> {
    let address = format!("127.0.0.1:{}", free_port());
    let mut command = Command::new("prometheus-node-exporter");
    let peer = Peer::start(
        "node_exporter, scraped each second",
        command.arg(format!("--web.listen-address={address}")),
    )?;
    let url = format!("http://{address}/metrics");
    ready(&url)?;
    row(peer, MEASURED, || {
        let _ = ureq::get(&url).call().map(|mut a| a.body_mut().read_to_string());
    });
    Ok(())
}

/// The plugins that say about the same, at 1 s.
pub fn collectd() -> Result<(), String> {
    let data = folder("collectd")?;
    let plugins = [
        "cpu",
        "df",
        "disk",
        "interface",
        "load",
        "memory",
        "processes",
        "swap",
        "tcpconns",
        "uptime",
        "vmem",
        "csv",
    ];
    let mut text =
        format!("Interval 1\nBaseDir \"{0}\"\nPIDFile \"{0}/pid\"\nHostname \"bench\"\n", data.display());
    for plugin in plugins {
        text.push_str(&format!("LoadPlugin {plugin}\n"));
    }
    text.push_str(&format!("<Plugin csv>\nDataDir \"{}/csv\"\n</Plugin>\n", data.display()));
    let file = data.join("collectd.conf");
    std::fs::write(&file, text).map_err(|e| e.to_string())?;
    let peer = Peer::start("collectd, csv output", Command::new("collectd").arg("-f").arg("-C").arg(&file))?;
    row(peer, MEASURED, || {});
    let _ = std::fs::remove_dir_all(data);
    Ok(())
}
