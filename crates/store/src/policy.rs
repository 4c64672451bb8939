//! Policies: for which series samples and the rows of which tiers are kept, and how long.

use crate::Error;
use crate::options::millis;
use model::{Labels, Matcher, tier_name};
use std::time::Duration;

const SECOND_MS: i64 = 1000;
const DAY_MS: i64 = 86_400 * SECOND_MS;
/// A Gregorian year on average, in milliseconds.
const YEAR_MS: i64 = 31_556_952 * SECOND_MS;
/// Most tiers of a policy.
const TIERS_MAX: usize = 8;
/// The name of blocks that no policy's name was written into.
pub(crate) const UNNAMED: &str = "";

/// One resolution of a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tier {
    /// How much time a row sums up, in milliseconds. Of the first tier, which has the samples as they came, it is only
    /// what people expect.
    pub step_ms: u32,
    /// How long it is kept, in milliseconds; `i64::MAX` is for ever.
    pub keep_ms: i64,
}

impl Tier {
    /// Reads `60s:90d`: a step and how long it is kept. Units are `s`, `m`, `h`, `d`, `w`, `mo` (a twelfth of a year) and
    /// `y` (365.2425 days); `forever` is for ever.
    ///
    /// # Errors
    /// What is wrong, for people.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = |why: &str| format!("`{text}` is not a tier: {why}");
        let (step, keep) =
            text.split_once(':').ok_or_else(|| wrong("expected STEP:KEEP, such as `60s:90d`"))?;
        let step_ms = length_ms(step).map_err(|why| wrong(&why))?;
        let step_ms = u32::try_from(step_ms).map_err(|_| wrong("the step is longer than 49 days"))?;
        let keep_ms =
            if keep == "forever" { i64::MAX } else { length_ms(keep).map_err(|why| wrong(&why))? };
        Ok(Self { step_ms, keep_ms })
    }
}

fn length_ms(text: &str) -> Result<i64, String> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let unit_ms = match unit {
        "s" => SECOND_MS,
        "m" | "min" => 60 * SECOND_MS,
        "h" => 3600 * SECOND_MS,
        "d" => DAY_MS,
        "w" => 7 * DAY_MS,
        "mo" => YEAR_MS / 12,
        "y" => YEAR_MS,
        _ => return Err(format!("`{text}` has no unit of s, m, h, d, w, mo or y")),
    };
    let number: i64 = number.parse().map_err(|_| format!("`{text}` does not start with a whole number"))?;
    number.checked_mul(unit_ms).filter(|ms| *ms > 0).ok_or_else(|| format!("`{text}` is no usable length"))
}

/// What is kept of the series that match. The first policy that matches a series holds.
#[derive(Debug, Clone)]
pub struct Policy {
    /// Written into blocks; unique and not empty.
    pub name: String,
    /// All must be satisfied; without any, every series is.
    pub matchers: Vec<Matcher>,
    /// Finest first; the first has the samples as they came.
    pub tiers: Vec<Tier>,
}

impl Default for Policy {
    /// Every series: samples for 10 days, rows of a minute for 90 days, of an hour for 18 months, of a day for 10 years.
    fn default() -> Self {
        let tier = |step_s: u32, keep_ms| Tier { step_ms: step_s * 1000, keep_ms };
        Self {
            name: "default".to_owned(),
            matchers: Vec::new(),
            tiers: vec![
                tier(1, 10 * DAY_MS),
                tier(60, 90 * DAY_MS),
                tier(3600, YEAR_MS / 12 * 18),
                tier(86_400, 10 * YEAR_MS),
            ],
        }
    }
}

impl Policy {
    /// Lengths of rows, each with how long it is kept, in milliseconds; samples as they came are 0.
    pub(crate) fn levels(&self) -> impl Iterator<Item = (u32, i64)> + Clone {
        self.tiers.iter().enumerate().map(|(at, tier)| (if at == 0 { 0 } else { tier.step_ms }, tier.keep_ms))
    }

