//! Every collector over recorded machines, against goldens. `WINDHOVER_BLESS=1` writes goldens and the reference page.

use crate::collectors::COLLECTORS;
use crate::options::falcon::Monitor;
use crate::options::process::{Field, Rule};
use crate::schedule::SELF_METRICS;
use crate::{Host, Options, Scheduler, TELEMETRY, reference_markdown};
use model::{Batch, Kind, NAME, PushError, Receipt, Sink, is_stale};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use stdx::random::Random;

/// A sink that writes samples down as text.
#[derive(Default)]
pub(crate) struct Text(Mutex<Vec<String>>);

impl Text {
    pub(crate) fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

impl Sink for Text {
    fn push(&self, batch: &Batch) -> Result<Receipt, PushError> {
        let mut text = self.0.lock().unwrap();
        for rows in batch.groups() {
            for (&slot, &value) in rows.slots.iter().zip(rows.values) {
                let value = if is_stale(value) { "end".to_owned() } else { value.to_string() };
                text.push(format!("{} {value}", batch.dictionary.labels(slot)));
            }
        }
        Ok(Receipt::default())
    }
}

/// Collectors that do not do what they should, and why.
pub(crate) fn problems(scheduler: &Scheduler) -> Vec<(String, String)> {
    let standings = scheduler.standings().into_iter().filter(|standing| !standing.problem.is_empty());
    standings.map(|standing| (standing.name, standing.problem)).collect()
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/hosts")
}

fn machines() -> Vec<PathBuf> {
    let mut machines: Vec<_> =
        std::fs::read_dir(fixtures()).unwrap().map(|e| e.unwrap().path()).filter(|p| p.is_dir()).collect();
    machines.sort();
    machines
}

fn check(path: &Path, now: &str) {
    if std::env::var_os("WINDHOVER_BLESS").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, now).unwrap();
    }
    let golden = std::fs::read_to_string(path).unwrap_or_default();
    for (at, (was, is)) in golden.lines().zip(now.lines()).enumerate() {
        assert_eq!(was, is, "{} line {} (WINDHOVER_BLESS=1 accepts)", path.display(), at + 1);
    }
    assert!(golden == now, "{} differs in length or is missing (WINDHOVER_BLESS=1 accepts)", path.display());
}

/// What Open-Falcon's monitors are asked on a web server.
const MONITORS: [(&str, &str); 5] = [
    ("net.port.listen", "port=443"),
    ("net.port.listen", "port=53"),
    ("net.port.listen", "port=81"),
    ("proc.num", "name=nginx"),
    ("proc.num", "name=nginx,cmdline=worker"),
];

/// Groups of processes of a web server.
fn rules() -> Vec<Rule> {
    let rule = |group, field, text: &str| {
        Rule::new(group, [(field, &[text.to_owned()][..])].into_iter(), true).unwrap()
    };
    vec![
        rule("web", Field::CommandLine, "nginx: *"),
        rule("database", Field::User, "postgres"),
        rule("none", Field::Program, "/nowhere"),
    ]
}

fn is_own(line: &str) -> bool {
    line.starts_with("windhover_collect_duration")
}

#[test]
fn recorded_machines_say_what_they_said() {
    for machine in machines() {
        let mut options = Options::for_host(machine.file_name().unwrap().to_str().unwrap());
        options.cpu_per_core = options.host_name != "storage-5.15";
        options.agent_version = "1.2.3".to_owned();
        if options.host_name.starts_with("web") {
            options.falcon =
                MONITORS.map(|(metric, tags)| Monitor::parse(metric, tags, None).unwrap()).to_vec();
            options.process_rules = rules();
        }
        let mut scheduler = Scheduler::new(Host::recorded(&machine), options).unwrap();
        let text = Text::default();
        scheduler.tick(1_000, &text);
        let mut lines = text.take();
        lines.retain(|line| !is_own(line));
        let failures = problems(&scheduler)
            .into_iter()
            .map(|(name, why)| format!("# {name}: {}", why.replace(machine.to_str().unwrap(), "")));
        lines.extend(failures);
        lines.sort();
        check(&machine.join("golden.txt"), &(lines.join("\n") + "\n"));
    }
}

#[test]
fn the_reference_page_is_fresh() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/metrics.md");
    check(&page, &reference_markdown());
}

