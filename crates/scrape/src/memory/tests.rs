use super::*;
use crate::relabel::{Rule, Spec};
use crate::target::Group;

fn target(job: &Job) -> Target {
    let group = Group { addresses: vec!["web1:9100".into()], labels: vec![("rack".into(), "a".into())] };
    Target::of_group(job, &group, "here").0.remove(0)
}

/// What a page adds, a series a line with its times and values.
fn scrape(memory: &mut Memory, job: &Job, page: &str, time_ms: i64) -> (Result<Tally, String>, Vec<String>) {
    let said = Said { body: page.as_bytes().to_vec(), is_open_metrics: false };
    let result = memory.take(&said, Of { job, target: &target(job), time_ms });
    (result, shown(memory.batch()))
}

fn shown(batch: &Batch) -> Vec<String> {
    let mut lines = Vec::new();
    for rows in batch.groups() {
        for (slot, value) in rows.slots.iter().zip(rows.values) {
            let value = if model::is_stale(*value) { "end".into() } else { value.to_string() };
            let labels = batch.dictionary.labels(*slot).to_string();
            let labels = labels
                .replace(r#","instance="web1:9100""#, "")
                .replace(r#",instance="web1:9100",job="j",rack="a""#, "");
            lines.push(format!("{labels} {value}@{}", rows.time_ms));
        }
    }
    lines
}

#[test]
fn series_that_leave_a_page_end_and_come_back() {
    let (job, mut memory) = (Job::new("j"), Memory::default());
    let (tally, lines) = scrape(&mut memory, &job, "# TYPE a counter\na 1\nb{c=\"d\"} 2\n", 1000);
    assert_eq!(lines, [r#"a{host="web1"} 1@1000"#, r#"b{c="d",host="web1"} 2@1000"#]);
    let tally = tally.unwrap();
    assert_eq!((tally.scraped, tally.kept, tally.added), (2, 2, 2));
    let id = memory.batch().dictionary.id();
    let (tally, lines) = scrape(&mut memory, &job, "b{c=\"d\"} 3\n", 2000);
    assert_eq!(lines, [r#"b{c="d",host="web1"} 3@2000"#, r#"a{host="web1"} end@2000"#]);
    assert_eq!(tally.unwrap().added, 0);
    let (_, lines) = scrape(&mut memory, &job, "b{c=\"d\"} 3\na 5\n", 3000);
    assert_eq!(lines, [r#"b{c="d",host="web1"} 3@3000"#, r#"a{host="web1"} 5@3000"#]);
    memory.end(4000);
    assert_eq!(shown(memory.batch()).len(), 2, "both end");
    memory.end(5000);
    assert!(memory.batch().is_empty(), "an end is told once");
    assert_eq!(memory.batch().dictionary.id(), id, "nothing was read twice");
    assert_eq!(memory.batch().dictionary.kind(model::Slot(0)), Kind::Counter);
}

#[test]
fn labels_of_the_target_win_unless_the_page_is_honoured() {
    let page = "a{job=\"x\",exported_job=\"y\",rack=\"z\"} 1\n";
    let mut job = Job::new("j");
    let labels = |job: &Job| {
        let mut memory = Memory::default();
        scrape(&mut memory, job, page, 0).0.unwrap();
        memory.batch().dictionary.labels(model::Slot(0)).to_string()
    };
    assert_eq!(
        labels(&job),
        r#"a{exported_exported_job="x",exported_job="y",exported_rack="z",host="web1",instance="web1:9100",job="j",rack="a"}"#
    );
    job.honor_labels = true;
    assert_eq!(labels(&job), r#"a{exported_job="y",host="web1",instance="web1:9100",job="x",rack="z"}"#);
}

#[test]
fn rules_drop_lines_and_make_twins_which_are_refused() {
    let mut job = Job::new("j");
    let name = [NAME.to_owned()];
    job.metric_relabel = vec![
        Rule::new(&Spec { source_labels: &name, regex: "go_.*", action: "drop", ..Spec::default() }).unwrap(),
        Rule::new(&Spec { regex: "c", action: "labeldrop", ..Spec::default() }).unwrap(),
    ];
    let mut memory = Memory::default();
    let (tally, lines) = scrape(&mut memory, &job, "go_x 1\na{c=\"1\"} 1\na{c=\"2\"} 2\n", 0);
    let tally = tally.unwrap();
    assert_eq!((tally.scraped, tally.kept, tally.report.rejected), (3, 1, 1));
    assert_eq!(tally.report.reasons[0].reason, "the series was on the page already");
    assert_eq!(lines, [r#"a{host="web1"} 1@0"#]);
}

#[test]
fn a_limit_fails_the_scrape_and_ends_what_was() {
    let mut job = Job::new("j");
    let mut memory = Memory::default();
    scrape(&mut memory, &job, "a 1\n", 1000).0.unwrap();
    job.limits.samples_max = 1;
    let (result, lines) = scrape(&mut memory, &job, "a 1\nb 2\n", 2000);
    assert_eq!(result.unwrap_err(), "2 samples, at most 1 are allowed");
    assert_eq!(lines, [r#"a{host="web1"} end@2000"#]);
    for (limits, why) in [
        (crate::Limits { labels_max: 3, ..Default::default() }, "`a` has 4 labels, at most 3 are allowed"),
        (
            crate::Limits { label_value_bytes_max: 8, ..Default::default() },
            "`a`: the value of label `instance` is too long",
        ),
        (
            crate::Limits { label_name_bytes_max: 7, ..Default::default() },
            "`a`: the name of label `__name__` is too long",
        ),
    ] {
        job.limits = limits;
        let (result, _) = scrape(&mut Memory::default(), &job, "a 1\n", 0);
        assert_eq!(result.unwrap_err(), why);
    }
}

#[test]
fn times_of_the_page_count_unless_they_are_not_honoured_and_have_no_end() {
    let mut job = Job::new("j");
    let mut memory = Memory::default();
    assert_eq!(scrape(&mut memory, &job, "a 1 500\n", 1000).1, [r#"a{host="web1"} 1@500"#]);
    assert_eq!(scrape(&mut memory, &job, "", 2000).1, Vec::<String>::new());
    job.honor_timestamps = false;
    assert_eq!(scrape(&mut memory, &job, "a 1 500\n", 3000).1, [r#"a{host="web1"} 1@3000"#]);
    assert_eq!(scrape(&mut memory, &job, "", 4000).1, [r#"a{host="web1"} end@4000"#]);
}

#[test]
fn bad_lines_cost_only_themselves() {
    let (job, mut memory) = (Job::new("j"), Memory::default());
    let (tally, lines) = scrape(&mut memory, &job, "a{ 1\nb 1\nc x\n{} 1\nd 1 2 3\n", 0);
    assert_eq!(tally.unwrap().report.rejected, 4);
    assert_eq!(lines, [r#"b{host="web1"} 1@0"#]);
}

#[test]
fn what_a_scrape_says_of_itself_has_the_targets_labels() {
    let (job, mut memory) = (Job::new("j"), Memory::default());
    let target = target(&job);
    memory.end(7);
    memory.tell(Of { job: &job, target: &target, time_ms: 7 }, [0.0, 0.5, 0.0, 0.0, 0.0]);
    let lines = shown(memory.batch());
    assert_eq!(lines[0], r#"up{host="web1"} 0@7"#);
    assert_eq!(lines[1], r#"scrape_duration_seconds{host="web1"} 0.5@7"#);
    memory.end(8);
    assert!(memory.batch().is_empty(), "they do not end with a scrape that failed");
}

/// A target whose every page has other series must not be remembered for ever.
#[test]
fn what_comes_never_again_is_forgotten() {
    let (job, mut memory) = (Job::new("j"), Memory::default());
    let target = target(&job);
    for round in 0..40 {
        let page: String = (0..200).map(|n| format!("a{{id=\"{round}-{n}\"}} {n}\n")).collect();
        let said = Said { body: (page + "b 1\n").into_bytes(), is_open_metrics: false };
        let of = Of { job: &job, target: &target, time_ms: round };
        assert_eq!(memory.take(&said, of).unwrap().added, if round == 0 { 201 } else { 200 });
        memory.tell(of, [1.0; 5]);
        let ends =
            memory.batch().groups().flat_map(|rows| rows.values).filter(|v| model::is_stale(**v)).count();
        assert_eq!((ends, memory.batch().len() - ends), (if round == 0 { 0 } else { 200 }, 206));
    }
    assert!(memory.lines.len() < 2000, "{}", memory.lines.len());
}
