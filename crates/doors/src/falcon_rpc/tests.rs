//! The door with bytes alone.

use super::*;
use crate::framed::Framed;
use crate::service::{Next, Service};
use crate::telemetry::Taken;
use crate::tests::{Recorder, place};
use stdx::clock::ManualClock;

static TAKEN: Taken = Taken::new(&[]);
const NOW_MS: i64 = 1_700_000_040_000;

struct House {
    door: Framed<FalconRpc>,
    sink: Arc<Recorder>,
}

impl House {
    fn new() -> Self {
        let sink = Arc::new(Recorder::default());
        let place = place(sink.clone(), Arc::new(ManualClock::at(NOW_MS)));
        let rpc = FalconRpc::new(Arc::new(Heartbeat::default()));
        Self { door: Framed::new(rpc, Intake::new(place, &TAKEN).forgetful()), sink }
    }

    fn ask(&mut self, parts: &[&str]) -> (String, Next) {
        let (mut out, mut next) = (Vec::new(), Next::Idle);
        let mut session = self.door.open(None, &mut out);
        for part in parts {
            next = self.door.input(&mut session, part.as_bytes(), &mut out);
        }
        self.door.close(session);
        (String::from_utf8(out).unwrap(), next)
    }
}

#[test]
fn items_are_taken_and_counted() {
    let mut house = House::new();
    let item = r#"{"endpoint":"h","metric":"m","value":"2","step":60,"counterType":"GAUGE","tags":"a=b","timestamp":1700000050}"#;
    let request = format!(r#"{{"method":"Transfer.Update","params":[[{item},null]],"id":[1]}}"#);
    let (first, second) = request.split_at(40);
    let (answer, next) = house.ask(&[first, second, "\n"]);
    let answer = answer.replace(char::is_numeric, "N");
    assert_eq!(
        answer,
        "{\"id\":[N],\"result\":{\"Message\":\"ok\",\"Total\":N,\"Invalid\":N,\"Latency\":N},\"error\":null}\n"
    );
    assert_eq!(next, Next::Idle);
    house.door.stop(NOW_MS);
    assert_eq!(house.sink.take(), [r#"1700000040000 gauge m{a="b",host="h"} 2"#]);
}

#[test]
fn errors_are_in_the_words_of_go() {
    for (request, error) in [
        (r#"{"method":"No.Such","params":[{}],"id":9}"#, "rpc: can't find service No.Such"),
        (r#"{"method":"Nope","params":[{}],"id":9}"#, "rpc: service/method request ill-formed: Nope"),
        (r#"{"method":"Transfer.Nope","params":[{}],"id":9}"#, "rpc: can't find method Transfer.Nope"),
        (r#"{"method":"Agent.Nope","params":[{}],"id":9}"#, "rpc: can't find method Agent.Nope"),
        (r#"{"method":"Transfer.Ping","id":9}"#, "jsonrpc: request body missing params"),
        (
            r#"{"method":"Transfer.Update","params":[[{"timestamp":1.5}]],"id":9}"#,
            "byte 14 of the items: expected a whole number of at most 64 bits",
        ),
    ] {
        let (answer, next) = House::new().ask(&[request]);
        assert_eq!(answer, format!("{{\"id\":9,\"result\":null,\"error\":\"{error}\"}}\n"));
        assert_eq!(next, Next::Idle);
    }
}

#[test]
fn several_requests_may_follow_each_other_and_a_broken_one_ends_it() {
    let ping = |id: &str| format!(r#"{{"method":"Transfer.Ping","params":[{{}}],"id":{id}}}"#);
    let (answer, next) =
        House::new().ask(&[&(ping("1") + &ping("\"x\"") + "\n" + r#"{"method":{}}"# + &ping("3"))]);
    assert_eq!(
        answer,
        "{\"id\":1,\"result\":{\"code\":0},\"error\":null}\n{\"id\":\"x\",\"result\":{\"code\":0},\"error\":null}\n"
    );
    assert_eq!(next, Next::Close);
    assert_eq!(House::new().ask(&["GET / HTTP/1.1\r\n"]), (String::new(), Next::Close));
    assert_eq!(House::new().ask(&["{\"method\":"]).1, Next::Partial);
}
