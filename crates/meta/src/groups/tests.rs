use super::*;
use stdx::disk::{Call, FaultyDisk};

fn hosts(patterns: &[&str]) -> Vec<String> {
    patterns.iter().map(|&p| p.to_owned()).collect()
}

fn open(disk: &Arc<FaultyDisk>) -> Groups {
    Groups::open(disk.clone(), PathBuf::from("/groups")).unwrap()
}

fn report(version: u32, state: State) -> Report {
    Report { group: "web".into(), version, state, why: "too hungry".into(), time_ms: 5 }
}

fn offered(groups: &Groups, count: usize, version: u32) -> usize {
    let names = (0..count).map(|n| format!("web{n}"));
    names.filter(|name| groups.offer(name).is_some_and(|offer| offer.version == version)).count()
}

#[test]
fn a_stage_grows_and_a_version_taken_back_is_halted() {
    let disk = Arc::new(FaultyDisk::new());
    let groups = open(&disk);
    assert_eq!(groups.put("web", &hosts(&["web*"]), 100, "a", 1).unwrap(), 1);
    assert_eq!(offered(&groups, 1000, 1), 1000);
    assert_eq!(groups.offer("db1"), None);

    assert_eq!(groups.put("web", &[], 10, "b", 2).unwrap(), 2);
    let first = offered(&groups, 1000, 2);
    assert!((50..200).contains(&first), "{first} of 1000 for 10 %");
    assert_eq!(offered(&groups, 1000, 1), 1000 - first);
    let early: Vec<_> =
        (0..1000).filter(|n| groups.offer(&format!("web{n}")).unwrap().version == 2).collect();
    groups.set_stage("web", 50).unwrap();
    assert!(early.iter().all(|n| groups.offer(&format!("web{n}")).unwrap().version == 2));

    groups.note("web3", report(1, State::TakenBack)).unwrap();
    assert_eq!(groups.list()[0].halted, "", "an old version is no news");
    groups.note("web3", report(2, State::TakenBack)).unwrap();
    assert_eq!(groups.list()[0].halted, "web3: too hungry");
    assert_eq!(offered(&groups, 1000, 1), 1000);
    // All of it is there after a restart.
    assert_eq!(open(&disk).list(), groups.list());

    groups.set_stage("web", 100).unwrap();
    assert_eq!(offered(&groups, 1000, 2), 1000);
    assert_eq!(groups.roll_back("web").unwrap(), 1);
    assert_eq!(offered(&groups, 1000, 1), 1000);
    groups.remove("web").unwrap();
    assert_eq!(groups.offer("web1"), None);
}

#[test]
fn few_old_versions_are_kept_and_the_stable_one_is_among_them() {
    let groups = open(&Arc::new(FaultyDisk::new()));
    groups.put("web", &hosts(&["*"]), 100, "first", 0).unwrap();
    for n in 0..50 {
        groups.put("web", &[], 1, &n.to_string(), n).unwrap();
    }
    let group = groups.list().remove(0);
    assert_eq!((group.versions.len(), group.newest(), group.stable), (VERSIONS_MAX, 51, Some(1)));
    assert_eq!(group.versions[0].text, "first");
}

#[test]
fn what_makes_no_sense_is_refused() {
    let groups = open(&Arc::new(FaultyDisk::new()));
    for (name, patterns, stage) in
        [("../x", "*", 1), ("", "*", 1), (".x", "*", 1), ("a", "*", 101), ("a", "", 1)]
    {
        let patterns = if patterns.is_empty() { Vec::new() } else { hosts(&[patterns]) };
        assert!(groups.put(name, &patterns, stage, "", 0).is_err(), "{name} {stage}");
    }
    assert!(groups.put("a", &hosts(&["*"]), 1, &"x".repeat(TEXT_BYTES_MAX + 1), 0).is_err());
    assert!(
        groups.set_stage("a", 1).is_err() && groups.remove("a").is_err() && groups.roll_back("a").is_err()
    );
    assert_eq!(groups.list(), []);
}

#[test]
fn a_failing_disk_changes_nothing() {
    for call in Call::ALL {
        let disk = Arc::new(FaultyDisk::new());
        let groups = open(&disk);
        groups.put("web", &hosts(&["*"]), 100, "a", 1).unwrap();
        disk.fail(call, 1, std::io::ErrorKind::StorageFull);
        let failed = groups.put("web", &[], 100, "b", 2).is_err();
        disk.heal();
        let shown = groups.offer("x").unwrap().version;
        assert_eq!(shown, if failed { 1 } else { 2 }, "{call:?}");
        let kept = open(&disk).offer("x").unwrap().version;
        assert!(
            kept == shown || failed,
            "{call:?}: a failed change may be there after a restart, a done one must be"
        );
    }
}
