//! `/render`: targets over a range, as data or as a picture.

use super::asked::Form;
use super::{Notes, Refusal, formats, picture, python, written};
use crate::Api;
use model::Zone;
use query::QueryError;
use query::graphite::{Context, Series};
use serve::{Gone, HeaderName, HeaderValue, Request, Response, StatusCode, header};
use std::sync::Arc;

/// A request, checked.
pub(super) struct Asked {
    pub(super) form: Form,
    pub(super) zone: Zone,
    pub(super) from_s: i64,
    pub(super) until_s: i64,
    now_s: i64,
    gone: Gone,
    points_max: Option<usize>,
    x_files_factor: Option<f64>,
}

/// What came of the targets.
struct Evaluated {
    series: Vec<Series>,
    /// Why there is nothing.
    note: Option<String>,
}

/// `GET` and `POST /render`.
pub fn render(api: &Arc<Api>, request: &Request) -> Response {
    Form::of(request).and_then(|form| answer(api, form, &request.gone)).unwrap_or_else(Refusal::text)
}

fn answer(api: &Api, form: Form, gone: &Gone) -> Result<Response, Refusal> {
    let asked = Asked { gone: gone.clone(), ..Asked::read(form, api.clock.now_ms())? };
    let name = format_name(&asked.form);
    let is_pie = match asked.form.last("graphType").unwrap_or("line") {
        "pie" => true,
        "line" => false,
        other => return Err(Refusal::bad(format!("Invalid graphType '{other}', must be one of line, pie"))),
    };
    if is_pie || matches!(name, "png" | "svg") {
        let is_svg = name == "svg";
        let (bytes, note) = if is_pie { pie(api, &asked, is_svg)? } else { chart(api, &asked, is_svg)? };
        let kind = if is_svg { "image/svg+xml" } else { "image/png" };
        if let (true, Some(_)) = (is_svg, asked.form.last("jsonp")) {
            let mut text = String::new();
            python::json_text(&mut text, &String::from_utf8_lossy(&bytes), true);
            return written(&asked.form, text);
        }
        return Ok(noted(cached(&asked.form, Response::new(StatusCode::OK, kind, bytes)), note));
    }
    let format = formats::find(name).ok_or_else(|| unknown_format(name))?;
    let Evaluated { mut series, note } = evaluate(api, &asked)?;
    if let Some(points_max) = asked.points_max {
        query::graphite::consolidate(&mut series, points_max);
    }
    let response = (format.write)(&series, &asked)?;
    Ok(noted(cached(&asked.form, response), note))
}

/// `rawData` and `pickle` are older ways to ask for a format; a picture is meant where nobody says.
fn format_name(form: &Form) -> &str {
    let older = |name: &str, format| form.last(name).map(|_| format);
    form.last("format").or(older("rawData", "raw")).or(older("pickle", "pickle")).unwrap_or("png")
}

fn unknown_format(name: &str) -> Refusal {
    let why = if name == "pdf" { "PDF is not drawn; ask for svg or png" } else { "there is no such format" };
    let known: Vec<&str> = formats::FORMATS.iter().map(|format| format.name).chain(["png", "svg"]).collect();
    Refusal::bad(format!("format '{name}': {why} (known are {})", known.join(", ")))
}

impl Asked {
    pub(super) fn read(form: Form, now_ms: i64) -> Result<Self, Refusal> {
        let zone = form.zone();
        let now_s = form.now_s(now_ms)?;
        let now_ms = if form.last("now").is_some() { now_s.saturating_mul(1000) } else { now_ms };
        let from_s = form.instant("from", now_ms, &zone)?.unwrap_or(now_s - 86_400);
        let until_s = form.instant("until", now_ms, &zone)?.unwrap_or(now_s);
        if from_s == until_s {
            return Err(Refusal::bad("Invalid empty time range"));
        }
        let number = |name: &str| form.last(name).filter(|text| text.bytes().all(|b| b.is_ascii_digit()));
        // Other formats tell what there is.
        let is_consolidated = format_name(&form) == "json";
        let points_max =
            number("maxDataPoints").filter(|_| is_consolidated).and_then(|text| text.parse().ok());
        let x_files_factor = form.last("xFilesFactor").map(|text| {
            text.parse().map_err(|_| Refusal::bad(format!("xFilesFactor: '{text}' is not a number")))
        });
        Ok(Self {
            zone,
            from_s: from_s.min(until_s),
            until_s: until_s.max(from_s),
            now_s,
            gone: Gone::default(),
            points_max,
            x_files_factor: x_files_factor.transpose()?,
            form,
        })
    }
}

