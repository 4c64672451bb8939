//! One pull, as a service's file sees it: whom to ask, within what time, and where the numbers go.

use super::dial::Dial;
use super::link::Link;
use super::record::Recorder;
use super::tls::Secure;
use super::{Address, Error, Metric, Place, Row, Target};
use std::time::Instant;
use stdx::random::Random;

/// One pull under way.
pub struct Ask<'a> {
    /// Whom.
    pub target: &'a Target,
    /// Whether what costs the service something is asked for, too.
    pub is_full: bool,
    /// For the numbers used once that proofs of a password need.
    pub random: &'a mut Random,
    pub(super) row: &'static Row,
    pub(super) deadline: Instant,
    pub(super) dialer: &'a mut dyn Dial,
    pub(super) out: &'a mut Recorder,
    pub(super) remark: &'a mut String,
}

impl Ask<'_> {
    /// The same pull of another target.
    pub(super) fn of<'b>(&'b mut self, target: &'b Target) -> Ask<'b> {
        Ask {
            target,
            is_full: self.is_full,
            random: self.random,
            row: self.row,
            deadline: self.deadline,
            dialer: self.dialer,
            out: self.out,
            remark: self.remark,
        }
    }

    /// A new connection to the target.
    pub(super) fn connect(&mut self) -> Result<Link, Error> {
        self.connect_to(&self.target.address(self.row))
    }

    /// A new connection to another address of the target.
    pub(super) fn connect_to(&mut self, address: &Address) -> Result<Link, Error> {
        let wire = self.dialer.dial(self.target, address, self.deadline)?;
        let link = Link::new(wire, self.deadline);
        if !self.target.is_tls {
            return Ok(link);
        }
        link.secure(&Secure { target: self.target, address, deadline: self.deadline })
    }

    /// Puts TLS over a connection on which the service agreed to that.
    pub(super) fn secure(&self, link: Link) -> Result<Link, Error> {
        let address = self.target.address(self.row);
        link.secure(&Secure { target: self.target, address: &address, deadline: self.deadline })
    }

    /// A new connection, without TLS yet, as another user of the system than the target says.
    pub(super) fn connect_as(&mut self, address: &Address, user: Option<(u32, u32)>) -> Result<Link, Error> {
        let place = Place { user, ..self.target.place.clone() };
        let target = Target { place, ..self.target.clone() };
        let wire = self.dialer.dial(&target, address, self.deadline)?;
        Ok(Link::new(wire, self.deadline))
    }

    /// Records a value in the service's unit.
    pub(super) fn push(&mut self, metric: &Metric, values: &[&str], value: f64) {
        self.out.push(metric, values, value);
    }

    /// Records a value where there is one.
    pub(super) fn push_some(&mut self, metric: &Metric, values: &[&str], value: Option<f64>) {
        if let Some(value) = value {
            self.out.push(metric, values, value);
        }
    }

    /// Records the number the service calls `source`, as every metric of the table that comes from it. Gives whether there
    /// is one.
    pub(super) fn tell(&mut self, metrics: &[Metric], source: &str, values: &[&str], value: f64) -> bool {
        let mut is_known = false;
        for metric in metrics.iter().filter(|metric| metric.source == source && !source.is_empty()) {
            self.out.push(metric, values, value);
            is_known = true;
        }
        is_known
    }

    /// The same for a number as text; what is no number is left out.
    pub(super) fn tell_text(&mut self, metrics: &[Metric], source: &str, values: &[&str], text: &str) {
        if let Some(value) = number(text) {
            self.tell(metrics, source, values, value);
        }
    }

    /// Says what is missing and how it is remedied, when the rest goes on. The first remark is the one that is shown.
    pub(super) fn remark(&mut self, text: impl Into<String>) {
        if self.remark.is_empty() {
            *self.remark = text.into();
        }
    }

    /// Turns what was refused into a remark and goes on; what broke the connection stays an error.
    pub(super) fn tolerate<T>(&mut self, outcome: Result<T, Error>) -> Result<Option<T>, Error> {
        match outcome {
            Ok(value) => Ok(Some(value)),
            Err(error) if error.leaves_link_usable() => {
                self.remark(error.to_string());
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }
}

/// A number as services write them.
pub(super) fn number(text: &str) -> Option<f64> {
    let text = text.trim();
    text.parse::<f64>().ok().filter(|number| number.is_finite())
}
