//! One port for lines and for HTTP, as OpenTSDB has it: the first byte tells, as methods are in capitals and commands are not.

use super::OpenTsdb;
use super::pages::Pages;
use crate::doors::Place;
use crate::http::{self, Http};
use crate::intake::Intake;
use crate::service::{Limits, Next, Peer, Service, Told};
use crate::text::{self, Text};

/// See the module's text.
pub(crate) struct Port {
    lines: Text<OpenTsdb>,
    pages: Http<Pages>,
}

impl Port {
    pub(crate) fn new(place: Place, intake: Intake) -> Self {
        Self { lines: Text::new(OpenTsdb::new(place.clone()), intake), pages: Http::new(Pages::new(place)) }
    }
}

/// What is remembered of a connection.
pub(crate) enum Session {
    /// Nothing has come yet.
    New(Peer),
    Lines(text::Session),
    Pages(http::Session),
}

impl Service for Port {
    type Session = Session;

    const LIMITS: Limits = Text::<OpenTsdb>::LIMITS;

    fn open(&mut self, peer: Peer, _out: &mut Vec<u8>) -> Session {
        Session::New(peer)
    }

    fn input(&mut self, session: &mut Session, bytes: &[u8], out: &mut Vec<u8>) -> Next {
        if let (Session::New(peer), Some(first)) = (&*session, bytes.first()) {
            *session = match first {
                b'A'..=b'Z' => Session::Pages(self.pages.open(*peer, out)),
                _ => Session::Lines(self.lines.open(*peer, out)),
            };
        }
        match session {
            Session::New(_) => Next::Idle,
            Session::Lines(session) => self.lines.input(session, bytes, out),
            Session::Pages(session) => self.pages.input(session, bytes, out),
        }
    }

    fn close(&mut self, session: Session) {
        match session {
            Session::New(_) => {}
            Session::Lines(session) => self.lines.close(session),
            Session::Pages(session) => self.pages.close(session),
        }
    }

    fn datagram(&mut self, _bytes: &[u8], _peer: Peer) {}

    fn rest(&mut self, now_ms: i64) {
        self.lines.rest(now_ms);
    }

    fn tick(&mut self, now_ms: i64) -> Option<i64> {
        self.lines.tick(now_ms)
    }

    fn is_full(&self) -> bool {
        self.lines.is_full()
    }

    fn stop(&mut self, now_ms: i64) {
        self.lines.stop(now_ms);
    }

    /// The newer of the two, with the problem of either.
    fn told(&self) -> Told {
        let (lines, pages) = (self.lines.told(), self.pages.told());
        let problem = if lines.problem.is_empty() { &pages.problem } else { &lines.problem }.clone();
        let newer = if pages.last_ms > lines.last_ms { pages } else { lines };
        Told { problem, ..newer }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::telemetry::Taken;
    use crate::tests::{Recorder, place};
    use model::PushError;
    use std::sync::Arc;
    use stdx::clock::ManualClock;

    static TAKEN: Taken = Taken::new(&[]);

    struct Door {
        port: Port,
        sink: Arc<Recorder>,
    }

    impl Door {
        fn new() -> Self {
            let sink = Arc::new(Recorder::default());
            let place = place(sink.clone(), Arc::new(ManualClock::at(7_000)));
            Self { port: Port::new(place.clone(), Intake::new(place, &TAKEN)), sink }
        }

        /// What a connection of its own is answered, its bytes coming one by one or at once.
        fn say(&mut self, bytes: &[u8], piece: usize) -> String {
            let mut out = Vec::new();
            let mut session = self.port.open(None, &mut out);
            for piece in bytes.chunks(piece) {
                self.port.input(&mut session, piece, &mut out);
            }
            self.port.close(session);
            String::from_utf8(out).unwrap()
        }

        fn post(&mut self, path: &str, body: &str, piece: usize) -> String {
            let head = format!("POST {path} HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n\r\n", body.len());
            self.say((head + body).as_bytes(), piece)
        }
    }

    const POINT: &str = r#"{"metric":"m","timestamp":5,"value":1,"tags":{"a":"b"}}"#;

    #[test]
    fn lines_and_points_come_by_one_port() {
        for piece in [1, 4096] {
            let mut door = Door::new();
            assert_eq!(door.say(b"put m 1 1 a=b\n", piece), "");
            door.port.tick(10_000);
            assert!(door.post("/api/put", POINT, piece).starts_with("HTTP/1.1 204 No Content\r\n"));
            let points = format!("[{POINT},{{\"metric\":\"m\"}}]");
            let said = door.post("/api/put?details", &points, piece);
            assert!(
                said.starts_with("HTTP/1.1 400 ") && said.contains("\"failed\":1,\"success\":1"),
                "{said}"
            );
            let rows = door.sink.take();
            assert_eq!(rows[0], r#"1000 unknown m{a="b"} 1"#);
            assert_eq!(rows[1..], [r#"5000 unknown m{a="b"} 1"#; 2]);
        }
    }

    #[test]
    fn who_is_there_and_what_is_not_is_said() {
        let mut door = Door::new();
        let get = |path: &str| format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n").into_bytes();
        assert!(door.say(&get("/api/version"), 7).contains("\"version\":\"1\""));
        assert!(door.say(&get("/api/put"), 7).starts_with("HTTP/1.1 405 "));
        assert!(door.say(&get("/api/query"), 7).contains("Endpoint not found"));
        assert!(door.say(b"NONSENSE\r\n\r\n", 3).starts_with("HTTP/1.1 400 "));
        assert!(door.say(b"version\n", 3).contains("windhover"));
    }

    #[test]
    fn what_cannot_be_kept_is_not_said_to_be() {
        let mut door = Door::new();
        door.sink.answer(Some(PushError::Busy("later".to_owned())));
        let said = door.post("/api/put", POINT, 4096);
        assert!(said.starts_with("HTTP/1.1 503 ") && said.contains("retry-after"), "{said}");
        assert_eq!(door.port.told().problem, "not now: later");
    }
}
