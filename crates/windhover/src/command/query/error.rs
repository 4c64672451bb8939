//! What is wrong with expressions, with marks under the place.

use super::output::Look;
use anyhow::bail;
use serde_json::Value;
use std::io::IsTerminal;

/// Whether what goes to standard error is coloured.
pub(super) fn colors(look: &Look) -> bool {
    look.color_always || (look.color_auto && std::io::stderr().is_terminal())
}

/// Fails with the first thing that is wrong.
pub(super) fn check(exprs: &[String], answer: &Value, colored: bool) -> anyhow::Result<()> {
    for (expr, result) in exprs.iter().zip(answer["results"].as_array().into_iter().flatten()) {
        if let Some(message) = result["error"]["message"].as_str() {
            bail!("{}", with_marks(expr, &result["error"], message, colored));
        }
    }
    Ok(())
}

/// The line of the expression with marks under what is wrong.
pub(super) fn with_marks(expr: &str, error: &Value, message: &str, colored: bool) -> String {
    let place = |name: &str| error[name].as_u64().unwrap_or(0) as usize;
    let span = lang::Span::new(place("start"), place("end"));
    let hint = error["hint"].as_str().map_or(String::new(), |hint| format!(" ({hint})"));
    let caret = lang::Error::new(span, message).caret(expr);
    let (line, marks) = caret.rsplit_once('\n').unwrap_or((&caret, ""));
    // Wide characters and tabs keep their width, so that marks stay below what they mark.
    let spaces: String = line
        .chars()
        .take(marks.chars().take_while(|c| *c == ' ').count())
        .map(|c| if c == '\t' { '\t' } else { ' ' })
        .collect();
    let marks = format!("{spaces}{}", marks.trim_start());
    match colored {
        true => format!("{message}\x1b[2m{hint}\x1b[0m\n  {line}\n  \x1b[1;31m{marks}\x1b[0m"),
        false => format!("{message}{hint}\n  {line}\n  {marks}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn marks_stand_below_the_place_of_any_line() {
        let error = json!({"start": 6, "end": 9, "hint": "try .es"});
        let told = with_marks(".a()\n\t.ex()", &error, "no such function", false);
        assert_eq!(told, "no such function (try .es)\n  \t.ex()\n  \t^^^");
        assert!(with_marks("x", &json!({}), "no", true).contains("\x1b[1;31m^\x1b[0m"));
    }
}