    /// How long a tier is kept; one that is no longer wanted as long as the one kept longest.
    pub(crate) fn keep_ms(&self, tier_ms: u32) -> i64 {
        let found = self.levels().find(|(step_ms, _)| *step_ms == tier_ms);
        found.map_or_else(|| self.keep_ms_max(), |(_, keep_ms)| keep_ms)
    }

    fn keep_ms_max(&self) -> i64 {
        self.tiers.iter().map(|tier| tier.keep_ms).max().unwrap_or(i64::MAX)
    }

    /// What is wrong with it, if anything; blocks first cover `block_span`.
    fn problem(&self, block_span: Duration) -> Option<String> {
        if self.name.is_empty() {
            return Some("it has no name".to_owned());
        }
        if self.tiers.is_empty() || self.tiers.len() > TIERS_MAX {
            return Some(format!("it must have 1 to {TIERS_MAX} tiers"));
        }
        for pair in self.tiers.windows(2) {
            let (finer, coarser) = (pair[0], pair[1]);
            if coarser.step_ms <= finer.step_ms || !coarser.step_ms.is_multiple_of(finer.step_ms) {
                return Some(format!(
                    "a step of {} is no multiple of {}, the one before",
                    tier_name(coarser.step_ms),
                    tier_name(finer.step_ms)
                ));
            }
            if coarser.keep_ms < finer.keep_ms {
                return Some(format!(
                    "rows of {} are kept shorter than what is finer",
                    tier_name(coarser.step_ms)
                ));
            }
            if crate::compact::plan::row_window_ms(block_span, coarser.step_ms).is_none() {
                return Some(format!(
                    "a step of {} does not fill the windows of blocks",
                    tier_name(coarser.step_ms)
                ));
            }
        }
        None
    }
}

/// Whether a store would take these policies.
///
/// # Errors
/// What is wrong with which.
pub fn check_policies(policies: &[Policy]) -> Result<(), Error> {
    Policies::new(policies.to_vec(), None, crate::options::BLOCK_SPAN).map(drop)
}

/// The first instant that is kept at `now_ms`.
pub(crate) fn oldest_ms(now_ms: i64, keep_ms: i64) -> i64 {
    if keep_ms == i64::MAX { i64::MIN } else { now_ms.saturating_sub(keep_ms) }
}

/// The policies that hold.
#[derive(Debug, Clone)]
pub(crate) struct Policies {
    list: Vec<Policy>,
    /// For series that no other matches: samples as they came, as long as the store keeps anything.
    rest: Policy,
}

impl Policies {
    /// Checks and takes policies; what none matches is kept for `retention_age`.
    pub(crate) fn new(
        list: Vec<Policy>,
        retention_age: Option<Duration>,
        block_span: Duration,
    ) -> Result<Self, Error> {
        for (at, policy) in list.iter().enumerate() {
            let twice = list[..at].iter().any(|other| other.name == policy.name);
            let problem = if twice { Some("its name is taken".into()) } else { policy.problem(block_span) };
            if let Some(problem) = problem {
                return Err(Error::Option(format!("policy {:?}: {problem}", policy.name)));
            }
        }
        let keep_ms = retention_age.map_or(i64::MAX, millis);
        let tiers = vec![Tier { step_ms: 1000, keep_ms }];
        Ok(Self { list, rest: Policy { name: UNNAMED.to_owned(), matchers: Vec::new(), tiers } })
    }

