//! Trees as texts for people: what does not fit on a line of 100 bytes is broken and indented, by the rules of Prometheus.

use super::ast::{Expr, Kind};
use super::print::sign;

/// Longest line that is not broken, in bytes.
const LINE_BYTES_MAX: usize = 100;

/// An expression on as many lines as it takes.
pub fn pretty(expr: &Expr) -> String {
    let mut out = String::new();
    write(expr, 0, &mut out);
    out
}

fn indent(level: usize, out: &mut String) {
    (0..level).for_each(|_| out.push_str("  "));
}

fn write(expr: &Expr, level: usize, out: &mut String) {
    let line = expr.to_string();
    if line.len() <= LINE_BYTES_MAX {
        indent(level, out);
        out.push_str(&line);
        return;
    }
    match &expr.kind {
        Kind::Aggregate(aggregate) => {
            indent(level, out);
            out.push_str(&aggregate.head());
            let inner: Vec<&Expr> = expr.children();
            list(&inner, level, out);
        }
        Kind::Call { function, args } => {
            indent(level, out);
            out.push_str(function.name);
            list(&args.iter().collect::<Vec<_>>(), level, out);
        }
        Kind::Binary(binary) => {
            write(&binary.left, level + 1, out);
            out.push('\n');
            indent(level, out);
            out.push_str(&binary.head());
            out.push('\n');
            write(&binary.right, level + 1, out);
        }
        Kind::Subquery(subquery) => {
            write(&subquery.input, level, out);
            out.push_str(&subquery.suffix());
        }
        Kind::Paren(inner) => {
            indent(level, out);
            list(&[inner], level, out);
        }
        Kind::Unary { is_minus, operand } => {
            indent(level, out);
            out.push(sign(*is_minus));
            let mut inner = String::new();
            write(operand, level, &mut inner);
            out.push_str(inner.trim_start());
        }
        Kind::Number { .. } | Kind::Text(_) | Kind::Selector(_) | Kind::Range { .. } => {
            indent(level, out);
            out.push_str(&line);
        }
    }
}

// Parentheses around expressions on lines of their own.
fn list(inner: &[&Expr], level: usize, out: &mut String) {
    out.push_str("(\n");
    for (at, expr) in inner.iter().enumerate() {
        out.push_str(if at > 0 { ",\n" } else { "" });
        write(expr, level + 1, out);
    }
    out.push('\n');
    indent(level, out);
    out.push(')');
}
