//! What the outbox counts, and how it stands.

use stdx::telemetry::{Counter, Gauge, Item};

macro_rules! counters {
    ($($name:ident = $metric:literal, $help:literal $(, $label:literal = $value:literal)?;)*) => {
        $(pub(crate) static $name: Counter =
            Counter::labelled(concat!("windhover_ship_", $metric), $help, &[$(($label, $value))?]);)*
    };
}

counters! {
    SPOOLED_SAMPLES = "spooled_samples_total", "Samples taken into the spool.";
    SPOOLED_FRAMES = "spooled_frames_total", "Frames taken into the spool.";
    SPOOLED_BYTES = "spooled_bytes_total", "Bytes of frames taken into the spool.";
    REQUESTS = "requests_total", "Requests sent.";
    SENT_BYTES = "sent_bytes_total", "Bytes of request bodies sent.";
    SENT_FRAMES = "sent_frames_total", "Frames sent, repeats included.";
    RESENT_FRAMES = "resent_frames_total", "Frames sent again: the answer was lost, or the server forgot the stream.";
    ACKNOWLEDGED_FRAMES = "acknowledged_frames_total", "Frames that a server keeps.";
    REPAIRED_FRAMES = "repaired_frames_total",
        "Frames sent from one copy of a segment because the other is damaged or ends early.";
    RETRIES = "retries_total", "Requests without a good answer.";
    QUARANTINED = "quarantined_segments_total", "Segments put aside because no server will take them.";
    DISK_FAILURES = "disk_failures_total", "Writes, reads and removals that the disk refused.";
    DROPPED_CAP = "dropped_bytes_total", "Bytes of frames given up.", "reason" = "disk_cap";
    DROPPED_MEMORY = "dropped_bytes_total", "Bytes of frames given up.", "reason" = "memory_cap";
    DROPPED_DAMAGED = "dropped_bytes_total", "Bytes of frames given up.", "reason" = "damaged";
    DROPPED_TORN = "dropped_bytes_total", "Bytes of frames given up.", "reason" = "torn";
    DROPPED_REFUSED = "dropped_bytes_total", "Bytes of frames given up.", "reason" = "refused";
}

macro_rules! gauges {
    ($($name:ident = $metric:literal, $help:literal;)*) => {
        $(pub(crate) static $name: Gauge = Gauge::new(concat!("windhover_ship_", $metric), $help);)*
    };
}

gauges! {
    QUEUE_BYTES = "queue_bytes", "Bytes that no server has acknowledged.";
    BACKLOG_BYTES = "backlog_bytes", "Bytes among them that wait since an outage and go behind what is fresh.";
    QUEUE_SEGMENTS = "queue_segments", "Segments in the spool, the active one included.";
    QUEUE_AGE = "queue_age_seconds", "Age of the oldest samples that no server has acknowledged.";
    MEMORY_BYTES = "memory_bytes", "Bytes held in memory because the disk cannot be written.";
    CONNECTED = "connected", "1 when the last request had a good answer.";
}

/// What this crate counts.
pub static TELEMETRY: &[Item] = &[
    Item::Counter(&SPOOLED_SAMPLES),
    Item::Counter(&SPOOLED_FRAMES),
    Item::Counter(&SPOOLED_BYTES),
    Item::Counter(&REQUESTS),
    Item::Counter(&SENT_BYTES),
    Item::Counter(&SENT_FRAMES),
    Item::Counter(&RESENT_FRAMES),
    Item::Counter(&ACKNOWLEDGED_FRAMES),
    Item::Counter(&REPAIRED_FRAMES),
    Item::Counter(&RETRIES),
    Item::Counter(&QUARANTINED),
    Item::Counter(&DISK_FAILURES),
    Item::Counter(&DROPPED_CAP),
    Item::Counter(&DROPPED_MEMORY),
    Item::Counter(&DROPPED_DAMAGED),
    Item::Counter(&DROPPED_TORN),
    Item::Counter(&DROPPED_REFUSED),
    Item::Gauge(&QUEUE_BYTES),
    Item::Gauge(&BACKLOG_BYTES),
    Item::Gauge(&QUEUE_SEGMENTS),
    Item::Gauge(&QUEUE_AGE),
    Item::Gauge(&MEMORY_BYTES),
    Item::Gauge(&CONNECTED),
];

/// How one outbox stands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Stats {
    /// Samples taken since the start.
    pub spooled_samples: u64,
    /// Frames acknowledged since the start.
    pub acknowledged_frames: u64,
    /// Bytes that no server has acknowledged.
    pub queue_bytes: u64,
    /// Bytes among them that wait since an outage and go behind what is fresh.
    pub backlog_bytes: u64,
    /// Segments in the spool, the active one included.
    pub queue_segments: usize,
    /// Age of the oldest samples that no server has acknowledged, in milliseconds; 0 when there are none.
    pub queue_age_ms: i64,
    /// Bytes held in memory because the disk cannot be written.
    pub memory_bytes: usize,
    /// Segments put aside since the start because no server will take them.
    pub quarantined_segments: u64,
    /// Why the last of them was.
    pub refusal: String,
    /// Frames sent from one copy of a segment since the start, because the other is damaged or ends early.
    pub repaired_frames: u64,
    /// Bytes given up since the start, whatever the reason.
    pub dropped_bytes: u64,
    /// Requests in a row without a good answer.
    pub failures: u32,
    /// What went wrong last on the network; empty when the last request had a good answer.
    pub network_error: String,
    /// What went wrong last on the disk; empty once it takes a segment again.
    pub disk_error: String,
}
