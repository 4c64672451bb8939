//! `info`: labels of info metrics such as `target_info`, added to series of the same instance and job.

use super::Site;
use crate::QueryError;
use crate::vector::answer::merged;
use crate::vector::evaluate::Evaluator;
use crate::vector::key::{self, Pick};
use crate::vector::select;
use crate::vector::value::{Column, Matrix, Outcome, Series, Steps, is_absent, refusal};
use hashbrown::HashMap;
use lang::plan::vector::{Select, Subquery, Window};
use lang::plan::{NodeId, Vector};
use model::{Labels, MatchOp, Matcher, NAME};

/// The info metric, unless another is asked for.
const INFO: &str = "target_info";
/// Which labels a series and its info have in common.
const IDENTITY: [&str; 2] = ["instance", "job"];

/// What is wanted of info metrics.
struct Wanted {
    names: Vec<Matcher>,
    data: Vec<Matcher>,
}

impl Wanted {
    fn of(select: Option<&Select>) -> Self {
        let given = select.map_or(&[][..], |select| &select.matchers);
        let (mut names, data): (Vec<Matcher>, Vec<Matcher>) =
            given.iter().cloned().partition(|matcher| matcher.name == NAME);
        // What a name is not does not say which metric it is.
        if !names.iter().any(|matcher| matches!(matcher.op, MatchOp::Equal | MatchOp::Regex)) {
            names.push(Matcher::equal(NAME, INFO));
        }
        Self { names, data }
    }

    // A label of an info metric that is taken over.
    fn takes(&self, name: &str) -> bool {
        let is_data = name != NAME && !IDENTITY.contains(&name);
        is_data && (self.data.is_empty() || self.data.iter().any(|matcher| matcher.name == name))
    }
}

/// An info metric at all instants.
struct Info {
    labels: Labels,
    times: Column,
}

pub(super) fn info(
    evaluator: &mut Evaluator<'_>,
    site: &Site<'_>,
    steps: Steps,
) -> Result<Outcome, QueryError> {
    let wanted = match site.args.get(1) {
        Some(arg) => match evaluator.vector(*arg)? {
            Vector::Select(select) => Wanted::of(Some(select)),
            _ => return Err(refusal(evaluator.span(*arg), "info takes matchers in braces")),
        },
        None => Wanted::of(None),
    };
    let base = evaluator.matrix(site.args[0], steps)?;
    let (info, rest): (Vec<Series>, Vec<Series>) =
        base.into_iter().partition(|series| Matcher::all_match(&wanted.names, &series.labels));
    let found = find(evaluator, site, &wanted, &rest, steps)?;
    let mut out = info;
    let mut identity = Vec::new();
    for series in rest {
        identity_key(&series.labels, &mut identity);
        let infos = found.get(&identity).map_or(&[][..], Vec::as_slice);
        enrich(evaluator, site, &wanted, series, infos, &mut out)?;
    }
    merged(out, false).map(Outcome::Vector).map_err(|_| {
        refusal(evaluator.span(site.node), "vector cannot contain metrics with the same labelset")
    })
}

fn identity_key(labels: &Labels, out: &mut Vec<u8>) {
    Pick::Only(&IDENTITY.map(str::to_owned)).key(labels, out);
}

// Info metrics by what they have in common with series. They are looked for where the series themselves are.
fn find(
    evaluator: &mut Evaluator<'_>,
    site: &Site<'_>,
    wanted: &Wanted,
    base: &[Series],
    steps: Steps,
) -> Result<HashMap<Vec<u8>, Vec<Info>>, QueryError> {
    let mut found: HashMap<Vec<u8>, Vec<Info>> = HashMap::new();
    if base.is_empty() {
        return Ok(found);
    }
    let (offset_ms, at_ms) = place(evaluator, site.args[0])?;
    let mut matchers: Vec<Matcher> = wanted.names.iter().chain(&wanted.data).cloned().collect();
    for name in IDENTITY {
        let mut values: Vec<&str> = base.iter().filter_map(|series| series.labels.get(name)).collect();
        values.sort_unstable();
        values.dedup();
        let any = values.iter().map(|value| regex::escape(value)).collect::<Vec<_>>().join("|");
        // Too many for one pattern are told apart later.
        matchers.extend(Matcher::new(name, MatchOp::Regex, any).ok());
    }
    let select = Select { matchers, offset_ms, at_ms };
    for series in select::newest_times(evaluator, site.node, &select, steps)? {
        let mut identity = Vec::new();
        identity_key(&series.labels, &mut identity);
        if !identity.is_empty() {
            found.entry(identity).or_default().push(Info { labels: series.labels, times: series.column });
        }
    }
    Ok(found)
}

