//! What a line can tell, whatever its format calls it.

/// A value of a line that becomes part of a metric. Everything else in a line is skipped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Field {
    /// The request line, `GET /path HTTP/1.1`.
    Request,
    /// The method alone.
    Method,
    /// The path, with or without query, or a whole URL.
    Url,
    /// `HTTP/1.1`.
    Protocol,
    /// The status told to the client.
    Status,
    /// Bytes sent to the client.
    Bytes,
    /// How long the request took as the server saw it.
    RequestTime,
    /// How long upstreams took: one value an attempt, `0.1, 0.2 : 0.3`, `-` where there is none.
    UpstreamTime,
    /// What upstreams answered: one value an attempt.
    UpstreamStatus,
    /// Which upstreams were asked: one value an attempt.
    UpstreamAddr,
    /// What the cache said: `HIT`, `MISS` …
    Cache,
}

/// Number of fields.
pub(crate) const FIELDS: usize = 11;

impl Field {
    /// Every field, in order of its number.
    pub const ALL: [Self; FIELDS] = [
        Self::Request,
        Self::Method,
        Self::Url,
        Self::Protocol,
        Self::Status,
        Self::Bytes,
        Self::RequestTime,
        Self::UpstreamTime,
        Self::UpstreamStatus,
        Self::UpstreamAddr,
        Self::Cache,
    ];

    /// The field's name in settings and as a group of a regular expression.
    pub fn as_str(self) -> &'static str {
        [
            "request",
            "method",
            "url",
            "protocol",
            "status",
            "bytes",
            "request_time",
            "upstream_time",
            "upstream_status",
            "upstream_addr",
            "cache",
        ][self as usize]
    }

    /// The field of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.as_str() == name)
    }

    /// Whether its values are times, which have a unit.
    pub fn is_time(self) -> bool {
        matches!(self, Self::RequestTime | Self::UpstreamTime)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_numbers_agree() {
        for (number, field) in Field::ALL.into_iter().enumerate() {
            assert_eq!((field as usize, Field::parse(field.as_str())), (number, Some(field)));
        }
    }
}
