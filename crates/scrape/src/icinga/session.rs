//! One Icinga, from one connection to the next.

use super::hand_on::Load;
use super::heard::Known;
use super::lines::Lines;
use super::talk::{self, Failure};
use super::{Icinga, PART, Stop, Surroundings};
use crate::telemetry;
use model::{Batch, Event, EventKind, HOST, Kind, LabelsBuilder, Level, NAME, Report, Standing};
use net::probe::{Following, Heard};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use stdx::backoff::Backoff;
use stdx::random::Random;
use wire::Context;
use wire::protocols::icinga;

/// The first wait after a broken connection, and the longest.
const WAIT: Duration = Duration::from_secs(1);
const WAIT_MAX: Duration = Duration::from_secs(60);
/// How long more is waited for when something has come: what comes together is handed on together.
const TOGETHER: Duration = Duration::from_millis(5);
/// How much is handed on at once, in bytes of events.
const TOGETHER_BYTES_MAX: usize = 256 << 10;
/// Most types of events that are counted apart.
const TYPES_MAX: usize = 64;

/// What is asked of a check that was not listened to.
const ATTRIBUTES: &str = r#""name","host_name","state","state_type","acknowledgement","downtime_depth","last_check_result","last_state_change","last_hard_state_change""#;
/// And of comments and downtimes.
const NOTES: &str = r#""host_name","service_name","author","text","comment","entry_time","entry_type","start_time","end_time","fixed","duration""#;

/// An Icinga, and what is known of it.
pub(super) struct Session {
    icinga: Icinga,
    around: Surroundings,
    stop: Stop,
    backoff: Backoff,
    known: Known,
    load: Load,
    standing: Standing,
    /// Since when nobody listens, if somebody did; by our clock.
    deaf_since_ms: Option<i64>,
    /// What Icinga does not let us ask.
    denied: String,
    /// What went wrong since the last look at the status.
    complaint: Option<String>,
    /// Whether the stream is open.
    is_open: bool,
    /// Events by their type, since the start.
    heard: BTreeMap<String, u64>,
    /// Samples since the last look at the status.
    samples: u64,
}

impl Session {
    pub(super) fn new(icinga: Icinga, around: Surroundings, stop: Stop) -> Self {
        let standing = Standing { part: PART, name: icinga.name.clone(), ..Standing::default() };
        Self {
            icinga,
            around,
            stop,
            backoff: Backoff::new(WAIT, WAIT_MAX, Random::from_entropy()),
            known: Known::default(),
            load: Load::default(),
            standing,
            deaf_since_ms: None,
            denied: String::new(),
            complaint: None,
            is_open: false,
            heard: BTreeMap::new(),
            samples: 0,
        }
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.stop.is_given_up()
    }

    /// Listens until that breaks; gives why.
    pub(super) fn follow(&mut self, tell: &mut dyn FnMut(Standing)) -> String {
        let mut stream = match talk::follow(&self.icinga, self.around.resolver.as_ref(), &self.stop) {
            Ok(stream) => stream,
            Err(why) => return why,
        };
        self.is_open = true;
        let mut listen = || -> Result<(), String> {
            self.catch_up()?;
            self.backoff.succeed();
            let mut look_at = Instant::now();
            let mut lines = Lines::default();
            loop {
                if Instant::now() >= look_at {
                    look_at = Instant::now() + self.icinga.interval;
                    self.look()?;
                    tell(self.standing.clone());
                }
                self.listen(&mut stream, &mut lines, look_at)?;
            }
        };
        match listen() {
            Ok(()) => String::new(),
            Err(why) => why,
        }
    }

    /// Notes why nobody listens any more, and waits before the next try.
    pub(super) fn broke(&mut self, why: String, tell: &mut dyn FnMut(Standing)) {
        let now_ms = self.around.clock.now_ms();
        if std::mem::take(&mut self.is_open) {
            telemetry::ICINGA_BROKEN.add(1);
            self.deaf_since_ms.get_or_insert(now_ms);
        }
        self.load.clear();
        self.say_up(false, now_ms);
        // Where this is not taken, nothing is.
        let _ = self.load.hand_on(&self.around, &mut self.known);
        self.load.clear();
        self.standing.problem = why;
        tell(self.standing.clone());
        let until = Instant::now() + self.backoff.fail();
        while !self.is_stopped() && Instant::now() < until {
            std::thread::park_timeout(until.saturating_duration_since(Instant::now()));
        }
    }

