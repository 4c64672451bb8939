//! Graphite's HTTP API, as its web application answers it: charts and their data, the tree of paths, tags, functions and
//! events. Numbers and texts are written as Python writes them, so that scripts that compare bytes go on working.
//!
//! What Grafana asks: `POST /render` (form, JSON wanted), `/metrics/find`, `/metrics/expand`, `/tags/autoComplete/tags` and
//! `/values`, `/tags`, `/functions`, `/events/get_data`, `/version`.

mod asked;
mod events;
mod find;
mod formats;
mod functions;
mod metadata;
mod pack;
mod picture;
mod python;
mod render;
mod tags;

pub(crate) use events::Notes;
pub use events::{get_data as events_data, list as events_list, one as event, post as events_post};
pub use find::{expand, find, index};
pub use functions::{list as functions, one as function};
pub use metadata::{get as get_metadata, set as set_metadata};
pub use render::render;
pub use tags::{
    complete_tags, complete_values, delete_series, find_series, list as tags, one as tag, tag_many, tag_one,
};

use crate::Api;
use asked::Form;
use serde_json::Value;
use serve::{HeaderValue, Request, Response, StatusCode, header};
use std::sync::Arc;

/// The release of Graphite whose API this is.
const VERSION: &str = "1.1.10";

/// `GET /version`.
pub fn version(_: &Arc<Api>, _: &Request) -> Response {
    Response::text(StatusCode::OK, VERSION)
}

/// Why a request has no answer, in Graphite's words.
#[derive(Debug)]
struct Refusal {
    status: StatusCode,
    text: String,
}

impl Refusal {
    /// A parameter that makes no sense.
    fn bad(what: impl std::fmt::Display) -> Self {
        Self { status: StatusCode::BAD_REQUEST, text: format!("Invalid parameters ({what})") }
    }

    /// As plain text.
    fn text(self) -> Response {
        Response::text(self.status, self.text)
    }

    /// As the tags API and others that always answer in JSON tell it.
    fn json(self) -> Response {
        Response::json(
            self.status,
            python::dumps(&serde_json::json!({ "error": self.text }), true).into_bytes(),
        )
    }
}

/// JSON as the web application writes it: indented when `pretty` is there, within a call when `jsonp` is.
fn json(form: &Form, value: &Value, ascii: bool) -> Response {
    let text = python::dumps(value, ascii);
    let mut response = match written(form, text) {
        Ok(response) => response,
        Err(refusal) => return refusal.text(),
    };
    if !ascii {
        let of = |kind: &'static str| HeaderValue::from_static(kind);
        let kind = if form.last("jsonp").is_some() {
            "text/javascript;charset=utf-8"
        } else {
            "application/json;charset=utf-8"
        };
        response = response.with(header::CONTENT_TYPE, of(kind));
    }
    response
}

/// The same for what is text already.
fn written(form: &Form, text: String) -> Result<Response, Refusal> {
    let is_pretty = form.last("pretty").is_some_and(|pretty| !pretty.is_empty());
    let text = if is_pretty { python::indented(&text) } else { text };
    match form.last("jsonp") {
        None => Ok(Response::json(StatusCode::OK, text.into_bytes())),
        Some(name) if is_callback(name) => {
            Ok(Response::new(StatusCode::OK, "text/javascript", format!("{name}({text})").into_bytes()))
        }
        Some(_) => Err(Refusal::bad("jsonp: a name of a function may have letters, digits, dots, _ and $")),
    }
}

/// Whatever is written before the bracket is run by the page that asked: nothing but a name may be.
fn is_callback(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"._$[]".contains(&b))
}

fn uncached(response: Response) -> Response {
    let no = HeaderValue::from_static("no-cache");
    response.with(header::PRAGMA, no.clone()).with(header::CACHE_CONTROL, no)
}

#[cfg(test)]
mod tests;
