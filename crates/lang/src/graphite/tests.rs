mod completion;

use super::ast::Kind;
use super::{interval_s, parse, plan, plan_with, print};
use crate::plan::path::{Path, PathCall, Value};
use crate::plan::{Operation, Plan};
use crate::signature::{Parameter, Signature, Type};

const LIST: Parameter = Parameter::new("seriesList", &[Type::SeriesList], "Which.").required();
const SUM: Signature = Signature {
    name: "sumSeries",
    aliases: &["sum"],
    summary: "Adds.",
    source: false,
    args: &[LIST.multi()],
    open: false,
    example: "sumSeries(a.*)",
};
const SCALE: Signature = Signature {
    name: "scale",
    aliases: &[],
    summary: "Multiplies.",
    source: false,
    args: &[LIST, Parameter::new("factor", &[Type::Float], "By.").required()],
    open: false,
    example: "scale(a, 2)",
};
const BY_TAG: Signature = Signature {
    name: "seriesByTag",
    aliases: &[],
    summary: "Finds.",
    source: true,
    args: &[Parameter::new("tagExpressions", &[Type::Text], "Which.").required().multi()],
    open: false,
    example: "seriesByTag(\"name=a\")",
};
const FUNCTIONS: [&Signature; 3] = [&SUM, &SCALE, &BY_TAG];

fn path_of(plan: &Plan, at: usize) -> &Path {
    match &plan.node(*plan.results[at].as_ref().unwrap()).operation {
        Operation::Path(path) => path,
        other => panic!("{other:?}"),
    }
}

