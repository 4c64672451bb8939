//! Functions that say how series wish to be drawn.

use super::legend::scaled;
use super::source::line;
use crate::QueryError;
use crate::graphite::aggregate::Aggregate;
use crate::graphite::call::{Call, Outcome, Value};
use crate::graphite::series::{Consolidation, Series};
use crate::graphite::text::{float, g};

fn styled(mut call: Call<'_, '_>, mut style: impl FnMut(&mut Series)) -> Outcome {
    let mut list = call.list(0);
    list.iter_mut().for_each(&mut style);
    Ok(list)
}

pub(crate) fn alpha(call: Call<'_, '_>) -> Outcome {
    let alpha = call.required(1)?;
    styled(call, |series| series.style.alpha = Some(alpha))
}

pub(crate) fn color(call: Call<'_, '_>) -> Outcome {
    let color = call.required_text(1)?;
    styled(call, |series| series.style.color = Some(color.clone()))
}

pub(crate) fn line_width(call: Call<'_, '_>) -> Outcome {
    let width = call.required(1)?;
    styled(call, |series| series.style.line_width = Some(width))
}

pub(crate) fn dashed(call: Call<'_, '_>) -> Outcome {
    let length = call.number(1).unwrap_or(5.0);
    styled(call, |series| {
        series.tag("dashed", g(length));
        series.name = format!("dashed({}, {})", series.name, g(length));
        series.style.dashed = Some(length);
    })
}

pub(crate) fn draw_as_infinite(call: Call<'_, '_>) -> Outcome {
    styled(call, |series| {
        series.tag("drawAsInfinite", "1");
        series.name = format!("drawAsInfinite({})", series.name);
        series.style.draw_as_infinite = true;
    })
}

pub(crate) fn second_y_axis(call: Call<'_, '_>) -> Outcome {
    styled(call, |series| {
        series.tag("secondYAxis", "1");
        series.name = format!("secondYAxis({})", series.name);
        series.style.second_y_axis = true;
    })
}

/// A stack without a name.
const STACK_DEFAULT: &str = "__DEFAULT__";

pub(crate) fn stacked(mut call: Call<'_, '_>) -> Outcome {
    let stack = call.text(1).unwrap_or(STACK_DEFAULT).to_owned();
    let list = call.list(0);
    let mut stacks = call.evaluator.stacks.borrow_mut();
    let sums = stacks.entry(stack.clone()).or_default();
    let made = list.into_iter().map(|mut series| {
        sums.resize(sums.len().max(series.values.len()), 0.0);
        let pairs = series.values.iter().zip(sums.iter_mut()).map(|(value, sum)| {
            *sum += if value.is_nan() { 0.0 } else { *value };
            if value.is_nan() { f64::NAN } else { *sum }
        });
        let values = pairs.collect();
        let name =
            if stack == STACK_DEFAULT { format!("stacked({})", series.name) } else { series.name.clone() };
        if stack == STACK_DEFAULT {
            series.tag("stacked", STACK_DEFAULT);
        }
        let mut series = series.remade(name, values);
        series.style.stacked = true;
        series
    });
    Ok(made.collect())
}

pub(crate) fn area_between(mut call: Call<'_, '_>) -> Outcome {
    let mut list = call.list(0);
    between(&call, &mut list)?;
    Ok(list)
}

/// The area between two series: the lower one is not seen, the upper one stands on it.
pub(super) fn between(call: &Call<'_, '_>, list: &mut [Series]) -> Result<(), QueryError> {
    let count = list.len();
    let [lower, upper] = list else {
        return Err(call.fail(format!("An area lies between two series, here are {count}")));
    };
    lower.style.stacked = true;
    lower.style.invisible = true;
    upper.style.stacked = true;
    upper.tag("areaBetween", "1");
    lower.tags = upper.tags.clone();
    upper.name = format!("areaBetween({})", upper.path_expression);
    lower.name.clone_from(&upper.name);
    Ok(())
}

pub(crate) fn threshold(call: Call<'_, '_>) -> Outcome {
    let value = call.required(0)?;
    let mut series = line(&call, float(value), value);
    if let Some(label) = call.text(1).filter(|label| !label.is_empty()) {
        series.name = label.to_owned();
    }
    series.style.color = call.text(2).map(str::to_owned);
    Ok(vec![series])
}

