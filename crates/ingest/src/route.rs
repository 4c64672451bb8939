//! Which door is on which path.

use crate::answer::{falcon, influx, native, opentsdb, otlp, own, remote_write};
use crate::{Answer, Doors, HttpPush};

/// A path and what answers there.
pub struct Route {
    /// The path, without a query.
    pub path: &'static str,
    /// Methods that are answered; empty when any is.
    pub methods: &'static [&'static str],
    /// One sentence for people.
    pub summary: &'static str,
    /// Answers.
    pub(crate) answer: fn(&Doors, &HttpPush<'_>) -> Answer,
}

/// Every door on the HTTP port.
pub static ROUTES: &[Route] = &[
    Route {
        path: "/api/v1/native",
        methods: &["POST"],
        summary: "Windhover agents and relays",
        answer: native::push,
    },
    Route {
        path: "/api/v1/write",
        methods: &["POST"],
        summary: "Prometheus remote write 1.0 and 2.0",
        answer: remote_write::push,
    },
    Route {
        path: "/v1/metrics",
        methods: &["POST"],
        summary: "OpenTelemetry metrics (OTLP), protobuf or JSON",
        answer: otlp::push,
    },
    Route {
        path: "/otlp/v1/metrics",
        methods: &["POST"],
        summary: "OpenTelemetry metrics (OTLP), protobuf or JSON, where the base address has `/otlp`",
        answer: otlp::push,
    },
    Route {
        path: "/opentelemetry/v1/metrics",
        methods: &["POST"],
        summary: "OpenTelemetry metrics (OTLP), protobuf or JSON, as VictoriaMetrics has it",
        answer: otlp::push,
    },
    Route {
        path: "/api/put",
        methods: &["POST", "PUT"],
        summary: "OpenTSDB points, one or many; also lines put",
        answer: opentsdb::put,
    },
    Route {
        path: "/collectd",
        methods: &["POST", "PUT"],
        summary: "JSON of collectd's write_http",
        answer: own::collectd,
    },
    Route {
        path: "/api/v1/import/csv",
        methods: &["POST", "PUT"],
        summary: "Comma-separated values, with a line of names or `?format=1:label:a,2:metric:b,3:time:unix_s`",
        answer: own::csv,
    },
    Route {
        path: "/api/v1/import/prometheus",
        methods: &["POST", "PUT"],
        summary: "Prometheus text or OpenMetrics",
        answer: own::prometheus_text,
    },
    Route {
        path: "/api/v1/probe",
        methods: &["POST", "PUT"],
        summary: "Lines host:source:value:TYPE",
        answer: own::probe,
    },
    Route {
        path: "/api/v1/import/graphite",
        methods: &["POST", "PUT"],
        summary: "Graphite's lines path value time",
        answer: own::graphite,
    },
    Route {
        path: "/api/v1/import/putval",
        methods: &["POST", "PUT"],
        summary: "PUTVAL lines of collectd's scripts",
        answer: own::putval,
    },
    Route { path: "/write", methods: &["POST"], summary: "Influx lines, 1.x", answer: influx::write_v1 },
    Route {
        path: "/api/v2/write",
        methods: &["POST"],
        summary: "Influx lines, 2.x",
        answer: influx::write_v2,
    },
    Route {
        path: "/ping",
        methods: &["GET", "HEAD", "POST"],
        summary: "Influx clients ask whether anybody is there",
        answer: influx::ping,
    },
    Route {
        path: "/query",
        methods: &["GET", "POST"],
        summary: "Influx clients create their database",
        answer: influx::query,
    },
    // Open-Falcon looks at the body only, so any method is taken as it is there.
    Route { path: "/v1/push", methods: &[], summary: "Open-Falcon's agent", answer: falcon::agent },
    Route {
        path: "/openfalcon/push",
        methods: &[],
        summary: "Nightingale's door for Open-Falcon",
        answer: falcon::nightingale,
    },
    Route { path: "/api/push", methods: &[], summary: "Open-Falcon's transfer", answer: falcon::transfer },
];

/// The route on a path; a slash at its end does not matter.
pub fn find(path: &str) -> Option<&'static Route> {
    let path = path.strip_suffix('/').unwrap_or(path);
    ROUTES.iter().find(|route| route.path == path)
}
