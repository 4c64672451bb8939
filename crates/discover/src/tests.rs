//! Every folder in `fixtures/services` is a machine with an oddity, and what is to come of it.

mod recording;

use crate::plan::Work;
use crate::{Discovery, Machine, Options, Running, Starter};
use collect::{Host, ProcessTable};
use model::Standing;
use std::fs;
use std::path::{Path, PathBuf};

/// Starts nothing: the tree shows what would be.
struct Pretend;

impl Starter for Pretend {
    fn start(&mut self, _: &str, _: &Work) -> Result<Box<dyn Running>, String> {
        Ok(Box::new(Self))
    }
}

impl Running for Pretend {
    fn change(&mut self, _: &Work) -> bool {
        true
    }

    fn tick(&mut self, _: i64) {}

    fn standing(&self) -> Option<Standing> {
        None
    }
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/services")
}

/// The tree that comes of a machine.
fn discovered(folder: &Path) -> String {
    let machine = recording::unfold(folder);
    let host = Host::recorded(machine.path());
    let mut table = ProcessTable::new(&host);
    let mut discovery = Discovery::new(Machine::of(&host), Options::default(), Box::new(Pretend));
    // A second round for who is known by his children.
    for now_ms in [10_000, 14_000] {
        table.read(now_ms, &mut Vec::new(), None).unwrap();
        discovery.round(now_ms, &table);
    }
    without_repeats(&discovery.board().tree().replace(machine.path().to_str().unwrap(), ""))
}

/// Paths of the host are told twice only because the machine is in a folder.
fn without_repeats(text: &str) -> String {
    let mut lines: Vec<&str> = Vec::new();
    for line in text.lines() {
        let repeated = line.trim_start().strip_prefix("seen as ");
        let is_repeat = repeated
            .is_some_and(|path| lines.last().is_some_and(|last| last.ends_with(&format!("read {path}"))));
        if !is_repeat {
            lines.push(line);
        }
    }
    lines.join("\n") + "\n"
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
