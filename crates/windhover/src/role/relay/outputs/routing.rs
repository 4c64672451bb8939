//! Which samples go where: clusters and rules from the settings and from carbon's files.

use super::{at, name};
use crate::settings::tables::Section;
use crate::settings::tables::outputs::{CLUSTER, OUTPUT, ROUTE};
use crate::settings::{Settings, value};
use model::{Matcher, NAME};
use relay::aggregate::{Aggregation, How, Naming};
use relay::hash::{Method, Node};
use relay::route::{Cluster, Effect, Pattern, Rewrite, Routes, Rule, carbon};

/// All rules in their order: lists, rewriting before aggregation, the tables, carbon's aggregation, rewriting after it,
/// carbon's relay rules.
pub(super) fn routes(settings: &Settings) -> Result<Routes, String> {
    let mut routes = Routes::default();
    for section in settings.sections(CLUSTER) {
        let cluster = cluster(settings, section).map_err(|why| at(section, why))?;
        if routes.clusters.insert(section.text("name").to_owned(), cluster).is_some() {
            return Err(at(section, format!("another cluster is called `{}`", section.text("name"))));
        }
    }
    let rules = &mut routes.rules;
    rules.extend(file(settings, "relay.blacklist", carbon::blacklist)?);
    rules.extend(file(settings, "relay.whitelist", carbon::whitelist)?);
    let (before, after) = file(settings, "relay.rewrite_rules", carbon::rewrites)?;
    rules.extend(before);
    for section in settings.sections(ROUTE) {
        rules.extend(rule(section).map_err(|why| at(section, why))?);
    }
    let forward_all = settings.switch("relay.forward_all");
    rules.extend(file(settings, "relay.aggregation_rules", |text| carbon::aggregations(text, forward_all))?);
    rules.extend(after);
    rules.extend(file(settings, "relay.relay_rules", |text| {
        carbon::relays(text, |to| destination(settings, to))
    })?);
    let members: Vec<&String> = routes.clusters.values().flat_map(Cluster::members).collect();
    let outputs = settings.sections(OUTPUT).filter(|section| section.switch("default"));
    let mut rest: Vec<String> =
        outputs.map(|section| name(section).to_owned()).filter(|name| !members.contains(&name)).collect();
    let clusters = settings.sections(CLUSTER).filter(|section| section.switch("default"));
    rest.extend(clusters.map(|section| section.text("name").to_owned()));
    routes.rest = rest;
    Ok(routes)
}

fn file<T: Default>(
    settings: &Settings,
    key: &str,
    read: impl FnOnce(&str) -> Result<T, String>,
) -> Result<T, String> {
    let Some(path) = settings.path(key) else { return Ok(T::default()) };
    let text = std::fs::read_to_string(&path).map_err(|e| format!("{key}: {}: {e}", path.display()))?;
    read(&text).map_err(|why| format!("{key}: {}: {why}", path.display()))
}

/// The output of one of carbon's destinations: by name, or by address.
pub(super) fn destination(settings: &Settings, text: &str) -> Option<String> {
    let is_it = |section: &&Section| name(section) == text || section.text("url") == text;
    settings.sections(OUTPUT).find(is_it).map(|section| name(section).to_owned())
}

fn cluster(settings: &Settings, section: &Section) -> Result<Cluster, String> {
    let method = Method::parse(section.text("hash"))?;
    let replicas = section.count("replicas").unwrap_or(1) as usize;
    if !section.text("leases").is_empty() {
        return Cluster::leased(method, replicas);
    }
    let mut members = Vec::new();
    for member in section.texts("members") {
        let output = settings.sections(OUTPUT).find(|output| name(output) == member);
        let output = output.ok_or(format!("there is no output `{member}`"))?;
        members.push((member.clone(), node(method, member, output.text("url"))));
    }
    Ok(Cluster::new(members, method, replicas, section.switch("diverse")))
}

