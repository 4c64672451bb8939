//! Which series goes where, and under which name: rules in order, then the outputs that take what no rule has sent.
//!
//! A rule looks at a series (label matchers, a pattern of its name) and does one thing. Rules see labels only, so that
//! what they decide holds for all samples of a series and is decided once.

pub mod carbon;
mod chooser;
mod cluster;
pub mod pattern;
mod rewrite;

pub use cluster::Cluster;
pub use pattern::Pattern;
pub use rewrite::Rewrite;

pub(crate) use chooser::Chooser;

use crate::mark::Scope;
use model::{Labels, Matcher};
use std::collections::BTreeMap;

/// What a rule does with a series that it accepts.
#[derive(Debug, Clone)]
pub enum Effect {
    /// Ends here.
    Drop,
    /// Goes on; series that the rule does not accept end here.
    Keep,
    /// Gets this label, or loses it where the text is empty.
    Set(String, String),
    /// Gets another metric name.
    Rewrite(Rewrite),
    /// A copy goes to each of these outputs and clusters; with `stop` that was all.
    Send {
        /// Names of outputs and clusters.
        to: Vec<String>,
        /// Whether later rules do not see it.
        stop: bool,
    },
    /// Counts towards a series that is made of many.
    Aggregate(crate::aggregate::Aggregation),
}

/// A rule.
#[derive(Debug, Clone)]
pub struct Rule {
    /// All must accept the labels.
    pub matchers: Vec<Matcher>,
    /// Must accept the metric name, where there is one.
    pub pattern: Option<Pattern>,
    /// What is done.
    pub effect: Effect,
}

impl Rule {
    fn accepts(&self, labels: &Labels) -> bool {
        Matcher::all_match(&self.matchers, labels)
            && self.pattern.as_ref().is_none_or(|pattern| pattern.accepts(labels.name()))
    }
}

/// Rules, clusters, and where the rest goes.
#[derive(Debug, Clone, Default)]
pub struct Routes {
    /// Rules in the order in which they are asked.
    pub rules: Vec<Rule>,
    /// Several outputs that share series among them, by name.
    pub clusters: BTreeMap<String, Cluster>,
    /// Outputs and clusters that get what comes to the end of the rules.
    pub rest: Vec<String>,
}

/// What becomes of a series.
pub(crate) enum Fate<'a> {
    /// This output or cluster gets it, under these labels.
    Send(&'a str, &'a Labels),
    /// The rule of this number aggregates it.
    Aggregate(usize, &'a crate::aggregate::Aggregation, &'a Labels),
}

impl Routes {
    /// Checks that every name that is used is one of an output or cluster.
    ///
    /// # Errors
    /// At the first that is not.
    pub fn check(&self, outputs: &[String]) -> Result<(), String> {
        let known = |name: &String| outputs.contains(name) || self.clusters.contains_key(name);
        let sent = self.rules.iter().filter_map(|rule| match &rule.effect {
            Effect::Send { to, .. } => Some(to),
            _ => None,
        });
        if let Some(name) = sent.flatten().chain(&self.rest).find(|name| !known(name)) {
            return Err(format!("there is no output or cluster `{name}`"));
        }
        let members = self.clusters.values().flat_map(Cluster::members);
        if let Some(name) = members.into_iter().find(|name| !outputs.contains(name)) {
            return Err(format!("there is no output `{name}` to be a member of a cluster"));
        }
        let members: Vec<_> = self.clusters.values().flat_map(Cluster::members).collect();
        let sent = self.rules.iter().filter_map(|rule| match &rule.effect {
            Effect::Send { to, .. } => Some(to),
            _ => None,
        });
        if let Some(name) = sent.flatten().chain(&self.rest).find(|name| members.contains(name)) {
            return Err(format!(
                "`{name}` is a member of a cluster and gets its share, and nothing by itself"
            ));
        }
        match self.clusters.keys().find(|name| outputs.contains(name)) {
            Some(name) => Err(format!("`{name}` is the name of an output and of a cluster")),
            None => Ok(()),
        }
    }

    /// Whether any rule makes series of others.
    pub(crate) fn aggregates(&self) -> bool {
        self.rules.iter().any(|rule| matches!(rule.effect, Effect::Aggregate(_)))
    }

    /// Applies the rules, from the place that the scope says.
    pub(crate) fn walk(&self, labels: &Labels, scope: &Scope, see: &mut dyn FnMut(Fate<'_>)) {
        let from = match scope {
            Scope::All => 0,
            Scope::After(rule) => *rule as usize + 1,
            Scope::Cluster(name) => return see(Fate::Send(name, labels)),
        };
        let mut labels = labels.clone();
        for (number, rule) in self.rules.iter().enumerate().skip(from) {
            if !rule.accepts(&labels) {
                match rule.effect {
                    Effect::Keep => return,
                    _ => continue,
                }
            }
            match &rule.effect {
                Effect::Drop => return,
                Effect::Keep => {}
                Effect::Set(name, value) => labels = labels.with(name, value).unwrap_or(labels),
                Effect::Rewrite(rewrite) => labels = rewrite.apply(&labels),
                Effect::Send { to, stop } => {
                    to.iter().for_each(|name| see(Fate::Send(name, &labels)));
                    if *stop {
                        return;
                    }
                }
                Effect::Aggregate(aggregation) => {
                    see(Fate::Aggregate(number, aggregation, &labels));
                    if aggregation.consumes(&labels) {
                        return;
                    }
                }
            }
        }
        self.rest.iter().for_each(|name| see(Fate::Send(name, &labels)));
    }
}
