//! Sheets: what the page of sheets and `windhover sheets` ask for and change.

use crate::params::Params;
use crate::{Api, respond};
use meta::{Error, Sheet};
use serde_json::{Value, json};
use serve::{HeaderValue, Request, Response, StatusCode, header};
use std::sync::Arc;

/// `GET /api/v1/sheets`: all of them, without their expressions.
pub fn list(api: &Arc<Api>, _: &Request) -> Response {
    let sheets: Vec<Value> = api
        .sheets
        .list()
        .iter()
        .map(|(id, sheet)| {
            json!({ "id": id, "title": sheet.title, "description": sheet.description,
                "charts": sheet.exprs.len(), "changed_ms": sheet.changed_ms })
        })
        .collect();
    respond::json(&json!({ "sheets": sheets }))
}

/// `GET /api/v1/sheets/{id}`. Its `ETag` is for `If-Match`, when it is saved.
pub fn get(api: &Arc<Api>, request: &Request) -> Response {
    let id = id(request);
    one(id, api.sheets.get(id))
}

/// `POST /api/v1/sheets`: one sheet as `GET` shows it, or an export of Kibana. With `overwrite=true` a sheet takes the place
/// of the one with its title. All are kept or, when one may not be, none.
pub fn post(api: &Arc<Api>, request: &Request) -> Response {
    let overwrites = Params::parse(&request.query).get("overwrite") == Some("true");
    let kept = sheets_in(&request.body).and_then(|sheets| {
        sheets.iter().try_for_each(Sheet::check)?;
        sheets.into_iter().map(|sheet| keep(api, sheet, overwrites)).collect::<Result<Vec<Value>, _>>()
    });
    answer(kept.map(|kept| json!({ "sheets": kept })))
}

fn keep(api: &Api, sheet: Sheet, overwrites: bool) -> Result<Value, Error> {
    let (title, charts, now_ms) = (sheet.title.clone(), sheet.exprs.len(), api.clock.now_ms());
    let all = if overwrites { api.sheets.list() } else { Vec::new() };
    let id = match all.into_iter().find(|(_, known)| known.title == title) {
        Some((id, _)) => api.sheets.replace(&id, sheet, None, now_ms).map(|()| id)?,
        None => api.sheets.add(sheet, now_ms)?,
    };
    Ok(json!({ "id": id, "title": title, "charts": charts }))
}

/// `PUT /api/v1/sheets/{id}`: the whole sheet anew; its id stays. With `If-Match` only if the sheet is still the one that was
/// read, else 412.
pub fn put(api: &Arc<Api>, request: &Request) -> Response {
    let id = id(request);
    let sheet = serde_json::from_slice::<Sheet>(&request.body).map_err(malformed);
    let kept = sheet.and_then(|sheet| {
        api.sheets.replace(id, sheet, read_ms(request)?, api.clock.now_ms())?;
        api.sheets.get(id)
    });
    one(id, kept)
}

// The version of a sheet is when it was kept.
fn read_ms(request: &Request) -> Result<Option<i64>, Error> {
    let Some(tag) = request.header("if-match").map(str::trim).filter(|tag| *tag != "*") else {
        return Ok(None);
    };
    let version = tag.trim_start_matches("W/").trim_matches('"').parse();
    let wrong = |_| Error::Bad(format!("If-Match: `{tag}` is not the ETag of a sheet"));
    version.map(Some).map_err(wrong)
}

fn one(id: &str, sheet: Result<Sheet, Error>) -> Response {
    let tag = sheet.as_ref().map_or(0, |sheet| sheet.changed_ms);
    let is_there = sheet.is_ok();
    let response = answer(sheet.map(|sheet| described(id, &sheet)));
    match HeaderValue::from_str(&format!("\"{tag}\"")) {
        Ok(tag) if is_there => response.with(header::ETAG, tag),
        _ => response,
    }
}

/// `DELETE /api/v1/sheets/{id}`.
pub fn remove(api: &Arc<Api>, request: &Request) -> Response {
    answer(api.sheets.remove(id(request)).map(|()| json!({})))
}

/// `GET /api/v1/sheets/{id}/export`: a line that Kibana imports.
pub fn export(api: &Arc<Api>, request: &Request) -> Response {
    let id = id(request);
    match api.sheets.get(id) {
        Ok(sheet) => Response::text(StatusCode::OK, meta::sheets::kibana::write(id, &sheet) + "\n"),
        Err(error) => respond::fact_error(&error),
    }
}

// A sheet of ours has its expressions at the top; whatever else is JSON is Kibana's.
fn sheets_in(body: &[u8]) -> Result<Vec<Sheet>, Error> {
    match serde_json::from_slice::<Value>(body) {
        Ok(own) if own.get("exprs").is_some() => {
            serde_json::from_value(own).map(|sheet| vec![sheet]).map_err(malformed)
        }
        _ => {
            let text = std::str::from_utf8(body);
            meta::sheets::kibana::read(text.map_err(|_| Error::Bad("the body is not UTF-8".to_owned()))?)
        }
    }
}

fn malformed(error: serde_json::Error) -> Error {
    Error::Bad(format!("this is no sheet: {error}"))
}

fn described(id: &str, sheet: &Sheet) -> Value {
    let mut all = serde_json::to_value(sheet).unwrap_or_default();
    all["id"] = json!(id);
    all
}

/// The part of the path that stands for `{id}`.
fn id(request: &Request) -> &str {
    request.path.split('/').nth(4).unwrap_or("")
}

fn answer(done: Result<Value, Error>) -> Response {
    done.map_or_else(|error| respond::fact_error(&error), |value| respond::json(&value))
}

#[cfg(test)]
mod tests;
