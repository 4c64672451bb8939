//! Statements to plan.

use super::program::is_name;
use super::statement::{Field, statements};
use super::{Program, Summary, select};
use crate::nearest::nearest;
use crate::plan::{Call, Given, NodeId, Offset, Operation, Plan, Read, Scalar};
use crate::signature::{self, Signature};
use crate::{Error, Span};
use model::Unit;
use std::collections::HashMap;

/// The statements there are, and what only draws.
pub(super) const STATEMENTS: [(&str, &str); 9] = [
    ("DEF", "Names series: DEF:a=load1:AVERAGE"),
    ("CDEF", "Computes a series: CDEF:b=a,100,*"),
    ("VDEF", "Makes one value of a series: VDEF:m=a,MAXIMUM"),
    ("SHIFT", "Shows a series later: SHIFT:a:86400"),
    ("XPORT", "Answers a series: XPORT:a:legend"),
    ("LINE", "Draws a line: LINE2:a#0a0:legend"),
    ("AREA", "Draws an area: AREA:a#0a0:legend"),
    ("PRINT", "Writes a value: PRINT:m:\"max %.2lf%s\""),
    ("GPRINT", "The same: GPRINT:m:\"max %.2lf%s\""),
];
const LAYOUT: [&str; 5] = ["COMMENT", "TEXTALIGN", "HRULE", "VRULE", "TICK"];
/// What may stand after the format of a `PRINT`.
const TIMES: [&str; 2] = ["strftime", "valstrftime"];
/// What an older `PRINT` makes of a series by itself.
const FOLDS: [&str; 4] = ["AVERAGE", "MIN", "MAX", "LAST"];

/// Understands texts, each by itself.
pub fn plan(texts: &[&str], functions: &[&Signature]) -> Plan {
    let mut plan = Plan::default();
    let results = texts.iter().map(|text| {
        let mut lowering = Lowering {
            plan: &mut plan,
            functions,
            names: HashMap::new(),
            drawn: Vec::new(),
            prints: Default::default(),
        };
        lowering.text(text)
    });
    let results = results.collect();
    plan.results = results;
    plan
}

struct Lowering<'a> {
    plan: &'a mut Plan,
    functions: &'a [&'a Signature],
    names: HashMap<String, Named>,
    drawn: Vec<(NodeId, Span)>,
    /// Formats, ways and series of what is written, each as many.
    prints: [Given; 3],
}

struct Named {
    node: NodeId,
    span: Span,
    order: usize,
    is_used: bool,
    /// What it reads; absent for what is computed.
    read: Option<Read>,
}

