//! The flags that follow from the table of foreign formats.

use anyhow::{Context, bail};
use clap::{Arg, ArgAction, ArgMatches};
use foreign::{FORMATS, Format, OPTIONS, OptionRow, Options};
use model::{TimeRange, Zone};
use stdx::clock::{Clock, SystemClock};

/// Formats that can be read.
pub fn readable() -> impl Iterator<Item = &'static Format> + Clone {
    FORMATS.iter().filter(|format| format.read.is_some())
}

/// Formats that can be written.
pub fn writable() -> impl Iterator<Item = &'static Format> + Clone {
    FORMATS.iter().filter(|format| format.write.is_some())
}

/// One flag per option that says something when reading.
pub fn reading_flags() -> Vec<Arg> {
    flags(readable(), |row| row.reads)
}

/// One flag per option that says something when writing.
pub fn writing_flags() -> Vec<Arg> {
    flags(writable(), |row| row.writes)
}

fn flags(
    formats: impl Iterator<Item = &'static Format> + Clone,
    says_something: fn(&OptionRow) -> bool,
) -> Vec<Arg> {
    let row_flag = |row: &'static OptionRow| {
        let takers: Vec<&str> =
            formats.clone().filter(|f| f.options.contains(&row.name)).map(|f| f.name).collect();
        let arg = Arg::new(row.name)
            .long(row.name)
            .help(format!("{} ({})", row.help, takers.join(", ")))
            .help_heading("Formats");
        let arg = if row.value.is_empty() {
            arg.action(ArgAction::SetTrue)
        } else {
            arg.value_name(row.value).action(ArgAction::Append).allow_hyphen_values(true)
        };
        (!takers.is_empty()).then_some(arg)
    };
    OPTIONS.iter().filter(|row| says_something(row)).filter_map(row_flag).collect()
}

/// `--format`, when it was given.
pub fn chosen(matches: &ArgMatches) -> anyhow::Result<Option<&'static Format>> {
    let Some(name) = matches.get_one::<String>("format") else { return Ok(None) };
    Format::named(name).map(Some).with_context(|| format!("there is no format named `{name}`"))
}

/// Refuses what says nothing to a format.
pub fn check(format: &Format, options: &Options) -> anyhow::Result<()> {
    match options.names().find(|name| !format.options.contains(name)) {
        Some(name) => bail!("--{name} says nothing to the format {}", format.name),
        None => Ok(()),
    }
}

/// What was said to the formats.
pub fn options(matches: &ArgMatches) -> anyhow::Result<Options> {
    let zone = match matches.try_get_one::<String>("zone").ok().flatten() {
        Some(name) => Zone::named(name).map_err(anyhow::Error::msg)?,
        None => Zone::utc(),
    };
    let everything = TimeRange { start_ms: i64::MIN, end_ms: i64::MAX };
    let mut options = Options::new(SystemClock.now_ms(), zone, everything);
    for row in OPTIONS {
        if row.value.is_empty() {
            if matches.try_get_one::<bool>(row.name).ok().flatten() == Some(&true) {
                options.add(row.name, "");
            }
        } else if let Ok(Some(values)) = matches.try_get_many::<String>(row.name) {
            values.for_each(|value| options.add(row.name, value));
        }
    }
    Ok(options)
}
