use super::*;
use serde_json::json;
use stdx::disk::FaultyDisk;

fn opened(disk: &Arc<FaultyDisk>) -> Sheets {
    Sheets::open(disk.clone(), PathBuf::from("/sheets")).unwrap()
}

fn sheet(title: &str) -> Sheet {
    Sheet::new(title, vec![".es(metric=avg:load1)".to_owned(), ".static(1)".to_owned()])
}

#[test]
fn sheets_survive_a_restart_under_ids_that_stay() {
    let disk = Arc::new(FaultyDisk::new());
    let sheets = opened(&disk);
    assert_eq!(sheets.add(sheet("Load of the shop!"), 5).unwrap(), "load-of-the-shop");
    assert_eq!(sheets.add(sheet("load, of the shop"), 6).unwrap(), "load-of-the-shop-2");
    assert_eq!(sheets.add(sheet("负载"), 7).unwrap(), "sheet");
    sheets.replace("load-of-the-shop", Sheet { columns: 3, ..sheet("Other") }, None, 8).unwrap();
    sheets.remove("load-of-the-shop-2").unwrap();
    let sheets = opened(&disk);
    let found: Vec<(String, String, i64)> =
        sheets.list().into_iter().map(|(id, s)| (id, s.title, s.changed_ms)).collect();
    let wanted = [("load-of-the-shop", "Other", 8), ("sheet", "负载", 7)];
    assert_eq!(found, wanted.map(|(id, title, ms)| (id.to_owned(), title.to_owned(), ms)));
    assert_eq!(sheets.get("load-of-the-shop").unwrap().columns, 3);
    assert!(matches!(sheets.get("no"), Err(Error::Unknown(_))));
    assert!(matches!(sheets.remove("no"), Err(Error::Unknown(_))));
    assert!(matches!(sheets.replace("no", sheet("x"), None, 1), Err(Error::Unknown(_))));
}

#[test]
fn a_file_that_is_no_sheet_harms_no_other_and_is_not_overwritten() {
    let disk = Arc::new(FaultyDisk::new());
    opened(&disk).add(sheet("Fine"), 1).unwrap();
    write_atomically(disk.as_ref(), Path::new("/sheets/broken.json"), b"{").unwrap();
    let sheets = opened(&disk);
    assert_eq!((sheets.list().len(), sheets.problems().len()), (1, 1));
    assert!(sheets.problems()[0].to_string().contains("broken.json"));
    assert_eq!(sheets.add(sheet("Broken"), 1).unwrap(), "broken-2");
}

#[test]
fn what_may_not_be_kept_is_named() {
    let sheets = opened(&Arc::new(FaultyDisk::new()));
    let cases = [
        (Sheet { title: " ".into(), ..sheet("x") }, "title"),
        (Sheet { title: "x".repeat(300), ..sheet("x") }, "`title` has 300 bytes"),
        (Sheet { columns: 0, ..sheet("x") }, "`columns` must be from 1 to 12, not 0"),
        (Sheet { rows: 13, ..sheet("x") }, "`rows`"),
        (Sheet { exprs: vec![String::new(); 65], ..sheet("x") }, "65 expressions"),
        (Sheet { exprs: vec!["x".repeat(30_000)], ..sheet("x") }, "`exprs[0]`"),
        (Sheet { interval: "x".repeat(99), ..sheet("x") }, "`interval`"),
    ];
    for (sheet, wanted) in cases {
        let error = sheets.add(sheet, 1).unwrap_err().to_string();
        assert!(error.contains(wanted), "{error}");
    }
    assert!(sheets.list().is_empty());
}

#[test]
fn exports_of_kibana_are_read_and_written() {
    let saved = json!({"id": "1", "type": "timelion-sheet", "attributes": {
        "title": "Load", "description": "of all", "timelion_sheet": [".es(*)", ".static(1)"],
        "timelion_interval": "other", "timelion_other_interval": "10m", "timelion_columns": "3", "timelion_rows": 99}});
    let chart = json!({"_type": "visualization", "_source": {"title": "", "visState":
        json!({"type": "timelion", "params": {"expression": ".es(one)", "interval": "1m"}}).to_string()}});
    let panel = |kind: &str| json!({"embeddableConfig": {"savedVis": {"type": kind, "params": {"expression": ".es(two)"}}}});
    let board = json!({"type": "dashboard", "attributes": {"title": "Board",
        "panelsJSON": json!([panel("pie"), panel("timelion"), {}]).to_string()}});
    let other = json!({"type": "index-pattern", "attributes": {"title": "x"}});
    let lines = format!("{saved}\n{other}\n\n{chart}\n{board}\n");
    let found = kibana::read(&lines).unwrap();
    let load = Sheet {
        description: "of all".into(),
        columns: 3,
        rows: 12,
        interval: "10m".into(),
        compatible: true,
        ..Sheet::new("Load", vec![".es(*)".into(), ".static(1)".into()])
    };
    let one = Sheet {
        columns: 1,
        rows: 1,
        interval: "1m".into(),
        compatible: true,
        ..Sheet::new("Untitled", vec![".es(one)".into()])
    };
    let two = Sheet { compatible: true, ..Sheet::new("Board", vec![".es(two)".into()]) };
    assert_eq!(found, [load.clone(), one.clone(), two]);
    assert_eq!(kibana::read(&json!([chart, saved]).to_string()).unwrap(), [one, load.clone()]);
    assert_eq!(kibana::read(&kibana::write("1", &load)).unwrap(), [load]);
    let told = |text: &str| kibana::read(text).unwrap_err().to_string();
    assert!(told(&other.to_string()).starts_with("no sheet"));
    assert!(told(&format!("{saved}\n{{")).starts_with("line 2: "));
}

#[test]
fn who_saves_second_is_told() {
    let disk = Arc::new(FaultyDisk::new());
    let sheets = Sheets::open(disk, PathBuf::from("sheets")).unwrap();
    let id = sheets.add(sheet("Shared"), 5).unwrap();
    sheets.replace(&id, sheet("First"), Some(5), 9).unwrap();
    let refused = sheets.replace(&id, sheet("Second"), Some(5), 9);
    assert!(matches!(refused, Err(Error::Changed(why)) if why.contains("changed meanwhile")));
    assert_eq!(sheets.get(&id).unwrap().title, "First");
    // Within the same millisecond, and by a clock that goes back.
    sheets.replace(&id, sheet("Third"), Some(9), 9).unwrap();
    sheets.replace(&id, sheet("Fourth"), Some(10), 3).unwrap();
    assert_eq!(sheets.get(&id).unwrap().changed_ms, 11);
}
