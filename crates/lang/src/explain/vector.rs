//! Operations over labelled vectors in words.

use super::length;
use crate::plan::vector::{Cardinality, Edge, Grouping, Matching, Select, Vector};
use model::NAME;

pub(super) fn describe(vector: &Vector) -> String {
    match vector {
        Vector::Number(number) => format!("The number {number}"),
        Vector::Text(text) => format!("The text `{text}`"),
        Vector::Select(select) => format!("Takes at each instant the newest sample of {}", selected(select)),
        Vector::Window(window) => {
            let edge = match window.edge {
                Edge::Open => "",
                Edge::Anchored => ", with the sample before it at its start",
                Edge::Smoothed => ", with straight lines to its edges",
            };
            format!(
                "Takes at each instant the samples of the last {} of {}{edge}",
                length(window.range_ms),
                selected(&window.select)
            )
        }
        Vector::Subquery(subquery) => format!(
            "Evaluates an expression every {} over the last {}{}",
            length(subquery.step_ms),
            length(subquery.range_ms),
            when(subquery.offset_ms, subquery.at_ms)
        ),
        Vector::Call { function, args } if args.is_empty() => format!("{function}()"),
        Vector::Call { function, .. } => format!("Applies {function}"),
        Vector::Aggregate { function, grouping, .. } => format!("Takes the {function} {}", grouped(grouping)),
        Vector::Binary { operator, is_bool, matching, .. } => {
            let zero_one = if *is_bool { ", as 0 or 1" } else { "" };
            format!("Computes left {} right{zero_one}{}", operator.as_str(), matched(matching))
        }
        Vector::Negate(_) => "Changes the sign of every value".to_owned(),
        Vector::Smooth(select) => format!(
            "Takes at each instant the value on the line between the samples of {} around it",
            selected(select)
        ),
    }
}

fn selected(select: &Select) -> String {
    let name = select.matchers.iter().find(|m| m.name == NAME && m.op == model::MatchOp::Equal);
    let rest: Vec<String> = select
        .matchers
        .iter()
        .filter(|m| name.is_none_or(|name| !std::ptr::eq(*m, name)))
        .map(ToString::to_string)
        .collect();
    let name = name.map_or("", |m| m.value.as_str());
    let braces = if rest.is_empty() { String::new() } else { format!("{{{}}}", rest.join(",")) };
    format!("{name}{braces}{}", when(select.offset_ms, select.at_ms))
}

fn when(offset_ms: i64, at_ms: Option<i64>) -> String {
    let offset = match offset_ms {
        0 => String::new(),
        1.. => format!(", {} earlier", length(offset_ms)),
        _ => format!(", {} later", length(-offset_ms)),
    };
    at_ms.map_or(String::new(), |at_ms| format!(", always as of {}", model::timetext::print(at_ms))) + &offset
}

fn grouped(grouping: &Grouping) -> String {
    match (grouping.is_without, grouping.labels.as_slice()) {
        (false, []) => "over all series".to_owned(),
        (false, labels) => format!("of the series that share {}", labels.join(", ")),
        (true, []) => "of the series that share all labels".to_owned(),
        (true, labels) => format!("of the series that share all labels but {}", labels.join(", ")),
    }
}

fn matched(matching: &Matching) -> String {
    let many = match matching.cardinality {
        Cardinality::OneToOne | Cardinality::ManyToMany => "",
        Cardinality::ManyToOne => ", many of the left to one of the right",
        Cardinality::OneToMany => ", one of the left to many of the right",
    };
    let by = match (matching.is_on, matching.labels.as_slice()) {
        (false, []) => String::new(),
        (false, labels) => format!(", where all labels but {} are equal", labels.join(", ")),
        (true, []) => ", whatever the labels".to_owned(),
        (true, labels) => format!(", where {} are equal", labels.join(", ")),
    };
    by + many
}
