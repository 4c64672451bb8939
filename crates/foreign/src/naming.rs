//! Names of series that come from files: templates over the path and what the file says of itself.
//!
//! `{path}` is the path below the folder that the user named, without the ending, parts joined by points (points inside
//! a part become `_`, as Graphite has it); `{file}` the file without its ending, `{dir}` the folder it lies in, `{1}`,
//! `{2}` … the first, second … part of the path. A format adds words of its own, such as `{ds}`.

use crate::{Error, Output};
use model::{LabelsBuilder, NAME};
use std::path::{Component, Path};

/// The words of one file.
#[derive(Debug, Clone)]
pub struct Naming {
    words: Vec<(String, String)>,
    metric: String,
    labels: Vec<(String, String)>,
}

impl Naming {
    /// Names series of the file at `below` by the template `metric`, and by those among the labels that the user gives
    /// every series.
    pub fn new(below: &Path, metric: &str, out: &Output<'_>) -> Self {
        let labels = out.extra_labels().iter().filter(|(_, value)| value.contains('{'));
        Self { words: words(below), metric: metric.to_owned(), labels: labels.cloned().collect() }
    }

    /// Sets the metric's name and the templated labels. `own` are the format's words for this series.
    pub fn name(&self, own: &[(&str, &str)], labels: &mut LabelsBuilder) -> Result<(), Error> {
        labels.set(NAME, &self.fill(&self.metric, own)?);
        for (name, template) in &self.labels {
            labels.set(name, &self.fill(template, own)?);
        }
        Ok(())
    }

    fn fill(&self, template: &str, own: &[(&str, &str)]) -> Result<String, Error> {
        let mut text = String::new();
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('{') {
            let (word, after) = after
                .split_once('}')
                .ok_or_else(|| Error::Option(format!("`{template}` has a `{{` that is not closed")))?;
            text.push_str(before);
            text.push_str(self.word(word, own).ok_or_else(|| self.unknown(template, word, own))?);
            rest = after;
        }
        text.push_str(rest);
        Ok(text)
    }

    fn word<'a>(&'a self, word: &str, own: &[(&str, &'a str)]) -> Option<&'a str> {
        let own = own.iter().find(|(name, _)| *name == word).map(|(_, value)| *value);
        own.or_else(|| self.words.iter().find(|(name, _)| name == word).map(|(_, value)| value.as_str()))
    }

    fn unknown(&self, template: &str, word: &str, own: &[(&str, &str)]) -> Error {
        let own = own.iter().map(|(name, _)| *name);
        let known: Vec<_> = own.chain(self.words.iter().map(|(name, _)| name.as_str())).collect();
        Error::Option(format!("`{template}`: there is no {{{word}}}, there are {}", known.join(", ")))
    }
}

fn words(below: &Path) -> Vec<(String, String)> {
    let stem = below.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
    let folders = below.parent().into_iter().flat_map(Path::components);
    let mut parts: Vec<String> = folders
        .filter_map(|part| match part {
            Component::Normal(name) => Some(name.to_string_lossy().into_owned()),
            _ => None,
        })
        .collect();
    let folder = parts.last().cloned().unwrap_or_default();
    parts.push(stem.clone());
    let path = parts.iter().map(|part| part.replace('.', "_")).collect::<Vec<_>>().join(".");
    let mut words = vec![("path".into(), path), ("file".into(), stem), ("dir".into(), folder)];
    words.extend(parts.into_iter().enumerate().map(|(n, part)| ((n + 1).to_string(), part)));
    words
}
