//! The charts of a host page, one row each. A chart is shown when the host has the metric it needs; a section without
//! any tells why.

mod containers;
mod cpu;
mod disk;
mod kernel;
mod memory;
mod network;
mod own;
mod processes;
mod temperature;

/// A part of the host page.
pub struct Section {
    /// Short name for addresses.
    pub id: &'static str,
    /// Heading.
    pub title: &'static str,
    /// What to say when no chart can be drawn.
    pub reason: &'static str,
    /// Its charts, in order.
    pub charts: &'static [Chart],
}

/// One chart.
pub struct Chart {
    /// Short name for addresses.
    pub id: &'static str,
    /// Heading.
    pub title: &'static str,
    /// Unit of its values.
    pub unit: &'static str,
    /// Whether its series add up to a whole.
    pub stack: bool,
    /// The metric without which it is not shown.
    pub needs: &'static str,
    /// What it shows.
    pub parts: &'static [Part],
}

/// One call of `.es()` in a chart.
pub struct Part {
    /// Aggregation and metric, as `.es(metric=…)` takes them.
    pub metric: &'static str,
    /// Further condition, in the syntax of `.es(q=…)`; "" for none.
    pub condition: &'static str,
    /// Label to split by; "" for none.
    pub split: &'static str,
    /// Name of the series; with a split the label's value is put in place of `$1`.
    pub label: &'static str,
    /// What else to do with it, as written in an expression.
    pub then: &'static str,
}

/// Most values of a split that a chart draws.
const SPLIT_MAX: usize = 12;

impl Chart {
    /// The chart's expression for a host.
    pub fn expression(&self, host: &str) -> String {
        self.parts.iter().map(|part| part.expression(host)).collect::<Vec<_>>().join(", ")
    }
}

impl Part {
    fn expression(&self, host: &str) -> String {
        let mut query = format!("host:{}", quoted_term(host));
        if !self.condition.is_empty() {
            query = format!("{query} AND {}", self.condition);
        }
        let query = query.replace('\\', "\\\\").replace('\'', "\\'");
        let (split, label) = if self.split.is_empty() {
            (String::new(), format!(".label('{}')", self.label))
        } else {
            let regex = format!("^.* > {}:(.*) > [^>]*$", self.split);
            (format!(", split={}:{SPLIT_MAX}", self.split), format!(".label('{}', '{regex}')", self.label))
        };
        format!(".es(q='{query}', metric='{}'{split}){label}{}", self.metric, self.then)
    }
}

/// A host name as one term of a label query.
pub fn quoted_term(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

const fn part(metric: &'static str, label: &'static str) -> Part {
    Part { metric, condition: "", split: "", label, then: "" }
}

const fn by(metric: &'static str, split: &'static str, label: &'static str) -> Part {
    Part { metric, condition: "", split, label, then: "" }
}

const fn chart(
    id: &'static str,
    title: &'static str,
    unit: &'static str,
    needs: &'static str,
    parts: &'static [Part],
) -> Chart {
    Chart { id, title, unit, stack: false, needs, parts }
}

const fn stacked(
    id: &'static str,
    title: &'static str,
    unit: &'static str,
    needs: &'static str,
    parts: &'static [Part],
) -> Chart {
    Chart { id, title, unit, stack: true, needs, parts }
}

/// The table, one file each.
pub static SECTIONS: &[Section] = &[
    cpu::SECTION,
    memory::SECTION,
    disk::SECTION,
    network::SECTION,
    processes::SECTION,
    containers::SECTION,
    kernel::SECTION,
    temperature::SECTION,
    own::SECTION,
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn names_are_unique_and_parts_need_what_they_show() {
        let mut seen = HashSet::new();
        for section in SECTIONS {
            assert!(section.reason.ends_with('.'), "{}", section.id);
            for chart in section.charts {
                assert!(seen.insert(chart.id), "{} twice", chart.id);
                assert!(chart.parts[0].metric.ends_with(&format!(":{}", chart.needs)), "{}", chart.id);
            }
        }
    }

    #[test]
    fn host_names_cannot_break_out_of_the_expression() {
        let expression = SECTIONS[0].charts[1].expression("a'b\"c\\");
        assert!(
            expression.starts_with(r#".es(q='host:"a\'b\\"c\\\\"', metric='avg:load1')"#),
            "{expression}"
        );
    }
}
