//! Two vectors: which samples meet at each instant, what they come to, and what labels it has.

use super::{Site, drops_name, numbers, pair};
use crate::QueryError;
use crate::vector::evaluate::Evaluator;
use crate::vector::key::{self, Pick};
use crate::vector::matching::{Meeting, meetings};
use crate::vector::value::{Column, Matrix, Series, Steps, Value, refusal};
use hashbrown::HashMap;
use lang::plan::vector::{Cardinality, Operator};
use model::Labels;

/// Two vectors meet: of `many`, several series may meet one of `one`.
struct Sides<'a> {
    many: &'a Matrix,
    one: &'a Matrix,
    /// The right operand is the one of which many meet one.
    is_swapped: bool,
}

pub(super) fn run(
    evaluator: &mut Evaluator<'_>,
    site: &Site<'_>,
    left: Matrix,
    right: Matrix,
    steps: Steps,
) -> Result<Matrix, QueryError> {
    let is_swapped = site.matching.cardinality == Cardinality::OneToMany;
    let (many, one) = if is_swapped { (&right, &left) } else { (&left, &right) };
    let sides = Sides { many, one, is_swapped };
    let (in_many, in_one) = (anything(many, steps), anything(one, steps));
    let mut result = Outcomes::new(steps);
    for Meeting { left, right } in meetings(many, one, site.matching) {
        let meeting = Meeting { left, right };
        if is_simple(&sides, site, &meeting) {
            simple(evaluator, site, &sides, &meeting, &mut result)?;
            continue;
        }
        for step in 0..steps.count {
            // Where a side is empty nothing meets, and nothing is too much.
            let may_many = in_many[step] || site.matching.fill_left.is_some();
            let may_one = in_one[step] || site.matching.fill_right.is_some();
            if !(may_many && may_one && (in_many[step] || in_one[step])) {
                continue;
            }
            at_step(evaluator, site, &sides, &meeting, step, &mut result)?;
        }
    }
    evaluator.check_points(site.node, result.series.len(), steps)?;
    Ok(result.series)
}

// At which instants a vector has any sample.
fn anything(matrix: &Matrix, steps: Steps) -> Vec<bool> {
    let mut there = vec![false; steps.count];
    for series in matrix {
        there.iter_mut().enumerate().for_each(|(step, there)| *there |= series.column.is_present(step));
    }
    there
}

/// The series that come of it.
struct Outcomes {
    steps: Steps,
    series: Matrix,
    places: HashMap<Labels, usize>,
}

impl Outcomes {
    fn new(steps: Steps) -> Self {
        Self { steps, series: Matrix::new(), places: HashMap::new() }
    }

    fn place(&mut self, labels: Labels, is_nameless: bool) -> usize {
        if let Some(at) = self.places.get(&labels) {
            return *at;
        }
        self.places.insert(labels.clone(), self.series.len());
        self.series.push(Series { labels, is_nameless, column: Column::absent(self.steps.count) });
        self.series.len() - 1
    }
}

// One series meets one, without anything to fill: whole columns at once.
fn is_simple(sides: &Sides<'_>, site: &Site<'_>, meeting: &Meeting) -> bool {
    let has_fill = site.matching.fill_left.is_some() || site.matching.fill_right.is_some();
    let is_number =
        |matrix: &Matrix, places: &[usize]| places.iter().all(|at| !matrix[*at].column.has_histograms());
    if has_fill || meeting.right.len() > 1 {
        return false;
    }
    if meeting.left.is_empty() || meeting.right.is_empty() {
        // Nothing meets; what there is too much of on one side does no harm where the other has nothing.
        return meeting.right.is_empty();
    }
    let is_alone = meeting.left.len() == 1 || site.matching.cardinality != Cardinality::OneToOne;
    is_alone && is_number(sides.many, &meeting.left) && is_number(sides.one, &meeting.right)
}

fn simple(
    evaluator: &Evaluator<'_>,
    site: &Site<'_>,
    sides: &Sides<'_>,
    meeting: &Meeting,
    result: &mut Outcomes,
) -> Result<(), QueryError> {
    let Some(one) = meeting.right.first().map(|at| &sides.one[*at]) else { return Ok(()) };
    for many in meeting.left.iter().map(|at| &sides.many[*at]) {
        let (left, right) = if sides.is_swapped { (one, many) } else { (many, one) };
        let column = Column::of(numbers::columns(site, &left.column.values, &right.column.values));
        let both =
            (0..column.len()).filter(|step| many.column.is_present(*step) && one.column.is_present(*step));
        let labels =
            labels(site, &many.labels, Some(&one.labels)).map_err(|why| refused(evaluator, site, why))?;
        let is_nameless = site.is_bool || (many.is_nameless && !drops_name(site));
        let known = result.places.contains_key(&labels);
        let at = result.place(labels, is_nameless);
        if known {
            let mut both = both;
            let is_twice = both.any(|step| result.series[at].column.is_present(step));
            if is_twice || !result.series[at].column.fill_from(&column) {
                return Err(not_unique(evaluator, site));
            }
        } else {
            result.series[at].column = column;
        }
    }
    Ok(())
}

