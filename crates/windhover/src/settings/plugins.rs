//! Which programs are run: the tables `[[plugin]]` and `[[plugin_dir]]`.

use super::Settings;
use super::tables::{PLUGIN, PLUGIN_DIR, Section};
use plugins::folder::Binding;
use plugins::{Folder, Format, Limits, Mode, Owner, Plugin};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Programs and folders of programs.
#[derive(Debug, Default)]
pub struct Plugins {
    /// One by one.
    pub plugins: Vec<Plugin>,
    /// By the folder.
    pub folders: Vec<Folder>,
}

/// All of them, as the runner takes them. An error names the place.
pub fn all(settings: &Settings) -> Result<Plugins, String> {
    let mut all = Plugins::default();
    for section in settings.sections(PLUGIN) {
        let plugin = plugin(section).map_err(|why| format!("{}: {PLUGIN}: {why}", section.place))?;
        if all.plugins.iter().any(|other| other.name == plugin.name) {
            let (place, name) = (&section.place, &plugin.name);
            return Err(format!("{place}: {PLUGIN}: another one is called `{name}`, too: give it a `name`"));
        }
        all.plugins.push(plugin);
    }
    for section in settings.sections(PLUGIN_DIR) {
        let folder = folder(section).map_err(|why| format!("{}: {PLUGIN_DIR}: {why}", section.place))?;
        all.folders.push(folder);
    }
    Ok(all)
}

fn plugin(section: &Section) -> Result<Plugin, String> {
    let (program, arguments) = section.texts("command").split_first().ok_or("`command` is empty")?;
    if program.contains('/') && !program.starts_with('/') {
        return Err(format!("`command`: write all of the path to `{program}`"));
    }
    let interval = section.duration("interval").filter(|interval| !interval.is_zero());
    let interval = interval.ok_or("`interval` is 0")?;
    let mode = match section.text("mode") {
        "stream" => Mode::Stream { interval },
        _ => Mode::Once { period: interval },
    };
    let name = match section.text("name") {
        "" => Path::new(program).file_name().unwrap_or_default().to_string_lossy().into_owned(),
        name => name.to_owned(),
    };
    let mut plugin = Plugin::new(name, program, mode);
    plugin.arguments = arguments.to_vec();
    plugin.folder = Some(section.text("folder")).filter(|path| !path.is_empty()).map(PathBuf::from);
    common(section, &mut plugin)?;
    if section.is_set("timeout") {
        plugin.limits.time = timeout(section)?;
    }
    match plugin.format {
        Some(format) if matches!(mode, Mode::Stream { .. }) && !format.is_of_lines() => {
            Err(format!("`format`: a program that stays cannot print {}", format.name))
        }
        _ => Ok(plugin),
    }
}

fn folder(section: &Section) -> Result<Folder, String> {
    let path = PathBuf::from(section.text("path"));
    if !path.is_absolute() {
        return Err(format!("`path`: write all of the path to `{}`", path.display()));
    }
    let mut plugin = Plugin::new("", "", Mode::Once { period: Duration::from_secs(60) });
    common(section, &mut plugin)?;
    plugin.limits.time = if section.is_set("timeout") { timeout(section)? } else { Duration::ZERO };
    let bindings = section.texts("files").iter().map(|text| Binding::parse(text)).collect::<Result<_, _>>();
    let bindings = bindings.map_err(|why: String| format!("`files`: {why}"))?;
    Ok(Folder { path, folders: section.texts("folders").to_vec(), bindings, common: plugin })
}

/// What both tables have.
fn common(section: &Section, plugin: &mut Plugin) -> Result<(), String> {
    plugin.format = Format::named(section.text("format"));
    plugin.environment = section.pairs("env");
    plugin.labels = section.pairs("labels");
    plugin.owner = owner(section)?;
    plugin.niceness =
        section.count("nice").filter(|nice| *nice <= 19).ok_or("`nice` is more than 19")? as i32;
    let bytes_max = section.bytes("output_max").filter(|bytes| *bytes > 0).ok_or("`output_max` is 0")?;
    plugin.limits = Limits {
        time: plugin.limits.time,
        output_bytes: usize::try_from(bytes_max).unwrap_or(usize::MAX),
        memory_bytes: section.bytes("memory_max"),
        files: section.count("files_max"),
        processes: section.count("processes_max"),
    };
    Ok(())
}