// Where the first selection within looks.
fn place(evaluator: &Evaluator<'_>, node: NodeId) -> Result<(i64, Option<i64>), QueryError> {
    let vector = evaluator.vector(node)?;
    match vector {
        Vector::Select(select) | Vector::Smooth(select) | Vector::Window(Window { select, .. }) => {
            return Ok((select.offset_ms, select.at_ms));
        }
        Vector::Subquery(Subquery { at_ms: Some(at_ms), offset_ms, .. }) => {
            return Ok((*offset_ms, Some(*at_ms)));
        }
        _ => {}
    }
    for input in vector.inputs() {
        let (offset_ms, at_ms) = place(evaluator, input)?;
        if offset_ms != 0 || at_ms.is_some() {
            return Ok((offset_ms, at_ms));
        }
    }
    Ok((0, None))
}

// A series with the labels of its infos, which may be others at other instants.
fn enrich(
    evaluator: &Evaluator<'_>,
    site: &Site<'_>,
    wanted: &Wanted,
    series: Series,
    infos: &[Info],
    out: &mut Matrix,
) -> Result<(), QueryError> {
    let mut variants: Vec<(Vec<usize>, Option<Series>)> = Vec::new();
    for step in (0..series.column.len()).filter(|step| series.column.is_present(*step)) {
        let newest = newest(infos, step);
        let at = match variants.iter().position(|(known, _)| *known == newest) {
            Some(at) => at,
            None => {
                let labels = added(wanted, &series.labels, &newest, infos)
                    .map_err(|why| refusal(evaluator.span(site.node), why))?;
                let column = Column::absent(series.column.len());
                let is_nameless = series.is_nameless;
                variants.push((newest, labels.map(|labels| Series { labels, is_nameless, column })));
                variants.len() - 1
            }
        };
        if let Some(variant) = &mut variants[at].1 {
            variant.column.set(step, series.column.get(step));
        }
    }
    out.extend(variants.into_iter().filter_map(|(_, variant)| variant));
    Ok(())
}

// Of each info metric the one with the newest sample at an instant.
fn newest(infos: &[Info], step: usize) -> Vec<usize> {
    let mut newest: Vec<usize> = Vec::new();
    for (at, info) in infos.iter().enumerate().filter(|(_, info)| !is_absent(info.times.values[step])) {
        let name = info.labels.name();
        match newest.iter_mut().find(|known| infos[**known].labels.name() == name) {
            Some(known) if infos[*known].times.values[step] < info.times.values[step] => *known = at,
            Some(_) => {}
            None => newest.push(at),
        }
    }
    newest
}

// The labels with those of infos; nothing where a label is asked for that is not there.
fn added(wanted: &Wanted, base: &Labels, newest: &[usize], infos: &[Info]) -> Result<Option<Labels>, String> {
    let mut added: Vec<(&str, &str)> = Vec::new();
    let mut seen: Vec<&str> = Vec::new();
    for info in newest.iter().map(|at| &infos[*at]) {
        for (name, value) in info.labels.iter().filter(|(name, _)| wanted.takes(name)) {
            seen.push(name);
            if base.get(name).is_some() {
                continue;
            }
            match added.iter().find(|(known, _)| *known == name) {
                Some((_, known)) if *known != value => return Err(format!("conflicting label: {name}")),
                Some(_) => {}
                None => added.push((name, value)),
            }
        }
    }
    let is_missing = |matcher: &&Matcher| !matcher.accepts("") && !seen.contains(&matcher.name.as_str());
    if wanted.data.iter().any(|matcher| is_missing(&matcher)) {
        return Ok(None);
    }
    key::with(base, added).map(Some)
}