fn at_step(
    evaluator: &mut Evaluator<'_>,
    site: &Site<'_>,
    sides: &Sides<'_>,
    meeting: &Meeting,
    step: usize,
    result: &mut Outcomes,
) -> Result<(), QueryError> {
    let present = |matrix: &Matrix, at: usize| matrix[at].column.is_present(step);
    let mut ones = meeting.right.iter().filter(|at| present(sides.one, **at));
    let one = ones.next().map(|at| &sides.one[*at]);
    if let Some(other) = ones.next().map(|at| &sides.one[*at]) {
        let side = if sides.is_swapped { "left" } else { "right" };
        let group = group_labels(site, one.map_or(&Labels::empty(), |one| &one.labels));
        let message = format!(
            "found duplicate series for the match group {} on the {side} hand-side of the operation: [{}, {}];many-to-many matching not allowed: matching labels must be unique on one side",
            braced(&group),
            one.map_or_else(String::new, |one| braced(&one.labels)),
            braced(&other.labels)
        );
        let hint = format!(
            "sum or average the {side} side by the labels that are matched, or match on more of them"
        );
        return Err(QueryError::Expression(lang::Error::new(evaluator.span(site.node), message).hint(hint)));
    }
    let manies: Vec<usize> = meeting.left.iter().copied().filter(|at| present(sides.many, *at)).collect();
    if one.is_some() && manies.len() > 1 && site.matching.cardinality == Cardinality::OneToOne {
        let message =
            "multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)";
        let (side, word) = if sides.is_swapped { ("right", "group_right") } else { ("left", "group_left") };
        let hint =
            format!("write {word} after on (…) or ignoring (…): many series of the {side} side meet one");
        return Err(QueryError::Expression(lang::Error::new(evaluator.span(site.node), message).hint(hint)));
    }
    let span = evaluator.span(site.node);
    let mut put = |evaluator: &mut Evaluator<'_>, many: Option<&Series>, one: Option<&Series>| {
        let (fill_many, fill_one) = (site.matching.fill_left, site.matching.fill_right);
        let value = |series: Option<&Series>, fill: Option<f64>| match series {
            Some(series) => series.column.get(step),
            None => fill.map(Value::Float),
        };
        let (Some(a), Some(b)) = (value(many, fill_many), value(one, fill_one)) else { return Ok(()) };
        let (left, right) = if sides.is_swapped { (&b, &a) } else { (&a, &b) };
        let labels = match (many, one) {
            (Some(many), one) => labels(site, &many.labels, one.map(|one| &one.labels)),
            (None, Some(one)) => Ok(group_labels(site, &one.labels)),
            (None, None) => return Ok(()),
        };
        let labels = labels.map_err(|why| refused(evaluator, site, why))?;
        let is_nameless = site.is_bool || many.is_some_and(|many| many.is_nameless && !drops_name(site));
        let at = result.place(labels, is_nameless);
        if result.series[at].column.is_present(step) {
            return Err(not_unique(evaluator, site));
        }
        let came = pair(site, left, right, span, &mut evaluator.notes);
        result.series[at].column.set(step, came);
        Ok(())
    };
    for at in &manies {
        put(evaluator, Some(&sides.many[*at]), one)?;
    }
    if manies.is_empty() && one.is_some() {
        put(evaluator, None, one)?;
    }
    Ok(())
}

fn refused(evaluator: &Evaluator<'_>, site: &Site<'_>, why: String) -> QueryError {
    refusal(evaluator.span(site.node), why)
}

fn not_unique(evaluator: &Evaluator<'_>, site: &Site<'_>) -> QueryError {
    let message = "multiple matches for labels: grouping labels must ensure unique matches";
    refused(evaluator, site, message.to_owned())
}

// All labels, the name as one of them.
fn braced(labels: &Labels) -> String {
    let pairs: Vec<String> = labels.iter().map(|(name, value)| format!("{name}={value:?}")).collect();
    format!("{{{}}}", pairs.join(", "))
}

// The labels by which series meet.
fn group_labels(site: &Site<'_>, labels: &Labels) -> Labels {
    super::super::matching::pick(site.matching).labels(labels)
}

// The labels of what comes of a sample of the many side, with some of those of the one side.
fn labels(site: &Site<'_>, many: &Labels, one: Option<&Labels>) -> Result<Labels, String> {
    let matching = site.matching;
    let is_filter =
        site.operator.is_comparison() || matches!(site.operator, Operator::TrimLower | Operator::TrimUpper);
    let kept = if is_filter { many.clone() } else { key::nameless(many) };
    if matching.cardinality == Cardinality::OneToOne {
        return Ok(match (matching.is_on, is_filter) {
            (true, _) => Pick::Only(&matching.labels).labels(&kept),
            (false, false) => Pick::Without(&matching.labels).labels(&kept),
            (false, true) => without(&kept, &matching.labels),
        });
    }
    match one {
        Some(one) if !matching.include.is_empty() => {
            key::with(&kept, matching.include.iter().map(|name| (name.as_str(), one.get(name).unwrap_or(""))))
        }
        _ => Ok(kept),
    }
}

// Some labels less, the name not among them.
fn without(labels: &Labels, names: &[String]) -> Labels {
    names.iter().fold(labels.clone(), |labels, name| Pick::Except(name).labels(&labels))
}
