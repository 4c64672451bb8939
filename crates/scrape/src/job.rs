//! What to scrape: targets that are asked in one way.

use crate::ask::Login;
use crate::relabel::Rule;
use crate::target::{Group, Target};
use net::Tls;
use std::time::Duration;

/// Targets that are asked in one way, as a `scrape_config` of Prometheus.
#[derive(Debug, Clone)]
pub struct Job {
    /// The label `job`.
    pub name: String,
    /// Addresses `host:port` that are asked in any case.
    pub targets: Vec<String>,
    /// Labels of these.
    pub labels: Vec<(String, String)>,
    /// Files with more targets; `*` in the last part of a path stands for anything.
    pub files: Vec<String>,
    /// Names that stand for more targets.
    pub dns: Option<Dns>,
    /// Time between two scrapes of a target.
    pub interval: Duration,
    /// Longest time a scrape may take.
    pub timeout: Duration,
    /// Whether targets speak TLS, unless their label `__scheme__` says otherwise.
    pub is_https: bool,
    /// What they are asked for, unless their label `__metrics_path__` says otherwise.
    pub path: String,
    /// The query; labels `__param_NAME` of a target come before it.
    pub params: Vec<(String, String)>,
    /// Whether a label of the page wins over the target's of the same name.
    pub honor_labels: bool,
    /// Whether times that the page gives count.
    pub honor_timestamps: bool,
    /// Whether a target may send us to another page.
    pub follow_redirects: bool,
    /// Rules for targets.
    pub relabel: Vec<Rule>,
    /// Rules for series.
    pub metric_relabel: Vec<Rule>,
    /// Who we are.
    pub login: Option<Login>,
    /// Whom to trust.
    pub tls: Tls,
    /// The name a certificate must have; the host's when empty.
    pub server_name: String,
    /// Whether a certificate that is not trusted ends a scrape.
    pub verify: bool,
    /// What a target may say.
    pub limits: Limits,
}

/// Names that stand for targets.
#[derive(Debug, Clone)]
pub struct Dns {
    /// The names, whole ones: no search list is applied.
    pub names: Vec<String>,
    /// Which records.
    pub kind: net::dns::Kind,
    /// The port of A and AAAA records; an SRV record brings its own.
    pub port: u16,
    /// How often they are asked for.
    pub refresh: Duration,
}

/// What a target may say; a scrape beyond it fails as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a page, unpacked.
    pub body_bytes_max: u64,
    /// Samples that are left after the rules; 0 for any number.
    pub samples_max: u64,
    /// Labels of a series; 0 for as many as the store takes.
    pub labels_max: u64,
    /// Bytes of a label's name; 0 for as many as the store takes.
    pub label_name_bytes_max: u64,
    /// Bytes of a label's value; 0 for as many as the store takes.
    pub label_value_bytes_max: u64,
    /// Targets of the job after the rules; 0 for any number.
    pub targets_max: u64,
}

impl Default for Limits {
    /// Pages of 64 MiB, the rest as the store takes it.
    fn default() -> Self {
        Self {
            body_bytes_max: 64 << 20,
            samples_max: 0,
            labels_max: 0,
            label_name_bytes_max: 0,
            label_value_bytes_max: 0,
            targets_max: 0,
        }
    }
}

impl Job {
    /// A job of this name with Prometheus' defaults: every minute, ten seconds, `/metrics` over plain HTTP.
    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            targets: Vec::new(),
            labels: Vec::new(),
            files: Vec::new(),
            dns: None,
            interval: Duration::from_secs(60),
            timeout: Duration::from_secs(10),
            is_https: false,
            path: "/metrics".to_owned(),
            params: Vec::new(),
            honor_labels: false,
            honor_timestamps: true,
            follow_redirects: true,
            relabel: Vec::new(),
            metric_relabel: Vec::new(),
            login: None,
            tls: Tls::default(),
            server_name: String::new(),
            verify: true,
            limits: Limits::default(),
        }
    }

    /// What is wrong with the targets that are asked in any case, for people.
    pub fn problems(&self) -> Vec<String> {
        let group = Group { addresses: self.targets.clone(), labels: self.labels.clone() };
        Target::of_group(self, &group, "").1
    }
}
