//! What the statements of rrdtool's language become. Nobody writes these names: `CDEF`, `VDEF` and what draws are
//! lowered to them.

use crate::kernels as k;
use crate::names::Row;
use lang::signature::Type::{Boolean, Number, Series, Text};
use lang::signature::{Parameter, Signature};

const fn function(
    name: &'static str,
    summary: &'static str,
    args: &'static [Parameter],
    example: &'static str,
) -> Signature {
    Signature { name, aliases: &[], summary, source: false, args, open: false, example }
}

/// All of them.
pub static FUNCTIONS: &[Row] = &[
    Row {
        signature: function(
            "cdef",
            "Computes a series row by row with a stack",
            &[
                Parameter::new("program", &[Text], "Numbers, names and operators with commas between them")
                    .required(),
                Parameter::new("series", &[Series], "The series of the names, in order of first use").multi(),
                Parameter::new("label", &[Text], "Name of the series made"),
            ],
            "DEF:a=load1:AVERAGE CDEF:b=a,100,*",
        ),
        kernel: k::rpn::cdef,
    },
    Row {
        signature: function(
            "vdef",
            "Makes one value of a whole series",
            &[
                Parameter::new("summary", &[Text], "Which: MAXIMUM, PERCENT …").required(),
                Parameter::new("percent", &[Number], "A percentage, for those that take one"),
                Parameter::new("label", &[Text], "Name of the series made"),
            ],
            "DEF:a=load1:AVERAGE VDEF:m=a,MAXIMUM",
        ),
        kernel: k::rpn::vdef,
    },
    Row {
        signature: function(
            "draw",
            "Names a series and says how it is drawn",
            &[
                Parameter::new("label", &[Text], "Its name"),
                Parameter::new("color", &[Text], "Its colour"),
                Parameter::new("width", &[Number], "Width of its line in pixels"),
                Parameter::new("area", &[Boolean], "Filled down to the axis"),
                Parameter::new("stack", &[Boolean], "Upon the series before it"),
            ],
            "DEF:a=load1:AVERAGE LINE2:a#0a0:load",
        ),
        kernel: k::rpn::draw,
    },
    Row {
        signature: function(
            "print",
            "Writes values as lines",
            &[
                Parameter::new("formats", &[Text], "How each is written, as printf does").required().multi(),
                Parameter::new("ways", &[Text], "What of each series, and whether it is a time").multi(),
                Parameter::new("series", &[Series], "Of which").multi(),
            ],
            "DEF:a=load1:AVERAGE VDEF:m=a,MAXIMUM PRINT:m:%.2lf",
        ),
        kernel: k::rpn::print,
    },
];
