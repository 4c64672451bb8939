//! Syntax tree → text, in one form: calls nested, no spaces but after commas, texts in double quotes where that goes.

use super::ast::{Call, Expression, Kind};
use std::fmt::Write as _;

/// The text of an expression; parsing it again gives the same expression.
pub fn print(expression: &Expression) -> String {
    let mut out = String::new();
    write(expression, &mut out);
    out
}

fn write(expression: &Expression, out: &mut String) {
    // Writing to a String cannot fail.
    let _ = match &expression.kind {
        Kind::Path(path) => write!(out, "{path}"),
        Kind::Call(call) | Kind::Template(call) => return write_call(call, out),
        Kind::Integer(number) => write!(out, "{number}"),
        Kind::Float(number) if number.is_infinite() => write!(out, "inf"),
        Kind::Float(number) => write!(out, "{number:?}"),
        Kind::Text(text) => {
            let quote = if text.contains('"') { '\'' } else { '"' };
            write!(out, "{quote}{text}{quote}")
        }
        Kind::Boolean(boolean) => write!(out, "{boolean}"),
        Kind::Null => write!(out, "none"),
    };
}

fn write_call(call: &Call, out: &mut String) {
    out.push_str(&call.name);
    out.push('(');
    for (at, argument) in call.args.iter().enumerate() {
        out.push_str(if at == 0 { "" } else { ", " });
        write(argument, out);
    }
    for (at, named) in call.named.iter().enumerate() {
        out.push_str(if at == 0 && call.args.is_empty() { "" } else { ", " });
        out.push_str(&named.name);
        out.push('=');
        write(&named.value, out);
    }
    out.push(')');
}
