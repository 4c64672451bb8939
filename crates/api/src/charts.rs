//! The charts of a host page, one row each. A chart is shown when the host has the metric it needs; a section without
//! any tells why.

/// A part of the host page.
pub struct Section {
    /// Short name for addresses.
    pub id: &'static str,
    /// Heading.
    pub title: &'static str,
    /// What to say when no chart can be drawn.
    pub reason: &'static str,
    /// Its charts, in order.
    pub charts: &'static [Chart],
}

/// One chart.
pub struct Chart {
    /// Short name for addresses.
    pub id: &'static str,
    /// Heading.
    pub title: &'static str,
    /// Unit of its values.
    pub unit: &'static str,
    /// Whether its series add up to a whole.
    pub stack: bool,
    /// The metric without which it is not shown.
    pub needs: &'static str,
    /// What it shows.
    pub parts: &'static [Part],
}

/// One call of `.es()` in a chart.
pub struct Part {
    /// Aggregation and metric, as `.es(metric=…)` takes them.
    pub metric: &'static str,
    /// Further condition, in the syntax of `.es(q=…)`; "" for none.
    pub condition: &'static str,
    /// Label to split by; "" for none.
    pub split: &'static str,
    /// Name of the series; with a split the label's value is put in place of `$1`.
    pub label: &'static str,
    /// What else to do with it, as written in an expression.
    pub then: &'static str,
}

/// Most values of a split that a chart draws.
const SPLIT_MAX: usize = 12;

impl Chart {
    /// The chart's expression for a host.
    pub fn expression(&self, host: &str) -> String {
        self.parts.iter().map(|part| part.expression(host)).collect::<Vec<_>>().join(", ")
    }
}

impl Part {
    fn expression(&self, host: &str) -> String {
        let mut query = format!("host:{}", quoted_term(host));
        if !self.condition.is_empty() {
            query = format!("{query} AND {}", self.condition);
        }
        let query = query.replace('\\', "\\\\").replace('\'', "\\'");
        let (split, label) = if self.split.is_empty() {
            (String::new(), format!(".label('{}')", self.label))
        } else {
            let regex = format!("^.* > {}:(.*) > [^>]*$", self.split);
            (format!(", split={}:{SPLIT_MAX}", self.split), format!(".label('{}', '{regex}')", self.label))
        };
        format!(".es(q='{query}', metric='{}'{split}){label}{}", self.metric, self.then)
    }
}