#[test]
fn tables_are_complete_and_consistent() {
    let mut names = BTreeSet::new();
    for row in COLLECTORS {
        assert!(names.insert(row.name), "two collectors called {}", row.name);
        assert!(row.summary.ends_with('.') && !row.metrics.is_empty(), "{}", row.name);
    }
    let mut names = BTreeSet::new();
    for metric in COLLECTORS.iter().flat_map(|row| row.metrics).chain(&SELF_METRICS) {
        let name = metric.name;
        assert!(names.insert(name), "two metrics called {name}");
        // Open-Falcon's names are as they are.
        let separator = if FALCON.contains(&name) { b'.' } else { b'_' };
        assert!(
            name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == separator),
            "{name}"
        );
        assert_eq!(metric.kind == Kind::Counter, name.ends_with("_total"), "{name}");
        assert!(metric.help.ends_with(['.', ')']) && !metric.help.contains('|'), "{name}");
        let unit = metric.unit;
        assert!(name.trim_end_matches("_total").ends_with(unit), "{name} does not end in its unit {unit}");
        let labels: BTreeSet<_> = metric.labels.iter().collect();
        assert!(labels.len() == metric.labels.len() && !metric.labels.contains(&NAME), "{name}");
    }
    for item in TELEMETRY {
        assert!(
            item.name().starts_with("windhover_collect_") && names.insert(item.name()),
            "{}",
            item.name()
        );
        assert_eq!(item.is_counter(), item.name().ends_with("_total"), "{}", item.name());
    }
}

const FALCON: [&str; 3] = ["net.port.listen", "proc.num", "du.bs"];

/// What only a kernel that can be asked tells, and what takes longer than a tick.
const NOT_IN_FILES: [&str; 6] = [
    "tcp_accept_queue_limit",
    "du.bs",
    "clock_steps_total",
    "clock_step_seconds_total",
    "clock_tai_offset_seconds",
    "updates_list_time_seconds",
];

/// Every metric that can be shown by files is shown by at least one recorded machine.
#[test]
fn every_metric_occurs_in_a_golden() {
    let goldens: String =
        machines().iter().map(|m| std::fs::read_to_string(m.join("golden.txt")).unwrap()).collect();
    let said: BTreeSet<&str> = goldens.lines().filter_map(|line| line.split(['{', ' ']).next()).collect();
    for metric in COLLECTORS.iter().flat_map(|row| row.metrics) {
        let is_said = said.contains(metric.name);
        assert!(is_said != NOT_IN_FILES.contains(&metric.name), "no recorded machine shows {}", metric.name);
    }
}

/// The machine the tests run on: whatever it is, every collector succeeds, and again.
#[test]
fn this_machine_is_collected() {
    let mut scheduler = Scheduler::new(Host::this(), Options::for_host("here")).unwrap();
    let text = Text::default();
    for now_ms in [1000, 2000, 60_000] {
        scheduler.tick(now_ms, &text);
        let lines = text.take();
        assert_eq!(problems(&scheduler), [], "at {now_ms}");
        for metric in ["cpu_seconds_total", "memory_total_bytes", "processes", "uptime_seconds"] {
            assert!(lines.iter().any(|line| line.split('{').next() == Some(metric)), "no {metric}");
        }
    }
}

/// Copies a recorded machine and spoils some of its files.
fn spoil(from: &Path, to: &Path, random: &mut Random) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            spoil(&entry.path(), &target, random);
            continue;
        }
        let mut bytes = std::fs::read(entry.path()).unwrap();
        if !bytes.is_empty() && random.below(2) == 0 {
            for _ in 0..1 + random.below(20) {
                let at = random.below(bytes.len() as u64) as usize;
                bytes[at] = b" \n\t:.-/()09x\xff\0"[random.below(14) as usize];
            }
            if random.below(3) == 0 {
                bytes.truncate(random.below(bytes.len() as u64) as usize);
            }
        }
        std::fs::write(target, bytes).unwrap();
    }
}

/// Spoiled copies to try; a thousand take half a minute.
const COPIES: u64 = 20;

/// Whatever a kernel writes: no collector panics, and no tick says a series twice.
#[test]
fn spoiled_machines_never_panic_and_say_nothing_twice() {
    for seed in 0..COPIES {
        let mut random = Random::from_seed(seed);
        let machines = machines();
        let machine = &machines[random.below(machines.len() as u64) as usize];
        let copy = tempfile::tempdir().unwrap();
        let mut options = Options::for_host("h");
        options.cpu_per_core = true;
        let mut scheduler = Scheduler::new(Host::recorded(copy.path()), options).unwrap();
        for now_ms in [1000, 11_000] {
            spoil(machine, copy.path(), &mut random);
            let text = Text::default();
            scheduler.tick(now_ms, &text);
            let mut panicked = problems(&scheduler);
            panicked.retain(|(_, why)| why.starts_with("panicked"));
            assert!(panicked.is_empty(), "seed {seed}: {panicked:?}");
            let lines = text.take();
            // An end counts too: a series that has a value at a tick has not ended at it.
            let series: Vec<&str> = lines.iter().map(|line| line.rsplit_once(' ').unwrap().0).collect();
            let distinct: BTreeSet<&str> = series.iter().copied().collect();
            let twice = series.iter().find(|one| series.iter().filter(|other| other == one).count() > 1);
            assert_eq!(series.len(), distinct.len(), "seed {seed}: {twice:?}");
        }
    }
}
