//! Who is asked: the jobs with their sources, and the targets these have come to.

use crate::memory::Memory;
use crate::sources::{Found, Source};
use crate::target::{Group, Target};
use crate::{Job, telemetry};
use model::Standing;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use stdx::turns::{Id, Turns};

/// What kind of part a standing is of.
pub(super) const PART: &str = "scrape";
/// Most problems of a source that are told.
const PROBLEMS_TOLD: usize = 5;

/// A target that is asked.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) job: Arc<Job>,
    pub(super) target: Target,
    pub(super) memory: Mutex<Memory>,
}

/// What there is to do.
#[derive(Debug, Clone)]
pub(super) enum Task {
    Ask(Arc<Asked>),
    Look(Arc<Mutex<Source>>),
}

/// What a source found last.
#[derive(Debug)]
struct Known {
    id: Id,
    groups: Vec<Group>,
}

#[derive(Debug)]
struct Crew {
    job: Arc<Job>,
    sources: Vec<Known>,
    /// Targets by what tells them apart.
    targets: BTreeMap<String, Id>,
}

/// Everything that has turns.
#[derive(Debug)]
pub(super) struct Roster {
    pub(super) turns: Turns,
    here: String,
    crews: Vec<Crew>,
    tasks: HashMap<Id, (Task, Standing)>,
    next_id: Id,
}

impl Roster {
    pub(super) fn new(jobs: Vec<Job>, here: String, now_ms: i64) -> Self {
        let mut roster =
            Self { turns: Turns::default(), here, crews: Vec::new(), tasks: HashMap::new(), next_id: 0 };
        for job in jobs {
            roster.hire(job, now_ms);
        }
        roster
    }

    fn hire(&mut self, job: Job, now_ms: i64) {
        let own = Group { addresses: job.targets.clone(), labels: job.labels.clone() };
        // What the settings name is a source that is never looked at again, under the number nobody has.
        let mut sources = vec![Known { id: Id::MAX, groups: vec![own] }];
        for source in Source::all_of(&job) {
            let standing = Standing {
                part: PART,
                name: format!("{} {}", job.name, source.kind()),
                ..Standing::default()
            };
            let id = self.next_id();
            self.turns.add_now(id, source.every().as_millis() as u64, now_ms);
            self.tasks.insert(id, (Task::Look(Arc::new(Mutex::new(source))), standing));
            sources.push(Known { id, groups: Vec::new() });
        }
        self.crews.push(Crew { job: Arc::new(job), sources, targets: BTreeMap::new() });
        // What is wrong with the targets of the settings was told when these were read; see `Job::problems`.
        self.muster(self.crews.len() - 1, now_ms);
    }

    fn next_id(&mut self) -> Id {
        self.next_id += 1;
        self.next_id
    }

    pub(super) fn task(&self, id: Id) -> Option<Task> {
        self.tasks.get(&id).map(|(task, _)| task.clone())
    }

    /// Notes how a task stands; it keeps its name.
    pub(super) fn stands(&mut self, id: Id, standing: Standing) {
        if let Some((_, known)) = self.tasks.get_mut(&id) {
            let name = std::mem::take(&mut known.name);
            *known = Standing { name, ..standing };
        }
    }

    /// Takes what a source found; gives the targets that are gone.
    pub(super) fn found(&mut self, id: Id, found: Found, now_ms: i64, took: Duration) -> Vec<Arc<Asked>> {
        let at = |crew: &Crew| crew.sources.iter().position(|source| source.id == id);
        let Some((crew, source)) = self.crews.iter().enumerate().find_map(|(n, crew)| Some((n, at(crew)?)))
        else {
            return Vec::new();
        };
        let mut problems = found.problems;
        let mut gone = Vec::new();
        if let Some(groups) = found.groups {
            self.crews[crew].sources[source].groups = groups;
            let more;
            (gone, more) = self.muster(crew, now_ms);
            problems.extend(more);
        }
        let standing = Standing {
            part: PART,
            last_ms: Some(now_ms),
            took_us: took.as_micros() as u64,
            problem: shown(&problems),
            ..Standing::default()
        };
        self.stands(id, standing);
        gone
    }

    /// Compares the targets a job should have with those it has; gives those that are gone and what is wrong.
    fn muster(&mut self, crew: usize, now_ms: i64) -> (Vec<Arc<Asked>>, Vec<String>) {
        let job = self.crews[crew].job.clone();
        let (mut wanted, mut problems) = (BTreeMap::new(), Vec::new());
        for group in self.crews[crew].sources.iter().flat_map(|source| &source.groups) {
            let (targets, wrong) = Target::of_group(&job, group, &self.here);
            problems.extend(wrong);
            wanted.extend(targets.into_iter().map(|target| (target.key(), target)));
        }
        let max = job.limits.targets_max;
        if max > 0 && wanted.len() as u64 > max {
            problems.push(format!("{} targets, only {max} of them are asked", wanted.len()));
            wanted = wanted.into_iter().take(max as usize).collect();
        }
        let gone = self.dismiss(crew, &wanted);
        for (key, target) in wanted {
            if !self.crews[crew].targets.contains_key(&key) {
                self.engage(crew, key, target, now_ms);
            }
        }
        telemetry::TARGETS.set(self.crews.iter().map(|crew| crew.targets.len()).sum::<usize>() as f64);
        (gone, problems)
    }

    fn dismiss(&mut self, crew: usize, wanted: &BTreeMap<String, Target>) -> Vec<Arc<Asked>> {
        let known = &self.crews[crew].targets;
        let gone: Vec<Id> =
            known.iter().filter(|(key, _)| !wanted.contains_key(*key)).map(|(_, id)| *id).collect();
        self.crews[crew].targets.retain(|key, _| wanted.contains_key(key));
        let tasks = gone.into_iter().filter_map(|id| {
            self.turns.remove(id);
            self.tasks.remove(&id)
        });
        tasks.filter_map(|(task, _)| if let Task::Ask(asked) = task { Some(asked) } else { None }).collect()
    }

    fn engage(&mut self, crew: usize, key: String, target: Target, now_ms: i64) {
        let id = self.next_id();
        let standing = Standing { part: PART, name: target.title(), ..Standing::default() };
        self.turns.add(id, &key, target.interval.as_millis() as u64, now_ms);
        let job = self.crews[crew].job.clone();
        let asked = Arc::new(Asked { job, target, memory: Mutex::default() });
        self.tasks.insert(id, (Task::Ask(asked), standing));
        self.crews[crew].targets.insert(key, id);
    }

    pub(super) fn standings(&self) -> Vec<Standing> {
        let mut all: Vec<Standing> = self.tasks.values().map(|(_, standing)| standing.clone()).collect();
        all.sort_by(|a, b| a.name.cmp(&b.name));
        all
    }
}

fn shown(problems: &[String]) -> String {
    let mut text = problems[..problems.len().min(PROBLEMS_TOLD)].join("; ");
    if problems.len() > PROBLEMS_TOLD {
        text += &format!("; and {} more", problems.len() - PROBLEMS_TOLD);
    }
    text
}
