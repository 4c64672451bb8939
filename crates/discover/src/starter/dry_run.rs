//! Starts nothing: for who only wants to know what would be.

use crate::plan::Work;
use crate::tree::{Running, Starter};
use model::Standing;

/// Takes every wish and does nothing about it.
pub struct DryRun;

impl Starter for DryRun {
    fn start(&mut self, _path: &str, _work: &Work) -> Result<Box<dyn Running>, String> {
        Ok(Box::new(Self))
    }
}

impl Running for DryRun {
    fn change(&mut self, _work: &Work) -> bool {
        true
    }

    fn tick(&mut self, _now_ms: i64) {}

    fn standing(&self) -> Option<Standing> {
        None
    }
}
