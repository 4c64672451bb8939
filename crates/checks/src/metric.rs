//! What a check may say, declared before it says it.

/// One metric; all are values as they are now.
#[derive(Debug, PartialEq, Eq)]
pub struct Metric {
    /// Snake case, unit last.
    pub name: &'static str,
    /// `seconds`, `bytes`, `ratio`; empty for plain counts.
    pub unit: &'static str,
    /// One sentence for people.
    pub help: &'static str,
    /// A label beside those of the check; empty when there is none.
    pub label: &'static str,
    /// Its short name as performance data of a plugin; empty when it is not printed.
    pub short: &'static str,
}

impl Metric {
    /// A metric without a label of its own.
    pub const fn new(
        name: &'static str,
        unit: &'static str,
        short: &'static str,
        help: &'static str,
    ) -> Self {
        Self { name, unit, help, label: "", short }
    }

    /// The same with a label.
    pub const fn by(self, label: &'static str) -> Self {
        Self { label, ..self }
    }
}

/// Whether the check found what it should.
pub static UP: Metric = Metric::new(
    "check_up",
    "",
    "",
    "1 when the check found what it should, also with a warning; 0 when it did not.",
);
/// The state as plugins number it.
pub static STATE: Metric = Metric::new("check_state", "", "", "0 ok, 1 warning, 2 critical, 3 unknown.");
/// Why the check fails.
pub static FAILED: Metric = Metric::new(
    "check_failed",
    "",
    "",
    "1 while the check fails, by reason; the series ends when it does no more.",
)
.by("reason");
/// How long all of it took.
pub static DURATION: Metric =
    Metric::new("check_duration_seconds", "seconds", "time", "How long the check took, failed ones too.");
/// How long a phase took.
pub static PHASE: Metric = Metric::new(
    "check_phase_seconds",
    "seconds",
    "time",
    "How long a phase took, summed up over redirects; phases not gone through are left out.",
)
.by("phase");
/// When the first certificate runs out.
pub static CERTIFICATE_EXPIRY: Metric = Metric::new(
    "check_certificate_expiry_seconds",
    "seconds",
    "certificate",
    "Time until the first certificate of the chain that was sent runs out; negative when it has.",
);
/// Whether the certificate is trusted.
pub static CERTIFICATE_TRUSTED: Metric = Metric::new(
    "check_certificate_trusted",
    "",
    "",
    "1 when the chain leads to an authority we trust and names the host, 0 when not.",
);
/// The version of TLS.
pub static TLS_VERSION: Metric =
    Metric::new("check_tls_version", "", "", "The version of TLS spoken: 1.2 or 1.3.");

/// What every check says.
pub static COMMON: [&Metric; 4] = [&UP, &STATE, &FAILED, &DURATION];
/// What every check that speaks TLS says.
pub static TLS: [&Metric; 3] = [&CERTIFICATE_EXPIRY, &CERTIFICATE_TRUSTED, &TLS_VERSION];
