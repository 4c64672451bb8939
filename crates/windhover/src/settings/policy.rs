//! What is kept how long: the policies of the file, and one for everything else.

use super::Settings;
use super::aggregation::Aggregations;
use super::schemas;
use super::tables::{POLICY, Section};
use model::Matcher;
use std::time::Duration;
use store::{Policy, Tier};

/// All policies, as the store takes them. An error names the place.
pub fn all(settings: &Settings) -> Result<Vec<Policy>, String> {
    let mut policies: Vec<Policy> = Vec::new();
    let sections: Vec<&Section> = settings.sections(POLICY).collect();
    for (at, section) in sections.iter().enumerate() {
        let Section { place, .. } = section;
        if let Some(other) = sections[..at].iter().find(|other| name(other) == name(section)) {
            let (name, there) = (name(section), &other.place);
            return Err(format!("{place}: {POLICY}: `{name}` is the name of the one in {there} too"));
        }
        policies.push(policy(section).map_err(|why| format!("{place}: {POLICY}: {why}"))?);
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

/// What its blocks are marked with.
fn name(section: &Section) -> &str {
    let name = section.text("name");
    if name.is_empty() { section.text("match") } else { name }
}

fn policy(section: &Section) -> Result<Policy, String> {
    let matchers = Matcher::parse_selector(section.text("match")).map_err(|why| format!("`match`: {why}"))?;
    let tiers = section.texts("tiers").iter().map(|text| Tier::parse(text)).collect::<Result<_, _>>()?;
    let policy = Policy { name: name(section).to_owned(), matchers, tiers };
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
