//! Settings for groups of agents: what people change, and what agents ask for and say.

use crate::params::Params;
use crate::{Api, profiles, respond};
use meta::groups::{Report, State};
use meta::{Error, Group, Groups};
use serde_json::{Value, json};
use serve::{HeaderName, HeaderValue, Request, Response, StatusCode};
use std::sync::Arc;

/// Names the group of the settings that an agent is given.
pub const GROUP_HEADER: &str = "x-windhover-group";
/// Their version.
pub const VERSION_HEADER: &str = "x-windhover-version";

/// The groups, and what says which settings they may hold.
pub struct Agents {
    /// What is kept.
    pub groups: Groups,
    /// Every problem of a text with settings for agents.
    pub check: fn(&str) -> Vec<String>,
}

/// `GET /api/v1/agents`.
pub fn list(api: &Arc<Api>, _: &Request) -> Response {
    let groups: Vec<Value> = api.agents.groups.list().iter().map(describe).collect();
    let report = |(host, r): &(String, Report)| json!({ "host": host, "group": r.group, "version": r.version, "state": r.state.as_str(), "why": r.why, "time_ms": r.time_ms });
    let hosts: Vec<Value> = api.agents.groups.reports().iter().map(report).collect();
    respond::json(&json!({ "groups": groups, "hosts": hosts }))
}

fn describe(group: &Group) -> Value {
    let version = |v: &meta::Version| json!({ "number": v.number, "made_ms": v.made_ms, "text": v.text });
    json!({
        "name": group.name,
        "hosts": group.hosts,
        "stage": group.stage,
        "newest": group.newest(),
        "stable": group.stable,
        "halted": group.halted,
        "versions": group.versions.iter().map(version).collect::<Vec<_>>(),
    })
}

/// `PUT /api/v1/agents/{group}?hosts=web*&hosts=db1&stage=10`, the settings as the body.
pub fn put(api: &Arc<Api>, request: &Request) -> Response {
    let params = Params::parse(&request.query);
    let Ok(text) = std::str::from_utf8(&request.body) else {
        return respond::error(StatusCode::BAD_REQUEST, "the settings are not UTF-8", None);
    };
    let problems = (api.agents.check)(text);
    if !problems.is_empty() {
        let all = json!({ "error": problems.join("; "), "problems": problems });
        return respond::with_status(StatusCode::BAD_REQUEST, &all);
    }
    let hosts: Vec<String> = params.all("hosts").map(str::to_owned).collect();
    let made = stage(&params).and_then(|stage| {
        api.agents.groups.put(name(request), &hosts, stage.unwrap_or(100), text, api.clock.now_ms())
    });
    answer(made.map(|version| json!({ "version": version })))
}

/// `POST /api/v1/agents/{group}/stage?stage=50`.
pub fn set_stage(api: &Arc<Api>, request: &Request) -> Response {
    let missing = || Error::Bad("the parameter `stage` is missing".to_owned());
    let set = stage(&Params::parse(&request.query))
        .and_then(|stage| api.agents.groups.set_stage(name(request), stage.ok_or_else(missing)?));
    answer(set.map(|()| json!({})))
}

/// `POST /api/v1/agents/{group}/rollback`.
pub fn roll_back(api: &Arc<Api>, request: &Request) -> Response {
    answer(api.agents.groups.roll_back(name(request)).map(|version| json!({ "version": version })))
}

/// `DELETE /api/v1/agents/{group}`.
pub fn remove(api: &Arc<Api>, request: &Request) -> Response {
    answer(api.agents.groups.remove(name(request)).map(|()| json!({})))
}

/// `GET /api/v1/agent/settings?host=H&group=G&version=N&state=S&why=W`: an agent says how it got along with what it has, and
/// is told what it is to have: 204 when that is nothing.
pub fn settings(api: &Arc<Api>, request: &Request) -> Response {
    let params = Params::parse(&request.query);
    let Some(host) = params.get("host").filter(|host| !host.is_empty()) else {
        return respond::error(StatusCode::BAD_REQUEST, "parameter `host` is missing", None);
    };
    let report = Report {
        group: params.get("group").unwrap_or("").to_owned(),
        version: params.get("version").and_then(|n| n.parse().ok()).unwrap_or(0),
        state: params.get("state").and_then(State::parse).unwrap_or(State::None),
        why: params.get("why").unwrap_or("").to_owned(),
        time_ms: api.clock.now_ms(),
    };
    if let Err(e) = api.agents.groups.note(host, report) {
        return respond::fact_error(&e);
    }
    let answer = offer(api, host);
    match api.profiles.take(host) {
        Some(seconds) => {
            answer.with(HeaderName::from_static(profiles::PROFILE_HEADER), HeaderValue::from(seconds))
        }
        None => answer,
    }
}

fn offer(api: &Api, host: &str) -> Response {
    match api.agents.groups.offer(host) {
        None => Response::text(StatusCode::NO_CONTENT, ""),
        Some(offer) => {
            let version = HeaderValue::from(offer.version);
            let group = HeaderValue::from_str(&offer.group).unwrap_or(HeaderValue::from_static(""));
            Response::text(StatusCode::OK, offer.text)
                .with(HeaderName::from_static(GROUP_HEADER), group)
                .with(HeaderName::from_static(VERSION_HEADER), version)
        }
    }
}

/// The part of the path that stands for `{group}`.
fn name(request: &Request) -> &str {
    request.path.split('/').nth(4).unwrap_or("")
}

fn stage(params: &Params) -> Result<Option<u32>, Error> {
    let number =
        |text: &str| text.parse().map_err(|_| Error::Bad(format!("`{text}` is no share in percent")));
    params.get("stage").map(number).transpose()
}

fn answer(done: Result<Value, Error>) -> Response {
    done.map_or_else(|e| respond::fact_error(&e), |value| respond::json(&value))
}
