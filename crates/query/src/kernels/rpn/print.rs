//! `PRINT`: values as lines, by the formats that rrdtool takes: those of printf for one double, with `%s` or `%S` for how it
//! was scaled, or those of strftime.

use super::summary;
use crate::frame::{Property, Series};
use lang::rpn::Summary;
use model::Zone;
use std::iter::Peekable;
use std::str::Chars;

/// Widest field and most decimals.
const WIDTH_MAX: usize = 500;
const BASE: f64 = 1000.0;
const SYMBOLS: [&str; 13] = ["a", "f", "p", "n", "u", "m", " ", "k", "M", "G", "T", "P", "E"];
/// The place of the symbol for 1.
const CENTER: i32 = 6;

/// By what the value before was divided, and the letter for it; nothing before the first one.
#[derive(Default)]
pub(super) struct Scale {
    by: Option<f64>,
    symbol: &'static str,
}

impl Scale {
    fn anew(&mut self, value: f64) -> f64 {
        let place =
            if value == 0.0 || value.is_nan() { 0 } else { (value.abs().ln() / BASE.ln()).floor() as i32 };
        let by = BASE.powi(place);
        self.symbol =
            usize::try_from(place.saturating_add(CENTER)).ok().and_then(|at| SYMBOLS.get(at)).unwrap_or(&"?");
        self.by = Some(by);
        value / by
    }

    fn as_before(&mut self, value: f64) -> f64 {
        match self.by {
            Some(by) => value / by,
            None => {
                let scaled = self.anew(value);
                // What is 0 says nothing of what comes after it.
                self.by = self.by.filter(|_| value != 0.0);
                scaled
            }
        }
    }
}

/// A line. A series that is not there is unknown.
pub(super) fn line(
    format: &str,
    way: &str,
    series: Option<&Series>,
    zone: &Zone,
    scale: &mut Scale,
) -> Result<String, String> {
    let values = series.map_or(&[] as &[f64], |series| &series.values);
    let first = || values.first().copied().unwrap_or(f64::NAN);
    let of = |what: Summary| summary::of(what, 0.0, values, 1.0).0;
    let time = |time_ms: Option<f64>| match time_ms.filter(|time_ms| time_ms.is_finite()) {
        Some(time_ms) => zone
            .print(time_ms as i64, format)
            .ok_or_else(|| format!("`{format}` is not a format of a time such as %H:%M")),
        None => Ok("-".to_owned()),
    };
    let value = match way {
        "strftime" => return time(series.and_then(at_ms)),
        "valstrftime" => return time(Some(first() * 1000.0)),
        "AVERAGE" => of(Summary::Average),
        "MIN" => of(Summary::Minimum),
        "MAX" => of(Summary::Maximum),
        "LAST" => values.last().copied().unwrap_or(f64::NAN),
        _ => first(),
    };
    written(format, value, scale)
}

// When a VDEF found its value.
fn at_ms(series: &Series) -> Option<f64> {
    match series.style.props.get("at_ms") {
        Some(Property::Number(at_ms)) => Some(*at_ms),
        _ => None,
    }
}

/// One piece of a format.
enum Piece {
    Text(String),
    Number(Number),
    Symbol,
}

/// How a number is written.
struct Number {
    flag: Option<char>,
    width: usize,
    precision: Option<usize>,
    kind: char,
}

fn written(format: &str, value: f64, scale: &mut Scale) -> Result<String, String> {
    let pieces = pieces(format).ok_or_else(|| {
        format!(
            "`{format}` is not a format of one number, such as %8.2lf, with %s or %S after it for its scale"
        )
    })?;
    // As rrdtool looks for them, in the text.
    let value = match format {
        format if format.contains("%S") => scale.as_before(value),
        format if format.contains("%s") => scale.anew(value),
        _ => value,
    };
    let shown = pieces.iter().map(|piece| match piece {
        Piece::Text(text) => text.clone(),
        Piece::Number(number) => number.write(value),
        Piece::Symbol => scale.symbol.to_owned(),
    });
    Ok(shown.collect())
}

