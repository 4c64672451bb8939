//! Every folder in `fixtures/services` is a machine with an oddity, and what is to come of it.

pub(crate) mod recording;

use crate::{Discovery, DryRun, Machine, Options};
use collect::{Host, ProcessTable};
use std::fs;
use std::path::{Path, PathBuf};

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/services")
}

/// The tree that comes of a machine.
fn discovered(folder: &Path) -> String {
    let machine = recording::unfold(folder);
    let host = Host::recorded(machine.path());
    let mut table = ProcessTable::new(&host);
    let mut discovery = Discovery::new(Machine::of(&host), Options::default(), Box::new(DryRun));
    // A second round for who is known by his children.
    for now_ms in [10_000, 14_000] {
        table.read(now_ms, &mut Vec::new(), None).unwrap();
        discovery.round(now_ms, &table);
    }
    let root = machine.path().to_str().unwrap();
    discovery.board().tree().replace(&format!(" below {root}\n"), "\n").replace(root, "")
}

#[test]
fn every_oddity_is_understood() {
    let mut folders: Vec<PathBuf> =
        fs::read_dir(fixtures()).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.retain(|folder| folder.is_dir());
    folders.sort();
    assert!(!folders.is_empty());
    let is_blessing = std::env::var_os("WINDHOVER_BLESS").is_some();
    let mut wrong = Vec::new();
    for folder in folders {
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
