use super::*;
use std::collections::HashSet;

fn parse(text: &str) -> (Vec<file::Entry>, Vec<String>) {
    let mut found = file::Found::default();
    file::parse("w.toml", text, &mut found);
    (found.entries, found.problems)
}

#[test]
fn the_table_has_unique_names_and_valid_defaults() {
    let (mut keys, mut flags) = (HashSet::new(), HashSet::new());
    for setting in SETTINGS {
        assert!(keys.insert(setting.key) && flags.insert(setting.flag), "{} twice", setting.key);
        assert_eq!(setting.kind.check(setting.default), Ok(()), "{}", setting.key);
        assert!(setting.help.len() > 10 && !setting.help.ends_with('.'), "{}", setting.key);
    }
}

#[test]
fn a_file_gives_values_with_their_lines() {
    let (entries, problems) =
        parse("data = \"/srv/w\"\n\n[agent]\nserver = [\"http://a\", \"http://b\"]\nper_core = true\n");
    assert!(problems.is_empty(), "{problems:?}");
    let got: Vec<_> = entries.iter().map(|e| (e.key, e.value.as_str(), e.place.as_str())).collect();
    let wanted = [
        ("data", "/srv/w", "w.toml:1"),
        ("agent.server", "http://a,http://b", "w.toml:4"),
        ("agent.per_core", "true", "w.toml:5"),
    ];
    for entry in wanted {
        assert!(got.contains(&entry), "{entry:?} in {got:?}");
    }
}

#[test]
fn problems_name_place_and_remedy() {
    let cases = [
        ("lisen = \"x\"", "w.toml:1: unknown key `lisen`; did you mean `listen`?"),
        ("[store]\nsnyc = \"1s\"", "w.toml:2: unknown key `store.snyc`; did you mean `store.sync`?"),
        (
            "[agent]\ninterval = \"fast\"",
            "w.toml:2: agent.interval: `fast` is not a time such as 200ms, 10s, 5m, 1h or 90d",
        ),
        ("[agent]\nper_core = \"yes\"", "w.toml:2: agent.per_core: write true or false, without quotes"),
        (
            "[[store.policy]]\nmatch = \"a\"\nteirs = []",
            "w.toml:1: store.policy: unknown key `teirs`; there are name, match, tiers",
        ),
        (
            "[[store.policy]]\nmatch = \"a\"",
            "w.toml:1: store.policy: `tiers` is needed: Steps and how long they are kept; the first has the samples as they came",
        ),
        ("listen = 9463", "w.toml:1: listen: write it as a text, such as \"ADDR\""),
    ];
    for (text, wanted) in cases {
        assert_eq!(parse(text).1, [wanted]);
    }
    assert!(parse("data = \n").1[0].starts_with("w.toml:1: "));
}

#[test]
fn later_sources_win_and_all_problems_are_told() {
    let environment = |name: &str| (name == "WINDHOVER_LOG_LEVEL").then(|| "debug".to_owned());
    let flags = |s: &Setting| (s.key == "listen").then(|| "[::1]:1".to_owned());
    let settings = resolve(None, environment, flags).unwrap();
    assert_eq!((settings.text("log.level"), settings.text("listen")), ("debug", "[::1]:1"));
    assert_eq!(settings.origin("listen").to_string(), "--listen");
    assert_eq!(settings.origin("log.level").to_string(), "$WINDHOVER_LOG_LEVEL");

    let wrong = resolve(None, |_| Some("?".into()), |_| Some("?".into())).unwrap_err();
    assert!(wrong.iter().any(|p| p.starts_with("--listen: `?`")), "{wrong:?}");
    assert!(wrong.iter().any(|p| p.starts_with("$WINDHOVER_LISTEN: `?`")), "{wrong:?}");
}

#[test]
fn times_and_sizes_have_units() {
    assert_eq!(value::duration("200ms").unwrap().as_millis(), 200);
    assert_eq!(value::duration("1.5h").unwrap().as_secs(), 5400);
    assert_eq!(value::duration("90d").unwrap().as_secs(), 90 * 86_400);
    assert_eq!(
        (value::bytes("500MB"), value::bytes("1KiB"), value::bytes("42")),
        (Ok(500_000_000), Ok(1024), Ok(42))
    );
    for wrong in ["", "5", "-1s", "5 parsecs", "1e3s"] {
        assert!(value::duration(wrong).is_err(), "{wrong}");
    }
}

