//! What was asked for on the command line.

use std::path::PathBuf;

/// How the benchmarks are run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    /// The sizes that figures are quoted for; otherwise sizes that take seconds.
    pub full: bool,
    /// Sizes that take no time at all: for tests that only prove that everything runs.
    pub tiny: bool,
    /// A folder where loaded data stay for the next run.
    pub keep: Option<PathBuf>,
    /// Only rows of a table whose names contain this.
    pub only: Option<String>,
    /// Without the peers.
    pub alone: bool,
    /// Everything else, in order: names of benchmarks and their arguments.
    pub words: Vec<String>,
}

impl Options {
    /// Reads the command line.
    pub fn parse(arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let (mut options, mut arguments) = (Self::default(), arguments);
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--full" => options.full = true,
                "--alone" => options.alone = true,
                "--only" => options.only = Some(arguments.next().ok_or("--only wants a part of a name")?),
                "--keep" => options.keep = Some(arguments.next().ok_or("--keep wants a folder")?.into()),
                other if other.starts_with('-') => return Err(format!("there is no option {other}")),
                _ => options.words.push(argument),
            }
        }
        Ok(options)
    }

    /// Whether a row of this name is to be measured.
    pub fn wants(&self, name: &str) -> bool {
        self.only.as_ref().is_none_or(|part| name.contains(part))
    }

    /// The size to use.
    pub fn size<T>(&self, tiny: T, small: T, full: T) -> T {
        if self.full {
            full
        } else if self.tiny {
            tiny
        } else {
            small
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_and_names_mix() {
        let parse = |text: &str| Options::parse(text.split(' ').map(str::to_owned));
        let options = parse("queries --full --keep /data ingest").unwrap();
        assert_eq!((options.full, options.words.join(" ")), (true, "queries ingest".to_owned()));
        assert_eq!(options.keep, Some("/data".into()));
        assert!(parse("--ful").unwrap_err().contains("--ful"));
        assert!(parse("--keep").is_err());
    }
}
