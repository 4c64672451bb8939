//! Which fields a format has, looked up once.

use crate::field::Field;
use crate::formats::Format;

/// What lines of a format can tell.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Uses {
    pub(crate) request: bool,
    /// Method, URL and protocol by themselves.
    pub(crate) parts: bool,
    pub(crate) bytes: bool,
    pub(crate) request_time: bool,
    pub(crate) upstream_time: bool,
    pub(crate) upstream_addr: bool,
    pub(crate) cache: bool,
}

impl Uses {
    pub(crate) fn of(format: &Format) -> Self {
        Self {
            request: format.has(Field::Request),
            parts: format.has(Field::Method) || format.has(Field::Url) || format.has(Field::Protocol),
            bytes: format.has(Field::Bytes),
            request_time: format.has(Field::RequestTime),
            upstream_time: format.has(Field::UpstreamTime),
            upstream_addr: format.has(Field::UpstreamAddr) || format.has(Field::UpstreamStatus),
            cache: format.has(Field::Cache),
        }
    }
}
