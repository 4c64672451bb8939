//! How a part of the program that works on its own stands: what it did last, and why it does not do what it should.

/// The state of one collector, plugin, check or door.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Standing {
    /// What kind of part: `collector`, `plugin`, `check`, `door` …
    pub part: &'static str,
    /// Its name among those of its kind.
    pub name: String,
    /// When it last worked, in Unix milliseconds; `None` before the first time.
    pub last_ms: Option<i64>,
    /// How long that took, in microseconds.
    pub took_us: u64,
    /// How many samples it gave.
    pub samples: u64,
    /// Why it gives less than it should, in words for people, with the remedy where one is known; "" when all is well.
    pub problem: String,
}

/// Something whose parts can be asked how they stand.
pub trait Standings: Send + Sync {
    /// All parts, in a stable order.
    fn standings(&self) -> Vec<Standing>;
}
