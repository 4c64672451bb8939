//! What is exported: which series, which time.

use anyhow::{anyhow, bail};
use api::dialects::prometheus::selector::parse_selector;
use clap::ArgMatches;
use model::{HOST, Matcher, TimeRange, Unit, Zone, timetext};
use std::fmt;

/// See the module's text.
pub struct Scope {
    /// Series that satisfy one of these, as they were written and as matchers.
    pub texts: Vec<String>,
    /// The same as matchers.
    pub selectors: Vec<Vec<Matcher>>,
    /// When.
    pub range: TimeRange,
}

impl Scope {
    /// What the command line says.
    pub fn of(matches: &ArgMatches, now_ms: i64, zone: &Zone) -> anyhow::Result<Self> {
        let mut texts: Vec<String> =
            matches.get_many::<String>("match").into_iter().flatten().cloned().collect();
        if texts.is_empty() {
            texts.push("{}".to_owned());
        }
        let mut selectors = Vec::new();
        for text in &texts {
            let everything = text.trim() == "{}";
            let parsed = if everything { Ok(Vec::new()) } else { parse_selector(text) };
            selectors.push(parsed.map_err(|e| anyhow!("--match {text}: {e}"))?);
        }
        // The setting's flag, read here as the question which machine's samples are meant.
        if let Some(host) = matches.get_one::<String>("host") {
            selectors.iter_mut().for_each(|matchers| matchers.push(Matcher::equal(HOST, host.as_str())));
            texts = selectors.iter().map(|matchers| text_of(matchers)).collect();
        }
        let range = range(matches, now_ms, zone)?;
        Ok(Self { texts, selectors, range })
    }
}

fn text_of(matchers: &[Matcher]) -> String {
    let matchers: Vec<String> = matchers.iter().map(Matcher::to_string).collect();
    format!("{{{}}}", matchers.join(","))
}

fn range(matches: &ArgMatches, now_ms: i64, zone: &Zone) -> anyhow::Result<TimeRange> {
    let text = |name: &str| matches.get_one::<String>(name);
    if let Some(day) = text("day") {
        if text("from").is_some() || text("to").is_some() {
            bail!("--day goes without --from and --to");
        }
        let start_ms = zone.floor(timetext::parse(day, now_ms, zone)?, Unit::Day);
        return Ok(TimeRange::new(start_ms, zone.add(start_ms, 1, Unit::Day)));
    }
    let from = text("from").map(|t| timetext::parse(t, now_ms, zone)).transpose()?;
    let to = text("to").map(|t| timetext::parse_end(t, now_ms, zone)).transpose()?;
    let range = TimeRange::new(from.unwrap_or(i64::MIN), to.unwrap_or(i64::MAX));
    if range.is_empty() {
        bail!("--from is not before --to");
    }
    Ok(range)
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.texts.join(" or "))?;
        if self.range != TimeRange::ALL {
            let end = |ms: i64, none: &str| match ms {
                i64::MIN | i64::MAX => none.to_owned(),
                ms => timetext::print(ms),
            };
            write!(
                f,
                " from {} to {}",
                end(self.range.start_ms, "the beginning"),
                end(self.range.end_ms, "the end")
            )?;
        }
        Ok(())
    }
}
