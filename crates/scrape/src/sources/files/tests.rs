use super::*;

fn group(addresses: &[&str], labels: &[(&str, &str)]) -> Group {
    Group {
        addresses: addresses.iter().map(|a| (*a).to_owned()).collect(),
        labels: labels.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect(),
    }
}

#[test]
fn both_formats_say_the_same() {
    let wanted = vec![group(&["a:1", "b:2"], &[("env", "prod"), ("rack", "1")]), group(&["c:3"], &[])];
    let json =
        r#"[{"targets": ["a:1", "b:2"], "labels": {"env": "prod", "rack": "1"}}, {"targets": ["c:3"]}]"#;
    let yaml =
        "# hosts\n- targets: ['a:1', b:2]\n  labels:\n    env: prod\n    rack: 1\n- targets:\n  - c:3\n";
    assert_eq!(json::groups(json).unwrap(), wanted);
    assert_eq!(yaml::groups(yaml).unwrap(), wanted);
    assert_eq!(yaml::groups(json).unwrap(), wanted);
    assert_eq!(yaml::groups("").unwrap(), vec![]);
    assert_eq!(json::groups("[]").unwrap(), vec![]);
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    for (text, wanted) in [
        ("a: b", "line 1: expected a list"),
        ("- targets: [a]\n  x: y", "line 2: expected `targets` or `labels`"),
        ("- &a {targets: [x]}\n- *a", "without an anchor"),
        ("- targets: [[a]]", "expected a text"),
        ("- targets: [", "line 2"),
    ] {
        let why = yaml::groups(text).unwrap_err();
        assert!(why.contains(wanted), "{text}: {why}");
    }
    for text in ["{}", "[{\"targets\": \"a\"}]", "[{\"labels\": {\"a\": 1}}]", "[] x", "", "[{\"x\": 1}]"] {
        assert!(json::groups(text).unwrap_err().starts_with("byte "), "{text}");
    }
}

#[test]
fn files_are_read_when_they_change_and_kept_when_they_break() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let mut files = Files::new(vec![path("t_*.json").display().to_string()]);
    assert!(files.look().groups.is_none());
    fs::write(path("t_a.json"), r#"[{"targets":["a:1"]}]"#).unwrap();
    fs::write(path("x.json"), "[]").unwrap();
    let addresses =
        |found: Found| found.groups.map(|g| g.into_iter().flat_map(|g| g.addresses).collect::<Vec<_>>());
    assert_eq!(addresses(files.look()), Some(vec!["a:1".to_owned()]));
    assert_eq!(addresses(files.look()), None, "nothing changed");
    fs::write(path("t_a.json"), "[{").unwrap();
    let broken = files.look();
    assert!(broken.groups.is_none() && broken.problems[0].contains("t_a.json: byte "), "{broken:?}");
    fs::write(path("t_a.json"), r#"[{"targets":["a:22"]}]"#).unwrap();
    assert_eq!(addresses(files.look()), Some(vec!["a:22".to_owned()]));
    fs::remove_file(path("t_a.json")).unwrap();
    assert_eq!(addresses(files.look()), Some(vec![]));
    let missing = Files::new(vec![path("none.yml").display().to_string()]).look();
    assert!(missing.problems[0].contains("none.yml: No such file"), "{missing:?}");
}

#[test]
fn stars_stand_for_anything() {
    for (pattern, name, wanted) in [
        ("*.json", "a.json", true),
        ("a*.json", "a.json", true),
        ("a*b*.json", "axxbyy.json", true),
        ("a*.json", "b.json", false),
        ("*.json", "a.yml", false),
        ("a*a", "a", false),
    ] {
        assert_eq!(fits(pattern, name), wanted, "{pattern} {name}");
    }
}
