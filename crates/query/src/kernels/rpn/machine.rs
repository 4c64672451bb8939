//! The stack machine: a program is run once a row.

use super::{many, predict};
use crate::grid::Grid;
use lang::rpn::Program;
use lang::rpn::program::{Operator, STACK_MAX, Token};
use model::Unit;

/// A program with what it works on.
pub(super) struct Machine<'a> {
    pub(super) program: &'a Program,
    /// One for each of the program's variables, as long as the grid.
    pub(super) columns: &'a [&'a [f64]],
    pub(super) grid: &'a Grid,
    pub(super) now_ms: i64,
}

/// What is pushed while a row is computed.
pub(super) type Stack = Vec<f64>;

impl Machine<'_> {
    /// The value of every row; the error is a sentence.
    pub(super) fn run(&self) -> Result<Vec<f64>, String> {
        let mut values = Vec::with_capacity(self.grid.len());
        let mut stack = Stack::new();
        let mut previous = f64::NAN;
        for row in 0..self.grid.len() {
            stack.clear();
            for at in 0..self.program.tokens.len() {
                self.step(at, row, previous, &mut stack)?;
                if stack.len() > STACK_MAX {
                    return Err(format!("More than {STACK_MAX} values are on the stack"));
                }
            }
            let [value] = stack[..] else {
                return Err(format!("{} values are left on the stack at the end, not one", stack.len()));
            };
            previous = value;
            values.push(value);
        }
        Ok(values)
    }

    fn step(&self, at: usize, row: usize, previous: f64, stack: &mut Stack) -> Result<(), String> {
        let pushed = match self.program.tokens[at] {
            Token::Number(number) => number,
            Token::Variable(variable) => self.columns[variable][row],
            Token::PreviousOf(variable) => {
                row.checked_sub(1).map_or(f64::NAN, |before| self.columns[variable][before])
            }
            Token::Operator(operator) => return self.operate(operator, at, row, previous, stack),
        };
        stack.push(pushed);
        Ok(())
    }

    fn operate(
        &self,
        operator: Operator,
        at: usize,
        row: usize,
        previous: f64,
        stack: &mut Stack,
    ) -> Result<(), String> {
        use Operator as O;
        if let Some(back) = operator.column_back() {
            let Some(Token::Variable(variable)) = at.checked_sub(back).map(|at| self.program.tokens[at])
            else {
                return Err(format!("{} needs the name of a series", operator.row().name));
            };
            let step_s = self.grid.nominal_ms() as f64 / 1000.0;
            return predict::operate(operator, self.columns[variable], row, step_s, stack);
        }
        let value = match operator {
            O::Unknown => f64::NAN,
            O::Infinity => f64::INFINITY,
            O::NegativeInfinity => f64::NEG_INFINITY,
            O::Previous => previous,
            O::Count => row as f64 + 1.0,
            O::Now => self.now_ms as f64 / 1000.0,
            O::Time => self.grid.edge_ms(row) as f64 / 1000.0,
            O::LocalTime => {
                let time_ms = self.grid.edge_ms(row);
                (time_ms + self.grid.zone.offset_ms(time_ms)) as f64 / 1000.0
            }
            O::StepWidth => self.grid.nominal_ms() as f64 / 1000.0,
            O::NewDay => self.is_first(row, Unit::Day),
            O::NewWeek => self.is_first(row, Unit::Week),
            O::NewMonth => self.is_first(row, Unit::Month),
            O::NewYear => self.is_first(row, Unit::Year),
            _ => return many::operate(operator, stack),
        };
        stack.push(value);
        Ok(())
    }

    // 1 where the row before lies in another day, week …
    fn is_first(&self, row: usize, unit: Unit) -> f64 {
        let time_ms = self.grid.edge_ms(row);
        let floor = |time_ms: i64| self.grid.zone.floor(time_ms, unit);
        f64::from(floor(time_ms) != floor(time_ms - self.grid.nominal_ms()))
    }
}
