//! What the doors refused, told in the log: a line a protocol every so often with a count and a sample, however much it is.

use super::front::Front;
use crate::beat::Beat;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// Time between two looks, and so between two lines of one protocol.
const EVERY: Duration = Duration::from_secs(10);

/// Looks until dropped.
pub fn watch(front: Arc<Front>) -> std::io::Result<Beat> {
    let mut told: HashMap<&'static str, u64> = HashMap::new();
    Beat::start("tell-refusals", EVERY, move || {
        for door in front.doors().stats() {
            let before = told.insert(door.protocol, door.rejected).unwrap_or(0);
            let refused = door.rejected.saturating_sub(before);
            let Some(bad) = door.bad.last().filter(|_| refused > 0) else { continue };
            let from = bad.peer.map_or("unknown".to_owned(), |peer| peer.to_string());
            tracing::warn!(
                protocol = door.protocol,
                refused,
                %from,
                sample = bad.excerpt,
                "refused input; for example {}: {}",
                bad.position,
                bad.reason
            );
        }
    })
}
