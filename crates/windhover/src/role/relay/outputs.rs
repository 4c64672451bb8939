//! Outputs of a relay from the settings.

mod routing;

use crate::settings::Settings;
use crate::settings::tables::Section;
use crate::settings::tables::outputs::{CLUSTER, OUTPUT, ROUTE};
use relay::leased::Leased;
use relay::members::{Check, Way};
use relay::outputs::{Target, find};
use relay::{LogOptions, Options, OutputOptions};
use routing::routes;
use std::sync::Arc;
use std::time::Duration;
use stdx::random::Random;

/// How long an answer may take.
const TIMEOUT: Duration = Duration::from_secs(30);
/// Longest that a check of a member waits for a connection.
const CHECK_TIMEOUT: Duration = Duration::from_secs(3);

/// Says what is wrong with the tables and files, if anything is.
pub fn check(settings: &Settings) -> Result<(), String> {
    crate::role::leases::check(settings)?;
    if !has_any(settings) {
        return match settings.sections(CLUSTER).chain(settings.sections(ROUTE)).next() {
            Some(section) => Err(format!("{}: {} without any [[output]]", section.place, section.table)),
            None => Ok(()),
        };
    }
    for section in settings.sections(OUTPUT).chain(settings.sections(CLUSTER)) {
        find(section.text("kind")).map_err(|why| at(section, why))?;
    }
    for section in settings.sections(CLUSTER) {
        Way::parse(section.text("check")).map_err(|why| at(section, why))?;
    }
    let names = names(settings)?;
    routes(settings)?.check(&names)
}

/// Everything that a relay is made of; `None` when there is no output.
pub fn options(settings: &Settings, net: &net::Options) -> Result<Option<Options>, String> {
    if !has_any(settings) {
        return Ok(None);
    }
    let folder = settings.path("data").ok_or("`data` is empty")?.join("relay");
    let names = names(settings)?;
    let mut outputs = Vec::new();
    for (section, name) in settings.sections(OUTPUT).zip(&names) {
        outputs.push(output(settings, section, name, net).map_err(|why| at(section, why))?);
    }
    Ok(Some(Options {
        log: LogOptions { sync: settings.switch("relay.sync"), ..LogOptions::new(folder) },
        outputs,
        routes: routes(settings)?,
        checks: checks(settings, &names)?,
        leased: leased(settings, net)?,
        net: net.clone(),
        tell: Arc::new(|cluster, member, why| match why {
            Some(why) => tracing::warn!(%cluster, %member, "a member left its cluster: {why}"),
            None => tracing::info!(%cluster, %member, "a member is back in its cluster"),
        }),
    }))
}

/// Whether there is anybody to send to, now or when somebody registers.
fn has_any(settings: &Settings) -> bool {
    let mut clusters = settings.sections(CLUSTER);
    settings.sections(OUTPUT).next().is_some() || clusters.any(|section| !section.text("leases").is_empty())
}

/// Clusters whose members register.
fn leased(settings: &Settings, net: &net::Options) -> Result<Vec<Leased>, String> {
    let clusters = settings.sections(CLUSTER).filter(|section| !section.text("leases").is_empty());
    clusters
        .map(|section| {
            let kind = find(section.text("kind")).map_err(|why| at(section, why))?;
            let target = Target {
                address: String::new(),
                token: token(section.text("token_file")).map_err(|why| at(section, why))?,
                net: net.clone(),
                timeout: TIMEOUT,
                host: crate::role::host_name(settings),
                template: String::new(),
                utf8: false,
                form: String::new(),
                step_s: 60,
                random: Random::from_entropy(),
            };
            Ok(Leased {
                cluster: section.text("name").to_owned(),
                kind,
                make: Arc::new(move |url| (kind.make)(Target { address: url.to_owned(), ..target.clone() })),
                queue_bytes_max: section.bytes("queue_bytes_max").unwrap_or(10_000_000_000),
                rows_max: kind.rows_max,
            })
        })
        .collect()
}

fn at(section: &Section, why: String) -> String {
    format!("{}: {}: {why}", section.place, section.table)
}

fn name(section: &Section) -> &str {
    let name = section.text("name");
    if name.is_empty() { section.text("kind") } else { name }
}

/// Names of all outputs, which are unique.
fn names(settings: &Settings) -> Result<Vec<String>, String> {
    let mut names: Vec<String> = Vec::new();
    for section in settings.sections(OUTPUT) {
        let name = name(section).to_owned();
        if names.contains(&name) {
            return Err(at(section, format!("another output is called `{name}`; give each a `name`")));
        }
        names.push(name);
    }
    Ok(names)
}

fn output(
    settings: &Settings,
    section: &Section,
    name: &str,
    net: &net::Options,
) -> Result<OutputOptions, String> {
    let kind = find(section.text("kind"))?;
    let form = section.text("form");
    if !form.is_empty() && !kind.forms.contains(&form) {
        return Err(format!("`{}` has no form `{form}`; there are: {}", kind.name, kind.forms.join(", ")));
    }
    let target = Target {
        address: section.text("url").to_owned(),
        token: token(section.text("token_file"))?,
        net: net.clone(),
        timeout: section.duration("timeout").unwrap_or(TIMEOUT),
        host: crate::role::host_name(settings),
        template: section.text("path").to_owned(),
        utf8: section.switch("utf8"),
        form: form.to_owned(),
        step_s: section.duration("step").map_or(60, |step| step.as_secs().max(1) as u32),
        random: Random::from_entropy(),
    };
    Ok(OutputOptions {
        name: name.to_owned(),
        kind,
        output: (kind.make)(target)?,
        queue_bytes_max: section.bytes("queue_bytes_max").unwrap_or(10_000_000_000),
        rows_max: section.count("rows_max").filter(|n| *n > 0).map_or(kind.rows_max, |n| n as usize),
    })
}

fn token(file: &str) -> Result<Option<String>, String> {
    if file.is_empty() {
        return Ok(None);
    }
    let text = std::fs::read_to_string(file).map_err(|e| format!("{file}: {e}"))?;
    let line = text.lines().map(str::trim).find(|line| !line.is_empty());
    line.map(|line| Some(line.to_owned())).ok_or(format!("{file} has no token in it"))
}

fn checks(settings: &Settings, names: &[String]) -> Result<Vec<Check>, String> {
    let address = |member: &String| {
        let at = names.iter().position(|name| name == member)?;
        Some((member.clone(), settings.sections(OUTPUT).nth(at)?.text("url").to_owned()))
    };
    let mut checks = Vec::new();
    for section in settings.sections(CLUSTER).filter(|section| section.is_set("members")) {
        let Some(way) = Way::parse(section.text("check")).map_err(|why| at(section, why))? else { continue };
        checks.push(Check {
            cluster: section.text("name").to_owned(),
            way,
            members: section.texts("members").iter().filter_map(address).collect(),
            every: section.duration("check_every").unwrap_or(Duration::from_secs(5)),
            timeout: CHECK_TIMEOUT,
            fall: section.count("fall").unwrap_or(3).clamp(1, 1000) as u32,
            rise: section.count("rise").unwrap_or(2).clamp(1, 1000) as u32,
        });
    }
    Ok(checks)
}

#[cfg(test)]
mod tests;
