//! What Open-Falcon's heartbeat service tells agents: which plugins to run, what to look at besides, and who may command
//! them. It is the same for all of them, and nothing unless the settings say so.

use std::fmt::Write;
use stdx::json::{Kind, Reader, write_string};

/// What agents are told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Heartbeat {
    /// Folders and files of plugins, below the agent's own folder of plugins.
    pub plugins: Vec<String>,
    /// What to look at, as `metric/tags`, such as `net.port.listen/port=22`.
    pub metrics: Vec<String>,
    /// Addresses whose commands agents may trust.
    pub trustable_ips: Vec<String>,
}

impl Heartbeat {
    /// What makes the result out of the parameter; `None` when there is no such method.
    pub(super) fn answer(
        &self,
        method: &str,
        now_ms: i64,
    ) -> Option<impl FnOnce(&[u8]) -> Result<String, String>> {
        type Answer<'a> = Box<dyn FnOnce(&Asked) -> String + 'a>;
        let now_s = now_ms.div_euclid(1000);
        let answer: Answer<'_> = match method {
            "Agent.ReportStatus" => {
                Box::new(|asked| format!("{{\"code\":{}}}", u8::from(asked.host.is_empty())))
            }
            "Agent.MinePlugins" => Box::new(move |asked| self.mine(asked, now_s)),
            "Agent.BuiltinMetrics" => Box::new(move |asked| self.builtin(asked, now_s)),
            "Agent.TrustableIps" => Box::new(|_| text(&self.trustable_ips.join(","))),
            // Judges ask for rules. Here rules are judged where the samples are.
            "Hbs.GetStrategies" => Box::new(|_| "{\"hostStrategies\":[]}".to_owned()),
            "Hbs.GetExpressions" => Box::new(|_| "{\"expressions\":[]}".to_owned()),
            _ => return None,
        };
        Some(move |param: &[u8]| Asked::read(param).map(|asked| answer(&asked)))
    }

    fn mine(&self, asked: &Asked, now_s: i64) -> String {
        let plugins: &[String] = if asked.host.is_empty() { &[] } else { &self.plugins };
        let plugins: Vec<_> = plugins.iter().map(|plugin| text(plugin)).collect();
        format!("{{\"Plugins\":[{}],\"Timestamp\":{now_s}}}", plugins.join(","))
    }

    /// The list is left out when the agent has it already, as its checksum shows.
    fn builtin(&self, asked: &Asked, now_s: i64) -> String {
        let checksum = checksum(&self.metrics);
        let is_new = !asked.host.is_empty() && asked.checksum != checksum;
        let metrics: Vec<_> =
            self.metrics.iter().filter(|_| is_new).map(|metric| builtin_metric(metric)).collect();
        format!(
            "{{\"Metrics\":[{}],\"Checksum\":{},\"Timestamp\":{now_s}}}",
            metrics.join(","),
            text(&checksum)
        )
    }
}

/// Open-Falcon's checksum of what to look at: MD5 of all of them in order, one behind the other; none of none.
fn checksum(metrics: &[String]) -> String {
    if metrics.is_empty() {
        return String::new();
    }
    let mut sorted: Vec<_> = metrics.iter().map(String::as_str).collect();
    sorted.sort_unstable();
    md5::compute(sorted.concat()).iter().fold(String::new(), |mut out, byte| {
        let _infallible = write!(out, "{byte:02x}");
        out
    })
}

fn builtin_metric(metric: &str) -> String {
    let (metric, tags) = metric.split_once('/').unwrap_or((metric, ""));
    format!("{{\"Metric\":{},\"Tags\":{}}}", text(metric), text(tags))
}

/// A JSON text.
fn text(words: &str) -> String {
    let mut out = String::new();
    write_string(&mut out, words);
    out
}

/// What an agent says of itself.
#[derive(Debug, Default, PartialEq, Eq)]
struct Asked {
    host: String,
    checksum: String,
}

impl Asked {
    fn read(param: &[u8]) -> Result<Self, String> {
        Self::of(param).map_err(|error| format!("byte {} of the parameter: {error}", error.at))
    }

    fn of(param: &[u8]) -> Result<Self, stdx::json::Error> {
        let (mut asked, mut reader) = (Self::default(), Reader::new(param));
        if reader.null()? {
            return Ok(asked);
        }
        reader.object()?;
        while let Some(name) = reader.field()? {
            if reader.peek()? == Kind::Null {
                reader.skip()?;
            } else if name.eq_ignore_ascii_case("hostname") {
                asked.host = reader.string()?.into_owned();
            } else if name.eq_ignore_ascii_case("checksum") {
                asked.checksum = reader.string()?.into_owned();
            } else {
                reader.skip()?;
            }
        }
        Ok(asked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(heartbeat: &Heartbeat, method: &str, param: &str) -> String {
        heartbeat.answer(method, 1_462_430_000_999).unwrap()(param.as_bytes()).unwrap()
    }

    #[test]
    fn agents_are_told_what_the_settings_say() {
        let heartbeat = Heartbeat {
            plugins: vec!["sys/ntp".to_owned()],
            metrics: vec!["proc.num/name=crond".to_owned(), "net.port.listen/port=22".to_owned()],
            trustable_ips: vec!["10.0.0.1".to_owned(), "10.0.0.2".to_owned()],
        };
        let host = r#"{"Hostname":"h","Checksum":""}"#;
        assert_eq!(
            ask(&heartbeat, "Agent.MinePlugins", host),
            r#"{"Plugins":["sys/ntp"],"Timestamp":1462430000}"#
        );
        // The checksum is what Open-Falcon's own function gives for these two.
        assert_eq!(
            ask(&heartbeat, "Agent.BuiltinMetrics", host),
            r#"{"Metrics":[{"Metric":"proc.num","Tags":"name=crond"},{"Metric":"net.port.listen","Tags":"port=22"}],"Checksum":"ecd214a7a1f8d810243c9df7362d332a","Timestamp":1462430000}"#
        );
        let known = r#"{"Hostname":"h","Checksum":"ecd214a7a1f8d810243c9df7362d332a"}"#;
        assert!(
            ask(&heartbeat, "Agent.BuiltinMetrics", known).starts_with(r#"{"Metrics":[],"Checksum":"ecd2"#)
        );
        assert_eq!(ask(&heartbeat, "Agent.TrustableIps", "{}"), r#""10.0.0.1,10.0.0.2""#);
        assert_eq!(ask(&heartbeat, "Agent.ReportStatus", host), r#"{"code":0}"#);
        assert_eq!(ask(&heartbeat, "Agent.ReportStatus", "{}"), r#"{"code":1}"#);
        assert!(heartbeat.answer("Agent.Nothing", 0).is_none());
    }

    #[test]
    fn nothing_is_told_by_itself() {
        let heartbeat = Heartbeat::default();
        assert_eq!(
            ask(&heartbeat, "Agent.BuiltinMetrics", r#"{"Hostname":"h"}"#),
            r#"{"Metrics":[],"Checksum":"","Timestamp":1462430000}"#
        );
        assert_eq!(ask(&heartbeat, "Agent.MinePlugins", "null"), r#"{"Plugins":[],"Timestamp":1462430000}"#);
        let refused = heartbeat.answer("Agent.MinePlugins", 0).unwrap()(b"[1]").unwrap_err();
        assert_eq!(refused, "byte 0 of the parameter: expected an object");
    }
}
