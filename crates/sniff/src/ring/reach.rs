//! How far this process may listen.

/// What the capabilities of the process allow, as far as it can tell: the kernel's word is what opening a ring answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Reach {
    /// Nothing: it lacks `CAP_NET_RAW`.
    Nothing,
    /// The network it is in: it lacks `CAP_SYS_ADMIN`.
    Here,
    /// Those of containers too.
    #[default]
    Everywhere,
}

/// CAP_NET_RAW and CAP_SYS_ADMIN of capabilities(7), as bits.
const NET_RAW: u64 = 1 << 13;
const SYS_ADMIN: u64 = 1 << 21;

impl Reach {
    /// That of this process.
    pub fn ours() -> Self {
        Self::read(&std::fs::read_to_string("/proc/self/status").unwrap_or_default())
    }

    /// By the status of a process; where it says nothing, everything.
    fn read(status: &str) -> Self {
        let held = status.lines().find_map(|line| line.strip_prefix("CapEff:"));
        match held.and_then(|hex| u64::from_str_radix(hex.trim(), 16).ok()) {
            Some(held) if held & NET_RAW == 0 => Self::Nothing,
            Some(held) if held & SYS_ADMIN == 0 => Self::Here,
            _ => Self::Everywhere,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_rights_tell_how_far_it_goes() {
        let read = |held: u64| Reach::read(&format!("Name:\twindhover\nCapEff:\t{held:016x}\n"));
        let all = [read(0), read(SYS_ADMIN), read(NET_RAW), read(NET_RAW | SYS_ADMIN), Reach::read("")];
        assert_eq!(all, [Reach::Nothing, Reach::Nothing, Reach::Here, Reach::Everywhere, Reach::Everywhere]);
    }
}
