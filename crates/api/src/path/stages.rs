//! The stages of a data point's way, one row each: which of the program's own numbers tell about it.

/// One stage.
pub struct Stage {
    /// Short name.
    pub id: &'static str,
    /// Heading.
    pub title: &'static str,
    /// Counters of what flows through, added up.
    pub flow: &'static [&'static str],
    /// Unit of the flow.
    pub flow_unit: &'static str,
    /// Gauge of what waits.
    pub queue_used: Option<&'static str>,
    /// Gauge of how much may wait.
    pub queue_size: Option<&'static str>,
    /// Unit of both.
    pub queue_unit: Option<&'static str>,
    /// Gauge of the age of the oldest that waits, in seconds.
    pub oldest_seconds: Option<&'static str>,
    /// Counters of what was lost or refused here, by label `reason` or by name.
    pub drops: &'static [&'static str],
    /// What happens here.
    pub note: &'static str,
}

const fn stage(
    id: &'static str,
    title: &'static str,
    flow: &'static [&'static str],
    drops: &'static [&'static str],
    note: &'static str,
) -> Stage {
    Stage {
        id,
        title,
        flow,
        flow_unit: "samples/s",
        queue_used: None,
        queue_size: None,
        queue_unit: None,
        oldest_seconds: None,
        drops,
        note,
    }
}

/// The table, in the order of the way.
pub static STAGES: &[Stage] = &[
    stage(
        "collect",
        "Collect",
        &["windhover_collect_samples_total"],
        &[
            "windhover_collect_samples_lost_total",
            "windhover_collect_series_refused_total",
            "windhover_collect_entities_refused_total",
            "windhover_collect_panics_total",
        ],
        "Agents read their hosts on whole seconds.",
    ),
    Stage {
        queue_used: Some("windhover_ship_queue_bytes"),
        queue_unit: Some("bytes"),
        oldest_seconds: Some("windhover_ship_queue_age_seconds"),
        ..stage(
            "spool",
            "Spool",
            &["windhover_ship_spooled_samples_total"],
            &["windhover_ship_dropped_bytes_total"],
            "Agents of other hosts write to disk first and forget what a server has acknowledged. In one process with the server there is nothing to bridge and no spool.",
        )
    },
    Stage {
        flow_unit: "requests/s",
        ..stage(
            "wire",
            "Wire",
            &["windhover_serve_requests_total"],
            &["windhover_serve_refused_total", "windhover_serve_panics_total"],
            "Requests at the HTTP port: pages and doors.",
        )
    },
    stage(
        "decode",
        "Decode",
        &[
            "windhover_ingest_samples_total",
            "windhover_ingest_native_samples_total",
            "windhover_doors_samples_total",
            "windhover_scrape_samples_total",
        ],
        &[
            "windhover_ingest_rejected_total",
            "windhover_ingest_native_rejected_total",
            "windhover_doors_refused_total",
            "windhover_doors_lost_total",
            "windhover_scrape_samples_lost_total",
            "windhover_scrape_lines_refused_total",
        ],
        "Every protocol becomes batches, whether pushed or scraped; bad lines are refused one by one.",
    ),
    stage(
        "log",
        "Log",
        &["windhover_store_samples_total"],
        &["windhover_store_busy_total"],
        "Written to the log before it is shown or acknowledged.",
    ),
    Stage {
        queue_used: Some("windhover_store_head_bytes"),
        queue_unit: Some("bytes"),
        ..stage(
            "head",
            "Memory",
            &["windhover_store_samples_total"],
            &["windhover_store_refused_samples_total", "windhover_store_lost_samples_total"],
            "The newest hours, compressed, ready to be asked for.",
        )
    },
    Stage {
        flow_unit: "blocks/s",
        queue_used: Some("windhover_store_block_bytes"),
        queue_unit: Some("bytes"),
        ..stage(
            "blocks",
            "Blocks",
            &["windhover_store_blocks_written_total"],
            &["windhover_store_quarantined_blocks_total", "windhover_store_work_failures_total"],
            "Immutable files on disk, joined and forgotten in the background.",
        )
    },
    Stage {
        queue_used: Some("windhover_relay_queue_samples"),
        queue_unit: Some("samples"),
        ..stage(
            "outputs",
            "Outputs",
            &["windhover_relay_sent_samples_total"],
            &[
                "windhover_relay_dropped_samples_total",
                "windhover_relay_untaken_samples_total",
                "windhover_relay_late_samples_total",
            ],
            "Copies for other systems, each with a queue of its own on disk. The queue shown is the slowest one's.",
        )
    },
    Stage {
        flow_unit: "samples/s",
        ..stage(
            "query",
            "Query",
            &["windhover_query_samples_total"],
            &["windhover_query_expressions_refused_total", "windhover_query_expressions_limited_total"],
            "Expressions read memory and blocks as one.",
        )
    },
];

impl Stage {
    /// Every number this stage is told by.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        let single = [self.queue_used, self.queue_size, self.oldest_seconds];
        self.flow.iter().chain(self.drops).copied().chain(single.into_iter().flatten())
    }
}

/// Words for a counter without a reason label: its name without the common parts.
pub fn words(name: &str) -> String {
    let name = name.strip_prefix("windhover_").unwrap_or(name);
    let name = name.split_once('_').map_or(name, |(_, rest)| rest);
    name.trim_end_matches("_total").trim_end_matches("_samples").replace('_', " ")
}
