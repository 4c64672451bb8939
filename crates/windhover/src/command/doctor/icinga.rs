//! Each Icinga that is followed: whether it answers, knows us, and lets us ask.

use super::Finding;
use crate::role::watching::icinga;
use crate::settings::Settings;
use net::dns::Resolver;

/// What to do about a refusal.
const REMEDY: &str = "give its ApiUser the permissions that docs/manual/icinga.md names";

pub(super) fn examine(settings: &Settings) -> Vec<Finding> {
    let all = match icinga::all(settings) {
        Ok(all) if all.is_empty() => return vec![Finding::fine("none is followed: there is no [[icinga]]")],
        Ok(all) => all,
        Err(error) => return vec![Finding::broken(error.to_string(), "mend the settings")],
    };
    let resolver = Resolver::system();
    let examine = |icinga| match scrape::icinga::examine(icinga, &resolver) {
        Ok(version) => Finding::fine(format!("{}: {version} answers and gives events", icinga.name)),
        Err(why) => Finding::broken(format!("{}: {why}", icinga.name), REMEDY),
    };
    all.iter().map(examine).collect()
}
