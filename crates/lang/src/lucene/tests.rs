use super::*;
use model::Labels;
use stdx::random::Random;

fn series(text: &str) -> Labels {
    Labels::from_pairs(text.split_whitespace().map(|pair| pair.split_once('=').unwrap())).unwrap()
}

// Four series; the wanted column has a digit for each that matches.
const SERIES: [&str; 4] = [
    "__name__=load1 host=web1",
    "__name__=load1 host=web2 rack=b",
    "__name__=cpu_seconds host=db1 mode=idle",
    "__name__=disk_used host=db1 mount=/var/log path=a:b",
];

#[test]
fn queries_choose_series() {
    let cases = [
        ("", "1234"),
        ("*", "1234"),
        ("load1", "12"),
        ("load*", "12"),
        ("web?", "12"),
        ("host:web1", "1"),
        ("host:web1 AND cpu*", ""),
        ("host:web1 AND load*", "1"),
        ("host:web1 && load1", "1"),
        ("host:web1 load*", "12"),
        ("host:web1 OR cpu*", "13"),
        ("host:web1 || mode:idle", "13"),
        ("host:(web1 OR db1) AND NOT metric:disk*", "13"),
        ("host:(web1 db1)", "134"),
        ("NOT host:db1", "12"),
        ("-host:db1", "12"),
        ("!host:db1", "12"),
        ("load1 -rack:b", "1"),
        ("+host:db1 load1", "34"),
        ("+host:db1 +cpu*", "3"),
        ("NOT (load1 OR mode:idle)", "4"),
        ("NOT host:db1 AND rack:b", "2"),
        ("load1 AND NOT -rack:b", "2"),
        ("_exists_:rack", "2"),
        ("rack:*", "2"),
        ("NOT _exists_:rack", "134"),
        ("metric:load1", "12"),
        ("__name__:load1", "12"),
        ("mount:\"/var/log\"", "4"),
        ("mount:\\/var*", "4"),
        ("\"/var/log\"", "4"),
        ("path:a:b", "4"),
        ("path:\"a:b\"", "4"),
        ("host:\"web*\"", ""),
        ("a\\:b", "4"),
        ("ANDROID", ""),
        ("((host:web1))", "1"),
    ];
    let all: Vec<Labels> = SERIES.iter().map(|s| series(s)).collect();
    for (text, wanted) in cases {
        let filter = parse(text).expect(text);
        let found: String = all
            .iter()
            .enumerate()
            .filter(|(_, l)| filter.matches(l))
            .map(|(i, _)| (i + 1).to_string())
            .collect();
        assert_eq!(found, wanted, "{text}: {filter:?}");
    }
}

#[test]
fn errors_have_a_place() {
    let cases = [
        ("host:[1 TO 5]", 5, "Ranges"),
        ("host:>5", 5, "Ranges"),
        ("a AND", 5, "ends"),
        ("(a OR b", 0, "never closed"),
        ("a)", 1, "closes nothing"),
        ("\"a", 0, "quote"),
        ("OR a", 0, "OR"),
        ("a OR", 4, "ends"),
        ("host:", 5, "ends"),
        ("roam~", 0, "Fuzzy"),
        ("a^2", 0, "ranked"),
        ("host:/web.*/", 5, "Regular"),
        ("()", 1, "ends"),
        ("_exists_:", 9, "label"),
    ];
    for (text, start, words) in cases {
        let error = parse(text).expect_err(text);
        assert!(error.message.contains(words) && error.span.start == start, "{text}: {error:?}");
    }
    assert!(parse(&"(".repeat(5000)).unwrap_err().message.contains("deeper"));
    assert!(parse(&"NOT ".repeat(3000)).unwrap_err().message.contains("deeper"));
}

#[test]
fn no_text_makes_it_panic_or_hang() {
    let pieces = [
        "host", ":", "(", ")", "\"", "AND", "OR", "NOT", " ", "*", "?", "\\", "+", "-", "!", "[", "~", "^",
        "ä", "/", "&&", "||", "_exists_", "web1", "<", "{",
    ];
    let mut random = Random::from_seed(7);
    for _ in 0..20_000 {
        let count = random.below(12);
        let text: String = (0..count).map(|_| pieces[random.below(pieces.len() as u64) as usize]).collect();
        match parse(&text) {
            Ok(filter) => drop(filter.matches(&series(SERIES[0]))),
            Err(error) => assert!(error.span.end <= text.chars().count() + 1, "{text}: {error:?}"),
        }
    }
}
