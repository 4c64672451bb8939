//! The functions of labelled vectors, a row each. What they look like from outside (arguments, summary) is in
//! `lang::promql::functions`; here is what they do.

pub(super) mod absent;
pub(super) mod bucket;
pub(super) mod date;
pub(super) mod info;
pub(super) mod label;
pub(super) mod math;
pub(super) mod other;
pub(super) mod over_time;
pub(super) mod rate;
mod regression;
mod sort;

use super::evaluate::Evaluator;
use super::fold::Fold;
use super::histogram as native;
use super::note::Notes;
use super::value::{Outcome, Samples, Steps};
use super::window::Over;
use crate::QueryError;
use lang::Span;
use lang::plan::NodeId;
use rate::Growth;

/// A function.
pub struct Row {
    /// Its name.
    pub name: &'static str,
    /// What it does.
    pub(super) kernel: Kernel,
    /// Its values are still those of the metric.
    pub(super) keeps_name: bool,
    /// Whether its value may differ between instants although its arguments do not.
    pub(super) is_of_time: bool,
    /// It is of counters, and wants to know where they were reset.
    pub(super) is_of_counters: bool,
    /// How it is put together from what parts of a window come to, if it can be.
    pub(super) fold: Option<Fold>,
    /// It is a growth, which is put together in a like way.
    pub(super) growth: Option<Growth>,
    /// What may be said of the samples of a series it works on.
    pub(super) check: fn(&Samples, Span, &mut Notes),
}

/// A function that is told where it stands, and does the rest itself.
pub(super) type Other = fn(&mut Evaluator<'_>, &Site<'_>, Steps) -> Result<Outcome, QueryError>;

/// What does it.
#[derive(Clone, Copy)]
pub(super) enum Kernel {
    /// Each number by itself; histograms are left out.
    Each(fn(f64) -> f64),
    /// Each number with the numbers given besides.
    EachWith(fn(f64, &[f64]) -> f64),
    /// A window at each instant.
    Over(Over),
    /// Anything else.
    Other(Other),
}

/// A call.
pub(super) struct Site<'a> {
    /// Its node.
    pub node: NodeId,
    /// Which function.
    pub row: &'static Row,
    /// Its arguments.
    pub args: &'a [NodeId],
}

/// The function of this name.
pub fn find(name: &str) -> Option<&'static Row> {
    FUNCTIONS.binary_search_by(|row| row.name.cmp(name)).ok().map(|at| &FUNCTIONS[at])
}

/// Whether a function's value depends on the instant by itself.
pub(super) fn depends_on_time(name: &str) -> bool {
    find(name).is_none_or(|row| row.is_of_time)
}

const fn row(name: &'static str, kernel: Kernel) -> Row {
    Row {
        name,
        kernel,
        keeps_name: false,
        is_of_time: false,
        is_of_counters: false,
        fold: None,
        growth: None,
        check: |_, _, _| {},
    }
}

impl Row {
    const fn keeping_name(mut self) -> Self {
        self.keeps_name = true;
        self
    }

    const fn of_time(mut self) -> Self {
        self.is_of_time = true;
        self
    }

    const fn grown(mut self, growth: Growth) -> Self {
        self.is_of_counters = growth.is_counter;
        self.growth = Some(growth);
        self
    }

    const fn folded(mut self, fold: Fold) -> Self {
        self.fold = Some(fold);
        self
    }

    const fn checked(mut self, check: fn(&Samples, Span, &mut Notes)) -> Self {
        self.check = check;
        self
    }
}

use Kernel::{Each, EachWith, Other as Whole, Over as Range};
use rate::{DELTA, INCREASE, RATE};

