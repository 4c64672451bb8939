//! Matchers turned into sets of ordinals. A regular expression is run over the distinct values of its label only, and
//! only over those that can match.

use super::pattern::Pattern;
use super::postings::Gathered;
use super::{Index, Set, Step};
use model::{MatchOp, Matcher};
use roaring::MultiOps;
use std::fmt::Write;

/// What is asked of every index: all of these must hold.
pub(crate) struct Question<'a> {
    pub(crate) conditions: Vec<Condition<'a>>,
    /// Only series that have a label besides this one.
    beside: Option<&'a str>,
    /// The same text for the same question.
    pub(crate) text: String,
}

/// A matcher, looked at closely once.
pub(crate) struct Condition<'a> {
    matcher: &'a Matcher,
    pattern: Pattern,
    /// A series without the label satisfies it.
    accepts_absent: bool,
    /// What `text` of the question is made of; `None` when the answer costs nothing.
    pub(crate) text: Option<String>,
}

impl<'a> Question<'a> {
    /// Looks at matchers once for all indexes.
    pub(crate) fn new(matchers: &'a [Matcher]) -> Self {
        let conditions: Vec<Condition<'a>> = matchers.iter().map(Condition::new).collect();
        let mut text = String::new();
        for matcher in matchers {
            let _ = write!(text, "{:?}{matcher}", matcher.name); // writing to a string cannot fail
        }
        Self { conditions, beside: None, text }
    }

    /// The same of series that have a label besides `label`.
    pub(crate) fn beside(self, label: &'a str) -> Self {
        Self { beside: Some(label), text: format!("{} beside {label:?}", self.text), ..self }
    }
}

impl<'a> Condition<'a> {
    fn new(matcher: &'a Matcher) -> Self {
        let pattern = match matcher.op {
            MatchOp::Equal | MatchOp::NotEqual => Pattern::Words(vec![matcher.value.clone()]),
            MatchOp::Regex | MatchOp::NotRegex => Pattern::of(&matcher.value),
        };
        let text =
            matches!(pattern, Pattern::Prefix(_)).then(|| format!("{:?} {}", matcher.name, matcher.value));
        Self { matcher, pattern, accepts_absent: matcher.accepts(""), text }
    }

    /// Whether it holds for a series with this value of the label, "" if it has none.
    pub(crate) fn accepts(&self, value: &str) -> bool {
        self.matcher.accepts(value)
    }

    /// The label it is about.
    pub(crate) fn name(&self) -> &str {
        &self.matcher.name
    }

    fn is_negated(&self) -> bool {
        matches!(self.matcher.op, MatchOp::NotEqual | MatchOp::NotRegex)
    }

    /// Series whose value of the label is not "" and is what the matcher says or, when it is negated, must not be.
    pub(crate) fn spoken_of(&self, index: &dyn Index) -> Set {
        let name = &self.matcher.name;
        match &self.pattern {
            Pattern::Anything | Pattern::Something => index.present(name),
            Pattern::Words(words) => {
                let words = words.iter().filter(|word| !word.is_empty());
                words.map(|word| index.exact(name, word)).union()
            }
            Pattern::Prefix(prefix) => {
                let mut gathered = Gathered::default();
                index.values(name, prefix, &mut |value, list| {
                    if self.matcher.accepts(value) != self.is_negated() {
                        gathered.add(list);
                    }
                    Step::Next
                });
                gathered.into_set()
            }
        }
    }
}

/// Ordinals of the series that satisfy all `matchers`.
#[cfg(test)]
pub(crate) fn matching(index: &dyn Index, matchers: &[Matcher]) -> Set {
    let question = Question::new(matchers);
    answer(index, &question, &mut |condition| condition.spoken_of(index), &mut |_, _| None)
}

/// When conditions that cost little leave at most so many series, the others are asked of each of them: running a pattern
/// over all values of a label would cost more. Stores in tests are small and have to show both.
const FEW: u64 = if cfg!(test) { 3 } else { 1000 };

/// Answers a question; `spoken_of` gives [`Condition::spoken_of`], and `holds` says whether a condition holds for a series
/// if that can be told.
pub(crate) fn answer(
    index: &dyn Index,
    question: &Question<'_>,
    spoken_of: &mut dyn FnMut(&Condition<'_>) -> Set,
    holds: &mut dyn FnMut(u32, &Condition<'_>) -> Option<bool>,
) -> Set {
    let (costly, cheap): (Vec<&Condition<'_>>, Vec<&Condition<'_>>) =
        question.conditions.iter().partition(|condition| condition.text.is_some());
    let mut found = among(index, None, &cheap, spoken_of);
    if let Some(label) = question.beside {
        found = Some(found.unwrap_or_else(|| all(index)) - index.only(label));
    }
    if let Some(few) = found.as_ref().filter(|found| found.len() <= FEW)
        && let Some(found) = those_that_hold(few, &costly, holds)
    {
        return found;
    }
    among(index, found, &costly, spoken_of).unwrap_or_else(|| all(index))
}

/// Those of a few series for which all conditions hold; `None` when that cannot be told.
fn those_that_hold(
    few: &Set,
    conditions: &[&Condition<'_>],
    holds: &mut dyn FnMut(u32, &Condition<'_>) -> Option<bool>,
) -> Option<Set> {
    let mut found = Set::new();
    for ordinal in few {
        let mut all = true;
        for condition in conditions {
            all = all && holds(ordinal, condition)?;
        }
        if all {
            found.insert(ordinal);
        }
    }
    Some(found)
}

/// Those of `found` that satisfy some conditions; without either of them nothing was said yet.
fn among(
    index: &dyn Index,
    found: Option<Set>,
    conditions: &[&Condition<'_>],
    spoken_of: &mut dyn FnMut(&Condition<'_>) -> Set,
) -> Option<Set> {
    // A condition that an absent label satisfies can only take series away; the others say where to look at all.
    let (excluding, requiring): (Vec<&Condition<'_>>, Vec<&Condition<'_>>) =
        conditions.iter().partition(|c| c.accepts_absent);
    let mut required: Vec<Set> = found.into_iter().collect();
    for condition in requiring {
        if required.iter().any(Set::is_empty) {
            return Some(Set::new());
        }
        let spoken_of = spoken_of(condition);
        required.push(match condition.is_negated() {
            true => index.present(&condition.matcher.name) - spoken_of,
            false => spoken_of,
        });
    }
    required.sort_by_key(Set::len);
    let mut required = required.into_iter();
    let mut found = match required.next() {
        Some(found) => found,
        None if excluding.is_empty() => return None,
        None => all(index),
    };
    required.for_each(|other| found &= other);
    for condition in excluding {
        if found.is_empty() {
            break;
        }
        let spoken_of = spoken_of(condition);
        match condition.is_negated() {
            true => found -= spoken_of,
            false => found -= index.present(&condition.matcher.name) - spoken_of,
        }
    }
    Some(found)
}

fn all(index: &dyn Index) -> Set {
    let mut all = Set::new();
    all.insert_range(0..index.series_count());
    all
}
