mod journal;
mod oddities;
mod streams;

use super::*;
use crate::{Format, Options};
use model::{Batch, PushError, Receipt, is_stale};
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::sync::Mutex;
use stdx::disk::RealDisk;

/// The last value of each series; ended ones are gone.
#[derive(Default)]
struct Last(Mutex<BTreeMap<String, f64>>);

impl Sink for Last {
    fn push(&self, batch: &Batch) -> Result<Receipt, PushError> {
        let mut last = self.0.lock().unwrap();
        for rows in batch.groups() {
            for (slot, value) in rows.slots.iter().zip(rows.values) {
                let name = batch.dictionary.labels(*slot).to_string();
                if is_stale(*value) {
                    last.remove(&name)
                } else {
                    last.insert(name, *value)
                };
            }
        }
        Ok(Receipt::default())
    }
}

struct World {
    folder: tempfile::TempDir,
    last: Arc<Last>,
    told: Arc<Mutex<Vec<String>>>,
    now_ms: i64,
}

impl World {
    fn new() -> Self {
        let (last, told) = Default::default();
        Self { folder: tempfile::tempdir().unwrap(), last, told, now_ms: 1_700_000_000_000 }
    }

    fn work(&self) -> Work {
        let told = self.told.clone();
        let settings = Settings {
            host: "h".to_owned(),
            positions: Some(self.folder.path().join("positions")),
            interval_ms: 10_000,
            tell: Arc::new(move |name, problem| told.lock().unwrap().push(format!("{name}: {problem}"))),
        };
        Work::new(settings, self.last.clone(), Arc::new(RealDisk), self.now_ms)
    }

    fn spec(&self, pattern: &str) -> Spec {
        let format = Arc::new(Format::compile("nginx", "$request_method $uri $status").unwrap());
        let spec = Spec::new("shop", format!("/{pattern}"), format);
        let options = Options { urls_max: 5, ..Options::default() };
        let labels = vec![("team".to_owned(), "x".to_owned())];
        Spec { root: self.folder.path().to_owned(), from_start: true, options, labels, ..spec }
    }

    fn write(&self, name: &str, lines: &str) {
        let path = self.folder.path().join(name);
        OpenOptions::new().create(true).append(true).open(path).unwrap().write_all(lines.as_bytes()).unwrap();
    }

    fn pass(&mut self, work: &mut Work, seconds: i64) {
        for _ in 0..seconds {
            self.now_ms += 1000;
            work.round(self.now_ms);
        }
    }

    fn requests(&self, file: &str) -> Option<f64> {
        let series = format!(
            r#"log_requests_total{{host="h",log_file="/{file}",method="GET",name="shop",status="200",team="x"}}"#
        );
        self.last.0.lock().unwrap().get(&series).copied()
    }
}

#[test]
fn files_of_a_pattern_come_and_go() {
    let mut world = World::new();
    let mut work = world.work();
    world.write("a.log", "GET /x 200\n");
    work.put("1".to_owned(), world.spec("*.log*"), world.now_ms);
    world.pass(&mut work, 10);
    world.write("b.log", "GET /x 200\nGET /x 200\n");
    world.pass(&mut work, 20);
    assert_eq!((world.requests("a.log"), world.requests("b.log")), (Some(1.0), Some(2.0)));
    // Renamed within the pattern it is not another file; removed its series end once it is left.
    fs::rename(world.folder.path().join("b.log"), world.folder.path().join("c.log")).unwrap();
    world.pass(&mut work, 30);
    assert_eq!((world.requests("b.log"), world.requests("c.log")), (Some(2.0), None));
    fs::remove_file(world.folder.path().join("c.log")).unwrap();
    world.pass(&mut work, 120);
    assert_eq!((world.requests("b.log"), world.requests("c.log")), (None, None));
    work.remove("1", world.now_ms);
    assert!(world.last.0.lock().unwrap().is_empty(), "all series end");
}