/// All functions, by name.
#[rustfmt::skip]
pub static FUNCTIONS: &[Row] = &[
    row("abs", Each(f64::abs)),
    row("absent", Whole(absent::absent)),
    row("absent_over_time", Whole(absent::absent_over_time)),
    row("acos", Each(f64::acos)),
    row("acosh", Each(f64::acosh)),
    row("asin", Each(f64::asin)),
    row("asinh", Each(math::asinh)),
    row("atan", Each(f64::atan)),
    row("atanh", Each(f64::atanh)),
    row("avg_over_time", Range(over_time::avg)).folded(Fold::Avg),
    row("ceil", Each(f64::ceil)),
    row("changes", Range(over_time::changes)),
    row("clamp", Whole(math::clamp)),
    row("clamp_max", EachWith(math::clamp_max)),
    row("clamp_min", EachWith(math::clamp_min)),
    row("cos", Each(f64::cos)),
    row("cosh", Each(f64::cosh)),
    row("count_over_time", Range(over_time::count)).folded(Fold::Count),
    row("day_of_month", Whole(date::day_of_month)).of_time(),
    row("day_of_week", Whole(date::day_of_week)).of_time(),
    row("day_of_year", Whole(date::day_of_year)).of_time(),
    row("days_in_month", Whole(date::days_in_month)).of_time(),
    row("deg", Each(math::deg)),
    row("delta", Range(rate::delta)).grown(DELTA),
    row("deriv", Range(regression::deriv)).checked(regression::check_mixed),
    row("double_exponential_smoothing", Whole(regression::smoothing)).checked(regression::check_mixed),
    row("exp", Each(f64::exp)),
    row("first_over_time", Range(over_time::first)).folded(Fold::First).keeping_name(),
    row("floor", Each(f64::floor)),
    row("histogram_avg", Whole(native::avg)),
    row("histogram_count", Whole(native::count)),
    row("histogram_fraction", Whole(bucket::fraction)),
    row("histogram_quantile", Whole(bucket::quantile)),
    row("histogram_quantiles", Whole(bucket::quantiles)),
    row("histogram_stddev", Whole(native::stddev)),
    row("histogram_stdvar", Whole(native::stdvar)),
    row("histogram_sum", Whole(native::sum)),
    row("hour", Whole(date::hour)).of_time(),
    row("idelta", Range(rate::idelta)),
    row("increase", Range(rate::increase)).grown(INCREASE).checked(rate::check_counter),
    row("info", Whole(info::info)).keeping_name().of_time(),
    row("irate", Range(rate::irate)),
    row("label_join", Whole(label::join)),
    row("label_replace", Whole(label::replace)),
    row("last_over_time", Range(over_time::last)).folded(Fold::Last).keeping_name(),
    row("ln", Each(f64::ln)),
    row("log10", Each(f64::log10)),
    row("log2", Each(f64::log2)),
    row("mad_over_time", Range(over_time::mad)).checked(over_time::check_mixed),
    row("max_of", Whole(other::max_of)),
    row("max_over_time", Range(over_time::max)).folded(Fold::Max).checked(over_time::check_mixed),
    row("min_of", Whole(other::min_of)),
    row("min_over_time", Range(over_time::min)).folded(Fold::Min).checked(over_time::check_mixed),
    row("minute", Whole(date::minute)).of_time(),
    row("month", Whole(date::month)).of_time(),
    row("pi", Whole(other::pi)),
    row("predict_linear", Range(regression::predict_linear)).of_time().checked(regression::check_mixed),
    row("present_over_time", Range(over_time::present)).folded(Fold::Present),
    row("quantile_over_time", Range(over_time::quantile)).checked(over_time::check_mixed),
    row("rad", Each(math::rad)),
    row("rate", Range(rate::rate)).grown(RATE).checked(rate::check_counter),
    row("resets", Range(over_time::resets)),
    row("round", EachWith(math::round)),
    row("scalar", Whole(other::scalar)),
    row("sgn", Each(math::sgn)),
    row("sin", Each(f64::sin)),
    row("sinh", Each(f64::sinh)),
    row("sort", Whole(sort::ascending)),
    row("sort_by_label", Whole(sort::by_label)),
    row("sort_by_label_desc", Whole(sort::by_label_descending)),
    row("sort_desc", Whole(sort::descending)),
    row("sqrt", Each(f64::sqrt)),
    row("start_timestamp", Whole(other::start_timestamp)).of_time(),
    row("stddev_over_time", Range(over_time::stddev)).checked(over_time::check_mixed),
    row("stdvar_over_time", Range(over_time::stdvar)).checked(over_time::check_mixed),
    row("sum_over_time", Range(over_time::sum)).folded(Fold::Sum),
    row("tan", Each(f64::tan)),
    row("tanh", Each(f64::tanh)),
    row("time", Whole(other::time)).of_time(),
    row("timestamp", Whole(other::timestamp)).of_time(),
    row("ts_of_first_over_time", Range(over_time::time_of_first)),
    row("ts_of_last_over_time", Range(over_time::time_of_last)),
    row("ts_of_max_over_time", Range(over_time::time_of_max)).checked(over_time::check_mixed),
    row("ts_of_min_over_time", Range(over_time::time_of_min)).checked(over_time::check_mixed),
    row("vector", Whole(other::vector)),
    row("year", Whole(date::year)).of_time(),
];
