//! The same by the names of Open-Falcon's newer api.
//!
//! ```text
//! POST /api/v1/graph/history    {"start_time","end_time","consol_fun","hostnames":[…],"counters":[…],"step"?}
//!                            →  every counter of every host, as /graph/history
//! POST /api/v1/graph/lastpoint  [{"endpoint","counter"}]  →  as /graph/last
//! ```
//!
//! All fields but `step` are required. A series that nobody knows is left out when `step` is. The step is told, not
//! chosen: it is never looked at otherwise. Refusals are `{"error":"reason"}` with 400.

use super::answer::{self, Answer, Refusal};
use super::asked::{self, Pair, Span};
use super::{Found, add_history};
use crate::Api;
use serde_json::{Map, Value};
use serve::{Request, Response};
use std::sync::Arc;

/// The field that holds the reason of a refusal.
const REASON: &str = "error";

/// `POST /api/v1/graph/history`.
pub fn history(api: &Arc<Api>, request: &Request) -> Response {
    let answered = Asked::parse(&request.body).and_then(|asked| {
        let mut answer = Answer::default();
        for pair in &asked.pairs {
            let found = Found::look_up(&api.numbers(), pair)?;
            if found.is_some() || asked.is_step_told {
                add_history(api, &mut answer, pair, found.as_ref(), &asked.span)?;
            }
        }
        Ok(answer)
    });
    answer::respond(answered, REASON)
}

/// `POST /api/v1/graph/lastpoint`.
pub fn lastpoint(api: &Arc<Api>, request: &Request) -> Response {
    let answered = asked::pairs(&request.body).and_then(|pairs| {
        let mut answer = Answer::default();
        for pair in &pairs {
            let found = Found::look_up(&api.numbers(), pair)?;
            answer.last(pair, found.and_then(|found| found.last()));
        }
        Ok(answer)
    });
    answer::respond(answered, REASON)
}

struct Asked {
    pairs: Vec<Pair>,
    span: Span,
    is_step_told: bool,
}

impl Asked {
    fn parse(body: &[u8]) -> Result<Self, Refusal> {
        let fields = asked::object(asked::first_value(body)?, "the request")?;
        for name in ["hostnames", "counters", "consol_fun", "start_time", "end_time"] {
            if asked::field(&fields, name).is_none() {
                return Err(Refusal::bad(format!("`{name}` is missing")));
            }
        }
        let span = Span {
            start_s: asked::whole(&fields, "start_time")?,
            end_s: asked::whole(&fields, "end_time")?,
            cf: asked::cf(&fields, "consol_fun")?,
        };
        let (hosts, counters) = (texts(&fields, "hostnames")?, texts(&fields, "counters")?);
        asked::check_count(hosts.len().saturating_mul(counters.len()), "no host or no counter")?;
        let of_host = |host: &&str| {
            let endpoint = (*host).to_owned();
            counters
                .iter()
                .map(move |counter| Pair { endpoint: endpoint.clone(), counter: (*counter).to_owned() })
        };
        let pairs = hosts.iter().flat_map(of_host).collect();
        Ok(Self { pairs, span, is_step_told: asked::whole(&fields, "step")? > 0 })
    }
}

pub(super) fn texts<'a>(fields: &'a Map<String, Value>, name: &str) -> Result<Vec<&'a str>, Refusal> {
    texts_of(asked::list(asked::field(fields, name), name)?, &format!("`{name}`"))
}

pub(super) fn texts_of<'a>(items: &'a [Value], what: &str) -> Result<Vec<&'a str>, Refusal> {
    let not_texts = || Refusal::bad(format!("{what} is not a list of texts"));
    items.iter().map(|item| item.as_str().ok_or_else(not_texts)).collect()
}
