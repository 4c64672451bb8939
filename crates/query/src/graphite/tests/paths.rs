//! Which series paths mean, and what a browser shows.

use super::{T0, insert, minute, one, shown};
use crate::graphite::{Context, Naming, consolidate, find, render};
use model::memory::MemoryStore;
use model::{NAME, Node, Source};

fn store() -> MemoryStore {
    let store = MemoryStore::new();
    let ten = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
    insert(&store, &[(NAME, "servers.web1.load")], 10, &ten);
    insert(&store, &[(NAME, "servers.web2.load")], 10, &ten.map(|v| v * 10.0));
    insert(&store, &[(NAME, "servers.web2.load.max")], 30, &[7.0, 8.0]);
    insert(&store, &[(NAME, "cpu"), ("host", "db1.example.com"), ("mode", "user"), ("core", "0")], 10, &ten);
    insert(
        &store,
        &[(NAME, "disk.used"), ("host", "db1.example.com"), ("mount", "/var/lib")],
        20,
        &[5.0, 6.0, 7.0],
    );
    insert(&store, &[(NAME, "requests"), ("dc", "eu"), ("job", "web front")], 10, &ten);
    store
}

fn names(target: &str) -> Vec<String> {
    one(&store(), target).unwrap().into_iter().map(|series| series.name).collect()
}

#[test]
fn what_came_by_graphite_is_called_by_its_name() {
    assert_eq!(
        shown(&one(&store(), "servers.*.load").unwrap()),
        ["servers.web1.load: 1 2 3 4 5 6", "servers.web2.load: 10 20 30 40 50 60"]
    );
    assert_eq!(names("servers.web2.load.*"), ["servers.web2.load.max"]);
    assert_eq!(names("*.web[13].{load,none}"), ["servers.web1.load"]);
    assert_eq!(names("servers.web1"), [] as [&str; 0]);
    assert_eq!(names("*"), [] as [&str; 0]);
}

#[test]
fn other_series_are_called_by_host_name_and_values() {
    assert_eq!(names("db1_example_com.cpu.0.user"), ["db1_example_com.cpu.0.user"]);
    assert_eq!(names("*.cpu.*.us?r"), ["db1_example_com.cpu.0.user"]);
    assert_eq!(names("db1*.disk.used.*"), ["db1_example_com.disk.used./var/lib"]);
    assert_eq!(names("requests.*.web_front"), ["requests.eu.web_front"]);
    assert_eq!(names("db1_example_com.*"), [] as [&str; 0]);
    let found = one(&store(), "*.cpu.0.user").unwrap();
    assert_eq!(found[0].tags.get("mode").map(String::as_str), Some("user"));
}

#[test]
fn a_template_says_how_series_are_called() {
    let naming = Naming::parse("<dc>.<name>.<job>.<rest>").unwrap();
    let context = Context { naming, ..minute() };
    let answer = |target: &str| render(&[target], &context, &store()).unwrap().results.remove(0).unwrap();
    assert_eq!(answer("eu.requests.*")[0].name, "eu.requests.web_front");
    assert_eq!(answer("cpu.0.db1_example_com.user").len(), 1);
    assert_eq!(answer("servers.web1.load").len(), 1);
    for bad in ["", "<host>", "host.<name>", "<name>.<name>", "<rest>.<name>", "<a>.<b>.<c>.<d>.<e>.<name>"] {
        assert!(Naming::parse(bad).is_err(), "{bad}");
    }
}

