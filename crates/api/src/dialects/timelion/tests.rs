use crate::events::tests::{NOW_MS, ask, house, house_of, json_of};
use model::memory::MemoryStore;
use model::{Kind, Labels};
use serde_json::{Value, json};
use serve::Method;
use std::sync::Arc;

fn run(sheet: Value, time: Value) -> (u16, Value) {
    let body = json!({ "sheet": sheet, "time": time }).to_string();
    json_of(ask(&house(), Method::POST, "/api/timelion/run", "", &body))
}

fn years() -> Value {
    json!({"from": "1980-01-01T00:00:00Z", "to": "1984-01-01T00:00:00Z", "interval": "1y", "timezone": "Etc/UTC"})
}

#[test]
fn a_sheet_is_answered_in_the_words_of_kibana() {
    let text = "(.static('1:2:3:4', a).lines(1, fill=5).color('#eee'), .static(7, b).hide().yaxis(2, units=percent))\
                .title(Both).props(note.by=hand)";
    let (status, said) = run(json!([text, "@1:1.trim().abs()"]), years());
    assert_eq!(status, 200, "{said}");
    let list = &said["sheet"][0]["list"];
    assert_eq!(said["sheet"][0]["type"], "seriesList");
    assert_eq!(
        list[0]["data"],
        json!([
            [315532800000_i64, 1.0],
            [347155200000_i64, 2.0],
            [378691200000_i64, 3.0],
            [410227200000_i64, 4.0]
        ])
    );
    assert_eq!(list[0]["lines"], json!({"lineWidth": 1.0, "fill": 0.5}));
    assert_eq!(
        (&list[0]["type"], &list[0]["color"], &list[0]["fit"]),
        (&json!("series"), &json!("#eee"), &json!("average"))
    );
    assert_eq!((&list[0]["_title"], &list[0]["note"]["by"]), (&json!("Both"), &json!("hand")));
    assert_eq!((&list[1]["_hide"], &list[1]["yaxis"]), (&json!(true), &json!(2)));
    let axis = &list[1]["_global"]["yaxes"][1];
    assert_eq!((&axis["position"], &axis["tickDecimals"]), (&json!("right"), &json!(2)));
    assert_eq!(axis["units"], json!({"type": "percent", "prefix": "", "suffix": "", "tickDecimalsShift": 2}));
    assert!(axis.get("min").is_none() && list[0].get("split").is_none(), "{said}");
    // Null as JavaScript has it.
    let values: Vec<&Value> =
        said["sheet"][1]["list"][0]["data"].as_array().unwrap().iter().map(|point| &point[1]).collect();
    assert_eq!(values, [&json!(0.0), &json!(2.0), &json!(3.0), &json!(0.0)]);
}

#[test]
fn series_of_the_store_are_split_and_named() {
    let store = Arc::new(MemoryStore::new());
    let labels = Labels::from_pairs([("__name__", "load"), ("host", "web1")]).unwrap();
    store.insert(&labels, Kind::Gauge, [(NOW_MS - 60_000, 3.0)]);
    let time = json!({"from": "now-5m", "to": "now", "interval": "1m", "timezone": "UTC"});
    let body = json!({"sheet": [".es(metric=avg:load, split=host:5)"], "time": time}).to_string();
    let (_, said) = json_of(ask(&house_of(store), Method::POST, "/api/timelion/run", "", &body));
    let one = &said["sheet"][0]["list"][0];
    assert_eq!(
        (&one["label"], &one["split"]),
        (&json!("q:* > host:web1 > avg(load)"), &json!("web1")),
        "{said}"
    );
    assert_eq!(said["stats"]["queryCount"], 1);
}

#[test]
fn what_is_wrong_is_told_with_its_cell() {
    let cases = [
        (json!([".static(1)", ".nosuch()"]), years(), " in cell #2: There is no function .nosuch"),
        (
            json!([".static(1)"]),
            json!({"from": "now-1d", "to": "now", "interval": "1s"}),
            "more than the limit of 2000",
        ),
        (json!([".static(1)"]), json!({"interval": ".1ms"}), "Malformed `interval`: .1ms"),
        (json!([".static(1)"]), json!({"from": "soon"}), "`from`: "),
        (json!(".static(1)"), years(), "request body.sheet"),
        (json!([1]), years(), "request body.sheet"),
    ];
    for (sheet, time, wanted) in cases {
        let (status, said) = run(sheet, time);
        assert_eq!((status, &said["statusCode"]), (400, &json!(400)));
        assert!(said["message"].as_str().unwrap().contains(wanted), "{said}");
    }
}

#[test]
fn functions_are_told_with_their_arguments() {
    let (status, all) = json_of(ask(&house(), Method::GET, "/api/timelion/functions", "", ""));
    assert_eq!(status, 200);
    let named = |name: &str| all.as_array().unwrap().iter().find(|one| one["name"] == name).unwrap().clone();
    let average = named("movingaverage");
    assert_eq!((&average["chainable"], &average["aliases"]), (&json!(true), &json!(["mvavg"])));
    assert_eq!(average["args"][0]["name"], "inputSeries");
    assert_eq!(average["args"][2]["suggestions"][0]["name"], "center");
    assert_eq!(named("es")["args"][0]["name"], "q");
}
