//! Temperatures.

use super::{Section, by, chart};

pub(super) const SECTION: Section = Section {
    id: "temperature",
    title: "Temperature",
    reason: "No temperature sensor was seen on this host.",
    charts: &[chart(
        "temperature",
        "Temperature",
        "celsius",
        "temperature_celsius",
        &[by("max:temperature_celsius", "sensor", "$1")],
    )],
};
