//! What we may do, and what each missing right costs. The list is the one of the manual and of the systemd unit.

use super::Finding;
use crate::settings::Settings;

/// A capability (capabilities(7)) that some measurement needs.
struct Right {
    name: &'static str,
    bit: u32,
    without: &'static str,
}

static RIGHTS: &[Right] = &[
    Right {
        name: "CAP_SYS_PTRACE",
        bit: 19,
        without: "descriptors, I/O and commands of other users' processes stay unknown",
    },
    Right {
        name: "CAP_DAC_READ_SEARCH",
        bit: 2,
        without: "files that only root may read (certificates, some mounts) stay unknown",
    },
    Right { name: "CAP_SYSLOG", bit: 34, without: "kernel messages (OOM kills, I/O errors) may stay unread" },
    Right {
        name: "CAP_PERFMON",
        bit: 38,
        without: "profiles of the agent itself lack its time in the kernel, or are refused where kernel.perf_event_paranoid is above 2",
    },
    Right {
        name: "CAP_NET_RAW",
        bit: 13,
        without: "no service's traffic is read, and ping checks need net.ipv4.ping_group_range",
    },
    Right {
        name: "CAP_SYS_ADMIN",
        bit: 21,
        without: "services with a network of their own (containers') are neither asked by TCP nor listened to, and smartctl learns nothing of NVMe disks",
    },
];

pub(super) fn examine(_: &Settings) -> Vec<Finding> {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let field = |name: &str| status.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
    let uid = field("Uid:").and_then(|uids| uids.split_whitespace().next()).unwrap_or("?");
    let held = field("CapEff:").and_then(|hex| u64::from_str_radix(hex, 16).ok()).unwrap_or(0);
    let mut findings =
        vec![Finding::fine(format!("runs as user {uid} (the agent's service may run as another)"))];
    findings.extend(RIGHTS.iter().filter(|right| held >> right.bit & 1 == 0).map(missing));
    findings
}

fn missing(right: &Right) -> Finding {
    let remedy = format!("AmbientCapabilities={} in the unit gives it", right.name);
    Finding::doubtful(format!("no {}: {}", right.name, right.without), remedy)
}
