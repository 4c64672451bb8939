//! What the functions do, by family.

pub(crate) mod alias;
pub(crate) mod combine;
pub(crate) mod difference;
pub(crate) mod draw;
pub(crate) mod filter;
pub(crate) mod foreign;
pub(crate) mod fourier;
pub(crate) mod gaps;
pub(crate) mod group;
pub(crate) mod growth;
pub(crate) mod holt;
mod keys;
mod legend;
pub(crate) mod lists;
pub(crate) mod moving;
mod normal;
pub(crate) mod pattern;
pub(crate) mod percent;
pub(crate) mod regression;
pub(crate) mod scalar;
pub(crate) mod shift;
pub(crate) mod sort;
pub(crate) mod source;
pub(crate) mod statistics;
pub(crate) mod summarize;