#[cfg(feature = "server")]
#[test]
fn policies_are_read_and_mistakes_named() {
    let policies = |text: &str| {
        let mut found = file::Found::default();
        file::parse("w.toml", text, &mut found);
        assert!(found.problems.is_empty(), "{:?}", found.problems);
        let mut settings = resolve(None, |_| None, |_| None).unwrap();
        settings.sections = found.sections;
        policy::all(&settings)
    };
    let entry =
        |matcher: &str, tiers: &str| format!("[[store.policy]]\nmatch = '{matcher}'\ntiers = [{tiers}]\n");
    let names = |text: &str| policies(text).unwrap().into_iter().map(|p| p.name).collect::<Vec<_>>();
    assert_eq!(names(""), ["default"]);
    assert_eq!(names(&entry("{job=\"debug\"}", "'1s:1d'")), ["{job=\"debug\"}", "default"]);
    assert_eq!(names(&entry("{}", "'1s:30d', '5m:5y'")), ["{}"]);
    for (matcher, tiers, wanted) in [
        ("up{", "'1s:1d'", "w.toml:1: store.policy: `match`: "),
        ("{a=~\"(\"}", "'1s:1d'", "bad regular expression"),
        ("up", "'1s'", "w.toml:1: store.policy: `1s` is not a tier"),
        ("up", "'1s:1d', '60s:1h'", "kept shorter"),
    ] {
        let why = policies(&entry(matcher, tiers)).unwrap_err();
        assert!(why.contains(wanted), "{why}");
    }
    let twice = entry("up", "'1s:1d'").repeat(2);
    let why = policies(&twice).unwrap_err();
    assert_eq!(why, "w.toml:4: store.policy: `up` is the name of the one in w.toml:1 too");
    let (_, problems) = parse("[store.policy]\nmatch = 'up'\n");
    assert_eq!(problems, ["w.toml:1: store.policy: there can be several, write [[store.policy]]"]);
}

#[test]
fn tables_have_unique_names_valid_defaults_and_examples_that_are_read() {
    let mut keys = HashSet::new();
    for table in tables::TABLES {
        assert!(keys.insert(table.key) && find(table.key).is_none(), "{} twice", table.key);
        let mut names = HashSet::new();
        for column in table.columns {
            assert!(names.insert(column.name), "{}.{} twice", table.key, column.name);
            assert_eq!(column.kind.check(column.default), Ok(()), "{}.{}", table.key, column.name);
            assert!(!column.help.is_empty() && !column.help.ends_with('.'), "{}.{}", table.key, column.name);
        }
        let mut found = file::Found::default();
        file::parse("w.toml", &format!("[[{}]]\n{}\n", table.key, table.example), &mut found);
        assert_eq!((found.problems.as_slice(), found.sections.len()), (&[][..], 1), "{}", table.key);
    }
}

#[test]
fn what_is_asked_of_the_collectors_is_read_and_mistakes_are_named() {
    let read = |text: &str| {
        let mut found = file::Found::default();
        file::parse("w.toml", text, &mut found);
        assert!(found.problems.is_empty(), "{:?}", found.problems);
        let mut settings = resolve(None, |_| None, |_| None).unwrap();
        settings.sections = found.sections;
        settings
    };
    let monitor =
        |metric: &str, tags: &str| format!("[[falcon.monitor]]\nmetric = '{metric}'\ntags = '{tags}'\n");
    let settings = read(&(monitor("net.port.listen", "port=80") + &monitor("du.bs", "path=/var")));
    assert_eq!(watched::monitors(&settings).unwrap().len(), 2);
    let why = watched::check(&read(&monitor("net.port.listen", "port=0"))).unwrap_err();
    assert_eq!(why, "w.toml:1: falcon.monitor: `tags`: `port`: `0` is not a port from 1 to 65535");
    let settings = read("[[process]]\ngroup = 'web'\nexe = 'nginx'\nuser = ['ann', 'bob']\npss = true\n");
    let rules = watched::process_rules(&settings).unwrap();
    assert_eq!((rules[0].conditions.len(), rules[0].proportional), (2, true));
    let why = watched::check(&read("[[process]]\ngroup = 'web'\nname = '~('\n")).unwrap_err();
    assert_eq!(why, "w.toml:1: process: `name`: `(` is a bad regular expression");
    let why = watched::check(&read("[[process]]\ngroup = 'web'\n")).unwrap_err();
    assert!(why.contains("one of name, exe, cmdline, user, cgroup is needed"), "{why}");
}