/// What the ring tells a member by: names where names matter, addresses where carbon has it so.
fn node(method: Method, member: &str, url: &str) -> Node {
    match method {
        Method::Rendezvous | Method::Falcon => Node { host: member.to_owned(), ..Node::default() },
        _ => Node::parse(url),
    }
}

/// A table may do several things; each is a rule, and all of them look for the same series.
fn rule(section: &Section) -> Result<Vec<Rule>, String> {
    let matchers = match section.text("match") {
        "" => Vec::new(),
        text => Matcher::parse_selector(text)?,
    };
    let pattern = match (section.text("path"), section.text("regex")) {
        ("", "") => None,
        (glob, "") => Some(Pattern::glob(glob)?),
        ("", regex) => Some(Pattern::regex(regex)?),
        _ => return Err("`path` and `regex` exclude each other".to_owned()),
    };
    let effects = effects(section)?;
    if effects.is_empty() {
        return Err("it does nothing: say drop, keep, set, rename, rewrite, every or to".to_owned());
    }
    // What changes a name might hide a series from the parts that follow: those that change come last but for sending.
    Ok(effects
        .into_iter()
        .map(|effect| Rule { matchers: matchers.clone(), pattern: pattern.clone(), effect })
        .collect())
}

fn effects(section: &Section) -> Result<Vec<Effect>, String> {
    let mut effects = Vec::new();
    if section.switch("drop") {
        effects.push(Effect::Drop);
    }
    if section.switch("keep") {
        effects.push(Effect::Keep);
    }
    let changes = section.is_set("set") || section.is_set("rename") || section.is_set("rewrite");
    let sends = section.is_set("to") || section.is_set("every");
    if changes && sends {
        return Err(
            "changing a series and sending or aggregating it are two rules: write two tables".to_owned()
        );
    }
    effects.extend(section.pairs("set").into_iter().map(|(name, text)| Effect::Set(name, text)));
    if section.is_set("rename") {
        effects.push(Effect::Set(NAME.to_owned(), section.text("rename").to_owned()));
    }
    match section.texts("rewrite") {
        [] => {}
        [find, replace] => effects.push(Effect::Rewrite(Rewrite::new(find, replace)?)),
        _ => return Err("`rewrite` has two texts: an expression, and what it becomes".to_owned()),
    }
    if section.is_set("every") {
        effects.push(Effect::Aggregate(aggregation(section)?));
    }
    if section.is_set("to") {
        effects.push(Effect::Send { to: section.texts("to").to_vec(), stop: section.switch("stop") });
    }
    let changing = effects.iter().filter(|e| matches!(e, Effect::Set(..) | Effect::Rewrite(_))).count();
    let renames = section.is_set("rename") || section.is_set("rewrite");
    if renames && changing > 1 {
        return Err("a new name and another change are two rules: write two tables".to_owned());
    }
    Ok(effects)
}

fn aggregation(section: &Section) -> Result<Aggregation, String> {
    let every_ms = value::duration(section.text("every"))?.as_millis() as i64;
    if every_ms <= 0 {
        return Err("`every` is a time".to_owned());
    }
    let name = Some(section.text("as").to_owned()).filter(|name| !name.is_empty());
    let naming = match (section.is_set("by"), section.is_set("without")) {
        (true, true) => return Err("`by` and `without` exclude each other".to_owned()),
        (true, false) => Naming::By(section.texts("by").to_vec(), name),
        (false, true) => Naming::Without(section.texts("without").to_vec(), name),
        (false, false) if name.is_some() => Naming::Without(Vec::new(), name),
        (false, false) => Naming::Same,
    };
    let keeps = section.switch("original");
    if keeps && matches!(naming, Naming::Same) {
        return Err("with `original` the same series would have both: name what is made with `as`".to_owned());
    }
    Ok(Aggregation {
        naming,
        every_ms,
        how: How::parse(section.text("how"))?,
        delay_ms: section.duration("late").unwrap_or_default().as_millis() as i64,
        keeps,
        skips: 0,
    })
}
