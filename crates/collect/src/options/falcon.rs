//! Open-Falcon's built-in monitors: what is asked for, from a metric and tags as Open-Falcon's strategies have them.

use std::time::Duration;

/// One of Open-Falcon's built-in monitors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Monitor {
    /// What it looks at.
    pub target: Target,
    /// Time between two looks, in milliseconds.
    pub every_ms: u64,
}

/// What a monitor looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// `net.port.listen`: whether somebody listens at this port.
    Port(u16),
    /// `proc.num`: how many processes there are.
    Processes {
        /// With this name exactly.
        name: Option<String>,
        /// Whose command line, without the zeros between its arguments, contains this.
        command_line: Option<String>,
    },
    /// `du.bs`: how many bytes are in a folder and all below it.
    Folder(String),
}

/// The metrics there are, and the tags of each.
const METRICS: [(&str, &[&str]); 3] =
    [("net.port.listen", &["port"]), ("proc.num", &["name", "cmdline"]), ("du.bs", &["path"])];

/// The built-in monitor that asks others.
const CHECK: &str = "url.check.health";

/// Time between two looks when none is given: adding up a folder is work.
const EVERY_MS: u64 = 10_000;
const EVERY_FOLDER_MS: u64 = 60_000;

impl Monitor {
    /// Reads `net.port.listen` with `port=80`, `proc.num` with `name=cron,cmdline=-f`, `du.bs` with `path=/var/log`. A
    /// comma that no tag follows is part of the value before it. The error names the field.
    pub fn parse(metric: &str, tags: &str, every: Option<Duration>) -> Result<Self, String> {
        let known = METRICS.iter().find(|(name, _)| *name == metric);
        let Some((_, names)) = known else {
            if metric == CHECK {
                return Err(format!("`metric`: `{CHECK}` is a check: write [[check]] with that kind"));
            }
            let all = METRICS.map(|(name, _)| name).join(", ");
            return Err(format!("`metric`: there is no `{metric}`; there are {all}"));
        };
        let tags = Tags::parse(tags, names).map_err(|why| format!("`tags`: {why}"))?;
        let target = target(metric, &tags).map_err(|why| format!("`tags`: {why}"))?;
        let usual_ms = if matches!(target, Target::Folder(_)) { EVERY_FOLDER_MS } else { EVERY_MS };
        let every_ms = every.map_or(usual_ms, |time| time.as_millis() as u64);
        if every_ms == 0 {
            return Err("`every`: 0 is no time between two looks".to_owned());
        }
        Ok(Self { target, every_ms })
    }
}

fn target(metric: &str, tags: &Tags) -> Result<Target, String> {
    match metric {
        "net.port.listen" => port(tags.needed("port")?).map(Target::Port),
        "du.bs" => folder(tags.needed("path")?).map(Target::Folder),
        _ => {
            let (name, command_line) = (tags.get("name"), tags.get("cmdline"));
            if name.is_none() && command_line.is_none() {
                return Err("`name` or `cmdline` is needed".to_owned());
            }
            Ok(Target::Processes { name, command_line })
        }
    }
}

fn port(text: String) -> Result<u16, String> {
    let port = text.parse().ok().filter(|port| *port > 0);
    port.ok_or_else(|| format!("`port`: `{text}` is not a port from 1 to 65535"))
}

fn folder(text: String) -> Result<String, String> {
    if text.starts_with('/') {
        Ok(text)
    } else {
        Err(format!("`path`: `{text}` does not begin with a slash"))
    }
}

/// `name=value,name=value`.
struct Tags(Vec<(String, String)>);

impl Tags {
    fn parse(text: &str, names: &[&str]) -> Result<Self, String> {
        let mut tags: Vec<(String, String)> = Vec::new();
        for piece in text.split(',') {
            match (piece.split_once('='), tags.last_mut()) {
                (Some((name, value)), _) if names.contains(&name.trim()) => {
                    let name = name.trim();
                    if tags.iter().any(|(known, _)| known == name) {
                        return Err(format!("`{name}` is there twice"));
                    }
                    tags.push((name.to_owned(), value.to_owned()));
                }
                (None, Some((_, value))) => {
                    value.push(',');
                    value.push_str(piece);
                }
                (Some((name, _)), _) => {
                    return Err(format!("there is no `{}`; there are {}", name.trim(), names.join(", ")));
                }
                (None, None) => return Err(format!("`{piece}` is not of the form {}=…", names[0])),
            }
        }
        match tags.iter().find(|(_, value)| value.is_empty()) {
            Some((name, _)) => Err(format!("`{name}` is empty")),
            None => Ok(Self(tags)),
        }
    }

    fn get(&self, name: &str) -> Option<String> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
    }

    fn needed(&self, name: &str) -> Result<String, String> {
        self.get(name).ok_or_else(|| format!("`{name}` is needed"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn monitors_are_read_as_open_falcon_writes_them() {
        let parse = |metric, tags| Monitor::parse(metric, tags, None).unwrap();
        let port = Monitor { target: Target::Port(80), every_ms: 10_000 };
        assert_eq!(parse("net.port.listen", "port=80"), port);
        let processes = |name: Option<&str>, command_line: Option<&str>| Target::Processes {
            name: name.map(str::to_owned),
            command_line: command_line.map(str::to_owned),
        };
        let cases = [
            ("name=cron", processes(Some("cron"), None)),
            ("cmdline=-Dapp=x,y", processes(None, Some("-Dapp=x,y"))),
            ("cmdline=/bin/a b,name=cron", processes(Some("cron"), Some("/bin/a b"))),
            ("cmdline=a, name=cron", processes(Some("cron"), Some("a"))),
        ];
        for (tags, target) in cases {
            assert_eq!(parse("proc.num", tags).target, target, "{tags}");
        }
        let folder = Monitor { target: Target::Folder("/var/log".to_owned()), every_ms: 60_000 };
        assert_eq!(parse("du.bs", "path=/var/log"), folder);
        let every = Some(Duration::from_secs(5));
        assert_eq!(Monitor::parse("du.bs", "path=/", every).unwrap().every_ms, 5000);
    }

    #[test]
    fn what_makes_no_sense_is_refused_and_the_field_named() {
        let cases = [
            ("net.port", "port=80", "`metric`: there is no `net.port`"),
            ("url.check.health", "url=x", "write [[check]]"),
            ("net.port.listen", "port=0", "`port`: `0` is not a port"),
            ("net.port.listen", "port=65536", "`port`: `65536`"),
            ("net.port.listen", "port=http", "`port`: `http`"),
            ("net.port.listen", "port=80,port=81", "`port` is there twice"),
            ("net.port.listen", "prt=80", "there is no `prt`; there are port"),
            ("net.port.listen", "80", "`80` is not of the form port=…"),
            ("net.port.listen", "", "`` is not of the form"),
            ("proc.num", "name=", "`name` is empty"),
            ("proc.num", "name=a,cmd=b", "there is no `cmd`; there are name, cmdline"),
            ("du.bs", "path=var", "`path`: `var` does not begin with a slash"),
        ];
        for (metric, tags, wanted) in cases {
            let why = Monitor::parse(metric, tags, None).unwrap_err();
            assert!(why.contains(wanted), "{metric}/{tags}: {why}");
        }
        let why = Monitor::parse("du.bs", "path=/", Some(Duration::ZERO)).unwrap_err();
        assert!(why.contains("`every`"), "{why}");
    }
}
