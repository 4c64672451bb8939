//! `windhover doctor`: walks the way of a sample on this host, step by step, and says where it ends. One file per step in
//! `doctor/`, one row in [`STEPS`].

mod collectors;
mod folder;
mod icinga;
mod names;
mod probes;
mod rights;
mod server;
mod services;
mod settings_file;

use crate::settings::Settings;
use std::fmt;
use std::process::ExitCode;

/// Exit code for "something is broken".
const BROKEN: u8 = 1;

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// As it should be.
    Fine,
    /// It works, but less well than it could.
    Doubtful,
    /// Samples are lost or wait because of it.
    Broken,
}

/// What a step found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    verdict: Verdict,
    text: String,
    /// What to do about it; "" when all is well.
    remedy: String,
}

impl Finding {
    fn fine(text: impl Into<String>) -> Self {
        Self { verdict: Verdict::Fine, text: text.into(), remedy: String::new() }
    }

    fn doubtful(text: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { verdict: Verdict::Doubtful, text: text.into(), remedy: remedy.into() }
    }

    fn broken(text: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { verdict: Verdict::Broken, text: text.into(), remedy: remedy.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = match self.verdict {
            Verdict::Fine => "ok  ",
            Verdict::Doubtful => "note",
            Verdict::Broken => "FAIL",
        };
        write!(f, "  {mark}  {}", self.text)?;
        match self.remedy.as_str() {
            "" => Ok(()),
            remedy => write!(f, "\n        → {remedy}"),
        }
    }
}

/// A step of the walk.
struct Step {
    name: &'static str,
    examine: fn(&Settings) -> Vec<Finding>,
}

/// In the order of a sample's way, so that the first failure is the one to mend.
static STEPS: &[Step] = &[
    Step { name: "settings", examine: settings_file::examine },
    Step { name: "collectors", examine: collectors::examine },
    Step { name: "services", examine: services::examine },
    Step { name: "icinga", examine: icinga::examine },
    Step { name: "probes", examine: probes::examine },
    Step { name: "rights", examine: rights::examine },
    Step { name: "data folder", examine: folder::examine },
    Step { name: "names", examine: names::examine },
    Step { name: "server", examine: server::examine },
];

/// Runs the subcommand.
pub fn run(settings: &Settings) -> ExitCode {
    let mut worst = Verdict::Fine;
    for step in STEPS {
        println!("{}", step.name);
        for finding in (step.examine)(settings) {
            println!("{finding}");
            worst = worse(worst, finding.verdict);
        }
    }
    println!("{}", conclusion(worst));
    if worst == Verdict::Broken { ExitCode::from(BROKEN) } else { ExitCode::SUCCESS }
}

fn worse(a: Verdict, b: Verdict) -> Verdict {
    if b as u8 > a as u8 { b } else { a }
}

fn conclusion(worst: Verdict) -> &'static str {
    match worst {
        Verdict::Fine => "Everything is as it should be.",
        Verdict::Doubtful => "It works; the notes say what it could do better.",
        Verdict::Broken => "Mend the first FAIL, then ask again.",
    }
}

/// Where samples of this host go: the servers of the agent, or the one on this machine.
fn servers(settings: &Settings) -> Vec<String> {
    let urls = settings.urls("agent.server");
    #[cfg(feature = "server")]
    if urls.is_empty() {
        let scheme = if settings.path("tls.cert_file").is_some() { "https" } else { "http" };
        return vec![format!("{scheme}://{}", settings.text("listen"))];
    }
    urls
}
