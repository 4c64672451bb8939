use super::*;

fn which(version: u32) -> Which {
    Which { group: "web".into(), version }
}

struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn folder(name: &str) -> Folder {
    let path = std::env::temp_dir().join(format!("windhover-given-{}-{name}", std::process::id()));
    std::fs::create_dir_all(&path).unwrap();
    Folder(path)
}

#[test]
fn a_version_that_fails_gives_way_to_the_one_before() {
    let folder = folder("back");
    let text = || std::fs::read_to_string(current_file(&folder.0)).ok();
    let mut given = Given::open(&folder.0);
    assert_eq!(given.count_start().unwrap(), 0);
    given.replace(Some(which(1)), "a", Cost::default(), 1000).unwrap();
    assert_eq!(Given::open(&folder.0).count_start().unwrap(), 1);
    let mut given = Given::open(&folder.0);
    assert_eq!(given.count_start().unwrap(), 2);
    given.pass().unwrap();
    assert_eq!((given.state.trial, text()), (None, Some("a".into())));

    given.replace(Some(which(2)), "b", Cost { failing: 3, ..Cost::default() }, 2000).unwrap();
    let mut given = Given::open(&folder.0);
    assert_eq!(given.state.trial.unwrap().cost.failing, 3);
    assert_eq!(text().as_deref(), Some("b"));
    given.take_back("too\nhungry").unwrap();
    let given = Given::open(&folder.0);
    assert_eq!((given.state.current, text().as_deref()), (Some(which(1)), Some("a")));
    assert_eq!(given.state.refused, Some(Refused { which: which(2), why: "too hungry".into() }));
}

#[test]
fn the_first_version_gives_way_to_none() {
    let folder = folder("none");
    let mut given = Given::open(&folder.0);
    given.replace(Some(which(1)), "a", Cost::default(), 1000).unwrap();
    given.take_back("why").unwrap();
    assert_eq!((given.state.current.clone(), current_file(&folder.0).exists()), (None, false));
    // A group that was removed leaves nothing behind, and is no trial.
    given.replace(Some(which(5)), "b", Cost::default(), 1000).unwrap();
    given.replace(None, "", Cost::default(), 1000).unwrap();
    assert_eq!((given.state.trial, current_file(&folder.0).exists()), (None, false));
}

#[test]
fn a_state_comes_back_from_its_text_and_nonsense_is_none() {
    let cost = Cost { anonymous_bytes: 5, cpu_share: 0.25, failing: 2 };
    let state = State {
        current: Some(which(3)),
        before: Some(which(2)),
        trial: Some(Trial { since_ms: 7, starts: 1, cost }),
        refused: Some(Refused { which: which(1), why: "a b c".into() }),
    };
    assert_eq!(State::parse(&state.to_string()), state);
    assert_eq!(State::parse("current\ntrial 1 2\nbefore web x\n\u{fffd}\n"), State::default());
}
