use crate::tests::Text;
use crate::{Host, Options, Scheduler};

/// The others used to end and begin in the same tick, which left a gap in their series.
#[test]
fn a_core_that_is_taken_away_ends_only_its_own_series() {
    let root = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(root.path().join("proc")).unwrap();
    let options = Options { cpu_per_core: true, ..Options::for_host("h") };
    let mut scheduler = Scheduler::new(Host::recorded(root.path()), options).unwrap();
    let mut cores = |now_ms, stat: &str| {
        std::fs::write(root.path().join("proc/stat"), stat).unwrap();
        let text = Text::default();
        scheduler.tick(now_ms, &text);
        let lines = text.take().into_iter();
        let lines =
            lines.filter_map(|line| Some(line.strip_prefix("cpu_core_seconds_total{core=")?.to_owned()));
        lines.map(|line| line.replace(r#",host="h",mode="user"}"#, "")).collect::<Vec<_>>()
    };
    assert_eq!(cores(1000, "cpu0 100\ncpu1 200\ncpu2 300\n"), [r#""0" 1"#, r#""1" 2"#, r#""2" 3"#]);
    assert_eq!(cores(2000, "cpu0 100\ncpu2 400\n"), [r#""0" 1"#, r#""1" end"#, r#""2" 4"#]);
    assert_eq!(cores(3000, "cpu0 100\ncpu1 200\ncpu2 400\n"), [r#""0" 1"#, r#""1" 2"#, r#""2" 4"#]);
    assert_eq!(cores(4000, "cpu2 400\n"), [r#""0" end"#, r#""1" end"#, r#""2" 4"#]);
}
