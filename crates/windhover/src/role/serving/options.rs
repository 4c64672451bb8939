//! How the settings want the store and the listener to be run.

use crate::settings::Settings;
use anyhow::Context;
use std::path::Path;
use std::sync::Arc;
use stdx::clock::Clock;
use stdx::disk::RealDisk;
use store::Store;

/// Opens the store in a data folder.
pub(super) fn open(settings: &Settings, data: &Path, clock: Arc<dyn Clock>) -> anyhow::Result<Store> {
    Store::open(store(settings, data, clock)?).context("the store cannot be opened")
}

/// How the settings want the store in a data folder to be run.
pub fn store(settings: &Settings, data: &Path, clock: Arc<dyn Clock>) -> anyhow::Result<store::Options> {
    let mut options = store::Options::new(data.join("store"), Arc::new(RealDisk), clock);
    options.sync = match settings.text("store.sync") {
        "always" => store::Sync::Always,
        text => store::Sync::Interval(
            crate::settings::value::duration(text)
                .map_err(|e| anyhow::anyhow!("store.sync: {e}, and not `always`"))?,
        ),
    };
    options.late_window = settings.duration("store.late");
    options.retention_age = Some(settings.duration("store.retention"));
    options.retention_bytes = Some(settings.bytes("store.retention_bytes"));
    options.free_bytes_min = settings.bytes("store.free_bytes_min");
    options.background_cpu_percent = settings.count("store.background_cpu_percent") as u32;
    options.policies = crate::settings::policy::all(settings).map_err(anyhow::Error::msg)?;
    options.series_max = settings.count("store.series_max") as usize;
    options.tell = Arc::new(|event| tracing::warn!("{event}"));
    Ok(options)
}

/// How the settings want requests to be bounded.
pub(in crate::role) fn http(
    settings: &Settings,
    access: serve::Access,
    tls: Option<serve::Tls>,
) -> serve::Options {
    let mut options = serve::Options::new(access);
    options.tls = tls;
    options.body_bytes_max = settings.bytes("http.body_bytes_max") as usize;
    options.inflated_bytes_max = settings.bytes("http.inflated_bytes_max") as usize;
    options.calls_max = settings.count("http.calls_max").max(1) as usize;
    options
}
