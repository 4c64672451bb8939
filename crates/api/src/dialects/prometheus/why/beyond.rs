//! Why nothing is left where every selector finds something: windows too short, comparisons that nothing satisfies, operands
//! that do not meet.

use super::{shown, text_of_ms};
use lang::promql::Expr;
use lang::promql::ast::{Binary, DurationKind, Kind, Selector, When};
use model::{ReadError, Source, TimeRange};

/// Functions that answer nothing for a window with one sample.
const OF_TWO: [&str; 9] = [
    "delta",
    "deriv",
    "idelta",
    "increase",
    "irate",
    "predict_linear",
    "rate",
    "double_exponential_smoothing",
    "changes",
];
/// How many samples a window should hold, so that one that is late does not matter.
const SAMPLES_WANTED: i64 = 4;

/// What can be said of an expression whose selectors all find samples.
pub(super) fn reason(source: &dyn Source, expr: &Expr) -> Option<String> {
    match &expr.kind {
        Kind::Call { function, args } => args.iter().find_map(|arg| match &arg.bare().kind {
            Kind::Range { selector, range } => {
                let DurationKind::Seconds { seconds, .. } = range.kind else { return None };
                let is_short =
                    || short(source, selector, (seconds * 1000.0) as i64, OF_TWO.contains(&function.name));
                is_short().ok().flatten().or_else(|| elsewhen(selector))
            }
            _ => reason(source, arg),
        }),
        Kind::Binary(binary) => binary_reason(source, binary),
        Kind::Selector(selector) => elsewhen(selector),
        _ => expr.children().into_iter().find_map(|child| reason(source, child)),
    }
}

fn binary_reason(source: &dyn Source, binary: &Binary) -> Option<String> {
    let deeper = [&binary.left, &binary.right].into_iter().find_map(|operand| reason(source, operand));
    if deeper.is_some() {
        return deeper;
    }
    // What an operand with operators of its own leaves is not known here.
    if [&binary.left, &binary.right].into_iter().any(has_operators) {
        return None;
    }
    let sign = binary.operator.as_str();
    let are_sets = [&binary.left, &binary.right].iter().all(|side| side.value_type().as_str() == "vector");
    if !are_sets {
        return binary
            .operator
            .is_comparison()
            .then(|| format!("no value satisfies the comparison {}", side(binary)));
    }
    Some(match sign {
        "unless" => format!("every series of {} has its like in {}", binary.left, binary.right),
        _ if binary.operator.is_comparison() => {
            format!("no pair of series with equal labels satisfies {} {sign} {}", binary.left, binary.right)
        }
        _ => format!("no series of {} has the same labels as one of {}", binary.left, binary.right),
    })
}

fn has_operators(expr: &Expr) -> bool {
    matches!(expr.kind, Kind::Binary(_)) || expr.children().into_iter().any(has_operators)
}

// The operator with the number beside it.
fn side(binary: &Binary) -> String {
    match binary.right.value_type().as_str() {
        "scalar" => format!("{} {}", binary.operator.as_str(), binary.right),
        _ => format!("{} {}", binary.left, binary.operator.as_str()),
    }
}

fn elsewhen(selector: &Selector) -> Option<String> {
    (selector.when != When::default()).then(|| {
        format!("there are no samples of {} at the time asked for:{}", shown(selector), selector.when)
    })
}

fn short(
    source: &dyn Source,
    selector: &Selector,
    window_ms: i64,
    needs_two: bool,
) -> Result<Option<String>, ReadError> {
    let found = source.select(&selector.matchers, TimeRange::ALL, 1)?;
    let Some(series) = found.series.first() else { return Ok(None) };
    let newest = |range| -> Result<Option<i64>, ReadError> {
        Ok(source.last(&[series.id], range)?.into_iter().flatten().next().map(|sample| sample.time_ms))
    };
    let Some(last_ms) = newest(TimeRange::ALL)? else { return Ok(None) };
    let Some(before_ms) = newest(TimeRange::new(i64::MIN, last_ms))? else { return Ok(None) };
    let apart_ms = last_ms - before_ms;
    let least_ms = if needs_two { apart_ms * 2 } else { apart_ms };
    Ok((window_ms < least_ms).then(|| {
        let holds = if needs_two { "two samples" } else { "a sample" };
        format!(
            "a window of {} rarely holds {holds} of {}, which are {} apart: use [{}] or more",
            text_of_ms(window_ms),
            shown(selector),
            text_of_ms(apart_ms),
            text_of_ms(apart_ms * SAMPLES_WANTED),
        )
    }))
}
