//! Put beside the real program.

mod convert;
mod export;
mod files;
mod import;
mod inplace;
mod rrdtool;
mod updates;
mod xml;
