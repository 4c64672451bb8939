//! Tree to plan: whatever depends on the request's range alone is settled here, so that a plan holds plain milliseconds.

use super::ast::{At, Duration, DurationKind, Expr, Kind, Selector, ValueType, When};
use crate::plan::vector::{Edge, Operator, Select, Subquery, Vector, Window};
use crate::plan::{NodeId, Operation, Plan};
use crate::{Error, Scope};

/// An expression as part of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lowered {
    /// Where it is.
    pub node: NodeId,
    /// What kind of value it has.
    pub value_type: ValueType,
}

/// Adds an expression to a plan.
///
/// # Errors
/// A computed duration or offset that is not one.
pub fn lower(expr: &Expr, scope: &Scope, plan: &mut Plan) -> Result<Lowered, Error> {
    let node = Lowering { scope, plan }.expr(expr)?;
    Ok(Lowered { node, value_type: expr.value_type() })
}

/// Understands texts, each for itself.
pub fn plan(texts: &[&str], scope: &Scope) -> Plan {
    let mut plan = Plan::default();
    for text in texts {
        let result = super::parse(text).and_then(|expr| lower(&expr, scope, &mut plan));
        plan.results.push(result.map(|lowered| lowered.node));
    }
    plan
}

struct Lowering<'a> {
    scope: &'a Scope,
    plan: &'a mut Plan,
}

impl Lowering<'_> {
    fn expr(&mut self, expr: &Expr) -> Result<NodeId, Error> {
        let vector = match &expr.kind {
            Kind::Number { value, .. } => Vector::Number(*value),
            Kind::Text(text) => Vector::Text(text.clone()),
            Kind::Selector(selector) => return self.selector(selector, expr),
            Kind::Range { selector, range } => Vector::Window(Window {
                select: self.select(selector)?,
                range_ms: self.length_ms(range)?,
                edge: selector.edge,
            }),
            Kind::Subquery(subquery) => {
                let (offset_ms, at_ms) = self.when(&subquery.when)?;
                let step_ms = match &subquery.step {
                    Some(step) => self.length_ms(step)?,
                    None => self.scope.subquery_step_ms,
                };
                let range_ms = self.length_ms(&subquery.range)?;
                let input = self.expr(&subquery.input)?;
                Vector::Subquery(Subquery { input, range_ms, step_ms, offset_ms, at_ms })
            }
            Kind::Call { function, args } => match self.constant(function.name) {
                Some(seconds) => Vector::Number(seconds),
                None => {
                    let args = args.iter().map(|arg| self.expr(arg)).collect::<Result<_, _>>()?;
                    Vector::Call { function: function.name, args }
                }
            },
            Kind::Aggregate(aggregate) => Vector::Aggregate {
                function: aggregate.function.name,
                parameter: aggregate.parameter.as_ref().map(|parameter| self.expr(parameter)).transpose()?,
                input: self.expr(&aggregate.input)?,
                grouping: aggregate.grouping.clone(),
            },
            Kind::Binary(binary) => Vector::Binary {
                operator: binary.operator,
                is_bool: binary.is_bool,
                left: self.expr(&binary.left)?,
                right: self.expr(&binary.right)?,
                matching: binary.matching.clone(),
            },
            Kind::Unary { is_minus: true, operand } => Vector::Negate(self.expr(operand)?),
            Kind::Unary { is_minus: false, operand } => return self.expr(operand),
            Kind::Paren(inner) => return self.expr(inner),
        };
        Ok(self.plan.add(Operation::Vector(vector), expr.span))
    }

    fn selector(&mut self, selector: &Selector, expr: &Expr) -> Result<NodeId, Error> {
        let select = self.select(selector)?;
        let vector = match selector.edge {
            Edge::Open => Vector::Select(select),
            Edge::Anchored => {
                return Err(Error::new(expr.span, "anchored modifier can only be used with range vectors")
                    .hint("such as increase(metric[5m] anchored)"));
            }
            Edge::Smoothed => Vector::Smooth(select),
        };
        Ok(self.plan.add(Operation::Vector(vector), expr.span))
    }

    fn select(&self, selector: &Selector) -> Result<Select, Error> {
        let (offset_ms, at_ms) = self.when(&selector.when)?;
        Ok(Select { matchers: selector.matchers.clone(), offset_ms, at_ms })
    }

    fn when(&self, when: &When) -> Result<(i64, Option<i64>), Error> {
        let offset_ms = match &when.offset {
            Some(offset) => self.ms(offset)?,
            None => 0,
        };
        let at_ms = when.at.map(|at| match at {
            At::Time(ms) => ms,
            At::Start => self.scope.start_ms,
            At::End => self.scope.end_ms,
        });
        Ok((offset_ms, at_ms))
    }

    // The functions that know the request alone.
    fn constant(&self, function: &str) -> Option<f64> {
        let scope = self.scope;
        let ms = match function {
            "start" => scope.start_ms,
            "end" => scope.end_ms,
            "step" => scope.step_ms,
            "range" => scope.end_ms - scope.start_ms,
            _ => return None,
        };
        Some(ms as f64 / 1000.0)
    }

    fn length_ms(&self, duration: &Duration) -> Result<i64, Error> {
        match self.ms(duration)? {
            ms if ms > 0 => Ok(ms),
            _ => Err(Error::new(duration.span, "duration must be greater than 0")),
        }
    }

    fn ms(&self, duration: &Duration) -> Result<i64, Error> {
        let seconds = self.seconds(duration)?;
        // Whole nanoseconds first, then whole milliseconds, as Prometheus cuts them.
        let ns = (seconds * 1e9).round();
        if ns.is_nan() || ns.abs() >= i64::MAX as f64 {
            return Err(Error::new(duration.span, "duration out of range"));
        }
        Ok(ns as i64 / 1_000_000)
    }

    fn seconds(&self, duration: &Duration) -> Result<f64, Error> {
        Ok(match &duration.kind {
            DurationKind::Seconds { seconds, .. } => *seconds,
            DurationKind::Step => self.scope.step_ms as f64 / 1000.0,
            DurationKind::Range => (self.scope.end_ms - self.scope.start_ms) as f64 / 1000.0,
            DurationKind::Min(one, other) => self.seconds(one)?.min(self.seconds(other)?),
            DurationKind::Max(one, other) => self.seconds(one)?.max(self.seconds(other)?),
            DurationKind::Negate(inner) => -self.seconds(inner)?,
            DurationKind::Paren(inner) => self.seconds(inner)?,
            DurationKind::Binary(operator, one, other) => {
                let (one, divisor) = (self.seconds(one)?, self.seconds(other)?);
                match operator {
                    Operator::Divide if divisor == 0.0 => {
                        return Err(Error::new(duration.span, "division by zero"));
                    }
                    Operator::Modulo if divisor == 0.0 => {
                        return Err(Error::new(duration.span, "modulo by zero"));
                    }
                    operator => arithmetic(*operator, one, divisor),
                }
            }
        })
    }
}

// Lengths know no other operators.
fn arithmetic(operator: Operator, one: f64, other: f64) -> f64 {
    match operator {
        Operator::Add => one + other,
        Operator::Subtract => one - other,
        Operator::Multiply => one * other,
        Operator::Divide => one / other,
        Operator::Modulo => one % other,
        Operator::Power => one.powf(other),
        _ => f64::NAN,
    }
}
