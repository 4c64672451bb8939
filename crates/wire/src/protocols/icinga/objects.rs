//! Objects as `/v1/objects/hosts`, `services`, `comments` and `downtimes` give them: what there is to know without having
//! listened.

use super::record::Record;
use super::{Heard, samples, to_ms, words};
use crate::Context;
use crate::json::{Error, Kind, Reader};
use model::{Batch, Position, Report};

/// Decodes an answer. The last result of each check becomes samples; `told` hears of every object, with the event that told
/// of its last change when that came to be after `since_s` (Unix seconds by Icinga's clock; infinity for no events).
pub fn objects(
    input: &[u8],
    since_s: f64,
    context: &Context<'_>,
    out: &mut Batch,
    told: &mut dyn FnMut(Heard),
) -> Report {
    let (mut report, mut reader) = (Report::default(), Reader::new(input));
    let mut number = 0;
    let read = results(&mut reader, &mut |reader| {
        number += 1;
        let mut record = object(reader)?;
        match take(&mut record, since_s, context, out, &mut report) {
            Ok(heard) => told(heard),
            Err(why) => report.reject(Position::Item(number), why),
        }
        Ok(())
    });
    if let Err(error) = read.and_then(|()| reader.end()) {
        report.reject(Position::Byte(error.at), error);
    }
    report
}

/// Walks the list that every answer of the API is.
pub(super) fn results<'a>(
    reader: &mut Reader<'a>,
    each: &mut dyn FnMut(&mut Reader<'a>) -> Result<(), Error>,
) -> Result<(), Error> {
    reader.object()?;
    while let Some(name) = reader.field()? {
        if name != "results" {
            reader.skip()?;
            continue;
        }
        reader.array()?;
        while reader.element()? {
            each(reader)?;
        }
    }
    Ok(())
}

fn object<'a>(reader: &mut Reader<'a>) -> Result<Record<'a>, Error> {
    let (mut record, mut kind, mut name) = (Record::default(), None, None);
    reader.object()?;
    while let Some(field) = reader.field()? {
        match &*field {
            "attrs" if reader.peek()? == Kind::Object => record = Record::read(reader)?,
            "type" => kind = Some(super::record::text(reader)?),
            "name" => name = Some(super::record::text(reader)?),
            _ => reader.skip()?,
        }
    }
    record.kind = kind.unwrap_or_default();
    record.full_name = name.unwrap_or_default();
    Ok(record)
}

fn take(
    record: &mut Record<'_>,
    since_s: f64,
    context: &Context<'_>,
    out: &mut Batch,
    report: &mut Report,
) -> Result<Heard, String> {
    let (event, at_s) = match &*record.kind {
        "Host" => {
            record.host = record.name.clone();
            ("StateChange", record.changed_s)
        }
        "Service" => {
            record.service = record.name.clone();
            ("StateChange", record.changed_s)
        }
        "Comment" => ("CommentAdded", record.entered_s),
        "Downtime" => ("DowntimeAdded", record.entered_s),
        other => return Err(format!("an object of type `{other}`")),
    };
    if record.host.is_empty() {
        return Err(format!("a {} without a host", record.kind));
    }
    let is_check = event == "StateChange";
    if is_check && record.result.is_some() {
        samples(record, context, out, report)?;
    }
    let newest_s = if is_check { record.result.as_ref().and_then(|result| result.end_s) } else { at_s };
    record.kind = event.into();
    let is_missed = at_s.is_some_and(|at_s| at_s > since_s) && (!is_check || record.result.is_some());
    let event = (is_missed).then(|| words::tell(record, at_s.and_then(to_ms).unwrap_or(context.now_ms)));
    Ok(Heard {
        kind: record.kind.to_string(),
        time_ms: newest_s.and_then(to_ms).unwrap_or(0),
        host: record.host.to_string(),
        key: record.key(),
        event,
    })
}
