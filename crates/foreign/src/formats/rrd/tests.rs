//! Put beside the real program.

mod convert;
mod files;
mod rrdtool;
mod updates;
mod xml;