#[test]
fn browsing_shows_branches_and_leaves() {
    let shown = |pattern: &str| -> Vec<String> {
        let mark = |found: &Node| {
            format!(
                "{}{}{}",
                found.path,
                if found.is_leaf { "!" } else { "" },
                if found.is_branch { ">" } else { "" }
            )
        };
        find(pattern, &minute(), &store()).unwrap().nodes.iter().map(mark).collect()
    };
    assert_eq!(shown("*"), ["db1_example_com>", "requests>", "servers>"]);
    assert_eq!(shown("servers.*"), ["servers.web1>", "servers.web2>"]);
    assert_eq!(shown("servers.web2.*"), ["servers.web2.load!>"]);
    assert_eq!(shown("servers.web2.load.*"), ["servers.web2.load.max!"]);
    assert_eq!(shown("db1_example_com.*"), ["db1_example_com.cpu>", "db1_example_com.disk>"]);
    assert_eq!(shown("*.disk.*.*"), ["db1_example_com.disk.used./var/lib!"]);
    assert_eq!(shown("requests.eu"), ["requests.eu>"]);
    assert_eq!(shown("nothing.*"), [] as [&str; 0]);
}

#[test]
fn tags_find_series_of_every_door() {
    let cases = [
        ("seriesByTag('name=cpu')", 1),
        ("seriesByTag('host=~db1.*')", 2),
        ("seriesByTag('name=~(cpu|disk)')", 2),
        ("seriesByTag('name=~cp')", 1),
        ("seriesByTag('name=~.+', 'host=')", 4),
        ("seriesByTag('host!=', 'mode!=user')", 1),
        ("seriesByTag('host!=~x', 'dc=eu')", 1),
    ];
    for (target, count) in cases {
        assert_eq!(one(&store(), target).unwrap().len(), count, "{target}");
    }
    assert_eq!(names("seriesByTag('name=cpu')"), ["cpu;core=0;host=db1.example.com;mode=user"]);
    assert_eq!(names("seriesByTag('name=cpu')|aliasByTags('host','name')"), ["db1.example.com.cpu"]);
    assert_eq!(names("seriesByTag('name=cpu')|groupByTags('sum','mode')"), ["cpu;mode=user"]);
}

#[test]
fn each_series_has_the_step_it_was_written_with() {
    let steps: Vec<i64> = ["servers.web1.load", "servers.web2.load.max", "*.disk.used.*"]
        .iter()
        .map(|target| one(&store(), target).unwrap()[0].step_s)
        .collect();
    assert_eq!(steps, [10, 30, 20]);
    let series = &one(&store(), "servers.web1.load").unwrap()[0];
    assert_eq!((series.start_s, series.end_s), (T0 + 10, T0 + 70));
}

#[test]
fn charts_get_no_more_values_than_they_can_show() {
    let mut series = one(&store(), "servers.web1.load").unwrap();
    consolidate(&mut series, 100);
    assert_eq!(series[0].values.len(), 6);
    consolidate(&mut series, 3);
    assert_eq!((series[0].step_s, series[0].values.clone()), (20, vec![1.5, 3.5, 5.5]));
    assert_eq!(series[0].start_s, T0 + 20, "buckets lie on whole multiples of their length");
    let mut series = one(&store(), "consolidateBy(servers.web1.load,'max')").unwrap();
    consolidate(&mut series, 1);
    assert_eq!(series[0].values, [6.0]);
}

#[test]
fn a_window_reaches_before_the_range() {
    let context = Context::new(T0 + 30, T0 + 60);
    let answer = render(
        &["movingAverage(servers.web1.load,3)", "timeShift(servers.web1.load,'30s')"],
        &context,
        &store(),
    )
    .unwrap();
    let values = |at: usize| answer.results[at].as_ref().unwrap()[0].values.clone();
    assert_eq!(values(0), [3.0, 4.0, 5.0]);
    assert_eq!(values(1), [1.0, 2.0, 3.0]);
    assert_eq!(answer.results[0].as_ref().unwrap()[0].name, "movingAverage(servers.web1.load,3)");
}

