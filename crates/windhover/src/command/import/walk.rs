//! What there is to import in a folder.

use foreign::{Error, Format, Input};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

/// Deepest folder that is looked into; links may lead in circles.
const DEPTH_MAX: usize = 32;

/// What was met.
pub enum Step {
    /// A file or folder of this format.
    Found(&'static Format, Input),
    /// A file that no format takes for its own.
    Unknown(PathBuf),
    /// It could not be looked at.
    Unreadable(Error),
}

/// Takes what is met, in order of paths; `Break` ends the walk.
pub type Visit<'v> = dyn FnMut(Step) -> anyhow::Result<ControlFlow<()>> + 'v;

/// Walks through everything below `root`. With a `chosen` format the others are left out.
pub fn each(root: &Path, chosen: Option<&'static Format>, visit: &mut Visit<'_>) -> anyhow::Result<()> {
    folder(root, root, chosen, DEPTH_MAX, visit).map(|_| ())
}

fn folder(
    root: &Path,
    path: &Path,
    chosen: Option<&'static Format>,
    depth: usize,
    visit: &mut Visit<'_>,
) -> anyhow::Result<ControlFlow<()>> {
    let mut paths = Vec::new();
    let listed = std::fs::read_dir(path).map_err(|e| Error::io(path, e));
    match listed {
        Ok(entries) => paths.extend(entries.filter_map(|entry| entry.ok().map(|entry| entry.path()))),
        Err(error) => return visit(Step::Unreadable(error)),
    }
    paths.sort();
    for path in paths {
        if is_hidden(&path) {
            continue;
        }
        if entry(root, &path, chosen, depth, visit)?.is_break() {
            return Ok(ControlFlow::Break(()));
        }
    }
    Ok(ControlFlow::Continue(()))
}

fn entry(
    root: &Path,
    path: &Path,
    chosen: Option<&'static Format>,
    depth: usize,
    visit: &mut Visit<'_>,
) -> anyhow::Result<ControlFlow<()>> {
    let looked = Input::at(path, path.strip_prefix(root).unwrap_or(path));
    let mut input = match looked {
        Ok(input) => input,
        Err(error) => return visit(Step::Unreadable(error)),
    };
    let sight = match input.sight() {
        Ok(sight) => sight,
        Err(error) => return visit(Step::Unreadable(error)),
    };
    let format = match chosen {
        Some(format) => Some(format).filter(|f| (f.sniff)(&sight) || sight.ends_in(f.endings)),
        None => Format::of(&sight),
    };
    match (format, sight.is_folder) {
        (Some(format), _) => visit(Step::Found(format, input)),
        (None, true) if depth > 0 => folder(root, path, chosen, depth - 1, visit),
        (None, true) => Ok(ControlFlow::Continue(())),
        (None, false) => visit(Step::Unknown(path.to_owned())),
    }
}

fn is_hidden(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."))
}
