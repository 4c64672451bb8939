//! What is kept how long: the policies of the file, and one for everything else.

use super::Settings;
use super::aggregation::Aggregations;
use super::file::PolicyEntry;
use super::schemas;
use model::Matcher;
use std::time::Duration;
use store::{Policy, Tier};

/// All policies, as the store takes them. An error names the place.
pub fn all(settings: &Settings) -> Result<Vec<Policy>, String> {
    let mut policies = Vec::new();
    for (at, entry) in settings.policies.iter().enumerate() {
        if let Some(other) = settings.policies[..at].iter().find(|other| other.name == entry.name) {
            let PolicyEntry { place, name, .. } = entry;
            return Err(format!(
                "{place}: store.policy: `{name}` is the name of the one in {} too",
                other.place
            ));
        }
        policies.push(policy(entry).map_err(|why| format!("{}: store.policy: {why}", entry.place))?);
    }
    if let Some(path) = settings.path("store.schemas") {
        policies.extend(schemas::policies(&path)?);
    }
    if let Some(path) = settings.path("store.aggregation") {
        Aggregations::read(&path)?; // what is wrong with it is told at once and not by the first who needs it
    }
    let for_all = |policy: &Policy| policy.matchers.is_empty();
    if !policies.iter().any(for_all) {
        policies.push(rest(settings.duration("store.retention")));
    }
    store::check_policies(&policies).map_err(|error| error.to_string())?;
    Ok(policies)
}

fn policy(entry: &PolicyEntry) -> Result<Policy, String> {
    let matchers = Matcher::parse_selector(&entry.matcher).map_err(|why| format!("`match`: {why}"))?;
    let tiers = entry.tiers.iter().map(|text| Tier::parse(text)).collect::<Result<_, _>>()?;
    let policy = Policy { name: entry.name.clone(), matchers, tiers };
    store::check_policies(std::slice::from_ref(&policy)).map_err(|error| error.to_string())?;
    Ok(policy)
}

/// For series that no policy of the file matches.
fn rest(retention: Duration) -> Policy {
    let mut policy = Policy::default();
    let retention_ms = i64::try_from(retention.as_millis()).unwrap_or(i64::MAX);
    policy.tiers[0].keep_ms = retention_ms;
    for tier in &mut policy.tiers {
        tier.keep_ms = tier.keep_ms.max(retention_ms);
    }
    policy
}
