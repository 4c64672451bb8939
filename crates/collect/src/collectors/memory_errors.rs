//! Errors of memory modules that the controller corrected or could not, from `/sys/devices/system/edac/mc`
//! (Documentation/admin-guide/ras).

use crate::things::{Thing, Things};
use crate::{Collector, Error, Host, Metric, Pass, Row};

pub(super) static ROW: Row = Row {
    name: "memory_errors",
    summary: "Errors of memory that was corrected (ECC) and that was not, by controller and by module.",
    interval_ms: 10_000,
    metrics: &[CONTROLLER, MODULE],
    open: |host, _| Box::new(MemoryErrors::new(host)),
};

const CONTROLLER: Metric =
    Metric::counter("memory_errors_total", "", "Errors the controller saw since its driver was loaded.")
        .by(&["controller", "kind"]);
const MODULE: Metric = Metric::counter("memory_module_errors_total", "", "Those in one module.").by(&[
    "controller",
    "module",
    "kind",
]);

const KINDS: [&str; 2] = ["corrected", "uncorrected"];
const OF_CONTROLLER: [&str; 2] = ["ce_count", "ue_count"];
const OF_MODULE: [&str; 2] = ["dimm_ce_count", "dimm_ue_count"];
/// Most controllers, and most modules of all.
const CONTROLLERS_MAX: usize = 64;
const MODULES_MAX: usize = 256;

struct MemoryErrors {
    controllers: Things<{ KINDS.len() }>,
    modules: Things<{ KINDS.len() }>,
}

impl MemoryErrors {
    fn new(host: &Host) -> Self {
        let folder = || host.folder("sys/devices/system/edac/mc");
        Self {
            controllers: Things::new(folder(), CONTROLLERS_MAX),
            modules: Things::nested(folder(), "", MODULES_MAX),
        }
    }
}

impl Collector for MemoryErrors {
    fn collect(&mut self, pass: &mut Pass<'_>) -> Result<(), Error> {
        self.controllers.measure(pass, is_controller, |mut controller, out| {
            for (at, file) in OF_CONTROLLER.into_iter().enumerate() {
                let count = controller.number(file);
                controller.push(at, &CONTROLLER, |name| [name, KINDS[at]], count, out);
            }
        })?;
        self.modules.measure(pass, is_module, |mut module, out| {
            let label = label(&mut module);
            for (at, file) in OF_MODULE.into_iter().enumerate() {
                let count = module.number(file);
                module.push(at, &MODULE, |name| [first(name), &label, KINDS[at]], count, out);
            }
        })
    }
}

/// What the board's maker calls the module's place, or the kernel's number for it.
fn label(module: &mut Thing<'_, { KINDS.len() }>) -> String {
    let label = module.read("dimm_label").filter(|label| !label.is_empty());
    let label = label.map(|label| String::from_utf8_lossy(label).into_owned());
    label.unwrap_or_else(|| module.entity.name.rsplit('/').next().unwrap_or_default().to_owned())
}

fn is_controller(name: &str) -> bool {
    name.strip_prefix("mc").is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()))
}

fn is_module(path: &str) -> bool {
    path.split_once('/').is_some_and(|(controller, module)| {
        is_controller(controller) && (module.starts_with("dimm") || module.starts_with("rank"))
    })
}

fn first(path: &str) -> &str {
    path.split('/').next().unwrap_or_default()
}
