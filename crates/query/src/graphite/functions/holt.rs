//! Forecasts by exponential smoothing with a season (Winters 1960), and how far they may be off (Brutlag 2000).

use crate::QueryError;
use crate::graphite::call::{Call, Outcome};
use crate::graphite::evaluate::Range;
use crate::graphite::series::{Consolidation, Series};

const ALPHA: f64 = 0.1;
const BETA: f64 = 0.0035;
const GAMMA: f64 = 0.1;

/// What a series was expected to be, and how far off that was.
struct Forecast {
    predictions: Vec<f64>,
    deviations: Vec<f64>,
}

fn forecast(values: &[f64], season: usize) -> Forecast {
    let (mut predictions, mut deviations) =
        (Vec::with_capacity(values.len()), Vec::with_capacity(values.len()));
    let mut seasonals: Vec<f64> = Vec::with_capacity(values.len());
    let ago = |column: &[f64], at: usize| {
        at.checked_sub(season).and_then(|at| column.get(at)).copied().unwrap_or(0.0)
    };
    // Without a value the level is forgotten, and the next prediction with it.
    let (mut level, mut slope, mut next) = (f64::NAN, 0.0, f64::NAN);
    for (at, &actual) in values.iter().enumerate() {
        if actual.is_nan() {
            predictions.push(next);
            deviations.push(0.0);
            seasonals.push(0.0);
            (level, slope, next) = (f64::NAN, 0.0, f64::NAN);
            continue;
        }
        let prediction = if at == 0 { actual } else { next };
        let before = if level.is_nan() { actual } else { level };
        let (last_season, last_deviation) = (ago(&seasonals, at), ago(&deviations, at));
        level = ALPHA * (actual - last_season) + (1.0 - ALPHA) * (before + slope);
        slope = BETA * (level - before) + (1.0 - BETA) * slope;
        seasonals.push(GAMMA * (actual - level) + (1.0 - GAMMA) * last_season);
        next = level + slope + ago(&seasonals, at + 1);
        let expected = if prediction.is_nan() { 0.0 } else { prediction };
        deviations.push(GAMMA * (actual - expected).abs() + (1.0 - GAMMA) * last_deviation);
        predictions.push(prediction);
    }
    Forecast { predictions, deviations }
}

/// The series with as much before the range as the forecast needs, and how much that is.
fn earlier(call: &Call<'_, '_>, bootstrap_at: usize) -> Result<(Vec<Series>, i64), QueryError> {
    let before_s = call.interval_s(bootstrap_at)?.abs();
    let range = Range { from_s: call.range.from_s.saturating_sub(before_s), ..call.range };
    Ok((call.again(range)?, before_s))
}

// How values become fewer is not taken over.
fn fresh(series: Series) -> Series {
    Series { consolidation: Consolidation::default(), ..series }
}

fn season_of(call: &Call<'_, '_>, at: usize, series: &Series) -> Result<usize, QueryError> {
    Ok(usize::try_from(call.interval_s(at)?.abs() / series.step_s).unwrap_or(0))
}

fn tail(values: &[f64], before_s: i64, step_s: i64) -> Vec<f64> {
    let skipped = usize::try_from(before_s / step_s).unwrap_or(0).min(values.len());
    values[skipped..].to_vec()
}

pub(crate) fn forecasts(call: Call<'_, '_>) -> Outcome {
    let (list, before_s) = earlier(&call, 1)?;
    let mut out = Vec::with_capacity(list.len());
    for mut series in list {
        let found = forecast(&series.values, season_of(&call, 2, &series)?);
        let values = tail(&found.predictions, before_s, series.step_s);
        let name = format!("holtWintersForecast({})", series.name);
        series.tag("holtWintersForecast", "1");
        series.tag("name", name.as_str());
        series.start_s += before_s;
        out.push(fresh(series.remade(name, values)));
    }
    Ok(out)
}

/// Lower and upper bands, one after the other for each series.
fn bands(call: &Call<'_, '_>) -> Outcome {
    let delta = call.number(1).unwrap_or(3.0);
    let (list, before_s) = earlier(call, 2)?;
    let mut out = Vec::with_capacity(list.len() * 2);
    for mut series in list {
        let found = forecast(&series.values, season_of(call, 3, &series)?);
        let predictions = tail(&found.predictions, before_s, series.step_s);
        let deviations = tail(&found.deviations, before_s, series.step_s);
        series.start_s += before_s;
        for (edge, sign) in [("Lower", -1.0), ("Upper", 1.0)] {
            let pairs = predictions.iter().zip(&deviations);
            let values = pairs.map(|(prediction, deviation)| prediction + sign * delta * deviation).collect();
            let mut band = series.clone();
            band.tag(&format!("holtWintersConfidence{edge}"), "1");
            let path = band.path_expression.clone();
            let name = format!("holtWintersConfidence{edge}({})", series.name);
            out.push(Series { path_expression: path, ..fresh(band.remade(name, values)) });
        }
    }
    Ok(out)
}

pub(crate) fn confidence_bands(call: Call<'_, '_>) -> Outcome {
    bands(&call)
}

pub(crate) fn confidence_area(call: Call<'_, '_>) -> Outcome {
    let mut bands = bands(&call)?;
    super::draw::between(&call, &mut bands)?;
    for series in &mut bands {
        series.tags.remove("areaBetween");
        series.tag("holtWintersConfidenceArea", "1");
        series.rename(series.name.replace("areaBetween", "holtWintersConfidenceArea"));
    }
    Ok(bands)
}

pub(crate) fn aberration(mut call: Call<'_, '_>) -> Outcome {
    let bands = bands(&call)?;
    let band = |edge: &str, name: &str| {
        let wanted = format!("holtWintersConfidence{edge}({name})");
        bands.iter().rfind(|series| series.name == wanted)
    };
    let mut out = Vec::new();
    for mut series in call.list(0) {
        let (Some(lower), Some(upper)) = (band("Lower", &series.name), band("Upper", &series.name)) else {
            continue;
        };
        let edges = lower.values.iter().zip(&upper.values);
        let values = series.values.iter().zip(edges).map(|(actual, (lower, upper))| match () {
            () if actual > upper => actual - upper,
            () if actual < lower => actual - lower,
            () => 0.0,
        });
        let values = values.collect();
        series.tag("holtWintersAberration", "1");
        let name = format!("holtWintersAberration({})", series.name);
        out.push(fresh(series.remade(name, values)));
    }
    Ok(out)
}
