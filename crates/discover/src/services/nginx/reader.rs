//! The whole configuration, files that are included in their places.

use super::syntax::{DEPTH_MAX, Directive, parse};
use crate::Inspection;
use crate::root::{glob, path};
use std::rc::Rc;

/// Deepest chain of files that include each other.
const INCLUDES_MAX: usize = 20;

/// Reads a file with all it includes; `folder` is where their paths begin. Problems go to the inspection.
pub(super) fn read(inspection: &mut Inspection<'_>, file: &str, folder: &str) -> Vec<Directive> {
    let mut reader = Reader { inspection, folder, open: Vec::new() };
    reader.read(file).unwrap_or_else(|problem| {
        reader.inspection.problem(problem);
        Vec::new()
    })
}

/// Reads directives given on the command line.
pub(super) fn read_given(inspection: &mut Inspection<'_>, text: &str, folder: &str) -> Vec<Directive> {
    let (found, problem) = parse(&Rc::from("-g"), text);
    let mut reader = Reader { inspection, folder, open: Vec::new() };
    problem.into_iter().for_each(|problem| reader.inspection.problem(problem));
    reader.expand(found, 0)
}

struct Reader<'i, 'p> {
    inspection: &'i mut Inspection<'p>,
    folder: &'i str,
    /// The files that are being read, each included by the one before.
    open: Vec<String>,
}

impl Reader<'_, '_> {
    fn read(&mut self, file: &str) -> Result<Vec<Directive>, String> {
        let real = self.inspection.process.root.resolve(file).unwrap_or_else(|_| file.to_owned());
        if self.open.contains(&real) || self.open.len() >= INCLUDES_MAX {
            return Err(format!("{file} includes itself, or files include each other too deeply"));
        }
        let text = self.inspection.try_read(file)?;
        let (found, problem) = parse(&Rc::from(file), &text);
        problem.into_iter().for_each(|problem| self.inspection.problem(problem));
        self.open.push(real);
        let expanded = self.expand(found, 0);
        self.open.pop();
        Ok(expanded)
    }

    fn expand(&mut self, directives: Vec<Directive>, depth: usize) -> Vec<Directive> {
        let mut all = Vec::with_capacity(directives.len());
        for mut directive in directives {
            match (directive.name(), directive.arguments()) {
                ("include", [pattern]) if depth < DEPTH_MAX => {
                    let pattern = path::join(self.folder, pattern);
                    self.include(&directive, &pattern, &mut all);
                }
                _ => {
                    let block = directive.block.take();
                    directive.block = block.map(|block| self.expand(block, depth + 1));
                    all.push(directive);
                }
            }
        }
        all
    }

    fn include(&mut self, by: &Directive, pattern: &str, all: &mut Vec<Directive>) {
        let is_pattern = glob::is_pattern(pattern);
        let files = if is_pattern { self.inspection.glob(pattern) } else { vec![pattern.to_owned()] };
        for file in files {
            match self.read(&file) {
                Ok(found) => all.extend(found),
                Err(problem) => self.inspection.problem(format!("{}: {problem}", by.place())),
            }
        }
    }
}