    /// Asks for what happened while nobody listened: at the first time only for how things are.
    fn catch_up(&mut self) -> Result<(), String> {
        let since_s = self.known.since_s();
        let (mut results, mut changes, mut refused) = (0_u64, 0_u64, Vec::new());
        for (kind, filter, attributes) in [
            ("hosts", "host.last_check", ATTRIBUTES),
            ("services", "service.last_check", ATTRIBUTES),
            ("comments", "comment.entry_time", NOTES),
            ("downtimes", "downtime.entry_time", NOTES),
        ] {
            if since_s.is_none() && attributes == NOTES {
                continue;
            }
            let filter =
                since_s.map_or(String::new(), |since| format!(r#","filter":"{filter} > {since:.3}""#));
            let body = format!(r#"{{"attrs":[{attributes}]{filter}}}"#);
            let path = format!("/v1/objects/{kind}");
            match talk::ask(&self.icinga, self.around.resolver.as_ref(), &self.stop, &path, &body) {
                Ok(body) => {
                    let (of_these, events) = self.objects(&body, since_s);
                    results += of_these;
                    changes += events;
                }
                Err(Failure::Refused(why)) => refused.push(why),
                Err(Failure::Unanswered(why)) => return Err(why),
            }
        }
        self.denied = refused.join("; ");
        if let Some(since_ms) = self.deaf_since_ms {
            telemetry::ICINGA_GAPS.add(1);
            self.tell_gap(since_ms, results, changes);
        }
        self.samples += self.load.hand_on(&self.around, &mut self.known)?;
        self.deaf_since_ms = None;
        Ok(())
    }

    /// Takes objects; gives how many there were and how many had changed.
    fn objects(&mut self, body: &[u8], since_s: Option<f64>) -> (u64, u64) {
        let (mut count, mut changes) = (0, 0);
        let labels = pairs(&self.icinga.labels);
        let context = Context { extra_labels: &labels, ..Context::at(self.around.clock.now_ms()) };
        let mut all = Vec::new();
        let since_s = since_s.unwrap_or(f64::INFINITY);
        let report = icinga::objects(body, since_s, &context, &mut self.load.batch, &mut |one| all.push(one));
        self.refuse(&report);
        for one in all {
            count += 1;
            changes += u64::from(self.load.add(one, &mut self.known));
        }
        (count, changes)
    }

    fn tell_gap(&mut self, since_ms: i64, results: u64, changes: u64) {
        let now_ms = self.around.clock.now_ms();
        let seconds = (now_ms - since_ms).max(0) as f64 / 1e3;
        let text = format!(
            "the events of Icinga {} were not heard for {seconds:.1} s; {results} last results and notes and {changes} \
             changes were asked for afterwards, what came before them is lost",
            self.icinga.name
        );
        let fields = [
            ("type", "Gap".to_owned()),
            ("icinga", self.icinga.name.clone()),
            ("seconds", seconds.to_string()),
        ];
        let event = Event {
            time_ms: now_ms,
            kind: EventKind::NOTE,
            level: Level::Warn,
            source: PART.to_owned(),
            text,
            fields: fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
        };
        self.load.tell(self.icinga.url.host.clone(), event);
    }

    /// Waits for events until then and hands on what has come.
    fn listen(&mut self, stream: &mut Following, lines: &mut Lines, until: Instant) -> Result<(), String> {
        let mut heard = stream.read(&mut lines.bytes, until).map_err(|e| e.to_string())?;
        while heard == Heard::More && lines.bytes.len() < TOGETHER_BYTES_MAX {
            heard = stream.read(&mut lines.bytes, Instant::now() + TOGETHER).map_err(|e| e.to_string())?;
        }
        let (whole, now_ms) = (lines.take(), self.around.clock.now_ms());
        let labels = pairs(&self.icinga.labels);
        let context = Context { extra_labels: &labels, ..Context::at(now_ms) };
        let mut report = Report::default();
        for line in whole.split(|&b| b == b'\n').filter(|line| !line.trim_ascii().is_empty()) {
            match icinga::event(line, &context, &mut self.load.batch, &mut report) {
                Ok(one) => {
                    telemetry::ICINGA_EVENTS.add(1);
                    count(&mut self.heard, &one.kind);
                    self.load.add(one, &mut self.known);
                }
                Err(why) => report.reject(model::Position::Whole, why),
            }
        }
        report.rejected += std::mem::take(&mut lines.too_long);
        self.refuse(&report);
        self.samples += self.load.hand_on(&self.around, &mut self.known)?;
        if !whole.is_empty() {
            self.standing.last_ms = Some(now_ms);
        }
        if heard == Heard::End { Err("Icinga ended the stream".to_owned()) } else { Ok(()) }
    }

    /// Looks at the status.
    fn look(&mut self) -> Result<(), String> {
        let (started, now_ms) = (Instant::now(), self.around.clock.now_ms());
        let answer = talk::ask(&self.icinga, self.around.resolver.as_ref(), &self.stop, "/v1/status", "");
        match answer {
            Ok(body) => {
                let of = self.own_labels();
                let own = pairs(&of);
                let context = Context { extra_labels: &own, ..Context::at(now_ms) };
                let report = icinga::status(&body, &context, &mut self.load.batch);
                self.refuse(&report);
            }
            Err(Failure::Refused(why)) => self.complaint = Some(why),
            // A stream on which nothing comes says nothing about an Icinga that hangs; this does.
            Err(Failure::Unanswered(why)) => return Err(why),
        }
        self.say_up(true, now_ms);
        self.samples += self.load.hand_on(&self.around, &mut self.known)?;
        self.standing.problem = self.complaint.take().unwrap_or_else(|| self.denied.clone());
        self.standing.last_ms = Some(now_ms);
        self.standing.took_us = started.elapsed().as_micros() as u64;
        self.standing.samples = std::mem::take(&mut self.samples);
        Ok(())
    }

    /// Says whether somebody listens, and how much was heard.
    fn say_up(&mut self, is_up: bool, now_ms: i64) {
        let (own, mut labels) = (self.own_labels(), LabelsBuilder::default());
        let mut add = |batch: &mut Batch, name: &str, kind: &str, of: Kind, value: f64| {
            labels.clear();
            for (name, value) in &own {
                labels.add(name, value);
            }
            labels.add(NAME, name).add("type", kind);
            // Labels that cannot be are refused when the settings are read.
            if let Ok(slot) = batch.dictionary.add_built(&mut labels, of) {
                batch.sample(slot, now_ms, value);
            }
        };
        add(&mut self.load.batch, "icinga_up", "", Kind::Gauge, f64::from(u8::from(is_up)));
        for (kind, count) in &self.heard {
            add(&mut self.load.batch, "icinga_events_total", kind, Kind::Counter, *count as f64);
        }
    }

    /// Labels of what Icinga says of itself.
    fn own_labels(&self) -> Vec<(String, String)> {
        let own = [(HOST, &self.icinga.url.host), ("icinga", &self.icinga.name)];
        let own = own.map(|(name, value)| (name.to_owned(), value.clone()));
        let given = self.icinga.labels.iter().filter(|(name, _)| name != HOST && name != "icinga");
        own.into_iter().chain(given.cloned()).collect()
    }

    fn refuse(&mut self, report: &Report) {
        telemetry::LINES_REFUSED.add(report.rejected);
        if report.rejected > 0 {
            self.complaint = Some(report.to_string());
        }
    }
}

fn count(heard: &mut BTreeMap<String, u64>, kind: &str) {
    if let Some(count) = heard.get_mut(kind) {
        *count += 1;
    } else if heard.len() < TYPES_MAX {
        heard.insert(kind.to_owned(), 1);
    }
}

fn pairs(labels: &[(String, String)]) -> Vec<(&str, &str)> {
    labels.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}
