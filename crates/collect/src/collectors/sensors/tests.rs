use crate::tests::Text;
use crate::{Host, Options, Scheduler};
use std::fs;
use std::path::Path;

fn chip(root: &Path, folder: &str, thousandths: u32) {
    let folder = root.join("sys/class/hwmon").join(folder);
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("name"), "nvme\n").unwrap();
    fs::write(folder.join("temp1_input"), format!("{thousandths}\n")).unwrap();
}

fn temperatures(scheduler: &mut Scheduler, second: i64) -> Vec<String> {
    let text = Text::default();
    scheduler.tick(second * 1000, &text);
    let lines = text.take().into_iter().filter(|line| line.starts_with("temperature_celsius"));
    lines
        .map(|line| line.replace(r#"temperature_celsius{chip="nvme",host="h",sensor="temp1"}"#, ""))
        .collect()
}

/// Its series used to end and begin in the same tick.
#[test]
fn a_chip_that_gets_another_number_keeps_its_series() {
    let root = tempfile::tempdir().unwrap();
    let mut scheduler = Scheduler::new(Host::recorded(root.path()), Options::for_host("h")).unwrap();
    chip(root.path(), "hwmon1", 30_000);
    assert_eq!(temperatures(&mut scheduler, 0), [" 30"]);
    fs::remove_dir_all(root.path().join("sys/class/hwmon/hwmon1")).unwrap();
    chip(root.path(), "hwmon2", 31_000);
    // Until the next search the file that is gone is still open.
    let later: Vec<_> = (1..7).map(|pass| temperatures(&mut scheduler, pass * 10)).collect();
    assert_eq!(later.concat(), [" 30", " 30", " 30", " 30", " 30", " 31"]);
}