/// A host name as one term of a label query.
pub fn quoted_term(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

const fn part(metric: &'static str, label: &'static str) -> Part {
    Part { metric, condition: "", split: "", label, then: "" }
}

const fn by(metric: &'static str, split: &'static str, label: &'static str) -> Part {
    Part { metric, condition: "", split, label, then: "" }
}

const fn chart(
    id: &'static str,
    title: &'static str,
    unit: &'static str,
    needs: &'static str,
    parts: &'static [Part],
) -> Chart {
    Chart { id, title, unit, stack: false, needs, parts }
}

const fn stacked(
    id: &'static str,
    title: &'static str,
    unit: &'static str,
    needs: &'static str,
    parts: &'static [Part],
) -> Chart {
    Chart { id, title, unit, stack: true, needs, parts }
}

/// The table.
pub static SECTIONS: &[Section] = &[
    Section {
        id: "cpu",
        title: "CPU",
        reason: "No processor times arrive from this host.",
        charts: &[
            stacked(
                "cpu_modes",
                "CPU by mode",
                "cores",
                "cpu_seconds_total",
                &[Part {
                    metric: "rate:cpu_seconds_total",
                    condition: "NOT mode:idle AND NOT mode:guest AND NOT mode:guest_nice",
                    split: "mode",
                    label: "$1",
                    then: "",
                }],
            ),
            chart(
                "load",
                "Load average",
                "",
                "load1",
                &[part("avg:load1", "1 min"), part("avg:load5", "5 min"), part("avg:load15", "15 min")],
            ),
            stacked(
                "process_cpu",
                "CPU by process",
                "cores",
                "process_cpu_seconds_total",
                &[by("rate:process_cpu_seconds_total", "name", "$1")],
            ),
            chart(
                "pressure",
                "Stalled by lack of",
                "ratio",
                "pressure_stall_seconds_total",
                &[Part {
                    metric: "rate:pressure_stall_seconds_total",
                    condition: "kind:some",
                    split: "resource",
                    label: "$1",
                    then: "",
                }],
            ),
        ],
    },
    Section {
        id: "memory",
        title: "Memory",
        reason: "No memory numbers arrive from this host.",
        charts: &[
            stacked(
                "memory",
                "Memory",
                "bytes",
                "memory_used_bytes",
                &[
                    part("avg:memory_used_bytes", "used"),
                    part("avg:memory_buffers_bytes", "buffers"),
                    part("avg:memory_cached_bytes", "cached"),
                    part("avg:memory_free_bytes", "free"),
                ],
            ),
            stacked(
                "process_memory",
                "Resident memory by process",
                "bytes",
                "process_resident_bytes",
                &[by("avg:process_resident_bytes", "name", "$1")],
            ),
            chart("swap", "Swap in use", "bytes", "swap_used_bytes", &[part("avg:swap_used_bytes", "used")]),
        ],
    },
    Section {
        id: "disk",
        title: "Disk",
        reason: "No block device and no file system was seen on this host.",
        charts: &[
            chart(
                "filesystem",
                "File systems, share used",
                "ratio",
                "filesystem_used_ratio",
                &[by("max:filesystem_used_ratio", "mount", "$1")],
            ),
            chart(
                "disk_read",
                "Read",
                "bytes/s",
                "disk_read_bytes_total",
                &[by("rate:disk_read_bytes_total", "device", "$1")],
            ),
            chart(
                "disk_written",
                "Written",
                "bytes/s",
                "disk_written_bytes_total",
                &[by("rate:disk_written_bytes_total", "device", "$1")],
            ),
            chart(
                "disk_busy",
                "Busy",
                "ratio",
                "disk_io_seconds_total",
                &[by("rate:disk_io_seconds_total", "device", "$1")],
            ),
        ],
    },
    Section {
        id: "network",
        title: "Network",
        reason: "No network interface was seen on this host.",
        charts: &[
            chart(
                "network_received",
                "Received",
                "bytes/s",
                "network_receive_bytes_total",
                &[by("rate:network_receive_bytes_total", "interface", "$1")],
            ),
            chart(
                "network_sent",
                "Sent",
                "bytes/s",
                "network_transmit_bytes_total",
                &[by("rate:network_transmit_bytes_total", "interface", "$1")],
            ),
            chart(
                "tcp",
                "TCP connections",
                "",
                "tcp_connections",
                &[by("avg:tcp_connections", "state", "$1")],
            ),
            chart(
                "tcp_trouble",
                "TCP segments sent again",
                "/s",
                "tcp_retransmitted_segments_total",
                &[part("rate:tcp_retransmitted_segments_total", "retransmitted")],
            ),
        ],
    },
    Section {
        id: "processes",
        title: "Processes",
        reason: "No process counts arrive from this host.",
        charts: &[
            stacked(
                "processes",
                "Processes by state",
                "",
                "processes",
                &[by("avg:processes", "state", "$1")],
            ),
            chart(
                "context_switches",
                "Context switches",
                "/s",
                "context_switches_total",
                &[part("rate:context_switches_total", "switches")],
            ),
        ],
    },
    Section {
        id: "containers",
        title: "Containers and units",
        reason: "No container and no unit of systemd was seen on this host (control groups v2 are read, v1 are not).",
        charts: &[
            stacked(
                "container_cpu",
                "CPU by container",
                "cores",
                "container_cpu_seconds_total",
                &[by("rate:container_cpu_seconds_total", "container", "$1")],
            ),
            stacked(
                "container_memory",
                "Memory by container",
                "bytes",
                "container_memory_bytes",
                &[by("avg:container_memory_bytes", "container", "$1")],
            ),
            chart(
                "container_throttled",
                "Kept from running by the CPU limit",
                "ratio",
                "container_cpu_throttled_seconds_total",
                &[by("rate:container_cpu_throttled_seconds_total", "container", "$1")],
            ),
            stacked(
                "unit_cpu",
                "CPU by unit",
                "cores",
                "unit_cpu_seconds_total",
                &[by("rate:unit_cpu_seconds_total", "unit", "$1")],
            ),
            stacked(
                "unit_memory",
                "Memory by unit",
                "bytes",
                "unit_memory_bytes",
                &[by("avg:unit_memory_bytes", "unit", "$1")],
            ),
        ],
    },
    Section {
        id: "kernel",
        title: "Kernel and hardware",
        reason: "No counts of interrupts or kernel messages arrive from this host.",
        charts: &[
            chart(
                "kernel_troubles",
                "Trouble the kernel tells of",
                "/s",
                "kernel_troubles_total",
                &[by("rate:kernel_troubles_total", "kind", "$1")],
            ),
            chart(
                "interrupts",
                "Interrupts by source",
                "/s",
                "interrupts_by_source_total",
                &[by("rate:interrupts_by_source_total", "source", "$1")],
            ),
            chart(
                "soft_interrupts",
                "Soft interrupts by kind",
                "/s",
                "soft_interrupts_by_kind_total",
                &[by("rate:soft_interrupts_by_kind_total", "kind", "$1")],
            ),
            chart(
                "raid_missing",
                "RAID disks missing",
                "",
                "raid_disks_missing",
                &[by("max:raid_disks_missing", "device", "$1")],
            ),
            chart(
                "battery",
                "Battery",
                "ratio",
                "power_charge_ratio",
                &[by("avg:power_charge_ratio", "supply", "$1")],
            ),
        ],
    },
    Section {
        id: "temperature",
        title: "Temperature",
        reason: "No temperature sensor was seen on this host.",
        charts: &[chart(
            "temperature",
            "Temperature",
            "celsius",
            "temperature_celsius",
            &[by("max:temperature_celsius", "sensor", "$1")],
        )],
    },
    Section {
        id: "own",
        title: "Windhover itself",
        reason: "No Windhover runs on this host, or it is too old to say what it costs.",
        charts: &[
            chart(
                "own_threads",
                "Processor time by thread",
                "cores",
                "windhover_process_thread_cpu_seconds_total",
                &[by("rate:windhover_process_thread_cpu_seconds_total", "thread", "$1")],
            ),
            chart(
                "own_collectors",
                "Time of a collector's pass",
                "seconds",
                "windhover_collect_duration_seconds",
                &[by("avg:windhover_collect_duration_seconds", "collector", "$1")],
            ),
            chart(
                "own_memory",
                "Memory of its own",
                "bytes",
                "windhover_process_anonymous_bytes",
                &[by("avg:windhover_process_anonymous_bytes", "role", "$1")],
            ),
        ],
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn names_are_unique_and_parts_need_what_they_show() {
        let mut seen = HashSet::new();
        for section in SECTIONS {
            assert!(section.reason.ends_with('.'), "{}", section.id);
            for chart in section.charts {
                assert!(seen.insert(chart.id), "{} twice", chart.id);
                assert!(chart.parts[0].metric.ends_with(&format!(":{}", chart.needs)), "{}", chart.id);
            }
        }
    }

    #[test]
    fn host_names_cannot_break_out_of_the_expression() {
        let expression = SECTIONS[0].charts[1].expression("a'b\"c\\");
        assert!(
            expression.starts_with(r#".es(q='host:"a\'b\\"c\\\\"', metric='avg:load1')"#),
            "{expression}"
        );
    }
}