fn owner(section: &Section) -> Result<Option<Owner>, String> {
    let (user, group) = (section.text("user").to_owned(), section.text("group").to_owned());
    match (user.is_empty(), group.is_empty()) {
        (true, true) => Ok(None),
        (true, false) => Err("`group` needs a `user`".to_owned()),
        _ => Ok(Some(Owner { user, group })),
    }
}

fn timeout(section: &Section) -> Result<Duration, String> {
    section.duration("timeout").filter(|time| !time.is_zero()).ok_or_else(|| "`timeout` is 0".to_owned())
}

#[cfg(test)]
mod tests {
    use crate::settings::{Kind, file, resolve, tables};

    #[test]
    fn plugins_are_read_and_mistakes_named() {
        let all = |text: &str| {
            let mut found = file::Found::default();
            file::parse("w.toml", text, &mut found);
            assert!(found.problems.is_empty(), "{:?}", found.problems);
            let mut settings = resolve(None, |_| None, |_| None).unwrap();
            settings.sections = found.sections;
            super::all(&settings)
        };
        let read = all("[[plugin]]\ncommand = ['/bin/a', 'b c']\ninterval = '10s'\n\
                    [[plugin]]\nname = 'x'\ncommand = ['b']\nmode = 'stream'\nformat = 'putval'\nlabels = { a = 'b' }\n\
                        [[plugin_dir]]\npath = '/p'\nfiles = ['60_a(b)']\nuser = 'nobody'\n")
        .unwrap();
        let [once, stream] = &read.plugins[..] else { panic!("{read:?}") };
        assert_eq!((once.name.as_str(), once.arguments.as_slice()), ("a", &["b c".to_owned()][..]));
        assert_eq!((once.limits.time.as_millis(), once.format.is_none()), (9500, true));
        assert_eq!((stream.name.as_str(), stream.format.unwrap().name), ("x", "putval"));
        assert_eq!(stream.labels, [("a".to_owned(), "b".to_owned())]);
        assert_eq!(read.folders[0].bindings[0].arguments, ["b"]);
        assert_eq!(read.folders[0].common.owner.as_ref().unwrap().user, "nobody");
        for (keys, wanted) in [
            ("command = ['bin/a']", "w.toml:1: plugin: `command`: write all of the path to `bin/a`"),
            ("command = ['a']\ninterval = '0s'", "`interval` is 0"),
            ("command = ['a']\nnice = 20", "`nice` is more than 19"),
            ("command = ['a']\ngroup = 'a'", "`group` needs a `user`"),
            (
                "command = ['a']\nmode = 'stream'\nformat = 'falcon'",
                "a program that stays cannot print falcon",
            ),
            (
                "command = ['a']\n[[plugin]]\ncommand = ['/x/a']",
                "w.toml:3: plugin: another one is called `a`",
            ),
            ("command = ['a']\n[[plugin_dir]]\npath = 'a'", "w.toml:3: plugin_dir: `path`: write all"),
            (
                "command = ['a']\n[[plugin_dir]]\npath = '/a'\nfiles = ['60_a(']",
                "`files`: `60_a(` has no `)`",
            ),
        ] {
            let why = all(&format!("[[plugin]]\n{keys}\n")).unwrap_err();
            assert!(why.contains(wanted), "{why}");
        }
        // The settings know every format there is.
        let formats =
            tables::find("plugin").unwrap().columns.iter().find(|column| column.name == "format").unwrap();
        let Kind::Choice(words) = formats.kind else { panic!("format is a choice") };
        let known: Vec<&str> = ::plugins::formats::FORMATS.iter().map(|format| format.name).collect();
        assert_eq!(words[1..], known);
    }
}
