//! How hard the kernel cools, from `/sys/class/thermal/cooling_device*` (Documentation/driver-api/thermal).

use crate::text::number;
use crate::things::Things;
use crate::{Collector, Error, Host, Metric, Pass, Row};

pub(super) static ROW: Row = Row {
    name: "cooling",
    summary: "How far fans are turned up, and processors slowed down, against heat.",
    interval_ms: 60_000,
    metrics: &[RATIO],
    open: |host, _| Box::new(Cooling::new(host)),
};

const RATIO: Metric = Metric::gauge(
    "cooling_ratio",
    "ratio",
    "0 when the device does nothing against heat, 1 when it does what it can.",
)
.by(&["device", "kind"])
.from("cur_state");
/// Most devices; there is one for each core.
const DEVICES_MAX: usize = 512;

struct Cooling {
    devices: Things<1>,
}

impl Cooling {
    fn new(host: &Host) -> Self {
        Self { devices: Things::new(host.folder("sys/class/thermal"), DEVICES_MAX) }
    }
}

impl Collector for Cooling {
    fn collect(&mut self, pass: &mut Pass<'_>) -> Result<(), Error> {
        self.devices.measure(
            pass,
            |name| device(name).is_some(),
            |mut thing, out| {
                let most = thing.read("max_state").and_then(number).filter(|most| *most > 0);
                let now = thing.read(RATIO.source).and_then(number);
                let ratio = now.zip(most).map(|(now, most)| now as f64 / most as f64);
                let kind = thing.read("type").map(|kind| String::from_utf8_lossy(kind).into_owned());
                let kind = kind.unwrap_or_default();
                thing.push(0, &RATIO, |name| [device(name).unwrap_or(name), &kind], ratio, out);
            },
        )
    }
}

/// The kernel's number for it.
fn device(name: &str) -> Option<&str> {
    name.strip_prefix("cooling_device")
}
