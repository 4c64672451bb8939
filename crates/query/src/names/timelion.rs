//! Timelion's functions: a row names what a function looks like, with its arguments, their documentation and an example,
//! and what does it. What they look like is written down by what they are for.

mod arguments;
mod looks;
mod sources;
mod values;

use crate::kernels as k;
use crate::names::Row;

/// All of them, sources first, then by name.
pub static FUNCTIONS: &[Row] = &[
    Row { signature: sources::ES, kernel: k::first::first },
    Row { signature: sources::GRAPHITE, kernel: k::first::first },
    Row { signature: sources::PROMQL, kernel: k::first::first },
    Row { signature: sources::STATIC, kernel: k::static_value::static_value },
    Row { signature: values::ABS, kernel: k::abs::abs },
    Row { signature: values::AGGREGATE, kernel: k::aggregate::aggregate },
    Row { signature: looks::BARS, kernel: k::bars::bars },
    Row { signature: looks::COLOR, kernel: k::color::color },
    Row { signature: values::CONDITION, kernel: k::condition::condition },
    Row { signature: values::CUSUM, kernel: k::cusum::cusum },
    Row { signature: values::DERIVATIVE, kernel: k::derivative::derivative },
    Row { signature: values::DIVIDE, kernel: k::divide::divide },
    Row { signature: values::FIRST, kernel: k::first::first },
    Row { signature: values::FIT, kernel: k::fit::fit },
    Row { signature: looks::HIDE, kernel: k::hide::hide },
    Row { signature: values::HOLT, kernel: k::holt::holt },
    Row { signature: looks::LABEL, kernel: k::label::label },
    Row { signature: looks::LEGEND, kernel: k::legend::legend },
    Row { signature: looks::LINES, kernel: k::lines::lines },
    Row { signature: values::LOG, kernel: k::log::log },
    Row { signature: values::MAX, kernel: k::max::max },
    Row { signature: values::MIN, kernel: k::min::min },
    Row { signature: values::MOVINGAVERAGE, kernel: k::movingaverage::movingaverage },
    Row { signature: values::MOVINGSTD, kernel: k::movingstd::movingstd },
    Row { signature: values::MULTIPLY, kernel: k::multiply::multiply },
    Row { signature: looks::POINTS, kernel: k::points::points },
    Row { signature: looks::PRECISION, kernel: k::precision::precision },
    Row { signature: looks::PROPS, kernel: k::props::props },
    Row { signature: values::RANGE, kernel: k::range::range },
    Row { signature: values::SCALE_INTERVAL, kernel: k::scale_interval::scale_interval },
    Row { signature: values::SUBTRACT, kernel: k::subtract::subtract },
    Row { signature: values::SUM, kernel: k::sum::sum },
    Row { signature: looks::TITLE, kernel: k::title::title },
    Row { signature: values::TREND, kernel: k::trend::trend },
    Row { signature: values::TRIM, kernel: k::trim::trim },
    Row { signature: looks::YAXIS, kernel: k::yaxis::yaxis },
];