#[test]
fn paths_are_shown_on_the_buckets_of_a_request() {
    let signatures = crate::names::signatures_of("graphite").unwrap();
    let plan = lang::graphite::plan(&["scale(servers.*.load, 2)", "servers.none.*"], &signatures);
    let grid = crate::GridSpec {
        interval: model::Interval::parse("30s"),
        ..crate::GridSpec::new(T0 * 1000, (T0 + 60) * 1000)
    };
    let answer = crate::run(&crate::Request::new(&plan, &[], grid), &store()).unwrap();
    let frame = answer.results[0].as_ref().unwrap();
    assert_eq!((frame.series.len(), frame.series[0].label.as_str()), (2, "scale(servers.web1.load,2)"));
    assert_eq!(frame.series[0].values, [3.0, 8.0]);
    assert!(answer.results[1].as_ref().unwrap().series.is_empty());
}

#[test]
fn targets_stand_within_timelion() {
    let functions = crate::names::timelion::FUNCTIONS;
    let texts = [
        ".graphite('sumSeries(servers.*.load)').multiply(2)",
        ".graphite('sumSeries(servers.*')",
        ".graphite('summ(a)')",
    ];
    let plan = lang::timelion::plan(&texts, &crate::names::signatures(functions));
    let grid = crate::GridSpec {
        interval: model::Interval::parse("30s"),
        ..crate::GridSpec::new(T0 * 1000, (T0 + 60) * 1000)
    };
    let answer = crate::run(&crate::Request::new(&plan, functions, grid), &store()).unwrap();
    assert_eq!(answer.results[0].as_ref().unwrap().series[0].values, [33.0, 88.0]);
    let error = |at: usize| answer.results[at].as_ref().unwrap_err();
    assert!(error(1).message().contains("bracket of sumSeries is not closed"), "{}", error(1));
    assert!(error(2).message().contains("no function summ"), "{}", error(2));
    assert_eq!(error(1).span().map(|span| span.start), Some(10));
}

/// Patterns that find what looking at every path finds, also where a name is at once a place in the tree.
#[test]
fn the_tree_is_what_all_paths_make() {
    let store = store();
    for name in ["servers", "servers.web2-a.load", "servers.web2.loadavg", "a.b..c", "a.", "requests.eu"] {
        insert(&store, &[(NAME, name)], 10, &[1.0]);
    }
    let all = store.select(&[], model::TimeRange::ALL, usize::MAX).unwrap().series;
    let paths: Vec<String> = all.iter().map(|series| Naming::default().path(&series.labels)).collect();
    for pattern in [
        "*",
        "servers",
        "serv*",
        "*.*",
        "servers.*",
        "servers.web2",
        "servers.web?.load",
        "servers.web2.l*",
        "*.*.*",
        "*.{web1,web2}.load",
        "servers.web[12]*.*",
        "a.*",
        "a.*.*",
        "*.eu.*",
        "requests.*",
        "nothing.*",
        "{a,servers}",
        "{servers.web1,a}.*",
        "db1*.cpu.*",
    ] {
        let nodes = crate::graphite::glob::nodes(pattern);
        let whole = crate::graphite::glob::whole(&nodes, true).unwrap();
        let mut wanted: Vec<Node> = Vec::new();
        for path in paths.iter().filter(|path| whole.is_match(path)) {
            let cut = path.match_indices('.').nth(nodes.len() - 1).map(|(at, _)| at);
            let shown = path[..cut.unwrap_or(path.len())].to_owned();
            wanted.push(Node { path: shown, is_leaf: cut.is_none(), is_branch: cut.is_some() });
        }
        Node::join(&mut wanted, usize::MAX);
        assert_eq!(find(pattern, &minute(), &store).unwrap().nodes, wanted, "{pattern}");
        let mut leaves: Vec<&str> = paths.iter().map(String::as_str).collect();
        let exact = crate::graphite::glob::whole(&nodes, false).unwrap();
        leaves.retain(|path| exact.is_match(path));
        leaves.sort_unstable();
        leaves.dedup();
        if pattern.starts_with("{servers.") {
            continue; // found, but no target: a brace holds parts of one name there
        }
        let found: Vec<String> =
            one(&store, pattern).unwrap().into_iter().map(|series| series.name).collect();
        assert_eq!(found, leaves, "{pattern}");
    }
}
