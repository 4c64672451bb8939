//! What functions do, a file each.

pub(crate) mod abs;
pub(crate) mod aggregate;
pub(crate) mod bars;
pub(crate) mod color;
pub(crate) mod condition;
pub(crate) mod cusum;
pub(crate) mod derivative;
pub(crate) mod divide;
pub(crate) mod first;
pub(crate) mod fit;
pub(crate) mod hide;
pub(crate) mod holt;
pub(crate) mod label;
pub(crate) mod legend;
pub(crate) mod lines;
pub(crate) mod log;
pub(crate) mod max;
pub(crate) mod min;
pub(crate) mod movingaverage;
pub(crate) mod movingstd;
pub(crate) mod multiply;
pub(crate) mod points;
pub(crate) mod precision;
pub(crate) mod props;
pub(crate) mod range;
pub(crate) mod scale_interval;
pub(crate) mod static_value;
pub(crate) mod subtract;
pub(crate) mod sum;
pub(crate) mod title;
pub(crate) mod trend;
pub(crate) mod trim;
pub(crate) mod yaxis;

mod css_colors;
mod pairing;
mod window;
