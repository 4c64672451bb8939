//! `.input(name)`: a source that gives a case's own series.

use crate::call::{Call, Failure, Outcome};
use crate::fit::fit;
use crate::frame::{Frame, Series};
use crate::names::Row;
use lang::plan::{Fit, Offset};
use lang::signature::{Parameter, Signature, Type};
use serde_json::Value;
use std::cell::RefCell;

thread_local! {
    static CASE: RefCell<Value> = const { RefCell::new(Value::Null) };
}

pub(super) const ROW: Row = Row {
    signature: Signature {
        name: "input",
        aliases: &[],
        summary: "",
        source: true,
        args: &[
            Parameter::new("name", &[Type::Text], ""),
            Parameter::new("fit", &[Type::Text], ""),
            Parameter::new("offset", &[Type::Text], ""),
        ],
        open: false,
        example: "",
    },
    kernel: input,
};

pub(super) fn set(case: &Value) {
    CASE.with(|slot| *slot.borrow_mut() = case["input"].clone());
}

pub(super) fn first_times(case: &Value) -> Vec<i64> {
    let series = case["input"].as_object().unwrap().values().next().unwrap();
    series["points"].as_array().unwrap().iter().map(|p| p[0].as_i64().unwrap()).collect()
}

fn input(call: Call<'_>) -> Outcome {
    let name = call.text("name").unwrap_or("").to_owned();
    let given = CASE.with(|slot| slot.borrow()[name.as_str()].clone());
    if given.is_null() {
        return Err(Failure::new(format!("no input {name}")));
    }
    let offset = call.text("offset").map(Offset::parse).transpose().map_err(Failure::new)?;
    let points = given["points"].as_array().unwrap();
    let range_ms = call.grid.range.len_ms();
    let time = |p: &Value| {
        let at = p[0].as_i64().unwrap();
        offset.map_or(at, |o| o.reverse().apply(at, range_ms, &call.grid.zone))
    };
    let times: Vec<i64> = points.iter().map(time).collect();
    let values: Vec<f64> = points.iter().map(|p| p[1].as_f64().unwrap_or(f64::NAN)).collect();
    let targets = call.grid.times_ms();
    let values = if times == targets {
        values
    } else {
        let mode = call.fit("fit").unwrap_or(Fit::Nearest);
        fit(mode, &times, &values, &targets).map_err(Failure::new)?
    };
    let text = |key: &str| given[key].as_str().map(str::to_owned);
    let series = Series {
        label: text("label").unwrap_or_default(),
        split: text("split"),
        values,
        ..Series::default()
    };
    Ok(Frame::of(vec![series]))
}
