//! What is counted: of all outputs together in the program's telemetry, of each in its [`OutputStats`].

use stdx::telemetry::{Counter, Gauge, Item};

macro_rules! counters {
    ($($name:ident = $metric:literal, $help:literal $(, $label:literal = $value:literal)?;)*) => {
        $(pub(crate) static $name: Counter =
            Counter::labelled(concat!("windhover_relay_", $metric), $help, &[$(($label, $value))?]);)*
    };
}

counters! {
    RECEIVED = "received_samples_total", "Samples taken into the log.";
    UNTAKEN = "untaken_samples_total", "Samples that a store has taken and the log could not, for a full disk: no output gets them.";
    MADE = "made_samples_total", "Samples that aggregation rules have made.";
    SENT = "sent_samples_total", "Samples that outputs have delivered, each output counted.";
    PASSED = "passed_samples_total", "Samples that rules keep from an output, each output counted.";
    SENT_BYTES = "sent_bytes_total", "Bytes that outputs have sent.";
    BATCHES = "sent_batches_total", "Batches that outputs have sent.";
    RETRIES = "retries_total", "Batches that were not taken and are sent again.";
    DROPPED_FULL = "dropped_samples_total", "Samples that an output has lost.", "reason" = "full_queue";
    DROPPED_REFUSED = "dropped_samples_total", "Samples that an output has lost.", "reason" = "refused";
    DROPPED_DAMAGED = "dropped_samples_total", "Samples that an output has lost.", "reason" = "damaged";
    DROPPED_UNSAYABLE = "dropped_samples_total", "Samples that an output has lost.", "reason" = "unsayable";
    DROPPED_LATE = "late_samples_total", "Samples that came after the time their aggregation is kept.";
    DISK_FAILURES = "disk_failures_total", "Reads and writes that the disk refused.";
    LEFT = "members_left_total", "Members that left their cluster because they could not be reached.";
    RETURNED = "members_returned_total", "Members that came back to their cluster.";
    MEMBERS_REFUSED = "members_refused_total", "Members that registered and are too many for a cluster.";
    REHASHED = "rehashed_samples_total", "Samples that waited for a member that left and went to the others.";
}

pub(crate) static LOG_BYTES: Gauge = Gauge::new("windhover_relay_log_bytes", "Bytes of the log on disk.");
pub(crate) static QUEUE_SAMPLES: Gauge =
    Gauge::new("windhover_relay_queue_samples", "Samples that the slowest output has yet to settle.");
pub(crate) static AGGREGATES: Gauge =
    Gauge::new("windhover_relay_aggregated_series", "Series that aggregation rules make of others.");
pub(crate) static BUFFERED: Gauge = Gauge::new(
    "windhover_relay_aggregating_stretches",
    "Stretches of time of these series that are kept, for what comes late.",
);
pub(crate) static MISSING: Gauge = Gauge::new(
    "windhover_relay_missing_samples",
    "Samples that entered and are neither sent, passed, given to others, dropped nor held, all outputs together: 0 when the numbers agree.",
);
pub(crate) static OUTPUTS_FAILING: Gauge =
    Gauge::new("windhover_relay_outputs_failing", "Outputs whose last batch was not taken.");

/// What this crate counts.
pub static TELEMETRY: &[Item] = &[
    Item::Counter(&RECEIVED),
    Item::Counter(&UNTAKEN),
    Item::Counter(&MADE),
    Item::Counter(&SENT),
    Item::Counter(&PASSED),
    Item::Counter(&SENT_BYTES),
    Item::Counter(&BATCHES),
    Item::Counter(&RETRIES),
    Item::Counter(&DROPPED_FULL),
    Item::Counter(&DROPPED_REFUSED),
    Item::Counter(&DROPPED_DAMAGED),
    Item::Counter(&DROPPED_UNSAYABLE),
    Item::Counter(&DROPPED_LATE),
    Item::Counter(&DISK_FAILURES),
    Item::Counter(&LEFT),
    Item::Counter(&RETURNED),
    Item::Counter(&MEMBERS_REFUSED),
    Item::Counter(&REHASHED),
    Item::Gauge(&LOG_BYTES),
    Item::Gauge(&QUEUE_SAMPLES),
    Item::Gauge(&AGGREGATES),
    Item::Gauge(&BUFFERED),
    Item::Gauge(&MISSING),
    Item::Gauge(&OUTPUTS_FAILING),
];

/// How one output stands. Counted since its start; a sample is in exactly one of `sent`, `passed`, `rehashed`, the
/// `dropped` and what is held.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OutputStats {
    /// Its name.
    pub name: String,
    /// Which kind.
    pub kind: &'static str,
    /// Samples that came into the log since it started, waiting ones included, and the copies of them.
    pub entered: u64,
    /// Samples that rules send more than once, beyond the first time.
    pub copies: u64,
    /// Samples delivered.
    pub sent: u64,
    /// Samples that are not for it.
    pub passed: u64,
    /// Samples given to the other members of its cluster when it left.
    pub rehashed: u64,
    /// Samples lost because more would have waited than may.
    pub dropped_full: u64,
    /// Samples that the other side will not have.
    pub dropped_refused: u64,
    /// Samples that could not be read back.
    pub dropped_damaged: u64,
    /// Samples that its protocol cannot say.
    pub dropped_unsayable: u64,
    /// Samples that wait, or are on their way.
    pub held: u64,
    /// Bytes of the log that wait.
    pub queue_bytes: u64,
    /// Most samples that ever waited.
    pub held_max: u64,
    /// Batches sent.
    pub batches: u64,
    /// Bytes sent.
    pub bytes: u64,
    /// Tries that failed.
    pub retries: u64,
    /// Failures in a row.
    pub failures: u32,
    /// When it last delivered, in Unix milliseconds.
    pub last_ms: Option<i64>,
    /// How long that took, in microseconds.
    pub took_us: u64,
    /// How long all deliveries together took, in microseconds.
    pub took_total_us: u64,
    /// Whether it is out of its cluster.
    pub is_out: bool,
    /// Why it does not deliver; "" when all is well.
    pub problem: String,
    /// Why samples were refused last.
    pub refusal: String,
}

impl OutputStats {
    /// Samples lost, for whatever reason.
    pub fn dropped(&self) -> u64 {
        self.dropped_full + self.dropped_refused + self.dropped_damaged + self.dropped_unsayable
    }

    /// Entered less all that is accounted for: 0 when the numbers agree.
    pub fn missing(&self) -> i64 {
        let known = self.sent + self.passed + self.rehashed + self.dropped() + self.held;
        self.entered as i64 - known as i64
    }
}
