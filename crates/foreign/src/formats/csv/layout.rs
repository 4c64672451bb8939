//! Which column is what.

use super::cells::Cells;
use super::time::{self, Unit};
use crate::{Error, Options};

/// Headers of the time column, without a unit at their end.
const TIME_NAMES: [&str; 9] =
    ["time", "timestamp", "@timestamp", "datetime", "date", "when", "ts", "epoch", "unixtime"];
/// Headers of the column with the metric's name.
const METRIC_NAMES: [&str; 4] = ["metric", "metric_name", "name", "__name__"];

/// See the module's text. Columns are counted from 0.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Layout {
    pub(super) time: usize,
    pub(super) unit: Option<Unit>,
    /// The whole series as text.
    pub(super) series: Option<usize>,
    /// The metric's name.
    pub(super) metric: Option<usize>,
    /// Columns and names of labels.
    pub(super) labels: Vec<(usize, String)>,
    /// Columns with values and what the metric is called when no column says it.
    pub(super) values: Vec<(usize, String)>,
    /// The first line holds names.
    pub(super) has_header: bool,
}

impl Layout {
    /// Finds out by the first line, the second, and what the user said. `called.0` is what the user calls a metric that
    /// no column names, `called.1` what it is called otherwise.
    pub(super) fn find(
        first: &Cells,
        second: &Cells,
        options: &Options,
        called: (Option<&str>, &str),
    ) -> Result<Self, Error> {
        let has_header =
            !options.has("no-header") && !(0..first.len()).any(|at| time::looks_like_time(first.get(at)));
        let sample = if has_header { second } else { first };
        let names: Vec<String> = (0..first.len())
            .map(|at| if has_header { first.get(at).to_owned() } else { (at + 1).to_string() })
            .collect();
        let column = |text: &str| column(&names, text);
        let mut layout = Self { has_header, ..Self::default() };
        layout.time = match options.get("time") {
            Some(text) => column(text)?,
            None => time_column(&names, sample).ok_or_else(|| {
                Error::Option(format!(
                    "no column holds times; name one: --time COLUMN (there are: {})",
                    names.join(", ")
                ))
            })?,
        };
        layout.unit = match options.get("time-unit") {
            Some(text) => Some(Unit::parse(text).map_err(Error::Option)?),
            None => Some(Unit::of_header(&names[layout.time])),
        };
        let named = |wanted: &[&str]| {
            names.iter().position(|name| wanted.iter().any(|w| name.eq_ignore_ascii_case(w)))
        };
        layout.series = named(&["series"]).filter(|_| has_header);
        layout.metric = named(&METRIC_NAMES).filter(|_| has_header && layout.series.is_none());
        layout.choose_values(&names, sample, options, named(&["value"]), called)?;
        layout.choose_labels(&names, options)?;
        Ok(layout)
    }

    fn is_taken(&self, at: usize) -> bool {
        at == self.time || self.series == Some(at) || self.metric == Some(at)
    }

    fn choose_values(
        &mut self,
        names: &[String],
        sample: &Cells,
        options: &Options,
        value: Option<usize>,
        (metric, stem): (Option<&str>, &str),
    ) -> Result<(), Error> {
        let given = options.all("value");
        let mut columns = given.iter().map(|text| column(names, text)).collect::<Result<Vec<_>, _>>()?;
        if given.is_empty() {
            columns = match value.filter(|at| !self.is_taken(*at)) {
                Some(at) => vec![at],
                None => {
                    let decimal_comma = options.has("decimal-comma");
                    let labels = label_columns(names, options)?;
                    let is_value = |at: &usize| {
                        let text = sample.get(*at);
                        !self.is_taken(*at)
                            && !labels.iter().any(|(label, _)| label == at)
                            && (text.is_empty() || super::read::number_of(text, decimal_comma).is_some())
                    };
                    (0..names.len()).filter(is_value).collect()
                }
            };
        }
        let is_alone = columns.len() == 1;
        for at in columns {
            let header =
                if names[at].eq_ignore_ascii_case("value") || !self.has_header { stem } else { &names[at] };
            let name = metric.filter(|_| is_alone).unwrap_or(header);
            self.values.push((at, name.to_owned()));
        }
        if self.values.is_empty() {
            return Err(Error::Option("no column holds numbers; name one: --value COLUMN".to_owned()));
        }
        Ok(())
    }

    fn choose_labels(&mut self, names: &[String], options: &Options) -> Result<(), Error> {
        self.labels = label_columns(names, options)?;
        if self.labels.is_empty() && self.has_header && self.series.is_none() {
            let is_value = |at: usize| self.values.iter().any(|(value, _)| *value == at);
            let rest = (0..names.len()).filter(|at| !self.is_taken(*at) && !is_value(*at));
            self.labels = rest.map(|at| (at, names[at].clone())).collect();
        }
        Ok(())
    }
}

/// `--label-column COLUMN[=NAME]`
fn label_columns(names: &[String], options: &Options) -> Result<Vec<(usize, String)>, Error> {
    let label = |text: &String| {
        let (name, label) = text.split_once('=').unwrap_or((text, text));
        Ok((column(names, name)?, label.to_owned()))
    };
    options.all("label-column").iter().map(label).collect()
}

/// A column by its header, or its number from 1.
fn column(names: &[String], text: &str) -> Result<usize, Error> {
    let by_name = names.iter().position(|name| name == text);
    let by_number = || text.parse::<usize>().ok()?.checked_sub(1).filter(|at| *at < names.len());
    by_name.or_else(by_number).ok_or_else(|| {
        Error::Option(format!("there is no column `{text}` (there are: {})", names.join(", ")))
    })
}

fn time_column(names: &[String], sample: &Cells) -> Option<usize> {
    let is_named = |name: &String| {
        let name = name.to_ascii_lowercase();
        let bare = name
            .rsplit_once('_')
            .filter(|(_, unit)| Unit::parse(unit).is_ok())
            .map_or(&*name, |(bare, _)| bare);
        TIME_NAMES.contains(&bare)
    };
    names
        .iter()
        .position(is_named)
        .or_else(|| (0..names.len()).find(|at| time::looks_like_time(sample.get(*at))))
}
