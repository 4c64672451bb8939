//! When certificates in the usual places expire. The files are read in an errand once an hour; no key is looked at.

mod pem;
mod places;

use crate::inquiry::{Findings, Inquiry};
use crate::{Collector, Error, Host, Metric, Pass, Row};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use stdx::x509::Certificate;

pub(super) static ROW: Row = Row {
    name: "certificates",
    summary: "When the certificates of web servers, mail servers, Let's Encrypt, Kubernetes and others expire (files the agent may not read need CAP_DAC_READ_SEARCH).",
    interval_ms: 60_000,
    metrics: &METRICS,
    open: |host, _| Box::new(Certificates::new(host)),
};

static METRICS: [Metric; 3] = [
    Metric::gauge("certificate_expiry_time_seconds", "seconds", "When it expires, in Unix time.")
        .by(&["path", "subject"]),
    Metric::gauge("certificate_begin_time_seconds", "seconds", "When it becomes valid, in Unix time.")
        .by(&["path", "subject"]),
    Metric::gauge("certificates_unreadable", "", "Files and folders the agent was not allowed to read."),
];
const EXPIRY: usize = 0;
const BEGIN: usize = 1;
const UNREADABLE: usize = 2;

const EVERY_MS: i64 = 3_600_000;
const SERIES_MAX: usize = 1024;
/// Longest file, in bytes.
const FILE_BYTES_MAX: u64 = 256 << 10;
/// A file with more of them is a collection of roots of trust, which somebody else looks after.
const IN_FILE_MAX: usize = 12;

struct Certificates {
    root: PathBuf,
    inquiry: Inquiry,
}

impl Certificates {
    fn new(host: &Host) -> Self {
        let inquiry = Inquiry::new(host, "the folders of certificates", &METRICS, EVERY_MS, SERIES_MAX);
        Self { root: host.root.clone(), inquiry }
    }
}

impl Collector for Certificates {
    fn collect(&mut self, pass: &mut Pass<'_>) -> Result<(), Error> {
        if self.inquiry.is_due(pass.now_ms) {
            let root = self.root.clone();
            self.inquiry.ask(pass.now_ms, move || Ok(look(&root)));
        }
        self.inquiry.tell(pass)
    }

    fn remark(&self) -> &str {
        self.inquiry.remark()
    }
}

fn look(root: &Path) -> Findings {
    let mut findings = Findings::default();
    let places::Found { files, mut unreadable } = places::find(root);
    for path in files {
        match read(&path) {
            Ok(bytes) => add(&mut findings, root, &path, &bytes),
            Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => unreadable.push(path),
            // Gone since it was listed.
            Err(_) => {}
        }
    }
    findings.add(UNREADABLE, &[], unreadable.len() as f64);
    if let Some(path) = unreadable.first() {
        let (count, path) = (unreadable.len(), path.display());
        findings.remark = format!("may not read {path} ({count} in all): needs CAP_DAC_READ_SEARCH");
    }
    findings
}

fn read(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(FILE_BYTES_MAX).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn add(findings: &mut Findings, root: &Path, path: &Path, bytes: &[u8]) {
    let certificates = certificates(bytes);
    if certificates.len() > IN_FILE_MAX {
        return;
    }
    let path = Path::new("/").join(path.strip_prefix(root).unwrap_or(path));
    let path = path.to_string_lossy();
    for certificate in certificates {
        let labels = [&*path, &*certificate.subject];
        findings.add(EXPIRY, &labels, certificate.not_after_s as f64);
        findings.add(BEGIN, &labels, certificate.not_before_s as f64);
    }
}

/// The certificates of a file, in PEM or DER.
fn certificates(bytes: &[u8]) -> Vec<Certificate> {
    if let Some(certificate) = Certificate::from_der(bytes) {
        return vec![certificate];
    }
    pem::certificates(bytes).filter_map(|der| Certificate::from_der(&der)).take(IN_FILE_MAX + 1).collect()
}

#[cfg(test)]
mod tests;
