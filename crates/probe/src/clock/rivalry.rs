//! How long two have pinged beside each other.

/// What is heard, while pinging, of those who should have fallen silent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Rivalry {
    /// Own pings since it began.
    pub(super) pings: u32,
    /// Of these the last that nobody else's followed.
    silent: u32,
    /// Somebody else pinged after the last one.
    pub(super) is_heard: bool,
}

impl Rivalry {
    /// Another own ping.
    pub(super) fn after_ping(self) -> Self {
        match self {
            Self { is_heard: true, pings, .. } => Self { pings: pings + 1, silent: 0, is_heard: false },
            // Two that ping at nearly the same time do not alternate: one miss is not the end of it.
            Self { silent: 0, pings: 1.., .. } => Self { pings: self.pings + 1, silent: 1, is_heard: false },
            _ => Self::default(),
        }
    }
}
