//! `and`, `or`, `unless`: series stay or go by what is there on the other side.

use super::answer::merged;
use super::binary::Site;
use super::evaluate::Evaluator;
use super::matching::meetings;
use super::value::{ABSENT, Matrix, Series, Steps, refusal};
use crate::QueryError;
use lang::plan::vector::Operator;

/// Evaluates an operator on sets.
pub(super) fn run(
    evaluator: &Evaluator<'_>,
    site: &Site<'_>,
    mut left: Matrix,
    mut right: Matrix,
    steps: Steps,
) -> Result<Matrix, QueryError> {
    for meeting in meetings(&left, &right, site.matching) {
        match site.operator {
            Operator::And => {
                let there = present(&right, &meeting.right, steps);
                keep(&mut left, &meeting.left, |step| there[step]);
            }
            Operator::Unless => {
                let there = present(&right, &meeting.right, steps);
                keep(&mut left, &meeting.left, |step| !there[step]);
            }
            _ => {
                let there = present(&left, &meeting.left, steps);
                keep(&mut right, &meeting.right, |step| !there[step]);
            }
        }
    }
    let is_there = |series: &Series| !series.column.is_blank();
    left.retain(is_there);
    if site.operator == Operator::Or {
        right.retain(is_there);
        left.append(&mut right);
        let message = "vector cannot contain metrics with the same labelset";
        return merged(left, false).map_err(|_| refusal(evaluator.span(site.node), message));
    }
    Ok(left)
}

// At which instants any of some series has a sample.
fn present(matrix: &Matrix, places: &[usize], steps: Steps) -> Vec<bool> {
    let mut there = vec![false; steps.count];
    for at in places {
        there.iter_mut().enumerate().for_each(|(step, there)| *there |= matrix[*at].column.is_present(step));
    }
    there
}

fn keep(matrix: &mut Matrix, places: &[usize], stays: impl Fn(usize) -> bool) {
    for at in places {
        let values = matrix[*at].column.values.iter_mut().enumerate();
        values.filter(|(step, _)| !stays(*step)).for_each(|(_, value)| *value = ABSENT);
    }
}
