//! What is to be done for a service, as a tree of values. Nothing here runs: [`crate::tree`] compares a plan with what
//! is at work and starts, changes and stops.

use crate::traffic::Traffic;
use logparse::Stream;
use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Most parts of one service; the others are left out and counted.
pub const PARTS_MAX: usize = 500;

/// What an instance of a service wants.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Plan {
    /// What tells it from others of its service for people, and stays the same when it is started anew: a port, a path.
    pub name: String,
    /// What was found out, for people.
    pub facts: Vec<(&'static str, String)>,
    /// Why less is measured than could be, with the remedy where one is known.
    pub problems: Vec<String>,
    /// What it wants started.
    pub parts: Vec<Part>,
    /// What of it passes the network, from which parts are made when somebody wants that read.
    pub traffic: Option<Traffic>,
}

/// A plugin that a service wants, or a further instance of the service within it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Unique among its siblings.
    pub name: String,
    /// What it does.
    pub work: Work,
    /// What was found out, for people.
    pub facts: Vec<(&'static str, String)>,
    /// Why it does less than it could.
    pub problems: Vec<String>,
    /// What it wants started in turn.
    pub parts: Vec<Part>,
}

impl Part {
    /// A part without anything more to say.
    pub fn new(name: impl Into<String>, work: Work) -> Self {
        Self { name: name.into(), work, facts: Vec::new(), problems: Vec::new(), parts: Vec::new() }
    }
}

/// What a part does, with all its settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Work {
    /// Nothing itself: a further instance, such as a pool of PHP-FPM.
    Instance,
    /// Reads a log.
    Log(Log),
    /// Asks the service for its numbers.
    Ask(Ask),
    /// Reads what passes the network.
    Sniff(Sniff),
    /// Nothing, and the part's problems say why.
    Nothing,
}

/// A log that is to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Log {
    /// The folder of ours where its path begins: `/`, or the root of a container.
    pub root: PathBuf,
    /// Below that; may be a pattern.
    pub path: String,
    /// Files that fit `path` and are other logs of the service; like `path`.
    pub except: Vec<String>,
    /// The path as the service names it.
    pub named: String,
    /// The container it is in, for people; empty for the host's own.
    pub container: String,
    /// Whose language `format` is: `nginx`, `apache`, `haproxy` …
    pub syntax: &'static str,
    /// Name of the format in the service's configuration.
    pub format_name: String,
    /// What a line looks like.
    pub format: String,
    /// What its lines are taken out of.
    pub source: Source,
}

/// How the lines of a log are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// As the service writes them, in files.
    Plain,
    /// In a file of the runtime of its container.
    Wrapped(Wrapped),
    /// In the journal, as the messages of entries with this field, `NAME=value`.
    Journal(String),
}

/// What a runtime makes of a container's output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrapped {
    /// Name of the envelope around each line ([`logparse::envelope::ENVELOPES`]).
    pub envelope: &'static str,
    /// Which of both outputs it is, unless they cannot be told apart.
    pub stream: Option<Stream>,
    /// What tells the container, beside what its file's path does.
    pub labels: Vec<(&'static str, String)>,
}

impl Log {
    /// What two logs share that have the same lines.
    pub fn identity(&self) -> String {
        let place = format!("{} {}", self.root.display(), self.path);
        match &self.source {
            Source::Plain | Source::Wrapped(Wrapped { stream: None, .. }) => place,
            Source::Wrapped(Wrapped { stream: Some(stream), .. }) => format!("{place} {}", stream.as_str()),
            // Both outputs of a service are one there, with lines of two formats perhaps.
            Source::Journal(field) => format!("{field} {}", self.syntax),
        }
    }
}

/// Where a service can be reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// By TCP.
    Tcp(SocketAddr),
    /// A socket, as a path of ours.
    Unix(PathBuf),
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => address.fmt(f),
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
        }
    }
}

/// How a service is asked for its numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// Which client: `nginx`, `redis` …
    pub kind: &'static str,
    /// Where, seen from the service's network.
    pub address: Address,
    /// The path of a socket or file as the service names it, or another name for its series; empty for TCP.
    pub named: String,
    /// The container it is in, for people; empty for the host's own.
    pub container: String,
    /// The network name space to ask from, unless it is ours.
    pub network: Option<PathBuf>,
    /// Whether TLS is spoken.
    pub is_tls: bool,
    /// Authorities that vouch for it, as administrators say; empty for nobody: it is on this host.
    pub ca_file: PathBuf,
    /// Our certificate and its key, where it asks for one.
    pub identity: Option<(PathBuf, PathBuf)>,
    /// Path of a page, or a file that holds the numbers.
    pub path: String,
    /// Name of the host to ask for, where one server has several.
    pub host: String,
    /// User, as the settings or the service's own say.
    pub user: String,
    /// The user and group of the system whom the service knows, by number: root may ask as them.
    pub as_user: Option<(u32, u32)>,
    /// Password. Never shown.
    pub password: String,
}

