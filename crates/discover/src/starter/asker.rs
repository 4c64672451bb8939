//! A service that is asked again and again, each time by an errand: one that hangs costs a thread and nothing else.

use crate::plan::{self, Ask, Work};
use crate::pull::{self, Address, Papers, Place, Puller, Row, Target};
use crate::telemetry;
use crate::tree::Running;
use collect::errand::Errand;
use model::{Sink, Standing};
use std::sync::Arc;

pub(super) struct Asker {
    row: &'static Row,
    target: Target,
    common: Vec<(String, String)>,
    sink: Arc<dyn Sink>,
    /// Here unless it is under way.
    puller: Option<Box<Puller>>,
    errand: Errand<Box<Puller>>,
    standing: Standing,
    every_ms: i64,
}

impl Asker {
    /// Fails when nobody knows how to ask this service.
    pub(super) fn new(ask: &Ask, host: &str, sink: Arc<dyn Sink>, every_ms: i64) -> Result<Self, String> {
        let row = pull::named(ask.kind)
            .ok_or_else(|| format!("this agent does not know how to ask {} for numbers", ask.kind))?;
        let common = labels(ask, host);
        let target = target(ask);
        Ok(Self {
            puller: Some(Box::new(Puller::new(row, target.clone(), common.clone()))),
            row,
            target,
            common,
            sink,
            errand: Errand::new("ask", every_ms, false),
            standing: Standing { part: "service", ..Standing::default() },
            every_ms,
        })
    }
}

impl Running for Asker {
    // A connection that is open is to another place, or as somebody else.
    fn change(&mut self, _work: &Work) -> bool {
        false
    }

    fn tick(&mut self, now_ms: i64) {
        if let Some(puller) = self.errand.take() {
            self.standing = puller.standing().clone();
            self.puller = Some(puller);
        }
        if let Some(away_ms) = self.errand.away_ms(now_ms).filter(|away_ms| *away_ms > 2 * self.every_ms) {
            self.standing.problem =
                format!("it has been asked for {} s and has not answered", away_ms / 1000);
        }
        if !self.errand.is_due(now_ms) {
            return;
        }
        // After a panic there is none: it is made anew.
        let mut puller = self.puller.take().unwrap_or_else(|| {
            telemetry::PANICS.add(1);
            Box::new(Puller::new(self.row, self.target.clone(), self.common.clone()))
        });
        let sink = self.sink.clone();
        self.errand.start(now_ms, move || {
            let batch = puller.pull(now_ms);
            let samples = batch.len() as u64;
            match sink.push(batch) {
                Ok(receipt) => telemetry::SAMPLES.add(receipt.report.accepted),
                Err(_) => telemetry::SAMPLES_LOST.add(samples),
            }
            puller
        });
    }

    fn standing(&self) -> Option<Standing> {
        Some(self.standing.clone())
    }
}

/// The host, and what tells the instance from others on it.
fn labels(ask: &Ask, host: &str) -> Vec<(String, String)> {
    let instance = match &ask.address {
        plan::Address::Tcp(address) => address.to_string(),
        // As the service names it: where the agent sees it changes with every start of a container.
        plan::Address::Unix(path) if ask.named.is_empty() => path.display().to_string(),
        plan::Address::Unix(_) => ask.named.clone(),
    };
    let mut labels = vec![(model::HOST.to_owned(), host.to_owned()), ("instance".to_owned(), instance)];
    if !ask.container.is_empty() {
        labels.push(("container".to_owned(), ask.container.clone()));
    }
    labels
}

fn target(ask: &Ask) -> Target {
    let address = match &ask.address {
        plan::Address::Tcp(address) => Address::Tcp(address.ip().to_string(), address.port()),
        plan::Address::Unix(path) => Address::Path(path.clone()),
    };
    Target {
        is_tls: ask.is_tls,
        papers: Papers { ca_file: ask.ca_file.clone(), identity: ask.identity.clone(), is_at_home: true },
        path: ask.path.clone(),
        host: ask.host.clone(),
        user: ask.user.clone(),
        password: ask.password.clone(),
        place: Place { network: ask.network.clone(), user: ask.as_user, ..Place::default() },
        ..Target::at(address)
    }
}
