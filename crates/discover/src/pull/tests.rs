//! What holds for every service.

use super::*;
use std::collections::HashSet;

#[test]
fn the_table_is_in_order_and_says_everything() {
    assert!(ROWS.is_sorted_by_key(|row| row.name));
    let mut owners: HashSet<&str> = HashSet::new();
    for row in ROWS {
        assert!(!row.summary.is_empty() && !row.needs.is_empty() && !row.metrics.is_empty(), "{}", row.name);
        let names: HashSet<&str> = row.metrics.iter().map(|metric| metric.name).collect();
        for name in names {
            assert!(owners.insert(name), "{name} is in two services");
        }
    }
}

#[test]
fn metrics_follow_the_rules_of_names() {
    for metric in COMMON.iter().chain(ROWS.iter().flat_map(|row| row.metrics)) {
        let Metric { name, kind, unit, help, scale, .. } = metric;
        // The parts of a histogram are called as everybody calls them.
        let stem = name.strip_suffix("_total").or(name.strip_suffix("_bucket")).unwrap_or(name);
        assert_eq!(
            stem != *name,
            *kind == model::Kind::Counter,
            "{name}: counters end in _total, gauges do not"
        );
        assert!(unit.is_empty() || stem.ends_with(unit), "{name}: the unit {unit} stands last");
        assert!(help.ends_with('.') && scale.is_finite(), "{name}: {help}");
        assert!(name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_'), "{name}");
    }
}

#[test]
fn metrics_of_one_name_agree() {
    for row in ROWS {
        for metric in row.metrics {
            let first = row.metrics.iter().find(|first| first.name == metric.name).unwrap();
            let same = (first.kind, first.unit, first.help, first.labels)
                == (metric.kind, metric.unit, metric.help, metric.labels);
            assert!(same, "{} is declared twice and not alike", metric.name);
        }
    }
}

#[test]
fn reference_page_is_fresh() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reference/services.md");
    let page = reference_markdown();
    if std::env::var_os("WINDHOVER_BLESS").is_some() {
        std::fs::write(path, &page).unwrap();
    }
    let there = std::fs::read_to_string(path).unwrap_or_default();
    assert!(there == page, "docs/reference/services.md is not what the tables say; run `cargo xtask docs`");
}

mod tapes {
    //! Recorded conversations with real services, a folder each: `1.in` … is what the service said over each connection,
    //! `settings` who we were, `expected` what it comes to.

    use super::super::*;
    use std::path::{Path, PathBuf};

    /// Services whose real selves were not at hand.
    const UNSEEN: [&str; 2] = ["elasticsearch", "mongodb"];

    fn folder() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/pull")
    }

    /// A folder is called after the service and what is special about it.
    fn service(name: &str) -> &'static Row {
        let row =
            ROWS.iter().find(|row| name.strip_prefix(row.name).is_some_and(|rest| rest.starts_with('-')));
        row.unwrap_or_else(|| panic!("{name}: no such service"))
    }

    /// Plays a folder and gives the listing, or the problem.
    fn play(folder: &Path, row: &'static Row) -> String {
        let tapes = (1..)
            .map(|n| std::fs::read(folder.join(format!("{n}.in"))))
            .take_while(Result::is_ok)
            .flatten()
            .collect();
        let mut target = Target::at(Address::Path("/service".into()));
        for line in std::fs::read_to_string(folder.join("settings")).unwrap_or_default().lines() {
            match line.split_once('=').expect("a line is name=value") {
                ("host", host) => target.address = Some(Address::Tcp(host.into(), row.port)),
                ("user", user) => target.user = user.into(),
                ("password", password) => target.password = password.into(),
                ("path", path) => target.path = path.into(),
                other => panic!("{other:?}"),
            }
        }
        let mut puller = Puller::new(row, target, Vec::new()).through(Box::new(Tapes(tapes)), 0);
        let text = listing(puller.pull(1_700_000_000_000), &[]);
        let lines: Vec<&str> =
            text.lines().filter(|line| !line.starts_with("service_pull_seconds")).collect();
        let problem = &puller.standing().problem;
        let problem = if problem.is_empty() { String::new() } else { format!("problem: {problem}\n") };
        format!("{}\n{problem}", lines.join("\n"))
    }

    #[test]
    fn what_services_said_is_understood_as_before() {
        let mut folders: Vec<PathBuf> =
            std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path()).collect();
        folders.sort();
        for folder in &folders {
            let name = folder.file_name().unwrap().to_str().unwrap();
            let row = service(name);
            let told = play(folder, row);
            let expected = folder.join("expected");
            if std::env::var_os("WINDHOVER_BLESS").is_some() {
                std::fs::write(&expected, &told).unwrap();
            }
            assert_eq!(told, std::fs::read_to_string(&expected).unwrap_or_default(), "{name}");
        }
        for row in ROWS.iter().filter(|row| !UNSEEN.contains(&row.name)) {
            let has_one = folders
                .iter()
                .any(|folder| service(folder.file_name().unwrap().to_str().unwrap()).name == row.name);
            assert!(has_one, "no fixture for {}", row.name);
        }
    }

    /// Every conversation, cut at many places and with bytes changed, is an error or less, never a panic.
    #[test]
    fn conversations_may_end_anywhere_and_lie() {
        for entry in std::fs::read_dir(folder()).unwrap() {
            let folder = entry.unwrap().path();
            let name = folder.file_name().unwrap().to_str().unwrap().to_owned();
            let row = service(&name);
            let tape = std::fs::read(folder.join("1.in")).unwrap();
            let mut random = stdx::random::Random::from_seed(7);
            for round in 0..60 {
                let mut bytes = tape.clone();
                if round % 2 == 0 {
                    bytes.truncate(random.below(tape.len() as u64 + 1) as usize);
                } else {
                    for _ in 0..=random.below(8) {
                        let at = random.below(bytes.len() as u64) as usize;
                        bytes[at] = random.next_u64() as u8;
                    }
                }
                let tapes = std::iter::repeat_n(bytes, 8).collect();
                let mut puller =
                    Puller::new(row, Target::default(), Vec::new()).through(Box::new(Tapes(tapes)), 0);
                let batch = puller.pull(0);
                assert!(batch.len() >= 2, "{name}: it always says whether it is up");
            }
        }
    }
}
