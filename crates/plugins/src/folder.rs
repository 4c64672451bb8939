//! Folders of plugins as Open-Falcon has them: a file `60_name` is run every 60 s.
//!
//! Files of another shape and sub-folders are left alone, unless a sub-folder is listed. A file may be bound with
//! arguments, `60_name(a,"b c",d\,e)`, and is then run with them instead of without. The folder is looked at every
//! [`LOOK`]: new, changed and removed files are noticed.

use crate::plugin::{Limits, Mode, Plugin};
use std::fs::Metadata;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How often folders are looked at.
pub const LOOK: Duration = Duration::from_secs(10);
/// Most plugins of one folder.
pub const FILES_MAX: usize = 1000;
/// Longest period, in seconds.
const PERIOD_S_MAX: u64 = 7 * 86_400;

/// A folder of plugins.
#[derive(Debug, Clone)]
pub struct Folder {
    /// Where it is.
    pub path: PathBuf,
    /// Sub-folders that are looked at, too.
    pub folders: Vec<String>,
    /// Files with arguments.
    pub bindings: Vec<Binding>,
    /// What all its plugins have in common. A limit on time of zero means: shortly before the next start.
    pub common: Plugin,
}

/// A file with arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    /// The file, relative to the folder.
    pub file: String,
    /// As they were written, between the parentheses.
    pub written: String,
    /// What the program is given.
    pub arguments: Vec<String>,
}

impl Binding {
    /// Reads `folder/60_name(a,"b c",d\,e)`. Commas part arguments, except in double quotes or after `\`; blanks after a
    /// comma are left out.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (file, rest) = text.split_once('(').ok_or_else(|| format!("`{text}` is not file(arguments)"))?;
        let written = rest.strip_suffix(')').ok_or_else(|| format!("`{text}` has no `)` at its end"))?;
        if period_of(Path::new(file)).is_none() {
            return Err(format!(
                "`{file}` is not named as plugins are, such as 60_{}",
                name_of(Path::new(file))
            ));
        }
        Ok(Self { file: file.to_owned(), written: written.to_owned(), arguments: arguments(written)? })
    }
}

fn arguments(text: &str) -> Result<Vec<String>, String> {
    let (mut all, mut one, mut quoted, mut said) = (Vec::new(), String::new(), false, false);
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => one.push(chars.next().ok_or_else(|| format!("`{text}` ends with `\\`"))?),
            '"' => quoted = !quoted,
            ',' if !quoted => {
                all.push(std::mem::take(&mut one));
                said = false;
                continue;
            }
            ' ' if !quoted && !said => continue,
            c => one.push(c),
        }
        said = true;
    }
    if quoted {
        return Err(format!("the quotes in `{text}` are not closed"));
    }
    if said || !all.is_empty() {
        all.push(one);
    }
    Ok(all)
}

/// A plugin of a folder, or a name and why it is not run.
pub(crate) type Found = Result<Plugin, (String, String)>;

impl Folder {
    /// What is there now.
    pub(crate) fn scan(&self) -> Vec<Found> {
        let mut found = Vec::new();
        let folders = self.folders.iter().map(|folder| self.path.join(folder));
        for folder in std::iter::once(self.path.clone()).chain(folders) {
            match files(&folder) {
                Ok(files) => found.extend(
                    files.iter().filter(|file| !self.is_bound(file)).filter_map(|f| self.plugin(f, None)),
                ),
                Err(error) => {
                    found.push(Err((folder.display().to_string(), format!("cannot be read: {error}"))))
                }
            }
        }
        for binding in &self.bindings {
            let path = self.path.join(&binding.file);
            let missing = || Err((binding.name(&path), format!("{} is not there", path.display())));
            found.push(self.plugin(&path, Some(binding)).unwrap_or_else(missing));
        }
        if found.len() > FILES_MAX {
            found.truncate(FILES_MAX);
            let name = self.path.display().to_string();
            found.push(Err((name, format!("has more than {FILES_MAX} plugins; the others are not run"))));
        }
        found
    }

    fn is_bound(&self, file: &Path) -> bool {
        self.bindings.iter().any(|binding| self.path.join(&binding.file) == file)
    }

    /// The plugin of a file; `None` when there is no such file or it is none.
    fn plugin(&self, path: &Path, binding: Option<&Binding>) -> Option<Found> {
        let period = period_of(path)?;
        let meta = std::fs::metadata(path).ok().filter(Metadata::is_file)?;
        let name = binding.map_or_else(|| path.display().to_string(), |binding| binding.name(path));
        if meta.permissions().mode() & 0o002 != 0 {
            return Some(Err((name, "is not run: everybody may write to it (chmod o-w)".to_owned())));
        }
        let common = self.common.clone();
        let time = if common.limits.time.is_zero() { Limits::every(period).time } else { common.limits.time };
        Some(Ok(Plugin {
            name,
            program: path.to_owned(),
            arguments: binding.map_or_else(Vec::new, |binding| binding.arguments.clone()),
            mode: Mode::Once { period },
            limits: Limits { time, ..common.limits },
            changed_ns: i128::from(meta.mtime()) * 1_000_000_000 + i128::from(meta.mtime_nsec()),
            ..common
        }))
    }
}

