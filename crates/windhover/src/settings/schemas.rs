//! Carbon's `storage-schemas.conf` as policies: for those who bring one.
//!
//! A section becomes a policy for the series in whose dotted metric name its pattern is found, in the order of the file. What
//! carbon would pass over in silence is an error here: a server that keeps less than its file says is worse than one that
//! does not start. What `storage-aggregation.conf` says is in `aggregation.rs`.

use foreign::carbon::{self, Retention, Schema};
use model::{MatchOp, Matcher, NAME};
use std::path::Path;
use store::{Policy, Tier};

/// The policies of a file. An error names the file and the line.
pub fn policies(path: &Path) -> Result<Vec<Policy>, String> {
    let text = std::fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
    parse(&text).map_err(|why| format!("{}:{why}", path.display()))
}

/// An error starts with the line.
fn parse(text: &str) -> Result<Vec<Policy>, String> {
    let file = carbon::schemas(text).map_err(|e| format!("{}: {}", e.line, e.reason))?;
    if let Some(problem) = file.passed_over.first() {
        return Err(format!("{}: {}; carbon passes over it", problem.line, problem.reason));
    }
    file.rules.iter().map(|schema| policy(schema).map_err(|why| format!("{}: {why}", schema.line))).collect()
}

fn policy(schema: &Schema) -> Result<Policy, String> {
    // Carbon searches anywhere in the name, a matcher compares all of it.
    let pattern = format!(".*(?:{}).*", schema.pattern);
    let matcher = |pattern: &str| Matcher::new(NAME, MatchOp::Regex, pattern);
    let found = matcher(&pattern).map_err(|why| format!("[{}] pattern: {why}", schema.name))?;
    // The usual `.*` at the end means what Graphite has, and not the agent's series of a second.
    let dotted = matcher(r".*\..*").expect("a valid pattern");
    let tiers = schema.retentions.iter().map(tier).collect::<Result<_, _>>();
    let tiers = tiers.map_err(|why| format!("[{}] retentions: {why}", schema.name))?;
    // A name of its own, so that `[default]` does not meet the policy for the rest.
    let policy = Policy { name: format!("carbon:{}", schema.name), matchers: vec![dotted, found], tiers };
    store::check_policies(std::slice::from_ref(&policy)).map_err(|error| error.to_string())?;
    Ok(policy)
}

fn tier(retention: &Retention) -> Result<Tier, String> {
    let long = || format!("{} s is too long", retention.step_s);
    let step_ms =
        retention.step_s.checked_mul(1000).and_then(|ms| u32::try_from(ms).ok()).ok_or_else(long)?;
    let keep_ms = retention.keep_s().checked_mul(1000).and_then(|ms| i64::try_from(ms).ok());
    Ok(Tier { step_ms, keep_ms: keep_ms.unwrap_or(i64::MAX) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Labels;

    #[test]
    fn the_first_section_found_anywhere_in_the_name_holds() {
        let text = "[own]\npattern = ^carbon\\.\nretentions = 60:90d\n\
                    [some]\npattern = \\.(load|cpu)$\nretentions = 10s:6h,60s:7d\n\
                    [default]\npattern = .*\nretentions = 60s:1d,5m:30d,1h:3y\n";
        let policies = parse(text).unwrap();
        let of = |name: &str| {
            let labels = Labels::from_pairs([(NAME, name)]).unwrap();
            let found = policies.iter().find(|p| Matcher::all_match(&p.matchers, &labels));
            found.map_or("none", |p| p.name.as_str())
        };
        assert_eq!(of("carbon.agents.a.cpu"), "carbon:own");
        assert_eq!(of("servers.carbon.a.cpu"), "carbon:some");
        assert_eq!(of("servers.a.cpu.user"), "carbon:default");
        assert_eq!(of("cpu_seconds_total"), "none", "no name of Graphite's");
        let tiers: Vec<_> = policies[2].tiers.iter().map(|t| (t.step_ms, t.keep_ms)).collect();
        let day = 86_400_000;
        assert_eq!(tiers, [(60_000, day), (300_000, 30 * day), (3_600_000, 3 * 365 * day)]);
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        let error = |text: &str| parse(text).unwrap_err();
        assert_eq!(error("[a]\npattern = x\n"), "1: [a] has no `retentions`; carbon passes over it");
        assert!(error("[a]\npattern = (?=x)\nretentions = 60s:1d\n").starts_with("1: [a] pattern: "));
        assert_eq!(
            error("[a]\npattern = x\nretentions = 60s:7x\n"),
            "3: [a] `7x` is no number with a unit of s, min, h, d, w or y"
        );
    }
}
