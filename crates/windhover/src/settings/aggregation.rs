//! Carbon's `storage-aggregation.conf`: how the samples of a step become one value where nobody says how.
//!
//! Rows keep the mean, sum, least, greatest and last of each stretch side by side, so the file decides nothing when samples
//! are taken in. It decides what is given to whoever asks for one value a step and does not say which: `windhover
//! export --step`, and `/api/v1/export?step=`.

use super::Settings;
use foreign::carbon::{self, Aggregation, Method};
use foreign::{Aggregate, Way};
use model::{Labels, MatchOp, Matcher, NAME};
use std::path::Path;
use std::sync::{PoisonError, RwLock};
use store::Policy;

/// What carbon takes when a section does not say.
const X_FILES_FACTOR: f64 = 0.5;

/// How the samples of a step become one value where nobody says how: as the file of `store.aggregation` has it, else the
/// mean. The file can be read again while it is asked.
#[derive(Debug, Default)]
pub struct Usual(RwLock<(Aggregations, Vec<Policy>)>);

impl Usual {
    /// As the settings have it. An error names the place.
    pub fn of(settings: &Settings) -> Result<Self, String> {
        let usual = Self::default();
        usual.read(settings).map(|()| usual)
    }

    /// Reads what the settings name again; nothing changes when it is wrong.
    pub fn read(&self, settings: &Settings) -> Result<(), String> {
        let rules = settings
            .path("store.aggregation")
            .map_or(Ok(Aggregations::default()), |p| Aggregations::read(&p))?;
        let policies = super::policy::all(settings)?;
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = (rules, policies);
        Ok(())
    }

    /// How the samples of a series become one value a step.
    pub fn way(&self, labels: &Labels, step_ms: i64) -> Way {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        known.0.way(labels, step_ms, &known.1).unwrap_or_else(|| Aggregate::Avg.into())
    }
}

/// The sections of a file, in its order.
#[derive(Debug, Clone, Default)]
pub struct Aggregations(Vec<Rule>);

#[derive(Debug, Clone)]
struct Rule {
    matchers: [Matcher; 2],
    how: Aggregate,
    /// Share of the samples that a step must have.
    share_min: f64,
}

impl Aggregations {
    /// Reads a file. An error names it and the line.
    pub fn read(path: &Path) -> Result<Self, String> {
        let text = std::fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
        Self::parse(&text).map_err(|why| format!("{}:{why}", path.display()))
    }

    /// An error starts with the line.
    fn parse(text: &str) -> Result<Self, String> {
        let file = carbon::aggregations(text).map_err(|e| format!("{}: {}", e.line, e.reason))?;
        if let Some(problem) = file.passed_over.first() {
            return Err(format!("{}: {}; carbon passes over it", problem.line, problem.reason));
        }
        let rules = file.rules.iter().map(|section| {
            rule(section).map_err(|why| format!("{}: [{}] {why}", section.line, section.name))
        });
        rules.collect::<Result<_, _>>().map(Self)
    }

    /// How the samples of a series with a dotted name become values of steps; `None` when no section is about it. How many
    /// a step has when none is missing is told by the first tier of the series' policy.
    fn way(&self, labels: &Labels, step_ms: i64, policies: &[Policy]) -> Option<Way> {
        let rule = self.0.iter().find(|rule| Matcher::all_match(&rule.matchers, labels))?;
        let policy = policies.iter().find(|policy| Matcher::all_match(&policy.matchers, labels));
        let finest_ms =
            policy.and_then(|policy| policy.tiers.first()).map_or(step_ms, |t| i64::from(t.step_ms));
        let expected = (step_ms / finest_ms.max(1)).max(1);
        let samples_min = (rule.share_min * expected as f64).ceil().max(1.0) as u64;
        Some(Way { how: rule.how, samples_min })
    }
}

fn rule(section: &Aggregation) -> Result<Rule, String> {
    let how = match section.method.unwrap_or(Method::Average) {
        Method::Average => Aggregate::Avg,
        Method::Sum => Aggregate::Sum,
        Method::Last => Aggregate::Last,
        Method::Max => Aggregate::Max,
        Method::Min => Aggregate::Min,
        Method::AbsMax => Aggregate::AbsMax,
        Method::AbsMin => Aggregate::AbsMin,
        Method::AvgZero => return Err("aggregationMethod: `avg_zero` is not known here".to_owned()),
    };
    // Carbon searches anywhere in the name, a matcher compares all of it; names of Graphite's have dots.
    let matcher = |pattern: &str| Matcher::new(NAME, MatchOp::Regex, pattern);
    let found = matcher(&format!(".*(?:{}).*", section.pattern)).map_err(|why| format!("pattern: {why}"))?;
    let dotted = matcher(r".*\..*").expect("a valid pattern");
    let share_min = section.x_files_factor.unwrap_or(X_FILES_FACTOR);
    Ok(Rule { matchers: [dotted, found], how, share_min })
}

#[cfg(test)]
mod tests {
    use super::*;
    use store::Tier;

    #[test]
    fn the_first_section_found_in_the_name_says_how() {
        let text = "[min]\npattern = \\.lower$\nxFilesFactor = 0.1\naggregationMethod = min\n\
                    [count]\npattern = \\.count$\nxFilesFactor = 0\naggregationMethod = sum\n\
                    [default]\npattern = .*\n";
        let rules = Aggregations::parse(text).unwrap();
        let tiers = vec![Tier::parse("10s:1d").unwrap(), Tier::parse("60s:30d").unwrap()];
        let policies = [Policy { name: "all".to_owned(), matchers: Vec::new(), tiers }];
        let of = |name: &str| {
            let labels = Labels::from_pairs([(NAME, name)]).unwrap();
            rules.way(&labels, 600_000, &policies).map(|way| (way.how, way.samples_min))
        };
        assert_eq!(of("a.b.lower"), Some((Aggregate::Min, 6)));
        assert_eq!(of("a.b.count"), Some((Aggregate::Sum, 1)));
        assert_eq!(of("a.b.other"), Some((Aggregate::Avg, 30)));
        assert_eq!(of("no_name_of_graphites"), None);
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        let error = |text: &str| Aggregations::parse(text).unwrap_err();
        assert!(error("[a]\nxFilesFactor = 0\n").starts_with("1: [a] has no `pattern`"));
        assert!(error("[a]\npattern = (?=x)\n").starts_with("1: [a] pattern: "));
        assert!(
            error("[a]\npattern = x\naggregationMethod = avg_zero\n")
                .contains("`avg_zero` is not known here")
        );
    }
}
