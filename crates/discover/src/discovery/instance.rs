//! A service that runs.

use crate::inspection::Looked;
use crate::plan::{Part, Plan, Work};
use crate::services::{Reread, Service};
use crate::{Inspection, Options, Process, telemetry, traffic};
use collect::ProcessTable;
use collect::errand::Errand;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// How often the files of a service are compared with what they were when read, and one that could not be understood
/// wholly is looked at anew.
const EVERY_MS: i64 = 60_000;
/// How long after its start a service is looked at again: by then it listens.
const STARTED_MS: i64 = 15_000;

/// What a look brought back: no plan when nothing had changed.
type Outcome = (Option<Plan>, Looked);

/// An instance, from its main process on.
pub(super) struct Instance {
    pub service: &'static Service,
    pub process: Arc<Process>,
    /// In the tree; empty before the first look, and when another took it over.
    pub name: String,
    /// When its main process was seen to have ended.
    pub ended_ms: Option<i64>,
    errand: Errand<Outcome>,
    looked: Looked,
    /// Whether to look whatever the files say.
    is_wanted: bool,
    looked_ms: Option<i64>,
    looks: u32,
    /// Latest start among its children when it was looked at.
    newest_child: u64,
}

impl Instance {
    pub(super) fn new(process: Process, service: &'static Service, is_at_once: bool) -> Self {
        Self {
            service,
            newest_child: process.start_ticks,
            process: Arc::new(process),
            name: String::new(),
            ended_ms: None,
            errand: Errand::new("service", 1, is_at_once),
            looked: Looked::default(),
            is_wanted: true,
            looked_ms: None,
            looks: 0,
        }
    }

    pub(super) fn is(&self, pid: u32, start_ticks: u64) -> bool {
        self.process.pid == pid && self.process.start_ticks == start_ticks
    }

    pub(super) fn notice_end(&mut self, now_ms: i64, table: &ProcessTable) {
        let lives =
            table.find(self.process.pid).is_some_and(|it| it.is(self.process.pid, self.process.start_ticks));
        if !lives && self.ended_ms.is_none() {
            self.ended_ms = Some(now_ms);
        }
    }

    /// A worker began: after a reload, or because one crashed; the configuration is read in both cases.
    pub(super) fn notice_child(&mut self, start_ticks: u64) {
        if self.service.reread == Reread::WithChildren && start_ticks > self.newest_child {
            self.newest_child = start_ticks;
            self.is_wanted = true;
        }
    }

    /// Has it looked at whatever its files say.
    pub(super) fn look_again(&mut self) {
        self.is_wanted = true;
    }

    /// Begins a look when it is time.
    pub(super) fn set_out(&mut self, now_ms: i64, options: &Arc<Options>) {
        let since = |time_ms: i64| now_ms.saturating_sub(time_ms);
        let wait_ms = if self.looks == 1 { STARTED_MS } else { EVERY_MS };
        let is_time = self.looked_ms.is_none_or(|looked_ms| !(0..wait_ms).contains(&since(looked_ms)));
        if self.ended_ms.is_some() || !(self.is_wanted || is_time) || !self.errand.is_due(now_ms) {
            return;
        }
        let is_for_files = self.service.reread == Reread::WithFiles;
        let is_needed = self.is_wanted || self.looks == 1 || !self.looked.is_whole;
        self.looked_ms = Some(now_ms);
        self.is_wanted = false;
        if !is_needed && !is_for_files {
            return;
        }
        self.looks = self.looks.saturating_add(1);
        let (process, service, options) = (self.process.clone(), self.service, options.clone());
        let looked = std::mem::take(&mut self.looked);
        self.errand.start(now_ms, move || {
            if !is_needed && !looked.has_changed(&process.root) {
                return (None, looked);
            }
            let (plan, looked) = inspect(&process, service, &options);
            (Some(plan), looked)
        });
    }

    /// What came of a look, if it says anything new.
    pub(super) fn take(&mut self) -> Option<Plan> {
        let (plan, looked) = self.errand.take()?;
        self.looked = looked;
        plan
    }

    /// Its name in the tree.
    pub(super) fn full_name(&self, wanted: &str) -> String {
        let container = self.process.container();
        let container = if container.is_empty() { container } else { format!("in {container}") };
        let words = [self.service.name, wanted, container.as_str()];
        words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
    }
}

fn inspect(process: &Process, service: &'static Service, options: &Options) -> (Plan, Looked) {
    telemetry::INSPECTIONS.add(1);
    let looked = catch_unwind(AssertUnwindSafe(|| {
        let mut inspection = Inspection::new(process);
        (service.inspect)(&mut inspection);
        inspection.finish()
    }));
    let (mut plan, looked) = looked.unwrap_or_else(|_| {
        telemetry::PANICS.add(1);
        let problems = vec!["the agent has a defect: reading its configuration panicked".to_owned()];
        (Plan { problems, ..Plan::default() }, Looked::default())
    });
    apply(&mut plan.parts, service.name, options);
    traffic::plan(&mut plan, service, process, options);
    (plan, looked)
}

/// Adds what administrators know.
fn apply(parts: &mut Vec<Part>, service: &str, options: &Options) {
    parts.retain_mut(|part| {
        apply(&mut part.parts, service, options);
        let Work::Ask(ask) = &mut part.work else { return true };
        let Some(known) = options.known(service, ask) else { return true };
        if !known.user.is_empty() {
            ask.user.clone_from(&known.user);
        }
        ask.is_tls = known.tls.unwrap_or(ask.is_tls);
        ask.ca_file = known.ca_file.as_str().into();
        ask.identity = known.identity.clone().or(ask.identity.take());
        if !known.password_file.is_empty() {
            match std::fs::read_to_string(&known.password_file) {
                Ok(text) => ask.password = text.trim_end_matches(['\r', '\n']).to_owned(),
                Err(error) => part.problems.push(format!("cannot read {}: {error}", known.password_file)),
            }
        }
        !known.is_left_out
    });
}
