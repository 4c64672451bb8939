use super::*;
use crate::tests::dump;
use model::Level;

const SINCE: f64 = f64::INFINITY;

fn one(line: &str) -> (Heard, String) {
    let (mut batch, mut report) = (Batch::new(), Report::default());
    let heard = event(line.as_bytes(), &Context::at(5), &mut batch, &mut report).unwrap();
    (heard, dump(&batch, &report))
}

fn told(line: &str) -> (Level, String, Vec<(String, String)>) {
    let event = one(line).0.event.unwrap();
    (event.level, event.text, event.fields)
}

#[test]
fn what_is_told_reads_like_a_sentence() {
    let state = r#"{"type":"StateChange","host":"web1","service":"disk","state":2.0,"state_type":0,"timestamp":7.25,"check_result":{"output":"DISK full ","state":2,"execution_end":7.0}}"#;
    for (line, level, text) in [
        (state, Level::Error, "disk on web1: CRITICAL (soft): DISK full"),
        (
            r#"{"type":"StateChange","host":"web1","state":1,"state_type":1}"#,
            Level::Error,
            "web1: DOWN (hard)",
        ),
        (r#"{"type":"StateChange","host":"web1","state":0,"state_type":1}"#, Level::Info, "web1: UP (hard)"),
        (
            r#"{"type":"Notification","host":"h","service":"s","users":["a","b"],"notification_type":"PROBLEM","text":"","check_result":{"output":"bad"}}"#,
            Level::Info,
            "s on h: notification (PROBLEM) to a, b: bad",
        ),
        (
            r#"{"type":"AcknowledgementSet","host":"h","author":"me","comment":"on it","expiry":0}"#,
            Level::Info,
            "h: acknowledged by me: on it",
        ),
        (
            r#"{"type":"CommentAdded","comment":{"author":"me","host_name":"h","service_name":"s","text":"why?","type":"Comment"}}"#,
            Level::Info,
            "s on h: comment by me: why?",
        ),
        (
            r#"{"type":"DowntimeStarted","downtime":{"author":"me","host_name":"h","service_name":"","comment":"work","type":"Downtime"}}"#,
            Level::Info,
            "h: downtime started, planned by me: work",
        ),
        (
            r#"{"type":"Flapping","host":"h","service":"s","is_flapping":true,"flapping_current":39.1}"#,
            Level::Warn,
            "s on h: its state flaps (39.1 % of late)",
        ),
        (r#"{"type":"Flapping","host":"h","is_flapping":false}"#, Level::Info, "h: its state flaps no more"),
        (r#"{"type":"ObjectModified","host":"h"}"#, Level::Info, "h: ObjectModified"),
    ] {
        let (seen, said, _) = told(line);
        assert_eq!((seen, said.as_str()), (level, text), "{line}");
    }
    let (_, _, fields) = told(state);
    let fields: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
    assert_eq!(fields, ["type=StateChange", "check=disk", "state=CRITICAL", "state_type=soft"]);
}

#[test]
fn an_event_and_the_object_that_tells_of_it_later_are_the_same() {
    let (heard, samples) = one(
        r#"{"type":"StateChange","host":"web1","service":"disk","state":2,"timestamp":7.25,"check_result":{"state":2,"execution_end":7.1234}}"#,
    );
    assert_eq!((heard.time_ms, samples.lines().count()), (7250, 1), "no samples twice");
    let body = r#"{"results":[{"type":"Service","name":"web1!disk","attrs":{"name":"disk","host_name":"web1","state":2,"state_type":0,
        "last_state_change":7.1234,"last_hard_state_change":3,"last_check_result":{"state":2,"execution_end":9.5,"vars_after":{"attempt":1}}}}]}"#;
    let (mut batch, mut all) = (Batch::new(), Vec::new());
    let report = objects(body.as_bytes(), 5.0, &Context::at(5), &mut batch, &mut |heard| all.push(heard));
    let [missed] = all.as_slice() else { panic!("{all:?}") };
    assert_eq!((missed.key.as_str(), missed.time_ms), (heard.key.as_str(), 9500));
    assert_eq!(missed.event.as_ref().unwrap().time_ms, 7123);
    let said = dump(&batch, &report);
    assert!(said.contains("9500 gauge check_state{check=\"disk\",host=\"web1\"} 2"), "{said}");
    // What changed before is no news.
    let mut all = Vec::new();
    objects(body.as_bytes(), 8.0, &Context::at(5), &mut Batch::new(), &mut |heard| all.push(heard.event));
    assert_eq!(all, [None]);
}

