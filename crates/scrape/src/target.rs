//! From the labels that a source gives to whom to ask, as Prometheus does it.

use crate::{Job, Set, relabel};
use model::HOST;
use net::Url;
use net::url::encode;
use std::net::IpAddr;
use std::time::Duration;

/// Labels of a group of addresses, as a source gives them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Group {
    pub(crate) addresses: Vec<String>,
    pub(crate) labels: Vec<(String, String)>,
}

/// Whom to ask, how often, and whose the samples are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// What is asked for.
    pub url: Url,
    /// Labels of all its series; never `host`.
    pub labels: Vec<(String, String)>,
    /// The host of series that name none.
    pub host: String,
    /// Time between two scrapes.
    pub interval: Duration,
    /// Longest time a scrape may take.
    pub timeout: Duration,
}

impl Target {
    /// The targets of a group after the job's rules, and what is wrong with those that are none. `here` is the name of
    /// this host, which is that of targets on it.
    pub(crate) fn of_group(job: &Job, group: &Group, here: &str) -> (Vec<Self>, Vec<String>) {
        let (mut targets, mut problems) = (Vec::new(), Vec::new());
        for address in &group.addresses {
            match Self::read(job, address, &group.labels, here) {
                Ok(target) => targets.extend(target),
                Err(why) => problems.push(format!("{address}: {why}")),
            }
        }
        (targets, problems)
    }

    /// `None` when the rules drop it.
    fn read(
        job: &Job,
        address: &str,
        labels: &[(String, String)],
        here: &str,
    ) -> Result<Option<Self>, String> {
        let mut set = start(job, address, labels);
        if !relabel::apply(&job.relabel, &mut set) {
            return Ok(None);
        }
        let text = |name: &str| set.get(name).map_or("", String::as_str);
        let address = text("__address__").to_owned();
        if address.is_empty() {
            return Err("the rules leave no `__address__`".to_owned());
        }
        let url = url(job, &set, &address)?;
        let interval = time(text("__scrape_interval__"))?;
        let timeout = time(text("__scrape_timeout__"))?;
        if timeout > interval {
            return Err("`__scrape_timeout__` is longer than `__scrape_interval__`".to_owned());
        }
        set.retain(|name, _| !name.starts_with("__"));
        set.entry("instance".to_owned()).or_insert_with(|| address);
        let host = set.remove(HOST).unwrap_or_else(|| host_of(&url, &set, here));
        Ok(Some(Self { url, labels: set.into_iter().collect(), host, interval, timeout }))
    }

    /// What it is called in lists: its job and address.
    pub fn title(&self) -> String {
        let job = self.labels.iter().find(|(name, _)| name == "job").map_or("", |(_, value)| value);
        format!("{job} {}", self.url)
    }

    /// A text that is the same for the same target, by which it keeps its place in the interval.
    pub(crate) fn key(&self) -> String {
        let mut key = format!("{} {:?} {:?} {}", self.url, self.interval, self.timeout, self.host);
        for (name, value) in &self.labels {
            key += &format!("\0{name}\0{value}");
        }
        key
    }
}

/// The labels before the rules.
fn start(job: &Job, address: &str, labels: &[(String, String)]) -> Set {
    let scheme = if job.is_https { "https" } else { "http" };
    let seconds = |time: Duration| format!("{}ms", time.as_millis());
    let mut set = Set::new();
    let mut put = |name: &str, value: &str| {
        if !value.is_empty() {
            set.insert(name.to_owned(), value.to_owned());
        }
    };
    put("job", &job.name);
    put("__scheme__", scheme);
    put("__metrics_path__", &job.path);
    put("__scrape_interval__", &seconds(job.interval));
    put("__scrape_timeout__", &seconds(job.timeout));
    for (name, value) in job.params.iter().rev() {
        put(&format!("__param_{name}"), value);
    }
    labels.iter().for_each(|(name, value)| put(name, value));
    put("__address__", address);
    set
}

fn url(job: &Job, set: &Set, address: &str) -> Result<Url, String> {
    let text = |name: &str| set.get(name).map_or("", String::as_str);
    let scheme = text("__scheme__");
    if !matches!(scheme, "http" | "https") {
        return Err(format!("`__scheme__` is `{scheme}`, not http or https"));
    }
    let path = text("__metrics_path__");
    let slash = if path.starts_with('/') { "" } else { "/" };
    let mut url = format!("{scheme}://{address}{slash}{path}");
    for (at, (name, value)) in query(job, set).iter().enumerate() {
        let mark = if at > 0 || path.contains('?') { '&' } else { '?' };
        url += &format!("{mark}{}={}", encode(name), encode(value));
    }
    Url::parse_page(&url)
}

/// The parameters: those of the job, the first value of each name as the label says after the rules.
fn query(job: &Job, set: &Set) -> Vec<(String, String)> {
    let of_label = |name: &str| set.get(&format!("__param_{name}")).cloned();
    let mut all: Vec<(String, String)> = Vec::new();
    for (name, value) in &job.params {
        let is_first = !all.iter().any(|(known, _)| known == name);
        all.push((name.clone(), of_label(name).filter(|_| is_first).unwrap_or_else(|| value.clone())));
    }
    for (label, value) in set {
        if let Some(name) = label.strip_prefix("__param_")
            && !job.params.iter().any(|(known, _)| known == name)
        {
            all.push((name.to_owned(), value.clone()));
        }
    }
    all
}

/// Prometheus' times, `1m30s`, `500ms`.
fn time(text: &str) -> Result<Duration, String> {
    let wrong = || format!("`{text}` is not a time such as 15s");
    let (mut rest, mut total_ms) = (text, 0u64);
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let letters = rest[digits..].bytes().take_while(u8::is_ascii_alphabetic).count();
        let number: u64 = rest[..digits].parse().map_err(|_| wrong())?;
        let unit_ms = match &rest[digits..digits + letters] {
            "ms" => 1,
            "s" => 1000,
            "m" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            "w" => 604_800_000,
            _ => return Err(wrong()),
        };
        total_ms = number.checked_mul(unit_ms).and_then(|ms| total_ms.checked_add(ms)).ok_or_else(wrong)?;
        rest = &rest[digits + letters..];
    }
    if total_ms == 0 { Err(wrong()) } else { Ok(Duration::from_millis(total_ms)) }
}

/// A target on this host is this host; others go by the name in `instance`, as samples of remote write do.
fn host_of(url: &Url, set: &Set, here: &str) -> String {
    let is_here = url.host == "localhost" || url.host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
    if is_here {
        return here.to_owned();
    }
    let instance = set.get("instance").map_or("", String::as_str);
    wire::context::host_of_instance(instance).unwrap_or(&url.host).to_owned()
}

#[cfg(test)]
mod tests;
