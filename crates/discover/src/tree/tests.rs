use super::*;
use crate::plan::{Address, Ask, Log, Source};
use std::sync::{Arc, Mutex};

type Story = Arc<Mutex<Vec<String>>>;

/// Notes what is asked of it. Refuses what is called `bad`; cannot change what asks.
struct Stage(Story);

struct Actor {
    path: String,
    story: Story,
    can_change: bool,
}

fn note(story: &Story, what: String) {
    story.lock().unwrap().push(what);
}

impl Starter for Stage {
    fn start(&mut self, path: &str, work: &Work) -> Result<Box<dyn Running>, String> {
        if path.contains("bad") {
            return Err("it is bad".to_owned());
        }
        note(&self.0, format!("start {path}"));
        let can_change = matches!(work, Work::Log(_));
        Ok(Box::new(Actor { path: path.to_owned(), story: self.0.clone(), can_change }))
    }
}

impl Running for Actor {
    fn change(&mut self, _: &Work) -> bool {
        if self.can_change {
            note(&self.story, format!("change {}", self.path));
        }
        self.can_change
    }

    fn tick(&mut self, now_ms: i64) {
        note(&self.story, format!("tick {now_ms} {}", self.path));
    }

    fn standing(&self) -> Option<Standing> {
        (!self.can_change).then(|| Standing { part: "service", samples: 7, ..Standing::default() })
    }
}

impl Drop for Actor {
    fn drop(&mut self) {
        note(&self.story, format!("stop {}", self.path));
    }
}

fn log(path: &str, format: &str) -> Part {
    let log = Log {
        root: "/".into(),
        path: path.to_owned(),
        except: Vec::new(),
        named: path.to_owned(),
        container: String::new(),
        syntax: "nginx",
        format_name: "x".to_owned(),
        format: format.to_owned(),
        source: Source::Plain,
    };
    Part::new(format!("log {path}"), Work::Log(log))
}

fn ask(name: &str, port: u16) -> Part {
    Part::new(name, Work::Ask(Ask::new("redis", Address::Tcp(([127, 0, 0, 1], port).into()))))
}

fn plan(parts: Vec<Part>) -> Plan {
    Plan { parts, ..Plan::default() }
}

fn told(story: &Story) -> Vec<String> {
    std::mem::take(&mut story.lock().unwrap())
}

#[test]
fn parts_are_started_changed_and_stopped_as_plans_say() {
    let (story, mut tree) = (Story::default(), Tree::default());
    let mut stage = Stage(story.clone());
    tree.put("a", plan(vec![log("/1", "f"), ask("status", 1)]), &mut stage);
    assert_eq!(told(&story), ["start a: log /1", "start a: status"]);
    tree.put("a", plan(vec![log("/1", "f"), ask("status", 1)]), &mut stage);
    assert_eq!(told(&story), Vec::<String>::new(), "the same plan disturbs nobody");
    tree.put("a", plan(vec![log("/1", "g"), ask("status", 2)]), &mut stage);
    assert_eq!(told(&story), ["change a: log /1", "stop a: status", "start a: status"]);
    tree.tick(5);
    assert_eq!(told(&story), ["tick 5 a: log /1", "tick 5 a: status"]);
    tree.put("a", plan(vec![ask("status", 2)]), &mut stage);
    assert_eq!(told(&story), ["stop a: log /1"]);
    tree.remove("a", &mut stage);
    assert_eq!(told(&story), ["stop a: status"]);
    assert_eq!((tree.running(), tree.names().count()), (0, 0));
}

#[test]
fn instances_within_instances_have_parts_of_their_own() {
    let (story, mut tree) = (Story::default(), Tree::default());
    let mut stage = Stage(story.clone());
    let pool =
        |name: &str, port| Part { parts: vec![ask("status", port)], ..Part::new(name, Work::Instance) };
    tree.put("php", plan(vec![pool("pool www", 1), pool("pool api", 2)]), &mut stage);
    assert_eq!(told(&story), ["start php: pool api / status", "start php: pool www / status"]);
    assert_eq!(
        tree.to_string(),
        "php\n  pool api\n    status\n      ask redis at 127.0.0.1:2\n  pool www\n    status\n      ask redis at 127.0.0.1:1\n"
    );
    tree.put("php", plan(vec![pool("pool www", 1)]), &mut stage);
    assert_eq!(told(&story), ["stop php: pool api / status"]);
}

#[test]
fn a_log_is_read_once_and_taken_over_when_its_reader_goes() {
    let (story, mut tree) = (Story::default(), Tree::default());
    let mut stage = Stage(story.clone());
    tree.put("a", plan(vec![log("/1", "f")]), &mut stage);
    tree.put("b", plan(vec![log("/1", "f")]), &mut stage);
    assert_eq!(told(&story), ["start a: log /1"]);
    let problems: Vec<_> = tree.standings().into_iter().map(|standing| standing.problem).collect();
    assert_eq!(problems, ["", "", "done already, for a"]);
    tree.remove("a", &mut stage);
    assert_eq!(told(&story), ["stop a: log /1", "start b: log /1"]);
    assert_eq!(tree.standings().len(), 1, "who is well and has nothing to tell is not told");
}

#[test]
fn what_cannot_start_says_why_and_is_tried_again() {
    let (story, mut tree) = (Story::default(), Tree::default());
    let mut stage = Stage(story.clone());
    let mut part = ask("bad", 1);
    part.problems.push("odd".to_owned());
    tree.put("a", plan(vec![part, ask("good", 2), ask("good", 3)]), &mut stage);
    let standings = tree.standings();
    let shown: Vec<_> =
        standings.iter().map(|it| (it.name.as_str(), it.problem.as_str(), it.samples)).collect();
    assert_eq!(
        shown,
        [("a", "", 14), ("a: bad", "odd; it is bad", 0), ("a: good", "", 7), ("a: good'", "", 7)]
    );
}

#[test]
fn wishes_are_bounded() {
    let (story, mut tree) = (Story::default(), Tree::default());
    let parts = (0..PARTS_MAX as u16 + 3).map(|port| ask(&format!("s{port}"), port)).collect();
    tree.put("a", plan(parts), &mut Stage(story));
    assert_eq!(tree.running(), PARTS_MAX);
    assert_eq!(tree.standings()[0].problem, "only 500 of 503 plugins are started");
}
