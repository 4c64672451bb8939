//! What the host is: an info series whose labels say it and whose value is 1.

use crate::{Collector, Error, Host, Metric, Options, Pass, Row, SeriesCell};

pub(super) static ROW: Row = Row {
    name: "os",
    summary: "Facts about the host as labels: operating system, kernel, processor, virtualization, version of the agent, maker and firmware; SELinux, and what taints the kernel.",
    interval_ms: 60_000,
    metrics: &[INFO, HARDWARE, NUMBERS[0], NUMBERS[1], NUMBERS[2]],
    open: |host, options| Box::new(Os::new(host, options)),
};

const INFO: Metric = Metric::gauge(
    "host_info",
    "",
    "Always 1; the labels tell (virtualization: `none`, a hypervisor or container, or `unknown`).",
)
.by(&["os", "kernel", "arch", "cpu", "virtualization", "agent_version"]);

const HARDWARE: Metric = Metric::gauge("host_hardware_info", "", "Always 1; the labels tell.").by(&[
    "vendor",
    "product",
    "board",
    "bios_version",
    "bios_date",
]);
/// Files below `/sys/class/dmi/id`, in the order of the labels.
const HARDWARE_FILES: [&str; 5] = ["sys_vendor", "product_name", "board_name", "bios_version", "bios_date"];
/// The source is a file of one number.
static NUMBERS: [Metric; 3] = [
    Metric::gauge("selinux_enforcing", "", "1 when SELinux forbids, 0 when it only warns.")
        .from("sys/fs/selinux/enforce"),
    Metric::gauge(
        "kernel_taint_flags",
        "",
        "What taints the kernel, as bits (Documentation/admin-guide/tainted-kernels.rst); 0 is nothing.",
    )
    .from("proc/sys/kernel/tainted"),
    Metric::gauge("entropy_pool_size_bits", "bits", "Randomness the kernel can hold.")
        .from("proc/sys/kernel/random/poolsize"),
];

struct Os {
    host: Host,
    agent_version: String,
    facts: Option<Facts>,
    cell: SeriesCell,
    hardware: SeriesCell,
    numbers: [SeriesCell; NUMBERS.len()],
}

/// What may change while the agent runs (an upgrade renames the system), but hardly ever does.
#[derive(PartialEq)]
struct Facts {
    os: String,
    kernel: String,
    cpu: String,
    virtualization: &'static str,
}

impl Os {
    fn new(host: &Host, options: &Options) -> Self {
        Self {
            host: host.clone(),
            agent_version: options.agent_version.clone(),
            facts: None,
            cell: SeriesCell::default(),
            hardware: SeriesCell::default(),
            numbers: Default::default(),
        }
    }
}

impl Collector for Os {
    fn collect(&mut self, pass: &mut Pass<'_>) -> Result<(), Error> {
        let facts = facts(&self.host);
        if self.facts.as_ref().is_some_and(|known| *known != facts) {
            pass.out.end(&mut self.cell);
        }
        let Facts { os, kernel, cpu, virtualization } = self.facts.insert(facts);
        let labels: [&str; 6] =
            [os, kernel, &self.host.architecture, cpu, virtualization, &self.agent_version];
        pass.out.push(&mut self.cell, &INFO, &labels, 1.0);
        // They do not change while the host runs.
        let facts = HARDWARE_FILES.map(|file| read(&self.host, &format!("sys/class/dmi/id/{file}")));
        if facts.iter().any(|fact| !fact.trim().is_empty()) {
            let labels = facts.each_ref().map(|fact| fact.trim());
            pass.out.push(&mut self.hardware, &HARDWARE, &labels, 1.0);
        }
        for (cell, metric) in self.numbers.iter_mut().zip(&NUMBERS) {
            if let Ok(value) = read(&self.host, metric.source).trim().parse::<f64>() {
                pass.out.push(cell, metric, &[], value);
            }
        }
        Ok(())
    }
}

fn facts(host: &Host) -> Facts {
    let processor = read(host, "proc/cpuinfo");
    Facts {
        os: os(host),
        kernel: read(host, "proc/sys/kernel/osrelease").trim().to_owned(),
        cpu: value(&processor, "model name").unwrap_or_default().to_owned(),
        virtualization: virtualization(host, &processor),
    }
}

fn os(host: &Host) -> String {
    let release = ["etc/os-release", "usr/lib/os-release"].map(|path| read(host, path));
    let pretty = |text: &String| {
        let name = text.lines().find_map(|line| line.strip_prefix("PRETTY_NAME="))?;
        Some(name.trim().trim_matches(['"', '\'']).to_owned())
    };
    release.iter().find_map(pretty).unwrap_or_else(|| {
        let old = ["etc/redhat-release", "etc/issue"].map(|path| read(host, path));
        let line = old.iter().find_map(|text| text.lines().find(|line| !line.trim().is_empty()));
        line.unwrap_or("Linux").trim().to_owned()
    })
}

/// Words in the maker's or product's name, and what they mean.
static MAKERS: [(&str, &str); 12] = [
    ("KVM", "kvm"),
    ("QEMU", "kvm"),
    ("Amazon EC2", "kvm"),
    ("Google Compute Engine", "kvm"),
    ("OpenStack", "kvm"),
    ("VMware", "vmware"),
    ("VirtualBox", "virtualbox"),
    ("innotek", "virtualbox"),
    ("Xen", "xen"),
    ("Virtual Machine", "hyper-v"),
    ("Parallels", "parallels"),
    ("BHYVE", "bhyve"),
];

fn virtualization(host: &Host, processor: &str) -> &'static str {
    if host.path(".dockerenv").exists() {
        return "docker";
    }
    if host.path("run/.containerenv").exists() {
        return "podman";
    }
    if read(host, "run/systemd/container").trim() == "lxc" {
        return "lxc";
    }
    let maker = ["sys_vendor", "product_name"].map(|file| read(host, &format!("sys/class/dmi/id/{file}")));
    if let Some((_, name)) = MAKERS.iter().find(|(word, _)| maker.iter().any(|text| text.contains(word))) {
        return name;
    }
    if read(host, "sys/hypervisor/type").trim() == "xen" {
        return "xen";
    }
    match value(processor, "flags") {
        // The processor says that somebody pretends to be it.
        Some(flags) if flags.split(' ').any(|flag| flag == "hypervisor") => "unknown",
        _ => "none",
    }
}

fn value<'t>(text: &'t str, key: &str) -> Option<&'t str> {
    let line = text.lines().find(|line| line.starts_with(key))?;
    line.split_once(':').map(|(_, value)| value.trim())
}

/// Most bytes of a file of facts; `/proc/cpuinfo` repeats itself for every core.
const FACT_BYTES_MAX: u64 = 16 << 10;

fn read(host: &Host, path: &str) -> String {
    use std::io::Read;
    let mut bytes = Vec::new();
    if let Ok(file) = std::fs::File::open(host.path(path)) {
        let _ = file.take(FACT_BYTES_MAX).read_to_end(&mut bytes);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
