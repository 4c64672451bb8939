//! The kernel's own word, adjtimex(2): whether somebody keeps the clock, how far it may be off, and what correction is
//! still to be made. Reading takes no right.

use super::{ERROR_MAX, FREQUENCY, Findings, OFFSET, SYNCHRONIZED, TAI};
use crate::sys::{Timex, read_timex};

const SOURCE: [&str; 1] = ["kernel"];
/// Bits of its status (linux/timex.h): nobody keeps the clock; the fields of time are in nanoseconds.
const UNSYNCHRONIZED: i32 = 0x0040;
const NANOSECONDS: i32 = 0x2000;
/// Its answer when nobody keeps the clock (`TIME_ERROR`).
const STATE_ERROR: i32 = 5;
/// Parts per million are held with 16 bits after the point.
const FREQUENCY_SCALE: f64 = 65_536.0 * 1e6;

/// Adds what the kernel says; nothing where it may not be asked (a filter of system calls), because others are asked too.
pub(super) fn ask(findings: &mut Findings) {
    if let Ok(timex) = read_timex() {
        tell(&timex, findings);
    }
}

fn tell(timex: &Timex, findings: &mut Findings) {
    let is_kept = timex.state != STATE_ERROR && timex.status & UNSYNCHRONIZED == 0;
    findings.add(SYNCHRONIZED, &SOURCE, f64::from(is_kept));
    findings.add(FREQUENCY, &SOURCE, timex.frequency as f64 / FREQUENCY_SCALE);
    if is_kept {
        // What is still to be added to the clock: it is behind by that.
        let unit = if timex.status & NANOSECONDS == 0 { 1e6 } else { 1e9 };
        findings.add(OFFSET, &SOURCE, -(timex.offset as f64) / unit);
        findings.add(ERROR_MAX, &SOURCE, timex.error_us_max as f64 / 1e6);
    }
    if timex.tai_seconds != 0 {
        findings.add(TAI, &SOURCE, f64::from(timex.tai_seconds));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(timex: &Timex) -> [Option<f64>; 5] {
        let mut findings = Findings::default();
        tell(timex, &mut findings);
        [SYNCHRONIZED, OFFSET, ERROR_MAX, FREQUENCY, TAI].map(|metric| findings.value(metric, &SOURCE))
    }

    const KEPT: Timex = Timex {
        state: 0,
        status: 0x2001,
        offset: -250_000,
        frequency: 65_536 * 12,
        error_us_max: 4_500,
        tai_seconds: 37,
    };

    #[test]
    fn a_kept_clock_says_how_far_it_is_off() {
        assert_eq!(told(&KEPT), [Some(1.0), Some(0.00025), Some(0.0045), Some(12e-6), Some(37.0)]);
        let in_microseconds = Timex { status: 0x0001, offset: 250, ..KEPT };
        assert_eq!(told(&in_microseconds)[1], Some(-0.00025));
    }

    #[test]
    fn a_clock_that_nobody_keeps_says_only_that() {
        for timex in [Timex { status: 0x0040, ..KEPT }, Timex { state: STATE_ERROR, ..KEPT }] {
            assert_eq!(told(&timex), [Some(0.0), None, None, Some(12e-6), Some(37.0)]);
        }
    }

    #[test]
    fn the_kernel_answers_everybody() {
        let mut findings = Findings::default();
        ask(&mut findings);
        assert!(findings.value(SYNCHRONIZED, &SOURCE).is_some(), "{findings:?}");
    }
}
