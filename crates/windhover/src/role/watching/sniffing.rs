//! The sniffer, for the ports that the settings name and those that discovery asks for. Without any there is neither
//! thread nor ring.

use crate::settings::Settings;
use anyhow::Context;
use model::Sink;
use sniff::sniffer::{Options, Sniffer};
use std::sync::Arc;
use stdx::clock::Clock;

/// The sniffer at work. Dropping it stops it.
pub type Sniffing = Arc<Sniffer>;

/// The sniffer, at work if the settings name ports.
pub fn start(settings: &Settings, sink: Arc<dyn Sink>, clock: Arc<dyn Clock>) -> anyhow::Result<Sniffing> {
    let mut options = Options::for_host(crate::role::host_name(settings));
    options.interval = settings.duration("sniffer.interval");
    options.ring.interface = settings.text("sniffer.interface").to_owned();
    options.ring.ring_bytes = usize::try_from(settings.bytes("sniffer.ring_bytes")).unwrap_or(usize::MAX);
    options.ring.snap_bytes =
        u32::try_from(settings.bytes("sniffer.snap_bytes")).unwrap_or(u32::MAX).max(128);
    let sniffer = Sniffer::start(options, sink, clock);
    for text in settings.texts("sniffer.ports") {
        let (port, row) = crate::command::sniff::port(&text).context("sniffer.ports")?;
        sniffer.watch(port, row.name).context("sniffer.ports")?;
    }
    Ok(Arc::new(sniffer))
}
