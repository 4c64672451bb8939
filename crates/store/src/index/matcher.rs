//! Matchers turned into sets of ordinals. A regular expression is run over the distinct values of its label only, and
//! only over those that can match.

use super::pattern::Pattern;
use super::postings::Gathered;
use super::{Index, Set};
use model::{MatchOp, Matcher};
use roaring::MultiOps;
use std::fmt::Write;
use std::ops::ControlFlow;

/// What is asked of every index: all of these must hold.
pub(crate) struct Question<'a> {
    pub(crate) conditions: Vec<Condition<'a>>,
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
        Self { conditions, text }
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
                    ControlFlow::Continue(())
                });
                gathered.into_set()
            }
        }
    }
}

/// Ordinals of the series that satisfy all `matchers`.
pub(crate) fn matching(index: &dyn Index, matchers: &[Matcher]) -> Set {
    answer(index, &Question::new(matchers), &mut |condition| condition.spoken_of(index))
}

/// Answers a question; `spoken_of` gives [`Condition::spoken_of`].
pub(crate) fn answer(
    index: &dyn Index,
    question: &Question<'_>,
    spoken_of: &mut dyn FnMut(&Condition<'_>) -> Set,
) -> Set {
    // A condition that an absent label satisfies can only take series away; the others say where to look at all.
    let (excluding, requiring): (Vec<&Condition<'_>>, Vec<&Condition<'_>>) =
        question.conditions.iter().partition(|c| c.accepts_absent);
    let mut required: Vec<Set> = Vec::new();
    for condition in requiring {
        let spoken_of = spoken_of(condition);
        required.push(match condition.is_negated() {
            true => index.present(&condition.matcher.name) - spoken_of,
            false => spoken_of,
        });
    }
    required.sort_by_key(Set::len);
    let mut required = required.into_iter();
    let mut found = required.next().unwrap_or_else(|| all(index));
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
    found
}

fn all(index: &dyn Index) -> Set {
    let mut all = Set::new();
    all.insert_range(0..index.series_count());
    all
}
