//! Sheets: what the page of sheets and `windhover sheets` ask for and change.

use crate::params::Params;
use crate::{Api, respond};
use meta::{Error, Sheet};
use serde_json::{Value, json};
use serve::{Request, Response, StatusCode};
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

/// `GET /api/v1/sheets/{id}`.
pub fn get(api: &Arc<Api>, request: &Request) -> Response {
    let id = id(request);
    answer(api.sheets.get(id).map(|sheet| described(id, &sheet)))
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
        Some((id, _)) => api.sheets.replace(&id, sheet, now_ms).map(|()| id)?,
        None => api.sheets.add(sheet, now_ms)?,
    };
    Ok(json!({ "id": id, "title": title, "charts": charts }))
}

/// `PUT /api/v1/sheets/{id}`: the whole sheet anew; its id stays.
pub fn put(api: &Arc<Api>, request: &Request) -> Response {
    let id = id(request);
    let sheet = serde_json::from_slice::<Sheet>(&request.body).map_err(malformed);
    let kept = sheet.and_then(|sheet| api.sheets.replace(id, sheet, api.clock.now_ms()));
    answer(kept.and_then(|()| api.sheets.get(id)).map(|sheet| described(id, &sheet)))
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
