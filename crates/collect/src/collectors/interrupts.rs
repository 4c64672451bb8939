//! Interrupts by what raised them, summed over the cores, from `/proc/interrupts`.

use crate::entities::Entities;
use crate::file::KeptFile;
use crate::text::{fields, lines, number, trim};
use crate::{Collector, Error, Host, Metric, Pass, Row};

pub(super) static ROW: Row = Row {
    name: "interrupts",
    summary: "Interrupts by device, its queues together, and by the kernel's own kinds (`LOC`, `RES` …); those that never came are left out.",
    // A line for each interrupt, a column for each core.
    interval_ms: 10_000,
    metrics: &[SERVED],
    open: |host, _| Box::new(Interrupts::new(host)),
};

const SERVED: Metric = Metric::counter(
    "interrupts_by_source_total",
    "",
    "Interrupts this source raised, on all cores and by all its queues.",
)
.by(&["source"]);

/// Most sources; the others are left out and counted.
const SOURCES_MAX: usize = 128;

struct Interrupts {
    file: KeptFile,
    sources: Entities<1>,
}

impl Interrupts {
    fn new(host: &Host) -> Self {
        Self { file: host.file("proc/interrupts"), sources: Entities::new(SOURCES_MAX) }
    }
}

impl Collector for Interrupts {
    fn collect(&mut self, pass: &mut Pass<'_>) -> Result<(), Error> {
        let Some(text) = self.file.read_if_there(pass.buffer)? else { return Ok(()) };
        let mut lines = lines(text);
        let cores = lines.next().map_or(0, |heading| fields(heading).count());
        self.sources.begin();
        for (source, count) in lines.filter_map(|line| parse(line, cores)).filter(|(_, count)| *count > 0) {
            if let Some(entity) = self.sources.meet(source, |_| true) {
                entity.sum = entity.sum.saturating_add(count);
            }
        }
        for entity in self.sources.met() {
            pass.out.push(&mut entity.cells[0], &SERVED, &[&entity.name], entity.sum as f64);
        }
        self.sources.finish(&mut pass.out);
        Ok(())
    }
}

/// `27:  1  2  IO-APIC  7-edge  eth0-rx-1`: the source and the sum of its columns.
fn parse(line: &[u8], cores: usize) -> Option<(&[u8], u64)> {
    let colon = memchr::memchr(b':', line)?;
    let key = trim(&line[..colon]);
    let mut rest = &line[colon + 1..];
    let mut sum = 0u64;
    for _ in 0..cores {
        let Some((count, after)) = first(rest).and_then(|(field, after)| Some((number(field)?, after)))
        else {
            break;
        };
        sum = sum.saturating_add(count);
        rest = after;
    }
    if number(key).is_none() {
        return Some((key, sum));
    }
    let name = without_queue(name(rest));
    Some((if name.is_empty() { key } else { name }, sum))
}

/// The first field and what follows it.
fn first(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let field = fields(text).next()?;
    let end = field.as_ptr() as usize - text.as_ptr() as usize + field.len();
    Some((field, &text[end..]))
}

/// Who handles the interrupt: what follows the controller, its own number and the trigger (`7-edge`, `30 Level`).
fn name(description: &[u8]) -> &[u8] {
    let mut rest = first(description).map_or(&b""[..], |(_, after)| after);
    while let Some((field, after)) = first(rest) {
        let digits = field.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let is_number = digits > 0 && (digits == field.len() || field[digits] == b'-');
        if !is_number && ![&b"Edge"[..], b"Level"].contains(&field) {
            break;
        }
        rest = after;
    }
    trim(rest)
}

/// A device has a queue, and an interrupt, for each core: `nvme0q3`, `eth0-TxRx-3` and `virtio1-req.3` are one source
/// with their brothers.
fn without_queue(name: &[u8]) -> &[u8] {
    let end = name.iter().rposition(|byte| !byte.is_ascii_digit()).map_or(0, |last| last + 1);
    let is_queue = match name[..end] {
        _ if end == name.len() => false,
        [.., b'-' | b'.'] => true,
        [.., before, b'q'] => before.is_ascii_digit(),
        _ => false,
    };
    if !is_queue {
        return name;
    }
    let name = &name[..end];
    name.strip_suffix(b"-").or(name.strip_suffix(b".")).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_all_kernels_tell_their_source() {
        let cases = [
            ("  24:  1  2  IO-APIC   5-edge      ACPI:Ged", "ACPI:Ged", 3),
            ("  0:  138  0  IO-APIC-edge      timer", "timer", 138),
            (" 11:  7  8  GICv3  30 Level     arch_timer", "arch_timer", 15),
            (" 17:  4  4  IO-APIC  17-fasteoi   ehci_hcd:usb1, snd", "ehci_hcd:usb1, snd", 8),
            (" 36:  0  9  PCI-MSIX-0000:00:02.0   1-edge   virtio1-req.0", "virtio1-req", 9),
            (" 37:  1  1  PCI-MSI 524289-edge  nvme0q12", "nvme0q", 2),
            (" 38:  1  1  PCI-MSI 524290-edge  eth0-TxRx-3", "eth0-TxRx", 2),
            (" 39:  1  1  PCI-MSI 524291-edge  eth0", "eth0", 2),
            (" 40:  1  1  PCI-MSI 7-edge", "40", 2),
            (" 41:  1  1  dummy 7", "41", 2),
            ("LOC:  5  6  Local timer interrupts", "LOC", 11),
            ("ERR:  3", "ERR", 3),
            ("NMI:", "NMI", 0),
            ("5: 18446744073709551615 9", "5", u64::MAX),
        ];
        for (line, source, sum) in cases {
            assert_eq!(parse(line.as_bytes(), 2), Some((source.as_bytes(), sum)), "{line}");
        }
        assert_eq!(parse(b"no colon", 2), None);
    }
}
