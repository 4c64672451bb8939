//! Sheets from Kibana: kept by a server, shown, and given back.

use it::process::{Folder, Server, binary};
use std::process::{Command, Output};

const EXPORTED: &str = r#"{"id":"1","type":"timelion-sheet","attributes":{"title":"Load of the shop","timelion_sheet":[".es(metric=avg:load1)","@1.abs()"],"timelion_interval":"1m","timelion_columns":3,"timelion_rows":1}}"#;

fn sheets(server: &Server, arguments: &[&str]) -> Output {
    Command::new(binary()).arg("sheets").args(arguments).args(["--url", &server.url]).output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn sheets_of_kibana_stay_over_a_restart_and_go_back() {
    let folder = Folder::new("sheets");
    let data = folder.path().join("data");
    let file = folder.path().join("export.ndjson");
    std::fs::write(&file, EXPORTED).unwrap();
    let server = Server::start("server", &data, 0, &[]);
    let imported = sheets(&server, &["import", file.to_str().unwrap()]);
    assert_eq!(said(&imported), "load-of-the-shop  2 charts: Load of the shop\n", "{imported:?}");
    assert!(sheets(&server, &["rename", "load-of-the-shop", "Load"]).status.success());
    assert!(server.process.terminate().success());

    let server = Server::start("server", &data, 0, &[]);
    assert_eq!(said(&sheets(&server, &["list"])), "load-of-the-shop    2 charts  Load\n");
    let shown = said(&sheets(&server, &["show", "load-of-the-shop"]));
    assert_eq!(shown, "Load\n@1  .es(metric=avg:load1)\n@2  @1.abs()\n");
    let exported: serde_json::Value = serde_json::from_str(&said(&sheets(&server, &["export"]))).unwrap();
    let attributes = &exported["attributes"];
    assert_eq!(
        (&attributes["timelion_columns"], &attributes["timelion_interval"]),
        (&3.into(), &"1m".into())
    );
    let wrong = sheets(&server, &["show", "nothing"]);
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("there is no sheet `nothing`"), "{wrong:?}");
    assert!(sheets(&server, &["remove", "load-of-the-shop"]).status.success());
    assert_eq!(said(&sheets(&server, &["list"])), "");
}
