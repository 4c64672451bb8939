//! What a decoder has to be told, because the bytes do not say it.

use model::{Batch, HOST, Kind, LabelsBuilder, Slot, labels::LabelsError};

/// The unit a time stamp is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TimeUnit {
    /// 10⁻⁹ s, Influx' default.
    #[default]
    Nanosecond,
    /// 10⁻⁶ s.
    Microsecond,
    /// 10⁻³ s.
    Millisecond,
    /// One second.
    Second,
    /// 60 s.
    Minute,
    /// 3600 s.
    Hour,
}

impl TimeUnit {
    /// A count of this unit in milliseconds, rounded down. `None` when that is outside 64 bits.
    pub fn to_ms(self, count: i64) -> Option<i64> {
        match self {
            Self::Nanosecond => Some(count.div_euclid(1_000_000)),
            Self::Microsecond => Some(count.div_euclid(1_000)),
            Self::Millisecond => Some(count),
            Self::Second => count.checked_mul(1_000),
            Self::Minute => count.checked_mul(60_000),
            Self::Hour => count.checked_mul(3_600_000),
        }
    }
}

/// Smallest step Open-Falcon's graph keeps, in seconds; smaller ones are raised to it.
pub const FALCON_STEP_S_MIN: i64 = 30;

/// What a decoder has to be told.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The time of samples that bring none, Unix milliseconds.
    pub now_ms: i64,
    /// The unit of Influx time stamps.
    pub time_unit: TimeUnit,
    /// Open-Falcon times are floored to the item's step, but at least to this many seconds.
    pub falcon_step_s_min: i64,
    /// The host of Open-Falcon items without an endpoint; when this is empty they are refused.
    pub host_default: &'a str,
    /// A series without label `host` takes it from `instance`, without the port.
    pub host_from_instance: bool,
    /// Labels that every series is given, whatever it had under these names.
    pub extra_labels: &'a [(&'a str, &'a str)],
}

impl Context<'_> {
    /// The usual context at a time: nanoseconds, Open-Falcon's own smallest step, labels as they came.
    pub fn at(now_ms: i64) -> Self {
        Self {
            now_ms,
            time_unit: TimeUnit::default(),
            falcon_step_s_min: FALCON_STEP_S_MIN,
            host_default: "",
            host_from_instance: false,
            extra_labels: &[],
        }
    }

    /// Adds the series to the batch's dictionary after the context's last word on its labels.
    pub(crate) fn add_series(
        &self,
        out: &mut Batch,
        labels: &mut LabelsBuilder,
        kind: Kind,
    ) -> Result<Slot, LabelsError> {
        for (name, value) in self.extra_labels {
            labels.set(name, value);
        }
        if self.host_from_instance
            && labels.get(HOST).is_none()
            && let Some(host) = labels.get("instance").and_then(host_of_instance).map(str::to_owned)
        {
            labels.add(HOST, &host);
        }
        out.dictionary.add_built(labels, kind)
    }
}

/// The host in a Prometheus `instance` (`host:port`, `[v6]:port`, or a bare name); `None` for a URL, which names a
/// page that somebody looked at and not a host that spoke.
pub fn host_of_instance(instance: &str) -> Option<&str> {
    if instance.contains('/') {
        return None;
    }
    if let Some((host, _)) = instance.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        return Some(host);
    }
    let host = match instance.rsplit_once(':') {
        // More than one colon without brackets is a bare IPv6 address.
        Some((host, port)) if !host.contains(':') && port.bytes().all(|b| b.is_ascii_digit()) => host,
        _ => instance,
    };
    (!host.is_empty()).then_some(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_of_an_instance_has_no_port() {
        for (instance, host) in [
            ("web1:9100", Some("web1")),
            ("10.0.0.1:9100", Some("10.0.0.1")),
            ("[2001:db8::1]:9100", Some("2001:db8::1")),
            ("2001:db8::1", Some("2001:db8::1")),
            ("web1", Some("web1")),
            ("job:name", Some("job:name")),
            (":9100", None),
            ("https://example.com/health", None),
        ] {
            assert_eq!(host_of_instance(instance), host, "{instance}");
        }
    }

    #[test]
    fn extra_labels_win_and_a_host_that_is_there_stays() {
        let context = Context {
            host_from_instance: true,
            extra_labels: &[("job", "given"), ("instance", "b:1")],
            ..Context::at(0)
        };
        let mut batch = Batch::new();
        let mut labels = LabelsBuilder::default();
        labels.add("instance", "a:1").add("job", "own").add("x", "y");
        let slot = context.add_series(&mut batch, &mut labels, Kind::Gauge).unwrap();
        assert_eq!(
            batch.dictionary.labels(slot).to_string(),
            r#"{host="b",instance="b:1",job="given",x="y"}"#
        );
        labels.set(HOST, "own");
        let slot = context.add_series(&mut batch, &mut labels, Kind::Gauge).unwrap();
        assert_eq!(batch.dictionary.labels(slot).host(), "own");
    }

    #[test]
    fn units_round_down_and_say_when_they_do_not_fit() {
        assert_eq!(TimeUnit::Nanosecond.to_ms(-1), Some(-1));
        assert_eq!(TimeUnit::Microsecond.to_ms(1_999), Some(1));
        assert_eq!(TimeUnit::Hour.to_ms(2), Some(7_200_000));
        assert_eq!(TimeUnit::Second.to_ms(i64::MAX), None);
    }
}