fn first_find(plan: &Plan) -> String {
    let mut path = path_of(plan, 0);
    loop {
        match path {
            Path::Find(pattern) => return pattern.clone(),
            Path::Call(call) => {
                let Value::Series(node) = call.args[0].values[0] else { panic!() };
                let Operation::Path(inner) = &plan.node(node).operation else { panic!() };
                path = inner;
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn texts_come_out_of_the_printer_in_one_form() {
    let cases = [
        ("a.b.c", "a.b.c"),
        ("  a.*.{x,y}z.[0-9]?.$v ", "a.*.{x,y}z.[0-9]?.$v"),
        (r"a\.b.c\(d\)", r"a\.b.c\(d\)"),
        ("sum( a.b , c )", "sum(a.b, c)"),
        ("a.b|scale(2)|alias('x')", "alias(scale(a.b, 2), \"x\")"),
        ("f(1, -2, 1.5, 1e3, -1.5e-3, inf, TRUE, None)", "f(1, -2, 1.5, 1000.0, -0.0015, inf, true, none)"),
        ("f(a, 'it \"is\"', key=\"v\", other = 3)", "f(a, 'it \"is\"', key=\"v\", other=3)"),
        ("template(f(hosts.$1, $x), 'a', x=2)", "template(f(hosts.$1, $x), \"a\", x=2)"),
        ("f(1.2.3, 12a, true.x, info, nonexistent)", "f(1.2.3, 12a, true.x, info, nonexistent)"),
        ("f()", "f()"),
        ("größe.温度.*", "größe.温度.*"),
        ("a;b=c;d=e", "a;b=c;d=e"),
        ("f\n(\n\ta\n)", ""),
        ("123.456.count", "123.456.count"),
    ];
    for (text, wanted) in cases {
        match parse(text) {
            Ok(tree) => assert_eq!(print(&tree), wanted, "{text}"),
            Err(error) => assert_eq!("", wanted, "{text}: {error}"),
        }
    }
    assert!(matches!(parse("template(a.$1, 'x')").unwrap().kind, Kind::Template(_)));
}

#[test]
fn printed_texts_mean_the_same() {
    for text in ["a|f(1)|g('\\d+', x=none)", r"f(a\,b.{c,d}, 1e300, 'x\'y')", "template(f($a), a='b c')"] {
        let once = print(&parse(text).unwrap());
        assert_eq!(print(&parse(&once).unwrap()), once, "{text}");
    }
}

#[test]
fn errors_have_their_place_and_a_way_out() {
    let cases = [
        ("", "A target is missing"),
        ("sumSeries(a.b", "bracket of sumSeries is not closed"),
        ("sumSeries(a.b,)", "argument is missing"),
        ("sumSeries(a.b))", "closing bracket too many"),
        ("a.b c", "Nothing may follow"),
        ("a..b", "on both sides"),
        (".a", "on both sides"),
        ("a.", "on both sides"),
        ("a.{b,c", "brace is not closed"),
        ("alias(a, 'x)", "text is not closed"),
        ("f(a=1, 2)", "must stand before"),
        ("a|b", "function is missing after |"),
        (r"a\b", "backslash"),
        ("template('a', 'b')", "needs an expression first"),
        ("template(a.$1, b)", "texts in quotes or numbers"),
    ];
    for (text, wanted) in cases {
        let error = parse(text).unwrap_err();
        assert!(error.message.contains(wanted), "{text}: {error}");
        assert!(error.span.end <= text.chars().count(), "{text}: {error:?}");
    }
    let deep = format!("{}a{}", "f(".repeat(500), ")".repeat(500));
    assert!(parse(&deep).unwrap_err().message.contains("too deep"));
    assert!(parse("a|f()").is_ok());
    assert!(parse(&format!("a{}", "|f()".repeat(500))).unwrap_err().message.contains("too deep"));
    assert!(parse(&"a".repeat(100_000)).unwrap_err().message.contains("bytes"));
}

#[test]
fn spans_count_characters() {
    let error = plan(&["scale(größe, 'é', x)"], &FUNCTIONS).results[0].clone().unwrap_err();
    assert_eq!(error.span, crate::Span::new(13, 16), "{error}");
}

#[test]
fn calls_are_checked_against_their_signatures() {
    let cases = [
        ("scal(a, 2)", "There is no function scal", "did you mean scale?"),
        ("scale(a)", "needs its argument factor", "scale(seriesList, factor)"),
        ("scale(a, 2, 3)", "takes at most 2 arguments", "scale(seriesList, factor)"),
        ("scale(a, facto=3)", "has no argument facto", "did you mean factor?"),
        ("scale(a, b)", "factor of scale is a number", "put it in quotes"),
        ("scale(a, 2, factor=2)", "given twice", ""),
        ("scale(2, 2)", "seriesList of scale is a path or a call", ""),
        ("seriesByTag(a)", "is a text", "put it in quotes: \"a\""),
    ];
    for (text, message, hint) in cases {
        let error = plan(&[text], &FUNCTIONS).results[0].clone().unwrap_err();
        assert!(error.message.contains(message), "{text}: {error}");
        assert!(error.hint.unwrap_or_default().contains(hint), "{text}");
    }
}

#[test]
fn arguments_stand_in_the_order_of_the_signature() {
    let made = plan(&["scale(factor='2.5', seriesList=a.b)", "sum(a, b.*, c)", "a|scale(3)"], &FUNCTIONS);
    let Path::Call(PathCall { function: "scale", args, .. }) = path_of(&made, 0) else { panic!() };
    assert_eq!(args[1].values, [Value::Float(2.5)]);
    let Path::Call(call) = path_of(&made, 1) else { panic!() };
    assert_eq!((call.function, call.called.as_str(), call.args[0].values.len()), ("sumSeries", "sum", 3));
    let Path::Call(call) = path_of(&made, 2) else { panic!() };
    assert_eq!(call.args[1].values, [Value::Integer(3)]);
}

#[test]
fn templates_fill_in_their_variables() {
    let text = "template(scale(hosts.$name.$1, $f), 'cpu', name='web', f=3)";
    let outside = [("name".to_owned(), "db".to_owned())];
    assert_eq!(first_find(&plan(&[&text.replace("'cpu', ", "")], &FUNCTIONS)), "hosts.web.$1");
    assert_eq!(
        first_find(&plan_with(&["template(scale(h.$name, 1), name='a')"], &FUNCTIONS, &outside)),
        "h.db"
    );
    let made = plan(&["template(scale(a.$host, $factor), host='x', factor='-2.5')"], &FUNCTIONS);
    let Path::Call(call) = path_of(&made, 0) else { panic!() };
    assert_eq!(call.args[1].values, [Value::Float(-2.5)]);
}

#[test]
fn tagged_reads_keep_their_text() {
    let made = plan(&["scale(seriesByTag('a=b',  \"c!=~d\"), 1)"], &FUNCTIONS);
    let Path::Call(call) = path_of(&made, 0) else { panic!() };
    let Value::Series(node) = call.args[0].values[0] else { panic!() };
    let Operation::Path(Path::Tagged { conditions, text }) = &made.node(node).operation else { panic!() };
    assert_eq!(conditions, &["a=b", "c!=~d"]);
    assert_eq!(text, "seriesByTag('a=b',  \"c!=~d\")");
}

#[test]
fn lengths_of_time_are_read_as_units_begin() {
    let cases = [
        ("5min", Some(300)),
        ("-1d12h", Some(-129_600)),
        ("1y1mon1w", Some(34_732_800)),
        ("3seconds", Some(3)),
        ("1m", None),
        ("h", None),
        ("5", None),
        ("99999999999999999999d", None),
        ("5minx6", None),
    ];
    for (text, wanted) in cases {
        assert_eq!(interval_s(text), wanted, "{text}");
    }
}

#[test]
fn no_text_makes_the_parser_panic() {
    let mut random = stdx::random::Random::from_seed(7);
    let pieces = [
        "a", ".", "*", "(", ")", "{", "}", ",", "|", "'", "\"", "\\", "=", "1", "e", "-", " ", "é", "$",
        "template", "inf",
    ];
    for _ in 0..20_000 {
        let length = random.below(12) + 1;
        let text: String = (0..length).map(|_| pieces[random.below(pieces.len() as u64) as usize]).collect();
        if let Ok(tree) = parse(&text) {
            let once = print(&tree);
            assert_eq!(parse(&once).map(|tree| print(&tree)), Ok(once), "{text}");
        }
    }
}
