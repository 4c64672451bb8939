//! What is at work for the services, compared with what they want: plugins are started, given other settings, stopped.
//!
//! ```text
//! nginx /etc/nginx/nginx.conf           an instance, with its plan
//! ├─ log /var/log/nginx/access.log      a part, at work
//! └─ status /nginx_status
//! ```

use crate::plan::{PARTS_MAX, Part, Plan, Work};
use crate::telemetry;
use model::Standing;
use std::collections::BTreeMap;
use std::fmt;

/// Starts what parts want.
pub trait Starter: Send {
    /// Starts the work of the part at `path` (`nginx /etc/nginx/nginx.conf: log /x`); else says why not.
    fn start(&mut self, path: &str, work: &Work) -> Result<Box<dyn Running>, String>;
}

/// A part at work. It stops when dropped.
pub trait Running: Send {
    /// Takes other settings; `false` when it has to be started anew for them.
    fn change(&mut self, work: &Work) -> bool;

    /// Does what is due. Must not block.
    fn tick(&mut self, now_ms: i64);

    /// How it stands, unless somebody else tells that.
    fn standing(&self) -> Option<Standing>;
}

/// Everything there is, by the name of the instance.
#[derive(Default)]
pub struct Tree {
    instances: BTreeMap<String, Instance>,
    /// When the parts were last given time.
    ticked_ms: Option<i64>,
}

struct Instance {
    facts: Vec<(&'static str, String)>,
    problems: Vec<String>,
    /// By their way from the instance: `pool www / log /x`.
    parts: BTreeMap<String, Node>,
}

/// A part.
struct Node {
    depth: usize,
    part: Part,
    running: Option<Box<dyn Running>>,
    /// Why it does not run although it could.
    refusal: String,
}

impl Tree {
    /// The names of the instances.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.instances.keys().map(String::as_str)
    }

    /// Whether an instance has this name.
    pub fn has(&self, name: &str) -> bool {
        self.instances.contains_key(name)
    }

    /// Makes an instance what its plan says: what is in both and the same goes on undisturbed.
    pub fn put(&mut self, name: &str, plan: Plan, starter: &mut dyn Starter) {
        let instance = self.instances.entry(name.to_owned()).or_insert_with(Instance::empty);
        (instance.facts, instance.problems) = (plan.facts, plan.problems);
        let mut wanted = Vec::new();
        flatten(plan.parts, "", 0, &mut wanted);
        if wanted.len() > PARTS_MAX {
            telemetry::PLUGINS_REFUSED.add((wanted.len() - PARTS_MAX) as u64);
            instance.problems.push(format!("only {PARTS_MAX} of {} plugins are started", wanted.len()));
            wanted.truncate(PARTS_MAX);
        }
        instance.stop_all_but(&wanted);
        for (way, depth, part) in wanted {
            instance.want(name, way, depth, part, starter);
        }
        self.start_what_waits(starter);
    }

    /// Stops an instance with all its parts.
    pub fn remove(&mut self, name: &str, starter: &mut dyn Starter) {
        if let Some(mut instance) = self.instances.remove(name) {
            instance.stop_all_but(&[]);
            self.start_what_waits(starter);
        }
    }

    /// Lets every part do what is due.
    pub fn tick(&mut self, now_ms: i64) {
        self.ticked_ms = Some(now_ms);
        let nodes = self.instances.values_mut().flat_map(|instance| instance.parts.values_mut());
        nodes.filter_map(|node| node.running.as_mut()).for_each(|running| running.tick(now_ms));
    }

    /// How many parts are at work.
    pub fn running(&self) -> usize {
        let nodes = self.instances.values().flat_map(|instance| instance.parts.values());
        nodes.filter(|node| node.running.is_some()).count()
    }

    /// Starts what could not be because somebody else was at it: two instances that write to one log, which is read
    /// once.
    fn start_what_waits(&mut self, starter: &mut dyn Starter) {
        let mut taken: BTreeMap<String, String> = BTreeMap::new();
        for (name, instance) in &self.instances {
            for node in instance.parts.values().filter(|node| node.running.is_some()) {
                taken.extend(node.claim().map(|claim| (claim, name.clone())));
            }
        }
        for (name, instance) in &mut self.instances {
            for (way, node) in instance.parts.iter_mut().filter(|(_, node)| node.waits()) {
                match node.claim().and_then(|claim| taken.get(&claim)) {
                    Some(by) => node.refusal = format!("done already, for {by}"),
                    None => {
                        node.start(&path(name, way), starter);
                        if let (Some(claim), true) = (node.claim(), node.running.is_some()) {
                            taken.insert(claim, name.clone());
                        }
                    }
                }
            }
        }
    }

