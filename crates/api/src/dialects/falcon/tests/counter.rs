use super::*;

/// Labels beside name and host, and the counters that stand for them.
type Named = (&'static [(&'static str, &'static str)], &'static [&'static str]);

#[test]
fn a_counter_finds_the_series_of_any_door() {
    let house = House::at(T);
    let own = [("__name__", "m"), ("host", "h")];
    let series: [Named; 9] = [
        (&[], &["m", "m/k="]),
        (&[("a", "1"), ("b", "2")], &["m/a=1,b=2", "m/b=2,a=1", "m/a=1,b=2,k="]),
        (&[("a", "1")], &["m/a=1"]),
        (&[("exported_host", "x")], &["m/host=x", "m/exported_host=x"]),
        (&[("exported___name__", "x")], &["m/__name__=x"]),
        (&[("=", "v")], &["m/=v", "m/=v,k="]),
        (&[("t/0", "a/b"), ("u", "/c=d")], &["m/t/0=a/b,u=/c=d"]),
        (&[("options", "rw,size=5,,k=")], &["m/options=rw,size=5,,k=", "m/options=rw,size=5"]),
        (&[("A", "1"), ("a", "ä b")], &["m/A=1,a=ä b"]),
    ];
    for (i, (labels, _)) in series.iter().enumerate() {
        let labels: Vec<_> = labels.iter().copied().chain(own).collect();
        house.insert(&labels, Kind::Gauge, &[(T, i as f64)]);
    }
    house.insert(&[("__name__", "m/with/slash"), ("host", "e/h"), ("k", "v/w")], Kind::Gauge, &[(T, 9.0)]);
    house.insert(&[("__name__", "m/x=1"), ("host", "h")], Kind::Gauge, &[(T, 10.0)]);
    for (i, (_, counters)) in series.iter().enumerate() {
        for counter in *counters {
            assert_eq!(house.lasts("h", counter)[1], (T, i as f64), "{counter}");
        }
    }
    assert_eq!(house.lasts("e/h", "m/with/slash/k=v/w")[1].1, 9.0);
    assert_eq!(house.lasts("h", "m/x=1")[1].1, 10.0);
    for (endpoint, counter) in [
        ("h", "m/"),
        ("h", "m/a"),
        ("h", "m/a=2"),
        ("h", "m/b=2"),
        ("h", "n"),
        ("g", "m"),
        ("", "m"),
        ("h", ""),
    ] {
        assert_eq!(house.lasts(endpoint, counter), [(0, 0.0); 2], "{endpoint} {counter}");
    }
}

#[test]
fn a_counter_has_the_tags_that_were_pushed() {
    let house = House::at(T);
    let tags = "k=, host=x,a=1, __name__=y,=v,a=2";
    let item = json!([{
        "endpoint": "h", "metric": "m", "tags": tags, "counterType": "GAUGE", "step": 60, "value": 3, "timestamp": T,
    }]);
    assert_eq!(house.push(&item, T * 1000).accepted, 1);
    assert_eq!(house.lasts("h", "m/=v,__name__=y,a=2,host=x,k="), [(T, 3.0); 2]);
}
