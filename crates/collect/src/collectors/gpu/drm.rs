//! Cards of AMD and Intel, from `/sys/class/drm` (Documentation/gpu/amdgpu and gpu/xe; i915 and xe have less). How busy
//! a card of Intel is follows from the time it slept.

use super::*;
use crate::text::times;
use crate::things::{Thing, Things};

/// The files in a card's folder: place of the metric, and units of ours in one.
const FILES: [(&str, usize, f64); 10] = [
    ("device/gpu_busy_percent", UTILIZATION, 0.01),
    ("device/mem_busy_percent", MEMORY_UTILIZATION, 0.01),
    ("device/mem_info_vram_total", MEMORY_TOTAL, 1.0),
    ("device/mem_info_vram_used", MEMORY_USED, 1.0),
    ("device/mem_info_gtt_total", SHARED_TOTAL, 1.0),
    ("device/mem_info_gtt_used", SHARED_USED, 1.0),
    ("gt_act_freq_mhz", CLOCK, 1e6),
    ("gt/gt0/rc6_residency_ms", IDLE, 1e-3),
    // Those of xe; a card has one driver.
    ("device/tile0/gt0/freq0/act_freq", CLOCK, 1e6),
    ("device/tile0/gt0/gtidle/idle_residency_ms", IDLE, 1e-3),
];
const CELLS: usize = FILES.len() + 1;
/// Most cards, their outputs and the cards of other makers among them.
const CARDS_MAX: usize = 256;

pub(super) struct Cards {
    cards: Things<CELLS>,
}

impl Cards {
    pub(super) fn new(host: &Host) -> Self {
        Self { cards: Things::new(host.folder("sys/class/drm"), CARDS_MAX) }
    }

    /// Records them; returns how many there are.
    pub(super) fn record(&mut self, pass: &mut Pass<'_>) -> Result<usize, Error> {
        let mut count = 0;
        self.cards.measure(pass, is_card, |mut card, out| {
            let mut is_measured = false;
            for (at, (file, metric, factor)) in FILES.into_iter().enumerate() {
                let value = card.number(file).map(|value| times(value, factor));
                is_measured |= value.is_some();
                card.push(at, &METRICS[metric], |name| [name], value, out);
            }
            if is_measured {
                count += 1;
                let driver = driver(&mut card);
                card.push(FILES.len(), &METRICS[INFO], |name| [name, "", "", &driver], Some(1.0), out);
            }
        })?;
        Ok(count)
    }
}

/// `card0`; `card0-DP-1` is one of its outputs.
fn is_card(name: &str) -> bool {
    name.strip_prefix("card").is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()))
}

fn driver(card: &mut Thing<'_, CELLS>) -> String {
    let uevent = card.read("device/uevent").unwrap_or_default();
    let driver = crate::text::lines(uevent).find_map(|line| line.strip_prefix(b"DRIVER="));
    String::from_utf8_lossy(driver.unwrap_or_default()).into_owned()
}