#[test]
fn comments_and_hosts_are_found_again() {
    let body = r#"{"results":[{"type":"Comment","name":"web1!c1","attrs":{"host_name":"web1","service_name":"","author":"me","text":"x","entry_time":9}},
        {"type":"Host","name":"web1","attrs":{"name":"web1","state":0,"last_check_result":null}},{"type":"Zone","name":"z"}]}"#;
    let mut all = Vec::new();
    let report =
        objects(body.as_bytes(), 5.0, &Context::at(5), &mut Batch::new(), &mut |heard| all.push(heard));
    assert_eq!(all.len(), 2);
    let live = r#"{"type":"CommentAdded","timestamp":9,"comment":{"__name":"web1!c1","host_name":"web1","author":"me","text":"x"}}"#;
    assert_eq!((one(live).0.key.as_str(), all[1].event.is_none()), (all[0].key.as_str(), true));
    assert_eq!(report.reasons[0].reason, "an object of type `Zone`");
}

#[test]
fn performance_data_taken_apart_are_put_together_again() {
    let line = r#"{"type":"CheckResult","host":"h","check_result":{"state":0,"execution_end":1,"performance_data":[
        {"type":"PerfdataValue","label":"it's","value":1.5,"unit":"seconds","warn":2,"crit":null,"min":0,"counter":false},
        {"label":"n","value":7,"unit":"","counter":true},{"label":"p","value":50,"unit":"percent"},"a b"]}}"#;
    let said = one(&line.replace('\n', "")).1;
    for wanted in [
        "1000 gauge perfdata_seconds{check=\"host\",host=\"h\",label=\"it's\"} 1.5",
        "1000 gauge perfdata_seconds_bound{bound=\"warn_above\",check=\"host\",host=\"h\",label=\"it's\"} 2",
        "1000 counter perfdata_total{check=\"host\",host=\"h\",label=\"n\"} 7",
        "1000 gauge perfdata_ratio{check=\"host\",host=\"h\",label=\"p\"} 0.5",
        "`b` is not label=value",
    ] {
        assert!(said.contains(wanted), "{wanted} is not in\n{said}");
    }
}

#[test]
fn a_status_is_numbers_with_the_names_of_objects_as_labels() {
    let body = r#"{"results":[{"name":"CIB","perfdata":[],"status":{"avg_latency":0.25,"uptime":7}},
        {"perfdata":[{"label":"idomysqlconnection_ido-mysql_queries_1min","value":3,"unit":""}],"status":{"idomysqlconnection":{"ido-mysql":{"connected":true,"version":"1.14"}}},"name":"IdoMysqlConnection"},
        {"name":"ApiListener","status":{"api":{"conn_endpoints":["a"],"json_rpc":{"relay-queue":1},"zones":{"z1":{"client_log_lag":2}}}}},
        {"name":"IcingaApplication","status":{"icingaapplication":{"app":{"node_name":"m1","version":"r2.13.6-1","pid":7}}}}]}"#;
    let mut batch = Batch::new();
    let report = status(body.as_bytes(), &Context::at(5), &mut batch);
    let said = dump(&batch, &report);
    for wanted in [
        "icinga_cib_avg_latency 0.25",
        "icinga_idomysqlconnection_connected{object=\"ido-mysql\"} 1",
        "perfdata_value{component=\"idomysqlconnection\",label=\"idomysqlconnection_ido-mysql_queries_1min\"} 3",
        "icinga_apilistener_api_json_rpc_relay_queue 1",
        "icinga_apilistener_api_zone_client_log_lag{zone=\"z1\"} 2",
        "icinga_info{node_name=\"m1\",version=\"r2.13.6-1\"} 1",
        "icinga_icingaapplication_pid{object=\"app\"} 7",
    ] {
        assert!(said.contains(&format!("5 gauge {wanted}\n")), "{wanted} is not in\n{said}");
    }
    assert!(report.rejected == 0 && report.accepted == batch.len() as u64, "{said}");
}

#[test]
fn what_is_no_event_says_why() {
    for (line, why) in [
        ("{", "byte 1: ended in the middle"),
        ("[]", "byte 0: expected an object"),
        ("{}", "an event without `type`"),
        (r#"{"type":"CheckResult"}"#, "CheckResult without a host"),
        (r#"{"type":"CheckResult","host":"h"}"#, "a result without `check_result`"),
        (r#"{"type":"CheckResult","host":"h","check_result":{}} x"#, "byte 52: text after the end"),
    ] {
        let (mut batch, mut report) = (Batch::new(), Report::default());
        let refused = event(line.as_bytes(), &Context::at(5), &mut batch, &mut report).unwrap_err();
        assert_eq!(refused, why, "{line}");
    }
    let report = objects(b"{\"results\":[{", SINCE, &Context::at(5), &mut Batch::new(), &mut |_| {});
    assert_eq!(report.rejected, 1);
}