// Text, one number, text, and then maybe a symbol and text.
fn pieces(format: &str) -> Option<Vec<Piece>> {
    let (mut pieces, mut chars) = (Vec::new(), format.chars().peekable());
    let (mut numbers, mut symbols) = (0, 0);
    while let Some(c) = chars.next() {
        let piece = match c {
            '%' if chars.next_if_eq(&'%').is_some() => Piece::Text("%".to_owned()),
            '%' if numbers == 1 && chars.next_if(|c| matches!(c, 's' | 'S')).is_some() => {
                symbols += 1;
                Piece::Symbol
            }
            '%' => {
                numbers += 1;
                Piece::Number(number(&mut chars)?)
            }
            c => Piece::Text(c.to_string()),
        };
        pieces.push(piece);
    }
    (numbers == 1 && symbols < 2).then_some(pieces)
}

fn number(chars: &mut Peekable<Chars<'_>>) -> Option<Number> {
    let flag = chars.next_if(|c| matches!(c, '-' | '+' | ' ' | '0' | '#'));
    let width = digits(chars)?;
    let precision = match chars.next_if_eq(&'.') {
        Some(_) if chars.peek().is_some_and(char::is_ascii_digit) => Some(digits(chars)?),
        Some(_) => return None,
        None => None,
    };
    chars.next_if_eq(&'l')?;
    let kind = chars.next_if(|c| matches!(c, 'e' | 'E' | 'f' | 'F' | 'g' | 'G'))?;
    Some(Number { flag, width, precision, kind })
}

fn digits(chars: &mut Peekable<Chars<'_>>) -> Option<usize> {
    let mut number = 0;
    while let Some(digit) = chars.next_if(char::is_ascii_digit) {
        number = number * 10 + digit as usize - '0' as usize;
        if number > WIDTH_MAX {
            return None;
        }
    }
    Some(number)
}

impl Number {
    fn write(&self, value: f64) -> String {
        let is_negative = value.is_nan() || value.is_sign_negative();
        let sign = match self.flag {
            _ if is_negative => "-",
            Some('+') => "+",
            Some(' ') => " ",
            _ => "",
        };
        let mut digits = if value.is_finite() { self.digits(value.abs()) } else { wordy(value).to_owned() };
        if self.kind.is_ascii_uppercase() {
            digits.make_ascii_uppercase();
        }
        let missing = self.width.saturating_sub(sign.len() + digits.len());
        match self.flag {
            Some('-') => format!("{sign}{digits}{}", " ".repeat(missing)),
            Some('0') if value.is_finite() => format!("{sign}{}{digits}", "0".repeat(missing)),
            _ => format!("{}{sign}{digits}", " ".repeat(missing)),
        }
    }

    fn digits(&self, value: f64) -> String {
        let precision = self.precision.unwrap_or(6);
        let keeps = self.flag == Some('#');
        match self.kind.to_ascii_lowercase() {
            'f' => fixed(value, precision, keeps),
            'e' => scientific(value, precision, keeps),
            _ => general(value, precision.max(1), keeps),
        }
    }
}

// rrdtool's unknown has a sign, as 0/0 has on most machines.
fn wordy(value: f64) -> &'static str {
    if value.is_nan() { "nan" } else { "inf" }
}

fn fixed(value: f64, precision: usize, keeps: bool) -> String {
    let point = if keeps && precision == 0 { "." } else { "" };
    format!("{value:.precision$}{point}")
}

fn scientific(value: f64, precision: usize, keeps: bool) -> String {
    let text = format!("{value:.precision$e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let (point, sign) =
        (if keeps && precision == 0 { "." } else { "" }, if exponent < 0 { '-' } else { '+' });
    format!("{mantissa}{point}e{sign}{:02}", exponent.abs())
}

// The shorter of both, without zeros at the end unless they are to be kept.
fn general(value: f64, precision: usize, keeps: bool) -> String {
    let rounded = format!("{value:.*e}", precision - 1);
    let exponent: i64 = rounded.split_once('e').and_then(|(_, exponent)| exponent.parse().ok()).unwrap_or(0);
    let bare = |text: String| match text.contains('.') && !keeps {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    };
    if exponent < -4 || exponent >= precision as i64 {
        let text = scientific(value, precision - 1, keeps);
        return match text.split_once('e') {
            Some((mantissa, exponent)) => format!("{}e{exponent}", bare(mantissa.to_owned())),
            None => text,
        };
    }
    bare(fixed(value, usize::try_from(precision as i64 - 1 - exponent).unwrap_or(0), keeps))
}
