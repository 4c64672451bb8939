use super::*;
use crate::relabel::{Rule, Spec};

fn group(address: &str, labels: &[(&str, &str)]) -> Group {
    let own = |&(name, value): &(&str, &str)| (name.to_owned(), value.to_owned());
    Group { addresses: vec![address.to_owned()], labels: labels.iter().map(own).collect() }
}

fn one(job: &Job, group: &Group) -> Target {
    let (mut targets, problems) = Target::of_group(job, group, "here");
    assert!(problems.is_empty(), "{problems:?}");
    targets.remove(0)
}

fn labels(target: &Target) -> String {
    target.labels.iter().map(|(n, v)| format!("{n}={v}")).collect::<Vec<_>>().join(" ")
}

#[test]
fn a_target_has_its_address_its_labels_and_a_host() {
    let job = Job::new("node");
    let plain = one(&job, &group("web1:9100", &[("rack", "a")]));
    assert_eq!(plain.url.to_string(), "http://web1:9100/metrics");
    assert_eq!(labels(&plain), "instance=web1:9100 job=node rack=a");
    assert_eq!((plain.host.as_str(), plain.interval.as_secs()), ("web1", 60));
    assert_eq!(plain.title(), "node http://web1:9100/metrics");
    assert_eq!(one(&job, &group("127.0.0.1:9100", &[])).host, "here");
    assert_eq!(one(&job, &group("localhost:9100", &[])).host, "here");
    assert_eq!(one(&job, &group("[2001:db8::1]:9100", &[])).host, "2001:db8::1");
    let named = one(&job, &group("127.0.0.1:9100", &[("host", "db1"), ("instance", "x")]));
    assert_eq!((named.host.as_str(), labels(&named).as_str()), ("db1", "instance=x job=node"));
}

#[test]
fn rules_turn_a_target_into_a_parameter_as_for_blackbox_exporters() {
    let rule = |source: &str, target: &str, replacement: &str| {
        let source_labels: Vec<String> = if source.is_empty() { vec![] } else { vec![source.to_owned()] };
        Rule::new(&Spec {
            source_labels: &source_labels,
            target_label: target,
            replacement,
            ..Spec::default()
        })
        .unwrap()
    };
    let mut job = Job::new("blackbox");
    job.path = "/probe".into();
    job.params = vec![("module".into(), "http 2xx".into()), ("module".into(), "b".into())];
    job.relabel = vec![
        rule("__address__", "__param_target", "$1"),
        rule("__param_target", "instance", "$1"),
        rule("", "__address__", "exporter:9115"),
        rule("", "__scrape_timeout__", "1s500ms"),
    ];
    let target = one(&job, &group("https://shop.example/a?b", &[]));
    assert_eq!(
        target.url.to_string(),
        "http://exporter:9115/probe?module=http%202xx&module=b&target=https%3A%2F%2Fshop.example%2Fa%3Fb"
    );
    assert_eq!(labels(&target), "instance=https://shop.example/a?b job=blackbox");
    assert_eq!((target.timeout.as_millis(), target.host.as_str()), (1500, "exporter"));
}

#[test]
fn what_cannot_be_asked_is_told_and_what_is_dropped_is_not() {
    let mut job = Job::new("a");
    let problem =
        |job: &Job, labels: &[(&str, &str)]| Target::of_group(job, &group("h:1", labels), "here").1.join("");
    assert!(problem(&job, &[("__scheme__", "ftp")]).contains("not http or https"));
    assert!(problem(&job, &[("__scrape_interval__", "1s")]).contains("longer than"));
    assert!(problem(&job, &[("__scrape_interval__", "x")]).contains("not a time"));
    assert!(Target::of_group(&job, &group("a b", &[]), "here").1[0].starts_with("a b: "));
    let address = ["__address__".to_owned()];
    job.relabel = vec![
        Rule::new(&Spec { source_labels: &address, regex: "h:.*", action: "drop", ..Spec::default() })
            .unwrap(),
    ];
    assert_eq!(Target::of_group(&job, &group("h:1", &[]), "here"), (vec![], vec![]));
}