    /// All, in order.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Policy> + Clone {
        self.list.iter().chain([&self.rest])
    }

    /// The one that holds for a series.
    pub(crate) fn of(&self, labels: &Labels) -> &Policy {
        let matches = |policy: &&Policy| Matcher::all_match(&policy.matchers, labels);
        self.list.iter().find(matches).unwrap_or(&self.rest)
    }

    /// Those that hold for any series.
    pub(crate) fn used(&self) -> impl Iterator<Item = &Policy> + Clone {
        let last = self.list.iter().position(|policy| policy.matchers.is_empty());
        self.all().take(last.map_or(usize::MAX, |last| last + 1))
    }

    /// How long anything is kept at most.
    pub(crate) fn keep_ms_max(&self) -> i64 {
        self.used().map(Policy::keep_ms_max).max().unwrap_or(i64::MAX)
    }

    /// Whether all series have the same.
    pub(crate) fn is_single(&self) -> bool {
        self.used().count() == 1
    }

    /// The one that holds for blocks of this name: of a name that is gone, the one for every series.
    pub(crate) fn named(&self, name: &str) -> &Policy {
        let named = self.list.iter().find(|policy| policy.name == name);
        let every = || self.list.iter().find(|policy| policy.matchers.is_empty());
        named.or_else(every).unwrap_or(&self.rest)
    }

    /// The longest time that samples are kept as they came.
    pub(crate) fn raw_keep_ms_max(&self) -> i64 {
        self.used().map(|policy| policy.keep_ms(0)).max().unwrap_or(i64::MAX)
    }

    /// The shortest time that samples are kept as they came.
    pub(crate) fn raw_keep_ms_min(&self) -> i64 {
        self.used().map(|policy| policy.keep_ms(0)).min().unwrap_or(i64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPAN: Duration = Duration::from_secs(7200);

    #[test]
    fn tiers_are_read_and_refused() {
        assert_eq!(Tier::parse("60s:90d"), Ok(Tier { step_ms: 60_000, keep_ms: 90 * DAY_MS }));
        assert_eq!(Tier::parse("1d:10y"), Ok(Tier { step_ms: 86_400_000, keep_ms: 10 * YEAR_MS }));
        assert_eq!(Tier::parse("1h:forever").map(|tier| tier.keep_ms), Ok(i64::MAX));
        for bad in ["", "60s", "60:90d", "s:1d", "1s:", "0s:1d", "1s:-1d", "1y:2y", "9999999999999999999s:1d"]
        {
            let why = Tier::parse(bad).unwrap_err();
            assert!(why.contains(&format!("`{bad}`")), "{why}");
        }
    }

    #[test]
    fn policies_are_checked() {
        let policy = |name: &str, tiers: &[&str]| Policy {
            name: name.to_owned(),
            matchers: Vec::new(),
            tiers: tiers.iter().map(|text| Tier::parse(text).unwrap()).collect(),
        };
        let refused =
            |list: Vec<Policy>| Policies::new(list, None, SPAN).err().map(|error| error.to_string());
        assert_eq!(refused(vec![Policy::default()]), None);
        for (list, word) in [
            (vec![policy("", &["1s:1d"])], "name"),
            (vec![policy("a", &[])], "tiers"),
            (vec![policy("a", &["1s:1d", "1s:2d"])], "multiple"),
            (vec![policy("a", &["1s:2d", "60s:1d"])], "shorter"),
            (vec![policy("a", &["1s:1d", "7m:2d"])], "windows"),
            (vec![policy("a", &["1s:1d"]), policy("a", &["1s:1d"])], "taken"),
        ] {
            let why = refused(list).unwrap();
            assert!(why.contains(word), "{why}");
        }
    }

    #[test]
    fn the_first_that_matches_holds() {
        let mut short = Policy { name: "short".to_owned(), ..Policy::default() };
        short.matchers.push(Matcher::equal("job", "debug"));
        let policies = Policies::new(vec![short, Policy::default()], None, SPAN).unwrap();
        let labels = |job| Labels::from_pairs([("__name__", "a"), ("job", job)]).unwrap();
        assert_eq!(policies.of(&labels("debug")).name, "short");
        assert_eq!(policies.of(&labels("node")).name, "default");
        assert_eq!(policies.named("gone").name, "default");
        assert_eq!(Policies::new(Vec::new(), None, SPAN).unwrap().named("gone").name, UNNAMED);
    }
}
