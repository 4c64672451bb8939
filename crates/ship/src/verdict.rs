//! What an answer of the native door means for the frames that were sent.

use std::time::Duration;

/// Longest time that a server may ask us to wait.
const RETRY_AFTER_MAX: Duration = Duration::from_secs(15 * 60);

/// An answer as it came over the network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reply {
    /// Status code.
    pub(crate) status: u16,
    /// The `Retry-After` header, where there is one.
    pub(crate) retry_after: Option<String>,
    /// Text, for the numbers in it and for people.
    pub(crate) body: String,
}

/// What to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// All frames before this one are kept.
    Kept(u64),
    /// Go on from this frame.
    Resume(u64),
    /// The body is too large.
    TooLarge,
    /// The content was not understood in gzip: the same again without. Never read from an answer.
    Plain(String),
    /// The content is not acceptable and will not become so.
    Refused(String),
    /// We are not let in. That is no fault of the content, so nothing is thrown away for it: a wrong token must not
    /// cost the backlog.
    Barred(String),
    /// Try again later.
    Later(String, Option<Duration>),
}

impl Verdict {
    /// Reads an answer.
    pub(crate) fn of(reply: &Reply) -> Self {
        let said = || format!("the server answered {}: {}", reply.status, excerpt(&reply.body));
        let number = |name| number(&reply.body, name);
        match reply.status {
            200 => match number("next") {
                Some(next) => Self::Kept(next),
                None => Self::Later(format!("{} (not a Windhover server?)", said()), None),
            },
            409 => match number("resume_from") {
                Some(frame) => Self::Resume(frame),
                None => Self::Later(said(), None),
            },
            413 => Self::TooLarge,
            401 | 403 | 404 | 405 | 407 => Self::Barred(said()),
            408 | 429 | 500.. => Self::Later(said(), retry_after(reply)),
            400..=499 => Self::Refused(said()),
            _ => Self::Later(said(), None),
        }
    }
}

// Only the form in seconds; a date would need the server's clock to agree with ours.
fn retry_after(reply: &Reply) -> Option<Duration> {
    let seconds = reply.retry_after.as_deref()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds).min(RETRY_AFTER_MAX))
}

/// The number behind `"name":` in a line of JSON without nesting.
fn number(json: &str, name: &str) -> Option<u64> {
    let (_, rest) = json.split_once(&format!("\"{name}\""))?;
    let rest = rest.trim_start().strip_prefix(':')?.trim_start();
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    rest[..end].parse().ok()
}

fn excerpt(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(status: u16, body: &str, retry_after: Option<&str>) -> Verdict {
        Verdict::of(&Reply { status, retry_after: retry_after.map(str::to_owned), body: body.to_owned() })
    }

    #[test]
    fn answers_mean_what_the_protocol_says() {
        assert_eq!(of(200, r#"{"next":12,"accepted":3}"#, None), Verdict::Kept(12));
        assert_eq!(of(200, r#"{ "next" : 12 }"#, None), Verdict::Kept(12));
        assert_eq!(of(409, r#"{"resume_from":0,"error":"x"}"#, None), Verdict::Resume(0));
        assert_eq!(of(413, "", None), Verdict::TooLarge);
        assert!(matches!(of(400, "bad", None), Verdict::Refused(why) if why.contains("400: bad")));
        assert!(matches!(of(422, "", None), Verdict::Refused(_)));
        assert!(matches!(of(401, "", None), Verdict::Barred(_)));
        assert!(matches!(of(404, "", None), Verdict::Barred(_)));
    }

    #[test]
    fn what_may_pass_is_tried_again() {
        for status in [301, 408, 429, 500, 502, 503, 599] {
            assert!(matches!(of(status, "", None), Verdict::Later(_, None)), "{status}");
        }
        for body in ["<html>", r#"{"next":-1}"#, r#"{"next":"1"}"#, r#"{"next":99999999999999999999}"#] {
            assert!(matches!(of(200, body, None), Verdict::Later(..)), "{body}");
            assert!(matches!(of(409, body, None), Verdict::Later(..)), "{body}");
        }
        let wait = |text| match of(503, "", Some(text)) {
            Verdict::Later(_, wait) => wait.map(|w| w.as_secs()),
            _ => unreachable!("503 is tried again"),
        };
        assert_eq!(
            [wait("7"), wait("999999999"), wait("Wed, 21 Oct"), wait("-1")],
            [Some(7), Some(900), None, None]
        );
    }
}
