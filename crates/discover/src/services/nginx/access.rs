//! Which logs nginx writes: `access_log` at every level as it is inherited, with the `log_format` it names.

use super::invocation::Places;
use super::syntax::Directive;
use crate::Inspection;
use crate::plan::{Part, Work};
use crate::root::path;
use std::collections::BTreeMap;

/// The format nginx knows by itself.
const COMBINED: &str = "$remote_addr - $remote_user [$time_local] \"$request\" $status $body_bytes_sent \"$http_referer\" \"$http_user_agent\"";
/// Blocks in which requests are handled, one within the other.
const LEVELS: [&str; 4] = ["server", "location", "if", "limit_except"];

type Formats = BTreeMap<String, String>;

/// A log as a level has it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Access {
    path: String,
    format_name: String,
    /// `file:line`
    place: String,
    condition: Option<String>,
}

/// What is known of one file.
#[derive(Debug)]
struct Use {
    access: Access,
    /// Conditions, unless some requests are logged without.
    conditions: Option<Vec<String>>,
    /// Other formats that are written to the same file.
    others: Vec<Access>,
}

/// Adds a part for each log that a block `http` or `stream` leads to.
pub(super) fn plan(inspection: &mut Inspection<'_>, block: &Directive, places: &Places) {
    let formats = formats(block);
    let is_http = block.name() == "http";
    let usual = Access {
        path: places.access_log.clone(),
        format_name: "combined".to_owned(),
        place: String::new(),
        condition: None,
    };
    let mut found = Vec::new();
    let inherited = own(block).unwrap_or_else(|| if is_http { vec![usual] } else { Vec::new() });
    let servers = block.children().iter().filter(|child| child.name() == "server");
    servers.for_each(|server| walk(server, &inherited, &mut found));
    for (path, used) in uses(inspection, found, places) {
        add(inspection, &path, &used, &formats);
    }
}

/// The formats that a block defines, by name; the pieces of one are put together.
fn formats(block: &Directive) -> Formats {
    let mut formats = Formats::new();
    if block.name() == "http" {
        formats.insert("combined".to_owned(), COMBINED.to_owned());
    }
    for directive in block.children().iter().filter(|child| child.name() == "log_format") {
        let [name, pieces @ ..] = directive.arguments() else { continue };
        let escape = pieces.first().filter(|piece| piece.starts_with("escape="));
        let text = pieces[usize::from(escape.is_some())..].concat();
        let text = escape
            .filter(|escape| *escape != "escape=default")
            .map_or(text.clone(), |e| format!("{e} {text}"));
        formats.insert(name.clone(), text);
    }
    formats
}

/// What a level says itself; `None` when it says nothing and inherits. `off` undoes all of its level.
fn own(level: &Directive) -> Option<Vec<Access>> {
    let said: Vec<_> = level.children().iter().filter(|child| child.name() == "access_log").collect();
    let is_off = |directive: &&Directive| directive.arguments().first().is_some_and(|path| path == "off");
    match said.iter().any(is_off) {
        true => Some(Vec::new()),
        false if said.is_empty() => None,
        false => Some(said.into_iter().filter_map(access).collect()),
    }
}

fn access(directive: &Directive) -> Option<Access> {
    let [path, options @ ..] = directive.arguments() else { return None };
    let is_option =
        |word: &&String| ["buffer=", "gzip", "flush=", "if="].iter().any(|name| word.starts_with(name));
    let format = options.first().filter(|word| !is_option(word));
    let condition = options.iter().find_map(|word| word.strip_prefix("if="));
    Some(Access {
        path: path.clone(),
        format_name: format.map_or("combined".to_owned(), Clone::clone),
        place: directive.place(),
        condition: condition.map(str::to_owned),
    })
}

fn walk(level: &Directive, inherited: &[Access], found: &mut Vec<Access>) {
    let own = own(level);
    let here = own.as_deref().unwrap_or(inherited);
    found.extend_from_slice(here);
    let inner = level.children().iter().filter(|child| LEVELS.contains(&child.name()));
    inner.for_each(|inner| walk(inner, here, found));
}

/// The files, each with all that is written to it. What is no file becomes a problem.
fn uses(inspection: &mut Inspection<'_>, found: Vec<Access>, places: &Places) -> BTreeMap<String, Use> {
    let mut uses = BTreeMap::<String, Use>::new();
    for access in found {
        if let Some(target) = access.path.strip_prefix("syslog:") {
            let target = target.split(',').find_map(|word| word.strip_prefix("server=")).unwrap_or(target);
            inspection.problem(format!(
                "{}: requests are logged to syslog at {target}, not to a file",
                access.place
            ));
            continue;
        }
        let path = path::join(&places.prefix, &pattern(&access.path));
        match uses.get_mut(&path) {
            None => {
                let conditions = access.condition.clone().map(|condition| vec![condition]);
                uses.insert(path, Use { access, conditions, others: Vec::new() });
            }
            Some(known) => known.join(access),
        }
    }
    uses
}

impl Use {
    fn join(&mut self, access: Access) {
        self.conditions = match (self.conditions.take(), &access.condition) {
            (Some(mut conditions), Some(condition)) => {
                if !conditions.contains(condition) {
                    conditions.push(condition.clone());
                }
                Some(conditions)
            }
            _ => None,
        };
        let is_known = |other: &Access| other.format_name == access.format_name;
        if !is_known(&self.access) && !self.others.iter().any(is_known) {
            self.others.push(access);
        }
    }
}

/// The path with `*` for each variable in it.
fn pattern(path: &str) -> String {
    let mut pattern = String::new();
    let mut rest = path;
    while let Some(at) = rest.find('$') {
        pattern.push_str(&rest[..at]);
        let name = &rest[at + 1..];
        let length = match name.strip_prefix('{') {
            Some(braced) => braced.find('}').map_or(name.len(), |end| end + 2),
            None => name.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(name.len()),
        };
        if !pattern.ends_with('*') {
            pattern.push('*');
        }
        rest = &name[length..];
    }
    pattern + rest
}

fn add(inspection: &mut Inspection<'_>, path: &str, used: &Use, formats: &Formats) {
    let name = &used.access.format_name;
    let Some(format) = formats.get(name) else {
        inspection.problem(format!("{}: there is no log_format {name}", used.access.place));
        return;
    };
    match inspection.log(path, "nginx", name, format) {
        Err(problem) => inspection.problem(problem),
        Ok(log) => {
            let mut part = Part::new(format!("log {path}"), Work::Log(log));
            if let Some(conditions) = &used.conditions {
                part.facts.push(("only if", conditions.join(", ")));
            }
            for other in &used.others {
                let (other, place) = (&other.format_name, &other.place);
                part.problems.push(format!(
                    "{place}: format {other} is written to the same file; its lines are not understood"
                ));
            }
            inspection.part(part);
        }
    }
}
