use super::program::{OPERATORS, Operator};
use super::*;
use crate::catalog::EmptyCatalog;
use crate::plan::Operation;
use crate::signature::{Parameter, Signature, Type};

const fn function(name: &'static str) -> Signature {
    const ANY: &[Parameter] = &[Parameter::new("x", &[Type::Text], "")];
    Signature { name, aliases: &[], summary: "", source: false, args: ANY, open: false, example: "" }
}

static CDEF: Signature = function("cdef");
static VDEF: Signature = function("vdef");
static DRAW: Signature = function("draw");

fn planned(text: &str) -> Result<crate::Plan, crate::Error> {
    let plan = plan(&[text], &[&CDEF, &VDEF, &DRAW]);
    match &plan.results[0] {
        Ok(_) => Ok(plan),
        Err(error) => Err(error.clone()),
    }
}

#[test]
fn rows_stand_in_the_order_of_the_operators_and_their_examples_are_programs() {
    for (at, row) in OPERATORS.iter().enumerate() {
        assert_eq!(row.operator as usize, at, "{}", row.name);
        assert_eq!(Operator::find(row.name), Some(row.operator));
        let program = Program::parse(row.example, 0).unwrap_or_else(|e| panic!("{}: {e}", row.example));
        assert!(program.tokens.contains(&program::Token::Operator(row.operator)), "{}", row.name);
        assert!(!row.doc.is_empty() && !row.doc.ends_with('.'), "{}", row.name);
    }
}

#[test]
fn selectors_keep_their_quotes_colons_and_spaces() {
    for text in [
        r#"DEF:a=job:x:rate{host="a b",path=~"/:.*"}:AVERAGE"#,
        r#"'DEF:a=job\:x\:rate{host="a b",path=~"/:.*"}:AVERAGE'"#,
        r#""DEF:a=job\:x\:rate{host='a b',path=~'/:.*'}:AVERAGE:step=300""#,
    ] {
        let text = text.replace("job:x:rate{", r"job\:x\:rate{");
        let plan = planned(&text).unwrap_or_else(|e| panic!("{text}: {e}\n{}", e.caret(&text)));
        let read = &plan.reads()[0];
        assert_eq!(read.metrics[0].name.as_ref().and_then(|n| n.as_literal()), Some("job:x:rate"));
        let labels = |host: &str| {
            model::Labels::from_pairs([("__name__", "job:x:rate"), ("host", host), ("path", "/:etc")])
                .unwrap()
        };
        assert!(read.queries[0].filter.matches(&labels("a b")));
        assert!(!read.queries[0].filter.matches(&labels("b")));
    }
}

#[test]
fn equal_definitions_are_read_once() {
    let plan = planned("DEF:a=load1:AVERAGE DEF:b=load1:AVERAGE CDEF:c=a,b,+").unwrap();
    assert_eq!(plan.reads().len(), 1);
    assert!(matches!(plan.node(*plan.results[0].as_ref().unwrap()).operation, Operation::Call(_)));
}

