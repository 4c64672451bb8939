//! Every collector, run twice a second apart as the agent runs them, into nothing.

use super::Finding;
use crate::settings::Settings;
use collect::{Host, Scheduler};
use model::{Batch, PushError, Receipt, Report, Sink};
use std::time::Duration;
use stdx::clock::{Clock, SystemClock};

/// Rates need two looks.
const BETWEEN_LOOKS: Duration = Duration::from_secs(1);

pub(super) fn examine(settings: &Settings) -> Vec<Finding> {
    let options = crate::role::watching::collecting::options(settings);
    let mut scheduler = match Scheduler::new(Host::this(), options) {
        Ok(scheduler) => scheduler,
        Err(e) => {
            return vec![Finding::broken(format!("the collectors cannot start: {e}"), "see the settings")];
        }
    };
    let counted = Counted::default();
    for look in 0..2 {
        if look > 0 {
            std::thread::sleep(BETWEEN_LOOKS);
        }
        scheduler.tick(SystemClock.now_ms(), &counted);
    }
    let mut standings = scheduler.standings();
    let all = standings.len();
    standings.retain(|standing| !standing.problem.is_empty());
    let samples = counted.0.load(std::sync::atomic::Ordering::Relaxed);
    let mut findings = vec![Finding::fine(format!(
        "{} of {all} collectors work; {samples} samples in two looks",
        all - standings.len()
    ))];
    let doubt =
        |standing: model::Standing| Finding::doubtful(format!("{}: {}", standing.name, standing.problem), "");
    findings.extend(standings.into_iter().map(doubt));
    findings
}

/// Takes everything and keeps its number.
#[derive(Default)]
struct Counted(std::sync::atomic::AtomicU64);

impl Sink for Counted {
    fn push(&self, batch: &Batch) -> Result<Receipt, PushError> {
        let accepted = batch.len() as u64;
        self.0.fetch_add(accepted, std::sync::atomic::Ordering::Relaxed);
        Ok(Receipt { report: Report { accepted, ..Report::default() }, duplicates: 0 })
    }
}
