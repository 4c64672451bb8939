//! Every folder in `fixtures/services` is a machine with an oddity, and what is to come of it.

pub(crate) mod recording;

use crate::{Discovery, DryRun, Machine, Options};
use collect::{Host, ProcessTable};
use std::fs;
use std::path::{Path, PathBuf};
use stdx::random::Random;

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/services")
}

fn folders() -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> =
        fs::read_dir(fixtures()).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.retain(|folder| folder.is_dir());
    folders.sort();
    assert!(folders.len() > 60);
    folders
}

/// The tree that comes of a fixture.
fn discovered(folder: &Path) -> String {
    tree_of(recording::unfold(folder).path())
}

fn tree_of(machine: &Path) -> String {
    let host = Host::recorded(machine);
    let mut table = ProcessTable::new(&host);
    let mut discovery = Discovery::new(Machine::of(&host), Options::default(), Box::new(DryRun));
    // A second round for who is known by his children.
    for now_ms in [10_000, 14_000] {
        table.read(now_ms, &mut Vec::new(), None).unwrap();
        discovery.round(now_ms, &table);
    }
    let root = machine.to_str().unwrap();
    discovery.board().tree().replace(&format!(" below {root}\n"), "\n").replace(root, "")
}

#[test]
fn every_oddity_is_understood() {
    let is_blessing = std::env::var_os("WINDHOVER_BLESS").is_some();
    let mut wrong = Vec::new();
    for folder in folders() {
        let (got, file) = (discovered(&folder), folder.join("expected"));
        if is_blessing {
            fs::write(&file, &got).unwrap();
        }
        let wanted = fs::read_to_string(&file).unwrap_or_default();
        if got != wanted {
            wrong.push(format!("{}\n--- wanted\n{wanted}--- got\n{got}", folder.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Rounds of damage; more of them find more.
const DAMAGES: u64 = 2;

#[test]
fn damaged_files_harm_nothing_else() {
    let mut random = Random::from_seed(11);
    for folder in folders() {
        for _ in 0..DAMAGES {
            let machine = recording::unfold(&folder);
            damage(machine.path(), &mut random);
            let told = tree_of(machine.path());
            assert!(!told.contains("has a defect"), "{}: {told}", folder.display());
        }
    }
}

/// Cuts, doubles and overwrites pieces of every file that is not the kernel's.
fn damage(folder: &Path, random: &mut Random) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let (kind, path) = (entry.file_type().unwrap(), entry.path());
        if kind.is_dir() && !path.ends_with("proc") {
            damage(&path, random);
        } else if kind.is_file() {
            let mut bytes = fs::read(&path).unwrap();
            for _ in 0..random.below(4) {
                let at = random.below(bytes.len() as u64 + 1) as usize;
                match random.below(4) {
                    0 => bytes.truncate(at),
                    1 => bytes.extend_from_within(at..),
                    2 => bytes.splice(at..at, b"{\"'${[\\\n".iter().copied()).for_each(drop),
                    _ => bytes.iter_mut().skip(at).take(1).for_each(|byte| *byte = random.next_u64() as u8),
                }
            }
            fs::write(&path, bytes).unwrap();
        }
    }
}
