//! What a run printed, made into samples and words.

use crate::formats::{Format, Manner};
use crate::instance::Instance;
use crate::outlet::{Outlet, Source};
use crate::plugin::Plugin;
use crate::reason::{self, Reasons};
use crate::run::Ended;
use crate::telemetry;
use model::{Batch, Report};
use wire::Context;
use wire::protocols::putval::notice::Notice;
use wire::protocols::{perfdata, putval};

/// What came of a run, or of some lines of a program that stays.
#[derive(Debug, Default)]
pub(crate) struct Digest {
    pub(crate) format: Option<&'static Format>,
    pub(crate) samples: u64,
    pub(crate) problem: String,
    pub(crate) notices: Vec<Notice>,
}

impl Digest {
    /// Adds to what is wrong.
    pub(crate) fn also(&mut self, reason: &str) {
        let mut reasons = Reasons::default();
        reasons.add(&self.problem);
        reasons.add(reason);
        self.problem = reasons.text();
    }

    /// Whether the plugin did its work. A monitoring plugin that finds something bad has done it.
    pub(crate) fn is_well(&self, ended: &Ended) -> bool {
        let is_monitoring = self.format.is_some_and(|format| format.manner == Manner::Monitoring);
        self.problem.is_empty() || (is_monitoring && state(ended) < UNKNOWN && ended.out.discarded() == 0)
    }
}

/// The state of a monitoring plugin that does not know.
const UNKNOWN: u8 = 3;
const STATES: [&str; 4] = ["OK", "WARNING", "CRITICAL", "UNKNOWN"];
/// Longest start of an output that is quoted, in characters.
const QUOTE_CHARS_MAX: usize = 80;

/// Reads what a run printed and gives it to the outlet.
pub(crate) fn run(instance: &Instance, ended: &Ended, now_ms: i64, outlet: &mut Outlet) -> Digest {
    let (plugin, bytes) = (&instance.plugin, ended.out.whole_lines());
    let text = String::from_utf8_lossy(bytes);
    let named = plugin.format.or_else(|| Format::of_program(&plugin.program));
    // What it printed before it will have meant now: a monitoring plugin that fails may print any text, or none.
    let before =
        instance.format.filter(|format| text.trim().is_empty() || format.manner == Manner::Monitoring);
    let format = named.or_else(|| Format::of(&text)).or(before);
    let manner = format.map(|format| format.manner);
    let (mut reasons, mut digest) = (Reasons::default(), Digest { format, ..Digest::default() });
    reasons.add(&reason::of_end(ended, manner, false));
    reasons.add(&reason::of_cut(ended));
    reasons.add(&instance.complaint);
    if manner == Some(Manner::Monitoring) {
        let state = state(ended);
        outlet.add_state(now_ms, &plugin.name, &plugin.labels, state);
        digest.samples += 1;
        if state > 0 {
            reasons.add(&in_words(state, perfdata::first_line(&text)));
        }
    }
    let counts = manner != Some(Manner::Document) || (ended.status.success() && ended.cut.is_none());
    match format {
        Some(format) if counts => {
            let report = decode(plugin, format, bytes, now_ms, outlet, &mut digest);
            reasons.add(&reason::of_report(format.name, &report));
        }
        Some(_) => {}
        None if text.trim().is_empty() => {
            reasons.add(if ended.status.success() { "printed nothing" } else { "" })
        }
        None => reasons.add(&unknown(&text)),
    }
    if ended.left_behind {
        reasons.add("left processes behind that held its output open; they were ended");
    }
    digest.problem = reasons.text();
    digest
}

/// Reads some lines of a program that stays.
pub(crate) fn lines(
    plugin: &Plugin,
    known: Option<&'static Format>,
    bytes: &[u8],
    now_ms: i64,
    outlet: &mut Outlet,
) -> Digest {
    let text = String::from_utf8_lossy(bytes);
    let recognised = || Format::of(&text).filter(|format| format.is_of_lines());
    let format = plugin.format.or(known).or_else(recognised);
    let mut digest = Digest { format, ..Digest::default() };
    digest.problem = match format {
        Some(format) => {
            let report = decode(plugin, format, bytes, now_ms, outlet, &mut digest);
            reason::of_report(format.name, &report)
        }
        None if text.trim().is_empty() => String::new(),
        None => unknown(&text),
    };
    digest
}

fn decode(
    plugin: &Plugin,
    format: &Format,
    bytes: &[u8],
    now_ms: i64,
    outlet: &mut Outlet,
    digest: &mut Digest,
) -> Report {
    let labels: Vec<(&str, &str)> = plugin.labels.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    let context = Context { falcon_step_s_min: 1, extra_labels: &labels, ..Context::at(now_ms) };
    let mut samples = Batch::new();
    let mut report = match format.manner {
        Manner::Notices => {
            putval::decode_with(bytes, &context, &mut samples, |notice| digest.notices.push(notice))
        }
        _ => (format.protocol.decode)(bytes, &context, &mut samples),
    };
    let is_named_by_plugin = format.manner == Manner::Monitoring;
    outlet.add(&samples, Source { plugin: &plugin.name, is_named_by_plugin }, &mut report);
    digest.samples += report.accepted;
    telemetry::REJECTED.add(report.rejected);
    report
}

/// The state of a monitoring plugin: its exit code, or unknown when it did not end by itself.
fn state(ended: &Ended) -> u8 {
    match (ended.cut, ended.status.code()) {
        (None, Some(code @ 0..=3)) => code as u8,
        _ => UNKNOWN,
    }
}

/// The first line, with the state before it when it does not say it.
fn in_words(state: u8, line: &str) -> String {
    let word = STATES[usize::from(state.min(UNKNOWN))];
    match line {
        "" => word.to_owned(),
        line if line.contains(word) => line.to_owned(),
        line => format!("{word}: {line}"),
    }
}

fn unknown(text: &str) -> String {
    let line = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    let quote: String = line.chars().filter(|c| !c.is_control()).take(QUOTE_CHARS_MAX).collect();
    format!("cannot tell what format this is (name it with `format`): {quote}")
}