#[test]
fn every_refusal_points_at_its_characters() {
    for (text, marked, message) in [
        ("", "", "The text is empty"),
        ("DEF", "DEF", "A name and `=` are missing here"),
        ("FOO:a=b", "FOO", "`FOO` is not a statement"),
        ("DEF:a=load1", "DEF:a=load1", "A DEF names series"),
        ("DEF:a=load1:AVG", "AVG", "`AVG` is not a way to fold samples"),
        ("DEF:a=x.rrd:ds:AVERAGE", "x.rrd", "is a file, here series are named"),
        ("DEF:a={x}:AVERAGE", "{x}", "`{x}`: "),
        ("DEF:a={x:AVERAGE", "{", "This brace is never closed"),
        ("DEF:a=b:AVERAGE:start=5", "start=5", "`start` is the request's"),
        ("DEF:a=b:AVERAGE:step=x", "step=x", "`x` is not a step"),
        ("DEF:a=b:AVERAGE DEF:a=c:MAX", "a", "`a` is defined twice"),
        ("DEF:a=b:AVERAGE CDEF:c=a,x,+", "x", "`x` is not defined"),
        ("DEF:a=b:AVERAGE CDEF:c=a,+", "+", "+ takes 2 values and the stack has 1"),
        ("DEF:a=b:AVERAGE CDEF:c=a,2", "a,2", "2 values are left on the stack"),
        ("DEF:a=b:AVERAGE CDEF:c=a,2,MUL", "MUL", "`MUL` is not an operator"),
        ("DEF:a=b:AVERAGE CDEF:c=a,,+", "", "is missing here"),
        ("DEF:a=b:AVERAGE CDEF:c=a,2,?", "?", "`?` is not an operator"),
        ("DEF:a=b:AVERAGE CDEF:c=a,3,AVG", "AVG", "AVG takes 4 values and the stack has 2"),
        ("DEF:a=b:AVERAGE CDEF:c=5,60,TREND", "TREND", "TREND needs the name of a series 2 places before it"),
        ("DEF:a=b:AVERAGE VDEF:c=a,MAX", "MAX", "`MAX` is not what VDEF can make"),
        ("DEF:a=b:AVERAGE VDEF:c=a,PERCENT", "PERCENT", "PERCENT needs a percentage"),
        ("DEF:a=b:AVERAGE VDEF:c=a,101,PERCENT", "101", "`101` is not a percentage"),
        ("DEF:a=b:AVERAGE VDEF:c=a,5,LAST", "5", "LAST takes no number"),
        ("DEF:a=b:AVERAGE LINE1:x#fff", "x", "`x` is not defined"),
        ("DEF:a=b:AVERAGE CDEF:c=a,1,+ SHIFT:c:60", "c", "only what a DEF reads can be shifted"),
        ("DEF:a=b:AVERAGE SHIFT:a:x", "x", "`x` is not a whole number of seconds"),
        ("COMMENT:only", "COMMENT:only", "Nothing is defined here"),
        ("LINE1:a:'x", "'", "This quote is never closed"),
    ] {
        let error = planned(text).expect_err(text);
        let found: String =
            text.chars().skip(error.span.start).take(error.span.end - error.span.start).collect();
        assert!(error.message.contains(message), "{text}: {}", error.message);
        assert_eq!(found, marked, "{text}: {}", error.message);
    }
}

#[test]
fn near_words_are_offered() {
    for (text, hint) in [
        ("CDEG:a=b", "did you mean CDEF?"),
        ("DEF:load=b:AVERAGE CDEF:c=lod,2,*", "did you mean load?"),
        ("DEF:a=b:AVERAGE VDEF:c=a,MAXIMUN", "did you mean MAXIMUM?"),
    ] {
        assert_eq!(planned(text).unwrap_err().hint.as_deref(), Some(hint), "{text}");
    }
}

#[test]
fn what_may_stand_at_the_cursor_follows_from_the_statement() {
    let offered = |text: &str| {
        let completion = complete(text, text.chars().count(), &[], &EmptyCatalog);
        completion.items.into_iter().map(|item| item.label).collect::<Vec<_>>()
    };
    assert_eq!(offered("DE"), ["DEF"]);
    assert_eq!(offered("DEF:a=b:AV"), ["AVERAGE"]);
    assert_eq!(offered("DEF:abc=b:AVERAGE CDEF:c=a"), ["abc"]);
    assert_eq!(offered("DEF:a=b:AVERAGE CDEF:c=a,TREN"), ["TREND", "TRENDNAN"]);
    assert_eq!(offered("DEF:a=b:AVERAGE VDEF:c=a,LSL"), ["LSLSLOPE", "LSLINT", "LSLCORREL"]);
    assert_eq!(offered("DEF:a=b:AVERAGE LINE1:"), ["a"]);
    assert!(offered("CDEF:c").is_empty());
}

#[test]
fn any_text_is_refused_or_understood() {
    // Pieces of the language in every order of three.
    let pieces = [
        "DEF:",
        "a=",
        "b:AVERAGE",
        " ",
        "CDEF:",
        "a,",
        "+",
        "{",
        "\"",
        "'",
        "\\:",
        ":",
        "#",
        "PREV(",
        ",SORT",
        "é",
    ];
    for x in pieces {
        for y in pieces {
            for z in pieces {
                let text = format!("DEF:a=b:MAX {x}{y}{z}");
                if let Err(error) = planned(&text) {
                    assert!(
                        error.span.start <= error.span.end && error.span.end <= text.chars().count(),
                        "{text}"
                    );
                    error.caret(&text);
                }
                complete(&text, text.chars().count(), &[], &EmptyCatalog);
            }
        }
    }
}