impl Ask {
    /// Asks at an address, without more.
    pub fn new(kind: &'static str, address: Address) -> Self {
        Self {
            kind,
            address,
            named: String::new(),
            container: String::new(),
            network: None,
            is_tls: false,
            ca_file: PathBuf::new(),
            identity: None,
            path: String::new(),
            host: String::new(),
            user: String::new(),
            as_user: None,
            password: String::new(),
        }
    }
}

/// A port that the sniffer listens to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sniff {
    /// What is spoken there.
    pub protocol: &'static str,
    /// Of its network.
    pub port: u16,
    /// The network name space to listen in, unless it is ours.
    pub network: Option<PathBuf>,
    /// The container it is in, for people; empty for the host's own.
    pub container: String,
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        facts(f, "", &self.facts)?;
        problems(f, "", &self.problems)?;
        self.parts.iter().try_for_each(|part| part.show(f, ""))
    }
}

impl Part {
    fn show(&self, f: &mut fmt::Formatter<'_>, indent: &str) -> fmt::Result {
        writeln!(f, "{indent}{}", self.name)?;
        let below = format!("{indent}  ");
        self.work.show(f, &below)?;
        facts(f, &below, &self.facts)?;
        problems(f, &below, &self.problems)?;
        self.parts.iter().try_for_each(|part| part.show(f, &below))
    }
}

fn facts(f: &mut fmt::Formatter<'_>, indent: &str, facts: &[(&str, String)]) -> fmt::Result {
    facts.iter().try_for_each(|(name, value)| writeln!(f, "{indent}{name}: {value}"))
}

fn problems(f: &mut fmt::Formatter<'_>, indent: &str, problems: &[String]) -> fmt::Result {
    problems.iter().try_for_each(|problem| writeln!(f, "{indent}! {problem}"))
}

impl Work {
    fn show(&self, f: &mut fmt::Formatter<'_>, indent: &str) -> fmt::Result {
        match self {
            Self::Instance | Self::Nothing => Ok(()),
            Self::Log(log) => {
                match (&log.source, log.root.to_str()) {
                    (Source::Journal(field), _) => writeln!(f, "{indent}read the journal, {field}")?,
                    (_, Some("/")) => writeln!(f, "{indent}read {}", log.path)?,
                    _ => writeln!(f, "{indent}read {} below {}", log.path, log.root.display())?,
                }
                if let Source::Wrapped(wrapped) = &log.source {
                    let stream = wrapped.stream.map_or("both outputs", Stream::as_str);
                    write!(f, "{indent}{stream} of the container, as {}", wrapped.envelope)?;
                    wrapped.labels.iter().try_for_each(|(name, value)| write!(f, ", {name} {value}"))?;
                    writeln!(f)?;
                }
                if !log.except.is_empty() {
                    writeln!(f, "{indent}except {}", log.except.join(" "))?;
                }
                if log.path != log.named {
                    writeln!(f, "{indent}named {}", log.named)?;
                }
                write!(f, "{indent}{} format {}", log.syntax, log.format_name)?;
                if !log.format.is_empty() {
                    write!(f, ": {}", log.format.escape_debug())?;
                }
                writeln!(f)
            }
            Self::Sniff(sniff) => {
                write!(f, "{indent}sniff {} at port {}", sniff.protocol, sniff.port)?;
                match &sniff.network {
                    Some(network) => writeln!(f, " from {}", network.display()),
                    None => writeln!(f),
                }
            }
            Self::Ask(ask) => {
                write!(f, "{indent}ask {} at {}", ask.kind, ask.address)?;
                let shown = |f: &mut fmt::Formatter<'_>, name, value: &str| match value {
                    "" => Ok(()),
                    value => write!(f, " {name} {value}"),
                };
                let is_plain = ask.address.to_string().ends_with(&ask.named);
                shown(f, "named", if is_plain { "" } else { &ask.named })?;
                shown(f, "path", &ask.path)?;
                shown(f, "host", &ask.host)?;
                shown(f, "user", &ask.user)?;
                let as_user = ask.as_user.map_or(String::new(), |(user, group)| format!("{user}:{group}"));
                shown(f, "as", &as_user)?;
                shown(f, "password", if ask.password.is_empty() { "" } else { "***" })?;
                shown(f, "over", if ask.is_tls { "tls" } else { "" })?;
                if let Some((certificate, _)) = &ask.identity {
                    write!(f, " with {}", certificate.display())?;
                }
                match &ask.network {
                    Some(network) => writeln!(f, " from {}", network.display()),
                    None => writeln!(f),
                }
            }
        }
    }
}
