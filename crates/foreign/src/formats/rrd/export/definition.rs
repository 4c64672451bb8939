//! What file is to be made, from the user's options.

use crate::formats::rrd::update::ArchiveDefinition;
use crate::formats::rrd::{Consolidation, SourceKind};
use crate::{Error, Options};

/// Step when nothing is said.
const STEP_S: u64 = 60;
/// Share of a row that may be unknown, when nothing is said.
const XFF: f64 = 0.5;
/// Steps and ages of the default policy of the store, in seconds.
const PYRAMID: [(u64, u64); 4] =
    [(1, 10 * 86_400), (60, 90 * 86_400), (3600, 548 * 86_400), (86_400, 3650 * 86_400)];

/// What file is to be made.
#[derive(Debug, Clone, PartialEq)]
pub struct Definition {
    /// Seconds of a primary data point.
    pub step_s: u64,
    /// Longest interval between two samples that is known, in seconds.
    pub heartbeat_s: u64,
    /// What all sources are, when that is not to follow from the series.
    pub kind: Option<SourceKind>,
    /// What is kept.
    pub archives: Vec<ArchiveDefinition>,
}

impl Definition {
    /// What the options `rrd-step`, `rrd-heartbeat`, `rrd-type` and `rra` say.
    pub fn of(options: &Options) -> Result<Self, Error> {
        let step_s = option(options, "rrd-step", seconds)?.unwrap_or(STEP_S);
        let heartbeat_s = option(options, "rrd-heartbeat", seconds)?.unwrap_or(2 * step_s);
        let kind = option(options, "rrd-type", |text| {
            SourceKind::parse(&text.to_ascii_uppercase()).filter(|kind| *kind != SourceKind::Compute)
        })?;
        let given = options.all("rra").iter().map(|text| {
            archive(text, step_s)
                .ok_or_else(|| Error::Option(format!("--rra {text}: expected FUNCTION:XFF:STEPS:ROWS")))
        });
        let mut archives = given.collect::<Result<Vec<_>, _>>()?;
        if archives.is_empty() {
            archives = pyramid(step_s);
        }
        Ok(Self { step_s, heartbeat_s, kind, archives })
    }

    /// Rows of all archives.
    pub fn rows(&self) -> usize {
        self.archives.iter().fold(0, |rows, archive| rows.saturating_add(archive.rows))
    }
}

fn option<T>(options: &Options, name: &str, parse: impl Fn(&str) -> Option<T>) -> Result<Option<T>, Error> {
    let Some(text) = options.get(name) else { return Ok(None) };
    match parse(text) {
        Some(value) => Ok(Some(value)),
        None => Err(Error::Option(format!("--{name} {text}: that is none"))),
    }
}

/// Seconds as rrdtool has them: a number, or one with s, m (minutes), h, d, w, M (31 days) or y (366 days).
fn seconds(text: &str) -> Option<u64> {
    duration(text).or_else(|| text.parse().ok()).filter(|s| (1..=u64::from(u32::MAX)).contains(s))
}

fn duration(text: &str) -> Option<u64> {
    let unit_s = match text.chars().last()? {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        'd' => 86_400,
        'w' => 7 * 86_400,
        'M' => 31 * 86_400,
        'y' => 366 * 86_400,
        _ => return None,
    };
    text[..text.len() - 1].parse::<u64>().ok()?.checked_mul(unit_s)
}

/// `AVERAGE:0.5:5:600`, perhaps with `RRA:` before; steps and rows may be durations.
fn archive(text: &str, step_s: u64) -> Option<ArchiveDefinition> {
    let mut parts = text.strip_prefix("RRA:").unwrap_or(text).split(':');
    let function = Consolidation::parse(parts.next()?).filter(|f| f.is_measured())?;
    let xff = parts.next()?.parse().ok().filter(|x| (0.0..1.0).contains(x))?;
    let steps = count(parts.next()?, step_s)?;
    let rows = count(parts.next()?, step_s.checked_mul(steps)?)?;
    let rows = usize::try_from(rows).ok()?;
    parts.next().is_none().then_some(ArchiveDefinition { function, xff, steps, rows })
}

/// A number, or a duration that is a multiple of `unit_s`.
fn count(text: &str, unit_s: u64) -> Option<u64> {
    let number = match duration(text) {
        Some(seconds) => (seconds % unit_s == 0).then_some(seconds / unit_s)?,
        None => text.parse().ok()?,
    };
    (1..=1 << 40).contains(&number).then_some(number)
}

/// The tiers of the store that are multiples of the step: averages, and from the second on the extremes.
fn pyramid(step_s: u64) -> Vec<ArchiveDefinition> {
    let finest = PYRAMID.iter().rfind(|(tier_s, _)| *tier_s <= step_s);
    let finest_age_s = finest.map_or(PYRAMID[0].1, |(_, age_s)| *age_s);
    let coarser = PYRAMID.iter().filter(|(tier_s, _)| *tier_s > step_s && tier_s % step_s == 0);
    let tiers = std::iter::once((step_s, finest_age_s)).chain(coarser.copied());
    tiers
        .flat_map(|(tier_s, age_s)| {
            let functions: &[Consolidation] = match tier_s == step_s {
                true => &[Consolidation::Average],
                false => &[Consolidation::Average, Consolidation::Min, Consolidation::Max],
            };
            functions.iter().map(move |function| ArchiveDefinition {
                function: *function,
                xff: XFF,
                steps: tier_s / step_s,
                rows: (age_s / tier_s).max(1) as usize,
            })
        })
        .collect()
}
