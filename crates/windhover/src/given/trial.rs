//! Whether other settings did the agent harm: pure judgement of what it costs now and what it cost before.

/// A crash is a start without an end; this many starts in one trial are too many.
pub const STARTS_MAX: u32 = 3;
/// Memory that may come on top, in bytes: more things watched need more.
const MORE_BYTES_MAX: u64 = 16 << 20;
/// Processor time that may come on top, as a share of one core.
const MORE_CPU_MAX: f64 = 0.05;

/// What the agent costs.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Cost {
    /// Memory that no file backs, in bytes.
    pub anonymous_bytes: u64,
    /// Processor time as a share of one core.
    pub cpu_share: f64,
    /// Collectors that fail.
    pub failing: u32,
}

/// Why the settings must go, if they must.
pub fn harm(before: &Cost, now: &Cost) -> Option<String> {
    let (bytes, bytes_max) = (now.anonymous_bytes, 2 * before.anonymous_bytes + MORE_BYTES_MAX);
    if bytes > bytes_max {
        return Some(format!(
            "the agent holds {} MiB, it held {}",
            bytes >> 20,
            before.anonymous_bytes >> 20
        ));
    }
    if now.cpu_share > 2.0 * before.cpu_share + MORE_CPU_MAX {
        let percent = |share: f64| format!("{:.1} %", share * 100.0);
        return Some(format!(
            "the agent uses {} of a core, it used {}",
            percent(now.cpu_share),
            percent(before.cpu_share)
        ));
    }
    if now.failing > before.failing {
        return Some(format!("{} collectors fail, there were {}", now.failing, before.failing));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn harm_is_more_than_a_little_more() {
        let before = Cost { anonymous_bytes: 1 << 20, cpu_share: 0.002, failing: 1 };
        assert_eq!(harm(&before, &before), None);
        assert_eq!(harm(&before, &Cost { anonymous_bytes: 10 << 20, cpu_share: 0.02, failing: 0 }), None);
        assert!(harm(&before, &Cost { anonymous_bytes: 100 << 20, ..before }).unwrap().contains("100 MiB"));
        assert!(harm(&before, &Cost { cpu_share: 0.2, ..before }).unwrap().contains("20.0 % of a core"));
        assert!(harm(&before, &Cost { failing: 2, ..before }).unwrap().contains("2 collectors fail"));
    }
}
