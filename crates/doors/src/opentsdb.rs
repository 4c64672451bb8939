//! OpenTSDB's telnet port: `put` lines, which are answered only when they are wrong, and the few commands that scripts ask to
//! see whether somebody is there. Commands that would end or empty something there are not here. HTTP is spoken on the same port.

mod pages;
mod port;

pub(crate) use port::Port;

use crate::doors::Place;
use crate::intake::Intake;
use crate::service::Peer;
use crate::text::Dialect;
use model::{Position, Report};
use std::fmt::Write;
use wire::protocols::opentsdb_telnet::Decoder;

/// Most bytes of answers to what came at once; who sends only nonsense need not hear of all of it.
const ANSWER_BYTES_MAX: usize = 64 * 1024;

/// See the module's text.
pub(crate) struct OpenTsdb {
    place: Place,
    decoder: Decoder,
}

impl OpenTsdb {
    pub(crate) fn new(place: Place) -> Self {
        Self { place, decoder: Decoder::default() }
    }

    /// What a command other than `put` answers; `None` when it ends the connection.
    fn command(&self, command: &str) -> Option<String> {
        let Place { options, clock, .. } = &self.place;
        let (host, version) = (&options.host, &options.version);
        match command {
            "exit" => None,
            "version" => Some(format!("net.opentsdb.tools windhover {version}\n")),
            "help" => Some("available commands: exit help put stats version\n".to_owned()),
            "stats" => {
                let (now_s, mut stats) = (clock.now_ms().div_euclid(1000), String::new());
                let taken = &crate::telemetry::OPENTSDB_TAKEN;
                for (name, count) in [("datapoints.added", &taken.samples), ("rpc.errors", &taken.refused)] {
                    let _infallible =
                        writeln!(stats, "tsd.{name} {now_s} {} host={host} type=put", count.get());
                }
                Some(stats)
            }
            other => Some(format!("unknown command: {other}.  Try `help'.\n")),
        }
    }
}

impl Dialect for OpenTsdb {
    fn lines(&mut self, lines: &[u8], peer: Peer, intake: &mut Intake, out: &mut Vec<u8>) -> bool {
        let (mut goes_on, mut answers) = (true, String::new());
        intake.take(peer, |context, batch| {
            let mut report = Report::default();
            self.decoder.follow(batch);
            for (number, line) in (1..).zip(lines.split(|byte| *byte == b'\n')) {
                let line = String::from_utf8_lossy(line);
                let (command, rest) = line.trim().split_once([' ', '\t']).unwrap_or((line.trim(), ""));
                let answer = match command {
                    "" => continue,
                    "put" => self
                        .decoder
                        .put(rest, context, batch)
                        .map(|()| report.accepted += 1)
                        .map_err(|why| format!("put: {why}\n")),
                    command => match self.command(command) {
                        Some(answer) if answer.starts_with("unknown") => Err(answer),
                        Some(answer) => {
                            answers.push_str(&answer);
                            Ok(())
                        }
                        None => {
                            goes_on = false;
                            break;
                        }
                    },
                };
                if let Err(why) = answer {
                    report.reject(Position::Line(number), why.trim_end());
                    if answers.len() < ANSWER_BYTES_MAX {
                        answers.push_str(&why);
                    }
                }
            }
            report
        });
        out.extend_from_slice(answers.as_bytes());
        goes_on
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::{Next, Service};
    use crate::telemetry::Taken;
    use crate::tests::{Recorder, place};
    use crate::text::Text;
    use std::sync::Arc;
    use stdx::clock::ManualClock;

    static TAKEN: Taken = Taken::new(&[]);

    #[test]
    fn puts_are_silent_and_all_else_is_answered() {
        let sink = Arc::new(Recorder::default());
        let place = place(sink.clone(), Arc::new(ManualClock::at(7_000)));
        let mut door = Text::new(OpenTsdb::new(place.clone()), Intake::new(place, &TAKEN));
        let mut out = Vec::new();
        let mut session = door.open(None, &mut out);
        let lines = b"version\nput m 1 1 a=b\r\nput m 2 x a=b\nput m\nnonsense here\nhelp\nstats\n";
        assert_eq!(door.input(&mut session, lines, &mut out), Next::Idle);
        assert_eq!(door.input(&mut session, b"put m 3 3 a=b\nexit\nput m 4 4 a=b\n", &mut out), Next::Close);
        let answers = String::from_utf8(out).unwrap();
        assert!(
            answers.starts_with(
                "net.opentsdb.tools windhover 1\n\
             put: invalid value: x is not a finite number\n\
             put: illegal argument: not enough arguments (need least 4, got 2)\n\
             unknown command: nonsense.  Try `help'.\n\
             available commands: exit help put stats version\n\
             tsd.datapoints.added 7 "
            ),
            "{answers}"
        );
        door.stop(0);
        assert_eq!(sink.take(), [r#"1000 unknown m{a="b"} 1"#, r#"3000 unknown m{a="b"} 3"#]);
    }
}
