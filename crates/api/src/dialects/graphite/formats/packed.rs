//! Series for other programs: a list of maps, pickled or as MessagePack.

use crate::dialects::graphite::Refusal;
use crate::dialects::graphite::pack::{Msgpack, Packer, Pickle};
use crate::dialects::graphite::render::Asked;
use query::graphite::Series;
use serve::{Response, StatusCode};

pub(super) fn pickle(series: &[Series], _: &Asked) -> Result<Response, Refusal> {
    let mut pickle = Pickle::new();
    pack(&mut pickle, series);
    Ok(Response::new(StatusCode::OK, "application/pickle", pickle.end()))
}

pub(super) fn msgpack(series: &[Series], _: &Asked) -> Result<Response, Refusal> {
    let mut msgpack = Msgpack::default();
    pack(&mut msgpack, series);
    Ok(Response::new(StatusCode::OK, "application/x-msgpack", msgpack.end()))
}

fn pack(packer: &mut dyn Packer, series: &[Series]) {
    packer.list(series.len(), &mut |packer, at| {
        let series = &series[at];
        let text = |packer: &mut dyn Packer, name: &str, value: &str| {
            packer.text(name);
            packer.text(value);
        };
        let int = |packer: &mut dyn Packer, name: &str, value: i64| {
            packer.text(name);
            packer.int(value);
        };
        packer.map(9, &mut |packer| {
            text(packer, "name", &series.name);
            int(packer, "start", series.start_s);
            int(packer, "end", series.end_s);
            int(packer, "step", series.step_s);
            packer.text("values");
            packer.list(series.values.len(), &mut |packer, at| packer.float(series.values[at]));
            text(packer, "pathExpression", &series.path_expression);
            int(packer, "valuesPerPoint", series.values_per_point as i64);
            text(packer, "consolidationFunc", series.consolidation.as_str());
            packer.text("xFilesFactor");
            packer.float(series.x_files_factor);
        });
    });
}
