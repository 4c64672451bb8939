//! The roles. Each starts its parts in order, waits for a signal, and stops them in reverse order.

pub mod agent;
#[cfg(feature = "server")]
mod front_door;
mod given;
#[cfg(feature = "server")]
pub mod leases;
mod link;
pub mod monitor;
pub mod probe;
#[cfg(feature = "server")]
pub mod relay;
#[cfg(feature = "server")]
pub mod server;
#[cfg(feature = "server")]
pub mod serving;
mod tee;
#[cfg(feature = "server")]
pub mod up;
pub mod watching;

use crate::beat::Beat;
#[cfg(feature = "server")]
use crate::selfwatch::profile::Profiling;
use crate::settings::Settings;
#[cfg(feature = "server")]
use crate::signals::{Wish, Wishes};
use anyhow::Context;
use model::Standings;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;

/// Name of this host in its series: the setting, or what the system says.
pub fn host_name(settings: &Settings) -> String {
    match settings.text("host") {
        "" => std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default().trim().to_owned(),
        name => name.to_owned(),
    }
}

/// What systemd calls the token where it hands it over (`LoadCredential=` in the unit).
const CREDENTIAL: &str = "agent-token";

/// The token that this program shows to a server: the first line of its file.
pub fn token(settings: &Settings) -> anyhow::Result<Option<String>> {
    let handed = std::env::var_os("CREDENTIALS_DIRECTORY").map(|folder| Path::new(&folder).join(CREDENTIAL));
    let handed = handed.filter(|path| path.exists());
    let Some(path) = handed.or_else(|| settings.path("agent.token_file")) else { return Ok(None) };
    let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    let line = text.lines().map(str::trim).find(|line| !line.is_empty());
    Ok(Some(line.with_context(|| format!("{} has no token in it", path.display()))?.to_owned()))
}

/// Whether others than its owner may read a file that holds a secret.
pub fn is_readable_by_others(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|file| file.permissions().mode() & 0o044 != 0)
}

/// Waits until told to stop, and does what else is wished meanwhile.
#[cfg(feature = "server")]
fn wait(wishes: &mut Wishes, profiling: &Profiling, mut reload: impl FnMut()) {
    loop {
        match wishes.next() {
            Wish::Stop => break,
            Wish::Profile => profiling.ask(None),
            Wish::Reload => {
                crate::notify::send("RELOADING=1");
                reload();
                crate::notify::send("READY=1");
            }
        }
    }
    crate::notify::send("STOPPING=1");
    tracing::info!("stopping");
}

/// How often a role that has no server to tell looks for problems.
const LOOK: std::time::Duration = std::time::Duration::from_secs(1);

/// Tells in the log when a part gets a problem and when it is gone, until dropped.
fn tell_problems(part: &'static str, standings: Arc<dyn Standings>) -> std::io::Result<Beat> {
    let mut known = std::collections::BTreeMap::<String, String>::new();
    Beat::start("problems", LOOK, move || {
        for standing in standings.standings() {
            let last = known.entry(standing.name.clone()).or_default();
            if last.is_empty() != standing.problem.is_empty() {
                match standing.problem.as_str() {
                    "" => tracing::info!("{part} {}: all is well again", standing.name),
                    problem => tracing::warn!("{part} {}: {problem}", standing.name),
                }
            }
            *last = standing.problem;
        }
    })
}
