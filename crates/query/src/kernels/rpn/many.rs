//! Operators that only see the stack.

use super::machine::Stack;
use lang::rpn::program::Operator;
use std::cmp::Ordering;

/// Takes the operator's values off the stack and pushes what it makes of them. The error is a sentence.
pub(super) fn operate(operator: Operator, stack: &mut Stack) -> Result<(), String> {
    use Operator as O;
    let has = stack.len();
    let takes = operator.row().takes;
    if has < takes {
        return Err(empty(operator));
    }
    let pushed = match operator {
        O::Duplicate => stack[has - 1],
        O::Depth => has as f64,
        O::Pop => {
            stack.pop();
            return Ok(());
        }
        O::Exchange => {
            stack.swap(has - 1, has - 2);
            return Ok(());
        }
        O::If | O::Limit => {
            let [a, b, c] = take(stack);
            if operator == O::If { choose(a, b, c) } else { limited(a, b, c) }
        }
        O::Sort | O::Reverse | O::Copy | O::Index | O::Roll => return arrange(operator, stack),
        O::Average | O::Least | O::Greatest | O::Median | O::Deviation | O::Percent => {
            return summarise(operator, stack);
        }
        _ if takes == 1 => {
            let [a] = take(stack);
            of_one(operator, a)
        }
        _ => {
            let [a, b] = take(stack);
            of_two(operator, a, b)
        }
    };
    stack.push(pushed);
    Ok(())
}

fn empty(operator: Operator) -> String {
    format!("{} takes more values than the stack has", operator.row().name)
}

// The topmost values, the lowest first. There must be as many.
fn take<const N: usize>(stack: &mut Stack) -> [f64; N] {
    let mut values = [f64::NAN; N];
    for value in values.iter_mut().rev() {
        *value = stack.pop().unwrap_or(f64::NAN);
    }
    values
}

fn choose(condition: f64, yes: f64, no: f64) -> f64 {
    if condition.is_nan() || condition == 0.0 { no } else { yes }
}

// Infinite bounds are bounds. The manual of rrdtool says otherwise of infinite values; the program does this.
fn limited(value: f64, low: f64, high: f64) -> f64 {
    if value >= low && value <= high { value } else { f64::NAN }
}

fn of_one(operator: Operator, a: f64) -> f64 {
    use Operator as O;
    match operator {
        O::IsUnknown => f64::from(a.is_nan()),
        O::IsInfinite => f64::from(a.is_infinite()),
        O::Sine => a.sin(),
        O::Cosine => a.cos(),
        O::Log => a.ln(),
        O::Exp => a.exp(),
        O::SquareRoot => a.sqrt(),
        O::ArcTangent => a.atan(),
        O::Floor => a.floor(),
        O::Ceiling => a.ceil(),
        O::Round => a.round(),
        O::ToRadians => a.to_radians(),
        O::ToDegrees => a.to_degrees(),
        O::Absolute => a.abs(),
        _ => f64::NAN,
    }
}

fn of_two(operator: Operator, a: f64, b: f64) -> f64 {
    use Operator as O;
    let known = |value: bool| if a.is_nan() || b.is_nan() { f64::NAN } else { f64::from(value) };
    match operator {
        O::Add => a + b,
        O::Subtract => a - b,
        O::Multiply => a * b,
        O::Divide => a / b,
        O::Modulo => a % b,
        O::AddNan if a.is_nan() => b,
        O::AddNan if b.is_nan() => a,
        O::AddNan => a + b,
        O::Less => known(a < b),
        O::LessOrEqual => known(a <= b),
        O::Greater => known(a > b),
        O::GreaterOrEqual => known(a >= b),
        O::Equal => known(a == b),
        O::NotEqual => known(a != b),
        O::Min | O::Max if a.is_nan() || b.is_nan() => f64::NAN,
        O::Min | O::MinNan => a.min(b),
        O::Max | O::MaxNan => a.max(b),
        O::Power => a.powf(b),
        O::ArcTangent2 => a.atan2(b),
        _ => f64::NAN,
    }
}

// How many values are meant, told by the one on top.
fn count(operator: Operator, stack: &mut Stack) -> Result<usize, String> {
    let [count] = take(stack);
    if count.is_nan() || count < 0.0 {
        return Err(format!("{} cannot take {count} values", operator.row().name));
    }
    Ok(count as usize)
}

fn lowest(operator: Operator, stack: &Stack, count: usize) -> Result<usize, String> {
    stack.len().checked_sub(count).ok_or_else(|| empty(operator))
}

fn arrange(operator: Operator, stack: &mut Stack) -> Result<(), String> {
    use Operator as O;
    let by = if operator == O::Roll { take(stack) } else { [0.0] };
    let count = count(operator, stack)?;
    let from = lowest(operator, stack, count)?;
    match operator {
        O::Sort => stack[from..].sort_by(|a, b| ordered(*a, *b)),
        O::Reverse => stack[from..].reverse(),
        O::Copy => stack.extend_from_within(from..),
        O::Index if count == 0 => return Err("INDEX counts places from 1".to_owned()),
        O::Index => stack.push(stack[from]),
        _ if count > 0 => stack[from..].rotate_right((by[0] as i64).rem_euclid(count as i64) as usize),
        _ => {}
    }
    Ok(())
}

fn summarise(operator: Operator, stack: &mut Stack) -> Result<(), String> {
    use Operator as O;
    let count = count(operator, stack)?;
    let [percent] = if operator == O::Percent { take(stack) } else { [0.0] };
    let from = lowest(operator, stack, count)?;
    let mut values = stack.split_off(from);
    if operator != O::Percent {
        values.retain(|value| !value.is_nan());
    }
    stack.push(match operator {
        O::Average => values.iter().sum::<f64>() / values.len() as f64,
        O::Least => values.iter().copied().fold(f64::NAN, f64::min),
        O::Greatest => values.iter().copied().fold(f64::NAN, f64::max),
        O::Median => median(&mut values),
        O::Deviation => deviation(&values),
        _ => at_percent(&mut values, percent),
    });
    Ok(())
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(|a, b| ordered(*a, *b));
    let middle = values.len() / 2;
    match values.len() {
        0 => f64::NAN,
        length if length % 2 == 1 => values[middle],
        _ => f64::midpoint(values[middle - 1], values[middle]),
    }
}

// Of a sample: one value has none.
fn deviation(values: &[f64]) -> f64 {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    if values.len() < 2 { f64::NAN } else { (squares / (count - 1.0)).sqrt() }
}

// rrdtool reads before the first value when the percentage is small; here that is the first.
fn at_percent(values: &mut [f64], percent: f64) -> f64 {
    values.sort_by(|a, b| ordered(*a, *b));
    let place = (percent * values.len() as f64 / 100.0).round() as usize;
    values.get(place.clamp(1, values.len().max(1)) - 1).copied().unwrap_or(f64::NAN)
}

/// By size, unknown ones first.
pub(super) fn ordered(a: f64, b: f64) -> Ordering {
    match (a.is_nan(), b.is_nan()) {
        (true, true) => Ordering::Equal,
        (true, false) => Ordering::Less,
        (false, true) => Ordering::Greater,
        (false, false) => a.total_cmp(&b),
    }
}