impl Lowering<'_> {
    fn text(&mut self, text: &str) -> Result<NodeId, Error> {
        for fields in statements(text)? {
            self.statement(&fields)?;
        }
        // All at once: `%S` writes what the one before was scaled by.
        let prints = std::mem::take(&mut self.prints);
        if !prints[0].values.is_empty() {
            let span = prints[0].span;
            let node = self.call("print", None, prints.into(), span)?;
            self.drawn.push((node, span));
        }
        let mut answer = std::mem::take(&mut self.drawn);
        if answer.is_empty() {
            let mut unused: Vec<&Named> = self.names.values().filter(|named| !named.is_used).collect();
            unused.sort_unstable_by_key(|named| named.order);
            answer = unused.into_iter().map(|named| (named.node, named.span)).collect();
        }
        let whole = Span::new(0, text.chars().count());
        match answer.as_slice() {
            [] => Err(Error::new(whole, "Nothing is defined here").hint("such as DEF:a=load1:AVERAGE")),
            [(node, _)] => Ok(*node),
            all => Ok(self.plan.add(Operation::Concat(all.iter().map(|(node, _)| *node).collect()), whole)),
        }
    }

    fn statement(&mut self, fields: &[Field]) -> Result<(), Error> {
        let word = fields[0].text();
        let whole = fields[0].span().join(fields[fields.len() - 1].span());
        let rest = &fields[1..];
        let kind = word.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
        match kind {
            "DEF" => self.define(rest, whole),
            "CDEF" => self.compute(rest, whole),
            "VDEF" => self.summarise(rest, whole),
            "SHIFT" => self.shift(rest, whole),
            "XPORT" | "LINE" | "AREA" | "STACK" => self.draw(kind, &word[kind.len()..], rest, whole),
            "PRINT" | "GPRINT" => self.print(kind, rest, whole),
            _ if LAYOUT.contains(&kind) => Ok(()),
            _ => {
                let near = nearest(kind, STATEMENTS.iter().map(|(name, _)| *name));
                let hint = near.map_or_else(
                    || "they begin with DEF:, CDEF:, VDEF:, SHIFT:, XPORT:, LINE: or AREA:".to_owned(),
                    |near| format!("did you mean {near}?"),
                );
                Err(Error::new(fields[0].span(), format!("`{word}` is not a statement")).hint(hint))
            }
        }
    }

    // The name before the first `=`, and the fields without it.
    fn name(fields: &[Field], whole: Span) -> Result<(String, Span, Vec<Field>), Error> {
        let split = fields.first().and_then(|first| first.split_once('='));
        let Some((name, rest)) = split else {
            return Err(
                Error::new(whole, "A name and `=` are missing here").hint("such as DEF:a=load1:AVERAGE")
            );
        };
        if !is_name(&name.text()) {
            return Err(Error::new(name.span(), format!("`{}` is not a name", name.text()))
                .hint("letters, digits, _ and -"));
        }
        let fields = std::iter::once(rest).chain(fields[1..].iter().cloned()).collect();
        Ok((name.text(), name.span(), fields))
    }

    fn add(&mut self, name: String, node: NodeId, span: Span, read: Option<Read>) {
        let order = self.names.len();
        self.names.insert(name, Named { node, span, order, is_used: false, read });
    }

    fn fresh(&self, name: &str, span: Span) -> Result<(), Error> {
        match self.names.contains_key(name) {
            true => Err(Error::new(span, format!("`{name}` is defined twice"))),
            false => Ok(()),
        }
    }

    fn define(&mut self, fields: &[Field], whole: Span) -> Result<(), Error> {
        let (name, name_span, fields) = Self::name(fields, whole)?;
        self.fresh(&name, name_span)?;
        let read = select::read(&fields, whole)?;
        let id = self.plan.add_read(read.clone());
        let node = self.plan.add(Operation::Read(id), whole);
        self.add(name, node, whole, Some(read));
        Ok(())
    }

    fn compute(&mut self, fields: &[Field], whole: Span) -> Result<(), Error> {
        let (name, name_span, fields) = Self::name(fields, whole)?;
        self.fresh(&name, name_span)?;
        one_field(&fields)?;
        let program = Program::parse(&fields[0].text(), fields[0].span().start)?;
        let mut series = Given::default();
        for (at, variable) in program.variables.iter().enumerate() {
            let span = program.span_of(at);
            series.push(Scalar::Series(self.used(variable, span)?), span);
        }
        let mut text = Given::default();
        text.push(Scalar::Text(fields[0].text()), fields[0].span());
        let mut label = Given::default();
        label.push(Scalar::Text(name.clone()), name_span);
        let node = self.call("cdef", None, vec![text, series, label], whole)?;
        self.add(name, node, whole, None);
        Ok(())
    }

    fn summarise(&mut self, fields: &[Field], whole: Span) -> Result<(), Error> {
        let (name, name_span, fields) = Self::name(fields, whole)?;
        self.fresh(&name, name_span)?;
        one_field(&fields)?;
        let words = fields[0].split(',');
        let (of, number, word) = match words.as_slice() {
            [of, word] => (of, None, word),
            [of, number, word] => (of, Some(number), word),
            _ => {
                return Err(Error::new(fields[0].span(), "A VDEF is a name and what to make of it")
                    .hint("such as VDEF:m=a,MAXIMUM or VDEF:p=a,95,PERCENT"));
            }
        };
        let summary = Summary::parse(&word.text(), word.span())?;
        let mut summary_given = Given::default();
        summary_given.push(Scalar::Text(summary.name().to_owned()), word.span());
        let percentage = percentage(summary, number, word)?;
        let input = self.used(&of.text(), of.span())?;
        let mut label = Given::default();
        label.push(Scalar::Text(name.clone()), name_span);
        let node = self.call("vdef", Some(input), vec![summary_given, percentage, label], whole)?;
        self.add(name, node, whole, None);
        Ok(())
    }

    // Later by so many seconds means that what is looked at is as much earlier.
    fn shift(&mut self, fields: &[Field], whole: Span) -> Result<(), Error> {
        let [name, by] = fields else {
            return Err(Error::new(whole, "A SHIFT is a name and seconds").hint("such as SHIFT:a:86400"));
        };
        let seconds: i64 = by.text().parse().map_err(|_| {
            Error::new(by.span(), format!("`{}` is not a whole number of seconds", by.text()))
        })?;
        self.known(&name.text(), name.span())?;
        let Some(named) = self.names.get_mut(&name.text()) else { return Ok(()) };
        let Some(read) = &mut named.read else {
            let message = format!("`{}` is computed; only what a DEF reads can be shifted", name.text());
            return Err(Error::new(name.span(), message));
        };
        read.offset = Some(Offset::Units(seconds.saturating_neg(), Unit::Second));
        let id = self.plan.add_read(read.clone());
        named.node = self.plan.add(Operation::Read(id), named.span);
        Ok(())
    }

    fn draw(&mut self, kind: &str, width: &str, fields: &[Field], whole: Span) -> Result<(), Error> {
        let Some(target) = fields.first() else {
            return Err(
                Error::new(whole, "The name of a series is missing here").hint(format!("such as {kind}:a"))
            );
        };
        let (name, color) = match target.split_once('#') {
            Some((name, color)) => (name, Some(color)),
            None => (target.clone(), None),
        };
        let input = self.used(&name.text(), name.span())?;
        let stacked = kind == "STACK" || fields[1..].iter().any(|field| field.text() == "STACK");
        let legend = fields.get(1).filter(|field| !field.text().is_empty() && field.text() != "STACK");
        let text = |field: Option<&Field>, text: &dyn Fn(&Field) -> String| {
            let mut given = Given::default();
            if let Some(field) = field {
                given.push(Scalar::Text(text(field)), field.span());
            }
            given
        };
        let scalar = |value: Option<Scalar>| {
            let mut given = Given::default();
            value.into_iter().for_each(|value| given.push(value, whole));
            given
        };
        let width = match width {
            "" => None,
            text => Some(Scalar::Number(
                text.parse().map_err(|_| Error::new(whole, format!("`{text}` is not a width")))?,
            )),
        };
        let label = match legend {
            Some(_) => text(legend, &|field| field.text().trim().to_owned()),
            None => text(Some(&name), &Field::text),
        };
        let args = vec![
            label,
            text(color.as_ref(), &|field| format!("#{}", field.text())),
            scalar(width),
            scalar((kind == "AREA").then_some(Scalar::Boolean(true))),
            scalar(stacked.then_some(Scalar::Boolean(true))),
        ];
        let node = self.call("draw", Some(input), args, whole)?;
        self.drawn.push((node, whole));
        Ok(())
    }

    // `name:format`, `name:format:strftime`, and as it was written once, `name:AVERAGE:format`.
    fn print(&mut self, kind: &str, fields: &[Field], whole: Span) -> Result<(), Error> {
        let is_time = |field: &Field| TIMES.contains(&field.text().as_str());
        let is_fold = |field: &Field| FOLDS.contains(&field.text().as_str());
        let (name, format, way) = match fields {
            [name, format] => (name, format, None),
            [name, format, time] if is_time(time) => (name, format, Some(time)),
            [name, fold, format] if is_fold(fold) => (name, format, Some(fold)),
            _ => {
                return Err(Error::new(whole, format!("A {kind} is a name and a format"))
                    .hint(format!("such as {kind}:m:%.2lf; a colon of the format is written \\:")));
            }
        };
        let node = self.used(&name.text(), name.span())?;
        let way = way.map_or_else(String::new, Field::text);
        let given = [Scalar::Text(format.text()), Scalar::Text(way), Scalar::Series(node)];
        for (all, value) in self.prints.iter_mut().zip(given) {
            all.push(value, format.span());
        }
        Ok(())
    }

    fn known(&self, name: &str, span: Span) -> Result<&Named, Error> {
        self.names.get(name).ok_or_else(|| {
            // The map has no order, the hint is to be the same every time.
            let mut names: Vec<&str> = self.names.keys().map(String::as_str).collect();
            names.sort_unstable();
            let near = nearest(name, names);
            let hint = near.map_or_else(
                || format!("define it before it is used: DEF:{name}=load1:AVERAGE"),
                |near| format!("did you mean {near}?"),
            );
            Error::new(span, format!("`{name}` is not defined, and not an operator")).hint(hint)
        })
    }

    fn used(&mut self, name: &str, span: Span) -> Result<NodeId, Error> {
        let node = self.known(name, span)?.node;
        if let Some(named) = self.names.get_mut(name) {
            named.is_used = true;
        }
        Ok(node)
    }

    fn call(
        &mut self,
        name: &str,
        input: Option<NodeId>,
        args: Vec<Given>,
        span: Span,
    ) -> Result<NodeId, Error> {
        let function = signature::find(self.functions, name)
            .ok_or_else(|| Error::new(span, format!("The function {name} is not in this table")))?;
        let call = Call { function: function.name, input, args, extra: Vec::new() };
        Ok(self.plan.add(Operation::Call(call), span))
    }
}

fn one_field(fields: &[Field]) -> Result<(), Error> {
    match fields.get(1) {
        Some(extra) => Err(Error::new(extra.span(), "Nothing may follow here")),
        None => Ok(()),
    }
}

fn percentage(summary: Summary, number: Option<&Field>, word: &Field) -> Result<Given, Error> {
    let mut given = Given::default();
    match (summary.takes_number(), number) {
        (true, Some(field)) => {
            let percent: Option<f64> = field.text().parse().ok().filter(|n| (0.0..=100.0).contains(n));
            let percent = percent.ok_or_else(|| {
                Error::new(field.span(), format!("`{}` is not a percentage from 0 to 100", field.text()))
            })?;
            given.push(Scalar::Number(percent), field.span());
        }
        (false, None) => {}
        (true, None) => {
            return Err(Error::new(word.span(), format!("{} needs a percentage", summary.name()))
                .hint(format!("such as a,95,{}", summary.name())));
        }
        (false, Some(field)) => {
            return Err(Error::new(field.span(), format!("{} takes no number", summary.name())));
        }
    }
    Ok(given)
}