    /// How everything stands: instances, and their parts that tell it themselves.
    pub fn standings(&self) -> Vec<Standing> {
        let mut all = Vec::new();
        for (name, instance) in &self.instances {
            let parts = instance.parts.iter().filter_map(|(way, node)| node.standing(path(name, way)));
            let parts: Vec<Standing> = parts.collect();
            // It is there as long as it is in the tree; what it tells are the numbers of its parts.
            let samples = parts.iter().map(|part| part.samples).sum();
            let whole = standing(name.clone(), &instance.problems);
            all.push(Standing { last_ms: self.ticked_ms, samples, ..whole });
            all.extend(parts);
        }
        all
    }
}

impl Instance {
    fn empty() -> Self {
        Self { facts: Vec::new(), problems: Vec::new(), parts: BTreeMap::new() }
    }

    fn stop_all_but(&mut self, wanted: &[(String, usize, Part)]) {
        self.parts.retain(|way, node| {
            let stays = wanted.iter().any(|(wanted, ..)| wanted == way);
            telemetry::STOPS.add(u64::from(!stays && node.running.is_some()));
            stays
        });
    }

    fn want(&mut self, name: &str, way: String, depth: usize, part: Part, starter: &mut dyn Starter) {
        let Some(node) = self.parts.get_mut(&way) else {
            self.parts.insert(way, Node { depth, part, running: None, refusal: String::new() });
            return;
        };
        let is_same = node.part.work == part.work;
        node.part = part;
        if is_same {
            return;
        }
        if node.running.as_mut().is_some_and(|running| running.change(&node.part.work)) {
            telemetry::CHANGES.add(1);
            return;
        }
        if node.running.take().is_some() {
            telemetry::STOPS.add(1);
            node.start(&path(name, &way), starter);
        }
    }
}

impl Node {
    fn waits(&self) -> bool {
        self.running.is_none() && matches!(self.part.work, Work::Log(_) | Work::Ask(_) | Work::Sniff(_))
    }

    /// What only one part may have: a log is read once whoever writes to it, an address is asked once.
    fn claim(&self) -> Option<String> {
        match &self.part.work {
            Work::Log(log) => Some(log.identity()),
            Work::Ask(ask) => Some(format!("{} {} {:?}", ask.kind, ask.address, ask.network)),
            Work::Sniff(sniff) => Some(format!("sniff {} {:?}", sniff.port, sniff.network)),
            Work::Instance | Work::Nothing => None,
        }
    }

    fn start(&mut self, path: &str, starter: &mut dyn Starter) {
        match starter.start(path, &self.part.work) {
            Ok(running) => {
                telemetry::STARTS.add(1);
                (self.running, self.refusal) = (Some(running), String::new());
            }
            Err(why) => self.refusal = why,
        }
    }

    fn standing(&self, path: String) -> Option<Standing> {
        let told = self.running.as_ref().and_then(|running| running.standing());
        let mut problems = self.part.problems.clone();
        problems.extend([&self.refusal].into_iter().filter(|why| !why.is_empty()).cloned());
        match told {
            Some(told) => {
                problems.extend([told.problem.clone()].into_iter().filter(|why| !why.is_empty()));
                Some(Standing { name: path, problem: problems.join("; "), ..told })
            }
            // Who is well and says nothing need not be shown.
            None if problems.is_empty() => None,
            None => Some(standing(path, &problems)),
        }
    }
}

fn standing(name: String, problems: &[String]) -> Standing {
    Standing { part: "service", name, problem: problems.join("; "), ..Standing::default() }
}

fn path(name: &str, way: &str) -> String {
    format!("{name}: {way}")
}

/// The parts with those of parts, each with its way.
fn flatten(parts: Vec<Part>, above: &str, depth: usize, to: &mut Vec<(String, usize, Part)>) {
    for mut part in parts {
        let inner = std::mem::take(&mut part.parts);
        let mut way = if above.is_empty() { part.name.clone() } else { format!("{above} / {}", part.name) };
        // Names are to be unique; a second one must not throw out the first.
        while to.iter().any(|(other, ..)| *other == way) {
            way.push('\'');
        }
        to.push((way.clone(), depth, part));
        flatten(inner, &way, depth + 1, to);
    }
}

impl fmt::Display for Tree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, instance) in &self.instances {
            writeln!(f, "{name}")?;
            let plan = Plan {
                facts: instance.facts.clone(),
                problems: instance.problems.clone(),
                ..Plan::default()
            };
            indent(f, 1, &plan.to_string())?;
            for node in instance.parts.values() {
                let mut part = node.part.clone();
                part.problems.extend([node.refusal.clone()].into_iter().filter(|why| !why.is_empty()));
                let plan = Plan { parts: vec![part], ..Plan::default() };
                indent(f, 1 + node.depth, &plan.to_string())?;
            }
        }
        Ok(())
    }
}

fn indent(f: &mut fmt::Formatter<'_>, depth: usize, text: &str) -> fmt::Result {
    text.lines().try_for_each(|line| writeln!(f, "{}{line}", "  ".repeat(depth)))
}

#[cfg(test)]
mod tests;
