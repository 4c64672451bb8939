//! Numbers with numbers, column by column.

use super::Site;
use crate::vector::value::{ABSENT, is_absent};
use lang::plan::vector::Operator;

/// What an operator that is no comparison makes of two numbers.
pub(in crate::vector) fn computed(operator: Operator, left: f64, right: f64) -> f64 {
    match operator {
        Operator::Add => left + right,
        Operator::Subtract => left - right,
        Operator::Multiply => left * right,
        Operator::Divide => left / right,
        Operator::Modulo => left % right,
        Operator::Power => left.powf(right),
        Operator::Atan2 => left.atan2(right),
        // Comparisons, sets and what trims histograms are elsewhere.
        _ => f64::NAN,
    }
}

/// Whether a comparison holds.
pub(in crate::vector) fn compared(operator: Operator, left: f64, right: f64) -> bool {
    match operator {
        Operator::Equal => left == right,
        Operator::NotEqual => left != right,
        Operator::Greater => left > right,
        Operator::Less => left < right,
        Operator::GreaterOrEqual => left >= right,
        Operator::LessOrEqual => left <= right,
        _ => false,
    }
}

/// What becomes of a column with a number at every instant, which is the left operand where `is_left`.
pub(super) fn with_number(site: &Site<'_>, mut values: Vec<f64>, numbers: &[f64], is_left: bool) -> Vec<f64> {
    let sides = |value: f64, number: f64| if is_left { (number, value) } else { (value, number) };
    if site.operator.is_comparison() {
        for (value, number) in values.iter_mut().zip(numbers) {
            let (left, right) = sides(*value, *number);
            *value = match (is_absent(*value), compared(site.operator, left, right)) {
                (true, _) => ABSENT,
                (_, holds) if site.is_bool => f64::from(u8::from(holds)),
                (_, true) => *value,
                _ => ABSENT,
            };
        }
        return values;
    }
    if matches!(site.operator, Operator::TrimLower | Operator::TrimUpper) {
        return vec![ABSENT; values.len()];
    }
    for (value, number) in values.iter_mut().zip(numbers) {
        if !is_absent(*value) {
            let (left, right) = sides(*value, *number);
            *value = computed(site.operator, left, right);
        }
    }
    values
}

/// What becomes of two columns.
pub(super) fn columns(site: &Site<'_>, left: &[f64], right: &[f64]) -> Vec<f64> {
    let both = left.iter().zip(right);
    let there = |a: f64, b: f64| !is_absent(a) && !is_absent(b);
    if site.operator.is_comparison() {
        let one = |(a, b): (&f64, &f64)| match (there(*a, *b), compared(site.operator, *a, *b)) {
            (false, _) => ABSENT,
            (_, holds) if site.is_bool => f64::from(u8::from(holds)),
            (_, true) => *a,
            _ => ABSENT,
        };
        return both.map(one).collect();
    }
    if matches!(site.operator, Operator::TrimLower | Operator::TrimUpper) {
        return vec![ABSENT; left.len()];
    }
    both.map(|(a, b)| if there(*a, *b) { computed(site.operator, *a, *b) } else { ABSENT }).collect()
}