fn chart(api: &Api, asked: &Asked, is_svg: bool) -> Result<(Vec<u8>, Option<String>), Refusal> {
    let options = picture::options(asked)?;
    let Evaluated { series, note } = evaluate(api, asked)?;
    let chart = draw::Chart { options, lines: series.into_iter().map(picture::line).collect() };
    Ok((if is_svg { chart.svg().into_bytes() } else { chart.png() }, note))
}

/// Slices are `name:value`, or one value of each series of a target.
fn pie(api: &Api, asked: &Asked, is_svg: bool) -> Result<(Vec<u8>, Option<String>), Refusal> {
    let mut pie = picture::pie(asked)?;
    let mode = picture::pie_mode(&asked.form)?;
    for target in asked.form.targets()? {
        if let Some((name, value)) = target.split_once(':') {
            let value = value.parse().map_err(|_| Refusal::bad(format!("Invalid target '{target}'")))?;
            pie.slices.push((name.to_owned(), value));
            continue;
        }
        let Evaluated { series, .. } = evaluate_targets(api, asked, &[target])?;
        pie.slices.extend(series.into_iter().map(|series| (series.name.clone(), mode.of(&series.values))));
    }
    Ok((if is_svg { pie.svg().into_bytes() } else { pie.png() }, None))
}

fn evaluate(api: &Api, asked: &Asked) -> Result<Evaluated, Refusal> {
    evaluate_targets(api, asked, &asked.form.targets()?)
}

fn evaluate_targets(api: &Api, asked: &Asked, targets: &[&str]) -> Result<Evaluated, Refusal> {
    let notes = Notes(api.events.as_ref());
    let context = Context {
        now_s: asked.now_s,
        zone: asked.zone.clone(),
        x_files_factor: asked.x_files_factor,
        points_max: asked.points_max,
        variables: asked.form.keyed("template"),
        naming: api.naming.clone(),
        events: &notes,
        cancelled: &|| asked.gone.is_gone(),
        ..Context::new(asked.from_s, asked.until_s)
    };
    let answer = query::graphite::render(targets, &context, &api.numbers()).map_err(|e| refused(&e, None))?;
    let mut series = Vec::new();
    for (target, result) in targets.iter().zip(answer.results) {
        series.extend(result.map_err(|e| refused(&e, Some(target)))?);
    }
    let note = answer.notes.into_iter().flatten().next().filter(|_| series.is_empty());
    Ok(Evaluated { series, note })
}

/// What is wrong, and below it the target with carets under the place.
pub(super) fn refused(error: &QueryError, target: Option<&str>) -> Refusal {
    let status = match error {
        QueryError::Source(_) => StatusCode::INTERNAL_SERVER_ERROR,
        _ => StatusCode::BAD_REQUEST,
    };
    let mut text = format!("Invalid parameters ({error})");
    if let QueryError::Source(_) = error {
        text = error.to_string();
    }
    if let (Some(target), QueryError::Expression(error) | QueryError::Limit(error)) = (target, error) {
        text.push_str(&format!("\n{}\n", error.caret(target)));
    }
    Refusal { status, text }
}

/// `noCache` and a `cacheTimeout` of 0 say that nobody may keep the answer; nothing is kept here at all.
fn cached(form: &Form, response: Response) -> Response {
    let timeout_s = form.last("cacheTimeout").and_then(|text| text.parse::<u32>().ok()).unwrap_or(0);
    if form.last("noCache").is_some() || timeout_s == 0 {
        return response.with(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    let value = HeaderValue::from_str(&format!("max-age={timeout_s}"));
    response.with(header::CACHE_CONTROL, value.expect("digits"))
}

/// Says something in a header that is no part of the answer.
pub(super) fn noted(response: Response, note: Option<String>) -> Response {
    // Names may have letters that a header cannot.
    let ascii = |note: String| {
        note.chars().map(|c| if (' '..='~').contains(&c) { c } else { '?' }).collect::<String>()
    };
    match note.and_then(|note| HeaderValue::from_str(&ascii(note)).ok()) {
        Some(note) => response.with(HeaderName::from_static("x-windhover-note"), note),
        None => response,
    }
}