pub(crate) fn vertical_line(call: Call<'_, '_>) -> Outcome {
    let time_s = call.date_s(&call.required_text(0)?)?;
    if time_s < call.range.from_s || time_s > call.range.until_s {
        let text = model::timetext::print(time_s.saturating_mul(1000));
        return Err(call.fail(format!("{text} is not within the range")));
    }
    let mut series = Series::new(call.text(1).unwrap_or_default(), time_s, time_s, 1, vec![1.0, 1.0]);
    series.style.draw_as_infinite = true;
    series.style.color = call.text(2).map(str::to_owned);
    Ok(vec![series])
}

pub(crate) fn consolidate_by(call: Call<'_, '_>) -> Outcome {
    let name = call.required_text(1)?;
    consolidated(call, &name)
}

pub(crate) fn cumulative(call: Call<'_, '_>) -> Outcome {
    consolidated(call, "sum")
}

fn consolidated(call: Call<'_, '_>, name: &str) -> Outcome {
    let Some(consolidation) = Consolidation::parse(name) else {
        return Err(call.fail(format!("There is no way `{name}` to make one value of many")));
    };
    styled(call, |series| {
        series.consolidation = consolidation;
        series.tag("consolidateBy", name);
        series.rename(format!("consolidateBy({},\"{name}\")", series.name));
    })
}

pub(crate) fn set_x_files_factor(call: Call<'_, '_>) -> Outcome {
    let factor = call.required(1)?;
    call.evaluator.set_x_files_factor(factor);
    styled(call, |series| {
        series.x_files_factor = factor;
        series.tag("xFilesFactor", g(factor));
    })
}

pub(crate) fn legend_value(mut call: Call<'_, '_>) -> Outcome {
    let mut kinds: Vec<String> = call
        .values(1)
        .iter()
        .filter_map(|value| match value {
            Value::Text(text) => Some(text.clone()),
            _ => None,
        })
        .collect();
    let system = kinds.pop_if(|last| last == "si" || last == "binary");
    let mut list = call.list(0);
    for kind in kinds {
        let how = Aggregate::parse(&kind);
        for series in &mut list {
            let value = how.map(|how| how.of_series(series));
            series.name = match &system {
                None => {
                    format!("{} ({kind}: {})", series.name, value.map_or("(?)".to_owned(), |v| shown(how, v)))
                }
                Some(system) => {
                    let text = match value {
                        None => "(?)".to_owned(),
                        Some(value) if value.is_nan() => "None".to_owned(),
                        Some(value) => {
                            let (value, prefix) = scaled(value, system);
                            format!("{value:.2}{prefix}")
                        }
                    };
                    format!("{:<20}{kind:<5}{text:<10}", series.name)
                }
            };
        }
    }
    Ok(list)
}

// Counts are whole numbers.
fn shown(how: Option<Aggregate>, value: f64) -> String {
    match how {
        _ if value.is_nan() => "None".to_owned(),
        Some(Aggregate::Count) => g(value),
        _ => float(value),
    }
}

pub(crate) fn cacti_style(mut call: Call<'_, '_>) -> Outcome {
    let (system, units) = (call.text(1).map(str::to_owned), call.text(2).map(str::to_owned));
    let format = |value: f64| match (&system, &units) {
        (Some(system), units) => {
            let (value, prefix) = scaled(value, system);
            let units = units.as_deref().unwrap_or("");
            format!("{value:.2}{}{prefix}{units}", if units.is_empty() { "" } else { " " })
        }
        (None, Some(units)) => format!("{value:.2} {units}"),
        (None, None) => format!("{value:.2}"),
    };
    let mut list = call.list(0);
    let kinds = [Aggregate::Last, Aggregate::Max, Aggregate::Min];
    let width = |kind: Aggregate, list: &[Series]| {
        let lengths = list.iter().map(|series| {
            let value = kind.of_series(series);
            let value = if value.is_nan() || value == 0.0 { 3.0 } else { value.trunc() + 0.0 };
            format(value).chars().count()
        });
        lengths.max().unwrap_or(0) + 3
    };
    let widths = kinds.map(|kind| width(kind, &list));
    let name_width = list.iter().map(|series| series.name.chars().count()).max().unwrap_or(0);
    for series in &mut list {
        let [last, max, min] = kinds.map(|kind| {
            let value = kind.of_series(series);
            if value.is_nan() { "nan".to_owned() } else { format(value) }
        });
        let [last_width, max_width, min_width] = widths;
        series.name = format!(
            "{:<name_width$} Current:{last:<last_width$} Max:{max:<max_width$} Min:{min:<min_width$} ",
            series.name
        );
    }
    Ok(list)
}