impl Binding {
    fn name(&self, path: &Path) -> String {
        format!("{}({})", path.display(), self.written)
    }
}

/// Files whose names have the shape, in order.
fn files(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if period_of(&path).is_some() {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// The period in a file name: digits before the first `_`, with something behind it.
fn period_of(path: &Path) -> Option<Duration> {
    let name = name_of(path);
    let (seconds, rest) = name.split_once('_')?;
    let is_period = !rest.is_empty() && seconds.bytes().all(|b| b.is_ascii_digit());
    let seconds = seconds.parse().ok().filter(|_| is_period)?;
    (1..=PERIOD_S_MAX).contains(&seconds).then(|| Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{Permissions, create_dir, set_permissions, write};

    fn folder(path: &Path) -> Folder {
        let mode = Mode::Once { period: Duration::from_secs(1) };
        let mut common = Plugin::new("", "", mode);
        common.limits.time = Duration::ZERO;
        Folder { path: path.to_owned(), folders: Vec::new(), bindings: Vec::new(), common }
    }

    #[test]
    fn names_have_a_period() {
        for (name, period_s) in [
            ("60_ntp.py", Some(60)),
            ("1_a_b", Some(1)),
            ("060_x", Some(60)),
            ("ntp.py", None),
            ("60ntp", None),
            ("60_", None),
            ("_x", None),
            ("+60_x", None),
            ("0_x", None),
            ("99999999999999999999_x", None),
            (".60_x", None),
        ] {
            assert_eq!(period_of(Path::new(name)).map(|period| period.as_secs()), period_s, "{name}");
        }
    }

    #[test]
    fn bindings_have_arguments() {
        let parsed = |text| Binding::parse(text).map(|binding| binding.arguments);
        let texts = |all: &[&str]| Ok(all.iter().map(|text| (*text).to_owned()).collect());
        assert_eq!(parsed(r#"sys/60_x.py(a,"b c",d\,e)"#), texts(&["a", "b c", "d,e"]));
        assert_eq!(parsed(r#"60_x(a, "b, \"c\"" ,)"#), texts(&["a", "b, \"c\" ", ""]));
        assert_eq!(parsed("60_x()"), texts(&[]));
        assert_eq!(parsed("60_x(\"\")"), texts(&[""]));
        for (text, why) in [
            ("60_x", "is not file(arguments)"),
            ("60_x(a", "no `)`"),
            ("x(a)", "such as 60_x"),
            ("60_x(\"a)", "not closed"),
            ("60_x(a\\)", "ends with"),
        ] {
            assert!(parsed(text).unwrap_err().contains(why), "{text}");
        }
    }

    #[test]
    fn only_files_of_the_shape_are_found_and_listed_folders() {
        let root = tempfile::tempdir().unwrap();
        let at = |name: &str| root.path().join(name);
        for sub in ["sys", "other"] {
            create_dir(at(sub)).unwrap();
        }
        create_dir(at("60_folder")).unwrap();
        for file in ["60_a", "b.sh", "10_open", "sys/30_c", "other/30_d"] {
            write(at(file), "").unwrap();
        }
        set_permissions(at("10_open"), Permissions::from_mode(0o777)).unwrap();
        let mut folder = folder(root.path());
        folder.folders = vec!["sys".to_owned(), "none".to_owned()];
        folder.bindings =
            ["sys/30_c(x)", "60_a(1)", "60_a(2)", "5_none()"].map(|b| Binding::parse(b).unwrap()).to_vec();
        let found = folder.scan();
        let said: Vec<_> = found
            .iter()
            .map(|found| {
                let (name, what) = match found {
                    Ok(plugin) => {
                        (&plugin.name, format!("{:?} {}", plugin.arguments, plugin.limits.time.as_millis()))
                    }
                    Err((name, why)) => (name, why.split(':').next().unwrap().to_owned()),
                };
                format!("{} {what}", name.strip_prefix(root.path().to_str().unwrap()).unwrap())
            })
            .collect();
        let missing = format!("/5_none() {} is not there", at("5_none").display());
        assert_eq!(
            said,
            [
                "/10_open is not run",
                "/none cannot be read",
                "/sys/30_c(x) [\"x\"] 29500",
                "/60_a(1) [\"1\"] 59500",
                "/60_a(2) [\"2\"] 59500",
                &missing,
            ]
        );
    }

    #[test]
    fn a_changed_file_is_another_plugin() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("60_a");
        write(&path, "one").unwrap();
        let folder = folder(root.path());
        let first = folder.scan();
        assert_eq!(first, folder.scan());
        let file = std::fs::File::options().write(true).open(&path).unwrap();
        file.set_modified(std::time::SystemTime::UNIX_EPOCH + Duration::from_nanos(1_234_567_891)).unwrap();
        assert_ne!(first, folder.scan());
    }
}
