//! Parts of dates, in UTC. Values are seconds since 1970; without an argument they are of the instant.

use super::Site;
use super::math::numbers;
use crate::QueryError;
use crate::vector::evaluate::{Evaluator, single};
use crate::vector::value::{Outcome, Steps};

const DAY_S: f64 = 86_400.0;

fn parts(
    evaluator: &mut Evaluator<'_>,
    site: &Site<'_>,
    steps: Steps,
    part: fn(i64, i64) -> i64,
) -> Result<Outcome, QueryError> {
    let mut matrix = match site.args.first() {
        Some(arg) => evaluator.matrix(*arg, steps)?,
        None => single(steps.iter().map(|instant| instant as f64 / 1000.0).collect()),
    };
    for series in &mut matrix {
        series.is_nameless = true;
        series.column = numbers(std::mem::take(&mut series.column), |_, value| {
            if !value.is_finite() {
                return f64::NAN;
            }
            let seconds = value.trunc();
            let day = (seconds / DAY_S).floor();
            part(day as i64, (seconds - day * DAY_S) as i64) as f64
        });
    }
    Ok(Outcome::Vector(matrix))
}

/// Year, month (1 to 12) and day (1 to 31) of a day since 1970 (Howard Hinnant, *chrono-compatible low-level date
/// algorithms*, 2014): years begin in March, so that the leap day comes last.
fn civil(day: i64) -> (i64, i64, i64) {
    let day = day.saturating_add(719_468);
    let era = day.div_euclid(146_097);
    let of_era = day.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, of_year - (153 * shifted + 2) / 5 + 1)
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn month_days(year: i64, month: i64) -> i64 {
    match month {
        2 => 28 + i64::from(is_leap(year)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

macro_rules! date_functions {
    ($($name:ident: $part:expr;)*) => {$(
        pub(super) fn $name(
            evaluator: &mut Evaluator<'_>,
            site: &Site<'_>,
            steps: Steps,
        ) -> Result<Outcome, QueryError> {
            parts(evaluator, site, steps, $part)
        }
    )*};
}

date_functions! {
    minute: |_, second| second / 60 % 60;
    hour: |_, second| second / 3600;
    day_of_week: |day, _| (day + 4).rem_euclid(7);
    day_of_month: |day, _| civil(day).2;
    day_of_year: |day, _| {
        let (year, month, of_month) = civil(day);
        (1..month).map(|month| month_days(year, month)).sum::<i64>() + of_month
    };
    days_in_month: |day, _| {
        let (year, month, _) = civil(day);
        month_days(year, month)
    };
    month: |day, _| civil(day).1;
    year: |day, _| civil(day).0;
}
