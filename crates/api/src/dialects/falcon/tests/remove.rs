use super::*;

fn deleted(house: &House) -> Vec<String> {
    let selectors = std::mem::take(&mut *house.deletions.0.lock().unwrap());
    let text = |matchers: &Vec<Matcher>| {
        let mut texts: Vec<String> = matchers.iter().map(ToString::to_string).collect();
        texts.sort_unstable();
        texts.join(",")
    };
    selectors.iter().map(text).collect()
}

#[test]
fn just_what_was_named_is_deleted() {
    let house = House::at(T + 240);
    for tags in [&[][..], &[("mount", "/")]] {
        let labels = [("__name__", "df"), ("host", "h")].iter().chain(tags).copied();
        house.insert(&labels.collect::<Vec<_>>(), Kind::Gauge, &minutes(5));
    }
    let ask = |path: &str, body: Value| {
        let (status, text) = house.ask(Method::DELETE, path, body);
        (status, serde_json::from_str::<Value>(&text).unwrap())
    };
    let asked = json!({"endpoints": ["h", "nobody"], "counters": ["df", "no"]});
    assert_eq!(ask("/api/v1/graph/counter", asked), (200, json!({"affected_counter": 1})));
    assert_eq!(deleted(&house), [r#"__name__="df",host="h",mount="""#]);
    let said = ask("/api/v1/graph/endpoint", json!(["h", "nobody"]));
    assert_eq!(said, (200, json!({"affected_endpoint": 1, "affected_counter": 2})));
    assert_eq!(deleted(&house), [r#"host="h""#]);
    assert_eq!(ask("/api/v1/graph/endpoint", json!([])).0, 400);
    assert_eq!(ask("/api/v1/graph/endpoint", json!([1])).0, 400);
    assert_eq!(ask("/api/v1/graph/counter", json!({"endpoints": ["h"]})).0, 400);
    assert!(deleted(&house).is_empty());
}
