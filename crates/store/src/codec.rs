//! Columns of samples as few bytes, without losing a bit: times in [`times`], values in [`values`].
//!
//! Both rest on [`integers`] (differences, a common divisor, entropy-coded remainders); values reach it through
//! [`decimal`] when they are decimal numbers, which measured values nearly always are, and else through [`ordered`], or
//! [`xor`] where that is shorter. What is left is coded in [`entropy`] with the fixed distributions of [`models`] and
//! the tables that [`ans`] makes of them. Every byte is drawn in `FORMAT.md`.

pub(crate) mod ans;
pub(crate) mod bits;
pub(crate) mod decimal;
pub(crate) mod entropy;
pub(crate) mod integers;
pub(crate) mod models;
pub(crate) mod ordered;
pub(crate) mod residuals;
pub(crate) mod times;
pub(crate) mod values;
pub(crate) mod xor;

/// Most samples in one chunk; a decoder refuses more before it reserves memory.
pub(crate) const CHUNK_SAMPLES_MAX: usize = 4096;

#[cfg(test)]
mod tests;
