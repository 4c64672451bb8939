//! Journals that systemd's own program writes, followed.

use super::*;
use crate::journal::Wanted;
use crate::journal::tests::{USUAL, archive, entry, is_installed, write};
use std::path::PathBuf;

const MACHINE: &str = "0123456789abcdef0123456789abcdef";

struct Journal {
    world: World,
    folder: PathBuf,
    time_us: u64,
}

impl Journal {
    fn new() -> Self {
        let world = World::new();
        let folder = world.folder.path().join("var/log/journal").join(MACHINE);
        fs::create_dir_all(&folder).unwrap();
        Self { time_us: world.now_ms as u64 * 1000, world, folder }
    }

    /// Has entries written to a file: unit, priority, message.
    fn write(&mut self, file: &str, entries: &[(&str, &str, &str)]) {
        let mut export = Vec::new();
        for (unit, priority, message) in entries {
            self.time_us = (self.time_us + 1000).max(self.world.now_ms as u64 * 1000);
            let mut fields: Vec<(&str, &[u8])> =
                vec![("PRIORITY", priority.as_bytes()), ("MESSAGE", message.as_bytes()), ("_PID", b"7")];
            match *unit {
                "kernel" => fields.push(("_TRANSPORT", b"kernel")),
                unit => fields.push(("_SYSTEMD_UNIT", unit.as_bytes())),
            }
            export.extend(entry(self.time_us, &fields));
        }
        write(&self.folder.join(file), USUAL, &export);
    }

    fn counts(&self) -> Spec {
        Spec::of_journal(self.world.folder.path()).unwrap()
    }

    fn lines(&self, unit: &str) -> Spec {
        let journal = Some(Wanted::Field(format!("_SYSTEMD_UNIT={unit}")));
        Spec { journal, patterns: vec![String::new()], from_start: false, ..self.world.spec("") }
    }

    fn start(&self) -> Work {
        let mut work = self.world.work();
        work.put("counts".to_owned(), self.counts(), self.world.now_ms);
        work.put("shop".to_owned(), self.lines("shop.service"), self.world.now_ms);
        work
    }

    fn value(&self, series: &str) -> Option<f64> {
        self.world.last.0.lock().unwrap().get(series).copied()
    }

    fn messages(&self, unit: &str, severity: &str) -> Option<f64> {
        self.value(&format!(r#"journal_messages_total{{host="h",severity="{severity}",unit="{unit}"}}"#))
    }

    fn requests(&self) -> Option<f64> {
        self.value(
            r#"log_requests_total{host="h",log_file="journal",method="GET",name="shop",status="200",team="x"}"#,
        )
    }
}

#[test]
fn entries_are_counted_and_lines_parsed_through_rotation_and_restart() {
    if !is_installed() {
        return;
    }
    let mut journal = Journal::new();
    journal.write(
        "system.journal",
        &[("old.service", "3", "before the agent"), ("shop.service", "6", "GET /a 200")],
    );
    let mut work = journal.start();
    journal.world.pass(&mut work, 11);
    assert_eq!((journal.messages("old.service", "err"), journal.requests()), (None, None));
    let long = format!("GET /{} 200", "x".repeat(3000));
    journal.write(
        "system.journal",
        &[
            ("shop.service", "6", "GET /a 200"),
            ("shop.service", "6", &long),
            ("other.service", "6", "GET /a 200"),
            ("session-7.scope", "4", "x"),
            ("kernel", "2", "Out of memory: Killed process 812 (mysqld) total-vm:1kB"),
        ],
    );
    // A second file begins: of somebody who has just come.
    journal.write("user-1000.journal", &[("user@1000.service", "6", "x")]);
    journal.world.pass(&mut work, 21);
    assert_eq!(journal.requests(), Some(2.0));
    assert_eq!(journal.messages("shop.service", "info"), Some(2.0));
    assert_eq!(journal.messages("session-*.scope", "warning"), Some(1.0));
    assert_eq!(journal.messages("kernel", "crit"), Some(1.0));
    assert_eq!(journal.messages("user@1000.service", "info"), Some(1.0));
    // Rotated: what was written last is in the file that was renamed.
    journal.write("system.journal", &[("shop.service", "6", "GET /b 200")]);
    archive(&journal.folder.join("system.journal"), "system@1.journal");
    journal.write("system.journal", &[("shop.service", "6", "GET /c 200")]);
    journal.world.pass(&mut work, 21);
    assert_eq!(journal.requests(), Some(4.0));
    let problems: Vec<String> = work.news().unwrap().into_iter().map(|it| it.problem).collect();
    assert_eq!(problems, ["", ""]);
    work.stop(journal.world.now_ms);
    // While nobody looks: more in this file, which is rotated, and in two that follow.
    journal.world.last.0.lock().unwrap().clear();
    journal.world.now_ms += 60_000;
    journal.write("system.journal", &[("shop.service", "6", "GET /d 200")]);
    archive(&journal.folder.join("system.journal"), "system@2.journal");
    journal.write("system.journal", &[("shop.service", "6", "GET /e 200")]);
    archive(&journal.folder.join("system.journal"), "system@3.journal");
    journal.write("system.journal", &[("shop.service", "6", "GET /f 200")]);
    let mut work = journal.start();
    journal.world.pass(&mut work, 11);
    assert_eq!((journal.requests(), journal.messages("shop.service", "info")), (Some(3.0), Some(3.0)));
    assert_eq!(journal.messages("other.service", "info"), None, "it was counted before");
}

#[test]
fn who_comes_later_begins_where_he_was() {
    if !is_installed() {
        return;
    }
    let mut journal = Journal::new();
    journal.write("system.journal", &[("a.service", "6", "x")]);
    let mut work = journal.start();
    journal.world.pass(&mut work, 11);
    work.stop(journal.world.now_ms);
    journal.world.last.0.lock().unwrap().clear();
    journal.write("system.journal", &[("shop.service", "6", "GET /a 200")]);
    // Services are found some seconds after the start.
    let mut work = journal.world.work();
    work.put("counts".to_owned(), journal.counts(), journal.world.now_ms);
    journal.world.pass(&mut work, 5);
    work.put("shop".to_owned(), journal.lines("shop.service"), journal.world.now_ms);
    journal.write("system.journal", &[("shop.service", "6", "GET /b 200")]);
    journal.world.pass(&mut work, 11);
    assert_eq!((journal.requests(), journal.messages("shop.service", "info")), (Some(2.0), Some(2.0)));
    // It goes on where it was when it is given up and taken again.
    work.remove("shop", journal.world.now_ms);
    journal.write("system.journal", &[("shop.service", "6", "GET /c 200")]);
    journal.world.pass(&mut work, 11);
    work.put("shop".to_owned(), journal.lines("shop.service"), journal.world.now_ms);
    journal.world.pass(&mut work, 11);
    assert_eq!(journal.requests(), Some(1.0));
}

#[test]
fn what_cannot_be_read_is_told() {
    let journal = Journal::new();
    let mut world = World::new();
    let mut work = world.work();
    let pattern = world.folder.path().join("*.journal").display().to_string();
    let spec = Spec { patterns: vec![pattern.clone()], root: "/".into(), ..journal.counts() };
    work.put("1".to_owned(), spec, world.now_ms);
    world.pass(&mut work, 10);
    assert_eq!(work.news().unwrap()[0].problem, format!("there is no journal at {pattern}"));
    world.write("a.journal", &"x".repeat(300));
    world.pass(&mut work, 20);
    assert!(work.news().unwrap()[0].problem.ends_with("a.journal: it is no journal"));
}
