//! The roles. Each starts its parts in order, waits for a signal, and stops them in reverse order.

pub mod agent;
#[cfg(feature = "server")]
pub mod server;
#[cfg(feature = "server")]
pub mod serving;
#[cfg(feature = "server")]
pub mod up;
mod watching;

use crate::settings::Settings;
use crate::signals::{Wish, Wishes};
use anyhow::Context;

/// Name of this host in its series: the setting, or what the system says.
fn host_name(settings: &Settings) -> String {
    match settings.text("host") {
        "" => std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default().trim().to_owned(),
        name => name.to_owned(),
    }
}

/// The token that this program shows to a server: the first line of its file.
pub fn token(settings: &Settings) -> anyhow::Result<Option<String>> {
    let Some(path) = settings.path("agent.token_file") else { return Ok(None) };
    let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    let line = text.lines().map(str::trim).find(|line| !line.is_empty());
    Ok(Some(line.with_context(|| format!("{} has no token in it", path.display()))?.to_owned()))
}

/// Waits until told to stop; every other wish goes to `reload`.
fn wait(wishes: &mut Wishes, mut reload: impl FnMut()) {
    while wishes.next() == Wish::Reload {
        crate::notify::send("RELOADING=1");
        reload();
        crate::notify::send("READY=1");
    }
    crate::notify::send("STOPPING=1");
    tracing::info!("stopping");
}
