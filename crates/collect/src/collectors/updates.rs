//! Updates that wait to be installed, and whether the host wants to be started anew. The package manager is asked in an
//! errand four times a day, without network and without changing anything.

mod managers;

use crate::inquiry::{Findings, Inquiry};
use crate::program::{Program, ProgramError, RunProgram};
use crate::{Collector, Error, Host, Metric, Pass, Row, SeriesCell};
use managers::MANAGERS;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

pub(super) static ROW: Row = Row {
    name: "updates",
    summary: "Updates that wait to be installed (apt, dnf, zypper, apk, pacman), those for security apart, how old the lists of packages are, and whether a restart is due.",
    interval_ms: 60_000,
    metrics: &[WAITING[0], WAITING[1], WAITING[2], REBOOT],
    open: |host, _| Box::new(Updates::new(host)),
};

static WAITING: [Metric; 3] = [
    Metric::gauge("updates_pending", "", "Packages that could be updated, by the lists the host has.")
        .by(&["manager"]),
    Metric::gauge("updates_security_pending", "", "Those of them that are for security (apt and dnf).")
        .by(&["manager"]),
    Metric::gauge("updates_list_time_seconds", "seconds", "When the lists were last fetched, in Unix time.")
        .by(&["manager"]),
];
const PENDING: usize = 0;
const SECURITY: usize = 1;
const LIST_TIME: usize = 2;
const REBOOT: Metric = Metric::gauge(
    "reboot_required",
    "",
    "1 when the host asks to be started anew, or a kernel was installed since it was; else 0.",
);

const EVERY_MS: i64 = 6 * 3_600_000;
const WITHIN: Duration = Duration::from_secs(120);
const OUTPUT_BYTES_MAX: usize = 2 << 20;
const SERIES_MAX: usize = 64;

struct Updates {
    host: Host,
    inquiry: Inquiry,
    reboot: SeriesCell,
}

impl Updates {
    fn new(host: &Host) -> Self {
        let inquiry = Inquiry::new(host, "the package manager", &WAITING, EVERY_MS, SERIES_MAX);
        Self { host: host.clone(), inquiry, reboot: SeriesCell::default() }
    }
}

impl Collector for Updates {
    fn collect(&mut self, pass: &mut Pass<'_>) -> Result<(), Error> {
        if let Some(is_due) = is_reboot_due(&self.host) {
            pass.out.push(&mut self.reboot, &REBOOT, &[], f64::from(is_due));
        }
        if self.inquiry.is_due(pass.now_ms) {
            let (host, run) = (self.host.clone(), self.host.run_program.clone());
            self.inquiry.ask(pass.now_ms, move || ask(&host, &run));
        }
        self.inquiry.tell(pass)
    }
}

/// `None` where there is no kernel of the host's own: a container.
fn is_reboot_due(host: &Host) -> Option<bool> {
    if ["run/reboot-required", "var/run/reboot-required"].iter().any(|path| host.path(path).exists()) {
        return Some(true);
    }
    let running = std::fs::read_to_string(host.path("proc/sys/kernel/osrelease")).ok()?;
    let modules = host.path("lib/modules");
    let started = UNIX_EPOCH + Duration::from_secs(started_s(host)?);
    let mut kernels = std::fs::read_dir(modules).ok()?.flatten().peekable();
    kernels.peek()?;
    let is_newer = |path: &Path| changed(path).is_some_and(|time| time > started);
    // A folder without a list of modules is what a removed kernel leaves behind.
    Some(kernels.any(|kernel| {
        let path = kernel.path();
        path.file_name().is_some_and(|name| name != running.trim()) && is_newer(&path.join("modules.builtin"))
    }))
}

/// When the host was started, in Unix seconds.
fn started_s(host: &Host) -> Option<u64> {
    let stat = std::fs::read_to_string(host.path("proc/stat")).ok()?;
    stat.lines().find_map(|line| line.strip_prefix("btime "))?.trim().parse().ok()
}

fn changed(path: &Path) -> Option<SystemTime> {
    std::fs::metadata(path).and_then(|metadata| metadata.modified()).ok()
}

fn ask(host: &Host, run: &RunProgram) -> Result<Findings, String> {
    let mut findings = Findings::default();
    for manager in MANAGERS.iter().filter(|manager| host.path(manager.sign).exists()) {
        let ask = |arguments: &[&str]| -> Result<Option<String>, String> {
            let program =
                Program { name: manager.name, arguments, within: WITHIN, output_bytes_max: OUTPUT_BYTES_MAX };
            match run(&program) {
                Ok(output) if output.code.is_some_and(|code| manager.good_codes.contains(&code)) => {
                    Ok(Some(String::from_utf8_lossy(&output.text).into_owned()))
                }
                Ok(output) => Err(format!("{} ended with {:?}", manager.name, output.code)),
                // Files of it without it, as in an image.
                Err(ProgramError::Missing) => Ok(None),
                Err(error) => Err(format!("{} {error}", manager.name)),
            }
        };
        let label = [manager.label];
        let Some(text) = ask(manager.arguments)? else { continue };
        findings.add(PENDING, &label, text.lines().filter(|line| (manager.is_update)(line)).count() as f64);
        if let Some(security) = &manager.security {
            let text = if security.arguments.is_empty() { Some(text) } else { ask(security.arguments)? };
            let count = |text: &str| text.lines().filter(|line| (security.is_update)(line)).count() as f64;
            findings.add_some(SECURITY, &label, text.as_deref().map(count));
        }
        if host.has_kernel {
            let paths = manager.lists.iter().map(|path| host.path(path));
            findings.add_some(LIST_TIME, &label, newest(paths));
        }
    }
    Ok(findings)
}

/// When the newest of these was changed, in Unix seconds.
fn newest(paths: impl Iterator<Item = PathBuf>) -> Option<f64> {
    let time = paths.filter_map(|path| changed(&path)).max()?;
    time.duration_since(UNIX_EPOCH).ok().map(|time| time.as_secs() as f64)
}

#[cfg(test)]
mod tests;
