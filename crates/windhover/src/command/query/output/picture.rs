//! Pictures, drawn as the server draws them.

use super::Look;
use crate::command::query::answer::Answer;
use draw::{Chart, Color, Line, Options};
use std::io::Write;

/// Pixels when nobody says.
const WIDTH: u32 = 800;
const HEIGHT: u32 = 300;

pub(super) fn png(answer: &Answer, look: &Look, out: &mut dyn Write) -> std::io::Result<()> {
    out.write_all(&chart(answer, look).png())
}

pub(super) fn svg(answer: &Answer, look: &Look, out: &mut dyn Write) -> std::io::Result<()> {
    out.write_all(chart(answer, look).svg().as_bytes())
}

fn chart(answer: &Answer, look: &Look) -> Chart {
    let side = |given: Option<usize>, usual: u32| given.map_or(usual, |n| n.try_into().unwrap_or(usual));
    let title = answer.json["results"].as_array().into_iter().flatten().find_map(|r| r["title"].as_str());
    let options = Options {
        width: side(look.width, WIDTH),
        height: side(look.height, HEIGHT),
        title: title.unwrap_or_default().to_owned(),
        from_ms: answer.json["from_ms"].as_i64(),
        until_ms: answer.json["to_ms"].as_i64(),
        zone: look.zone.clone(),
        ..Options::default()
    };
    let lines = answer.series.iter().map(|series| Line {
        name: series.label.clone(),
        start_ms: answer.times_ms.first().copied().unwrap_or(0),
        step_ms: answer.step_ms,
        values: series.values.clone(),
        color: series.color.as_deref().and_then(Color::parse),
        ..Line::default()
    });
    Chart { options, lines: lines.collect() }
}