#[test]
fn positions_last_over_restarts_and_replaced_watches() {
    let mut world = World::new();
    let mut work = world.work();
    work.put("1".to_owned(), world.spec("a.log"), world.now_ms);
    world.write("a.log", "GET /x 200\nGET /y");
    world.pass(&mut work, 11);
    work.put("1".to_owned(), world.spec("a.log"), world.now_ms);
    world.pass(&mut work, 11);
    assert_eq!(world.requests("a.log"), None, "counted before it was replaced");
    world.write("a.log", " 200\n");
    work.stop(world.now_ms);
    assert_eq!(world.requests("a.log"), Some(1.0));
    drop(work);
    world.write("a.log", "GET /z 200\n");
    let mut work = world.work();
    work.put("other".to_owned(), world.spec("a.log"), world.now_ms);
    world.pass(&mut work, 11);
    assert_eq!(world.requests("a.log"), Some(1.0), "only what is new");
}

#[test]
fn problems_are_told_once_and_stand_in_the_standings() {
    let mut world = World::new();
    let mut work = world.work();
    work.put("1".to_owned(), world.spec("a.log"), world.now_ms);
    world.write("a.log", "GET /x 200\nwhat is \u{7}this?\nand this\n");
    world.pass(&mut work, 10);
    let standing = work.news().unwrap().remove(0);
    assert_eq!(standing.part, "log");
    assert!(standing.name.starts_with("shop /a.log below /"), "{}", standing.name);
    assert_eq!(
        standing.problem,
        "/a.log: 2 of 3 lines do not have the format, the first `what is \\u{7}this?`"
    );
    world.write("a.log", "again\n");
    world.pass(&mut work, 10);
    assert_eq!(world.told.lock().unwrap().len(), 1);
    world.pass(&mut work, 600);
    assert_eq!(*world.told.lock().unwrap().last().unwrap(), format!("{}: ", standing.name));
    assert_eq!(work.news().unwrap()[0].problem, "");
    fs::remove_file(world.folder.path().join("a.log")).unwrap();
    world.pass(&mut work, 10);
    assert!(work.news().unwrap()[0].problem.contains("no such file"));
}

#[test]
fn nothing_is_written_while_nothing_happens() {
    let mut world = World::new();
    let mut work = world.work();
    work.put("1".to_owned(), world.spec("a.log"), world.now_ms);
    world.write("a.log", "GET /x 200\n");
    world.pass(&mut work, 20);
    let positions = world.folder.path().join("positions");
    let written = |path: &Path| fs::metadata(path).unwrap().modified().unwrap();
    let before = written(&positions);
    world.pass(&mut work, 100);
    assert_eq!(written(&positions), before);
}

#[test]
fn containers_with_the_same_paths_are_told_apart_and_links_lead_nowhere_else() {
    let mut world = World::new();
    let roots = ["one", "two"].map(|name| world.folder.path().join(name));
    for root in &roots {
        fs::create_dir_all(root.join("var/log")).unwrap();
        fs::create_dir_all(root.join("data")).unwrap();
        // Outside there is no `/data` of this kind, and `/dev/stdout` is ours.
        std::os::unix::fs::symlink("/data/windhover-a.log", root.join("var/log/a.log")).unwrap();
        std::os::unix::fs::symlink("/proc/self/fd/1", root.join("var/log/out.log")).unwrap();
    }
    let spec = |root: &Path, name: &str| Spec {
        root: root.to_owned(),
        labels: vec![("team".to_owned(), "x".to_owned()), ("log_file".to_owned(), name.to_owned())],
        ..world.spec("var/log/*.log")
    };
    let specs = [spec(&roots[0], "/one"), spec(&roots[1], "/two")];
    let write = |root: &Path, count: usize| {
        let path = root.join("data/windhover-a.log");
        let mut file = OpenOptions::new().create(true).append(true).open(path).unwrap();
        file.write_all("GET /a 200\n".repeat(count).as_bytes()).unwrap();
    };
    write(&roots[0], 1);
    write(&roots[1], 2);
    let mut work = world.work();
    for (number, spec) in specs.iter().enumerate() {
        work.put(number.to_string(), spec.clone(), world.now_ms);
    }
    world.pass(&mut work, 12);
    assert_eq!((world.requests("one"), world.requests("two")), (Some(1.0), Some(2.0)));
    work.stop(world.now_ms);
    write(&roots[0], 3);
    write(&roots[1], 4);
    let mut work = world.work();
    for (number, spec) in specs.iter().enumerate().rev() {
        work.put(number.to_string(), spec.clone(), world.now_ms);
    }
    world.pass(&mut work, 12);
    assert_eq!((world.requests("one"), world.requests("two")), (Some(3.0), Some(4.0)));
}
