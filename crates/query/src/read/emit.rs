//! Columns become series with names.

use super::column::Column;
use super::groups::Group;
use super::{Reading, explain};
use crate::frame::Series;
use crate::run::Budget;
use lang::plan::{Metric, Query};

/// One search for one metric.
pub(super) struct Asked<'a> {
    pub(super) query: &'a Query,
    pub(super) metric: &'a Metric,
    /// The labels of its series begin with it.
    pub(super) is_named: bool,
}

impl Reading<'_> {
    // Sheets that were made for Kibana cut their names out of labels that always say what was searched for.
    pub(super) fn is_named(&self, query: &Query, budget: &Budget<'_>) -> bool {
        self.read.queries.len() > 1 || query.text != "*" || budget.is_compatible()
    }

    // Lists of several searches are paired by them, where nothing else tells series apart.
    fn split_of(&self, query: &Query, group: &Group) -> Option<String> {
        let by_query = self.read.queries.len() > 1 && self.read.metrics.len() == 1;
        group.key.last().cloned().or_else(|| by_query.then(|| query.text.clone()))
    }

    pub(super) fn emit(
        &self,
        asked: &Asked<'_>,
        groups: Vec<Group>,
        columns: Vec<Column>,
        out: &mut Vec<(Vec<String>, Series)>,
    ) {
        let Asked { query, metric, is_named } = *asked;
        let name = if is_named { format!("q:{}", query.text) } else { String::new() };
        let mut units = explain::Units::new(self.source, metric);
        out.reserve(groups.len());
        for (group, column) in groups.into_iter().zip(columns) {
            let mut label = name.clone();
            for (split, value) in self.read.splits.iter().zip(&group.key) {
                add_part(&mut label, &[&split.label, ":", value]);
            }
            add_part(&mut label, &[&metric.label]);
            let unit = units.of(&group);
            let labels = group.common_labels();
            let split = self.split_of(query, &group);
            for (suffix, values) in column.finish() {
                let series = Series {
                    label: label.clone() + &suffix,
                    labels: labels.clone(),
                    split: split.clone(),
                    unit: unit.clone(),
                    values,
                    ..Series::default()
                };
                out.push((group.key.clone(), series));
            }
        }
    }
}

// Parts of a label stand one after the other: `q:host > mode:user > avg(cpu)`.
fn add_part(label: &mut String, texts: &[&str]) {
    if !label.is_empty() {
        label.push_str(" > ");
    }
    texts.iter().for_each(|text| label.push_str(text));
}
