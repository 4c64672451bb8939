//! What is left when samples are gone: rows, exported by the step, from the folder and through a running server.

use it::process::{Folder, Server, binary};
use it::wait::until;
use std::fmt::Write;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The time of the first sample; the policy keeps samples for 30 days and a row a minute for 90.
const AGE_S: u64 = 40 * 86_400;

/// Output and messages of a command that must succeed.
fn done(arguments: &[&str]) -> (String, String) {
    let output = Command::new(binary()).args(arguments).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (text(output.stdout), text(output.stderr))
}

fn text_of(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// `series,time,value` lines as times and values.
fn values(table: &str) -> Vec<(u64, f64)> {
    let lines = table.lines().skip(1).map(|line| line.rsplit(',').take(2).collect::<Vec<&str>>());
    lines.map(|cells| (cells[1].parse().expect(table), cells[0].parse().expect(table))).collect()
}

#[test]
fn rows_are_exported_where_samples_are_gone() {
    let folder = Folder::new("gone");
    let path = |name: &str| folder.path().join(name);
    let (config, table, rules, data) = (path("w.toml"), path("t.csv"), path("rules"), path("data"));
    std::fs::write(&rules, "[peaks]\npattern = peak$\nxFilesFactor = 0\naggregationMethod = max\n").unwrap();
    let policy = "[[store.policy]]\nmatch = '{}'\ntiers = ['10s:30d', '60s:90d', '1h:1y']\n";
    std::fs::write(&config, format!("{policy}[store]\naggregation = '{}'\n", text_of(&rules))).unwrap();
    let now_s = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let start_s = (now_s - AGE_S) / 3600 * 3600;
    let mut lines = "time,a.mean,a.peak\n".to_owned();
    for at in 0..720 {
        let _infallible = writeln!(lines, "{},{at},{}", start_s + at * 10, at * 2);
    }
    std::fs::write(&table, lines).unwrap();

    let server = Server::start("server", &data, 0, &["--config", text_of(&config)]);
    done(&["import", text_of(&table), "--url", &server.url]);
    let format = ["--format", "csv", "--times", "s"];
    let export = |more: &[&str]| done(&[&["export"], more, &format].concat());
    let url = ["--url", &server.url];
    until("the samples are gone", Duration::from_secs(60), || {
        let (_, said) = export(&[&["--from", "now-50d"], &url[..]].concat());
        said.contains("the samples are gone; `--step 60s` writes what the rows say of them").then_some(())
    });

    let by_minute = |metric: &str, more: &[&str]| {
        let selector = format!("{{__name__=\"{metric}\"}}");
        let local = ["--data", text_of(&data), "--config", text_of(&config)];
        let [through, beside] = [&url[..], &local[..]].map(|origin| {
            let (table, _) = export(&[&["--match", &selector, "--step", "60s"], more, origin].concat());
            values(&table)
        });
        assert_eq!(through, beside, "the server and its folder say the same");
        through
    };
    let minutes = |value: fn(u64) -> f64| (0..120).map(|m| (start_s + m * 60, value(m))).collect::<Vec<_>>();
    assert_eq!(by_minute("a.mean", &[]), minutes(|m| m as f64 * 6.0 + 2.5));
    assert_eq!(by_minute("a.peak", &[]), minutes(|m| (m * 6 + 5) as f64 * 2.0), "as store.aggregation says");
    assert_eq!(by_minute("a.peak", &["--aggregate", "min"]), minutes(|m| m as f64 * 12.0));

    // Steps shorter than what is left are told.
    let (_, said) = export(&[&["--step", "10s"], &url[..]].concat());
    assert!(said.contains("only rows of 60s are left, so steps there are no shorter"), "{said}");
    let streamed =
        server.at("/api/v1/export?match[]={__name__=%22a.mean%22}&step=1h&aggregate=last&format=csv");
    assert_eq!(it::http::get(&streamed).text.lines().count(), 3, "a line of names and two hours");
    let wrong = it::http::get(&server.at("/api/v1/export?step=1M"));
    assert_eq!(
        (wrong.status, wrong.text.contains("a time such as 10s, 5m or 1d")),
        (400, true),
        "{}",
        wrong.text
    );
    assert!(server.process.terminate().success());
}
