//! `windhover store check DIR` and `windhover store repair DIR`: work on a folder and not on a server.

use anyhow::{Context, bail};
use clap::ArgMatches;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use stdx::clock::SystemClock;
use stdx::disk::{Disk, RealDisk};
use store::{Checked, Options};

/// Looks through a store; fails when something is damaged. A server may run on it.
pub fn check(matches: &ArgMatches) -> anyhow::Result<()> {
    let dir = folder(matches)?;
    let disk: Arc<dyn Disk> = Arc::new(RealDisk);
    let checked = store::check(&disk, &dir).context("checking")?;
    print(&checked);
    match checked.damaged.len() {
        0 if !checked.newer.is_empty() => {
            bail!("a newer version of Windhover wrote this: check it with that one")
        }
        0 => Ok(()),
        1 => bail!("one thing is damaged"),
        n => bail!("{n} things are damaged"),
    }
}

fn print(checked: &Checked) {
    checked.damaged.iter().for_each(|finding| println!("DAMAGED  {finding}"));
    checked.newer.iter().for_each(|name| println!("NEWER    {name}, newer than this program"));
    checked.notes.iter().for_each(|note| println!("note     {note}"));
    println!(
        "{} blocks with {} samples and rows are whole; {} whole records in the log",
        checked.blocks, checked.samples, checked.records
    );
}

/// Puts a store in order that no server has open.
pub fn repair(matches: &ArgMatches) -> anyhow::Result<()> {
    let dir = folder(matches)?;
    let mut options = Options::new(&dir, Arc::new(RealDisk), Arc::new(SystemClock));
    options.tell = Arc::new(|event| println!("{event}"));
    let repaired = store::repair(&options).context("repairing")?;
    repaired.done.iter().for_each(|line| println!("{line}"));
    if repaired.done.is_empty() {
        println!("nothing was damaged");
    }
    Ok(())
}

/// The store's folder: the one named, or the one in it when that is the data folder of a server.
fn folder(matches: &ArgMatches) -> anyhow::Result<PathBuf> {
    let named: &String = matches.get_one("dir").context("DIR is required")?;
    let inside = Path::new(named).join("store");
    Ok(if inside.is_dir() { inside } else { PathBuf::from(named) })
}
