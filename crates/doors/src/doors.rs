//! The doors, one row each. To add one: its file beside this one, its row here, its counters in `telemetry.rs`.

use crate::reactor::{Addresses, Bound, Reactor};
use crate::service::Service;
use crate::status::{Status, Watcher};
use crate::telemetry::Counters;
#[cfg(feature = "server")]
use crate::{
    collectd::{Collectd, Packets},
    falcon_rpc::{FalconRpc, Heartbeat},
    falcon_telnet::FalconTelnet,
    framed::Framed,
    graphite::Graphite,
    intake::Intake,
    nsca::{Nsca, Results},
    opentsdb,
    pickle::Pickle,
    text::Text,
    zabbix::{Items, Zabbix},
};
use crate::{falcon_agent, statsd, telemetry};
use model::{Sink, Standing, Standings};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use std::io::{self, ErrorKind, Read};
use std::net::SocketAddr;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;
use stdx::clock::Clock;

/// How often it is tried to take an address that is taken.
const RETRY: Duration = Duration::from_secs(5);

/// Where the doors are and how they are to behave. A door without an address is off, and costs nothing.
#[derive(Clone)]
pub struct Options {
    /// Name of this host, for samples that do not say theirs.
    pub host: String,
    /// What the program calls itself when asked for its version.
    pub version: String,
    /// The folder that the program works in.
    pub folder: PathBuf,
    /// Where doors listen, by their names; those that are not here are off.
    pub listen: Vec<(&'static str, SocketAddr)>,
    /// statsd, as a socket for datagrams in the file system.
    pub statsd_socket: Option<PathBuf>,
    /// How statsd's lines are aggregated.
    pub aggregation: statsd::Options,
    /// Who is told of DogStatsD's events.
    pub tell: statsd::Tell,
    /// What Open-Falcon's agents are told when they ask.
    #[cfg(feature = "server")]
    pub heartbeat: Arc<Heartbeat>,
    /// What is to be known of collectd's packets.
    #[cfg(feature = "server")]
    pub collectd: Collectd,
    /// What Zabbix' active agents are told to look at.
    #[cfg(feature = "server")]
    pub zabbix: Arc<Items>,
    /// How NSCA's packets are enciphered.
    #[cfg(feature = "server")]
    pub nsca: Nsca,
    /// Who is told of problems.
    pub watcher: Watcher,
}

impl Options {
    /// Where a door listens, when it is on.
    fn listen(&self, door: &Door) -> Option<SocketAddr> {
        self.listen.iter().find(|(name, _)| *name == door.name).map(|(_, address)| *address)
    }
}

/// What a door works with.
#[derive(Clone)]
pub(crate) struct Place {
    pub(crate) options: Arc<Options>,
    pub(crate) sink: Arc<dyn Sink>,
    pub(crate) clock: Arc<dyn Clock>,
}

/// A door as the documentation and the settings see it.
pub struct Door {
    /// Its name, which is also its setting below `doors`.
    pub name: &'static str,
    /// One sentence for people.
    pub summary: &'static str,
    /// The port that senders expect.
    pub port: u16,
    counters: &'static Counters,
    /// Whether it listens by UDP, by TCP.
    ways: (bool, bool),
    start: fn(&Door, Addresses, Place) -> io::Result<Running>,
}

/// Every door.
pub static DOORS: &[Door] = &[
    Door {
        name: "statsd",
        summary: "statsd and DogStatsD, by UDP and TCP",
        port: 8125,
        counters: &telemetry::STATSD,
        ways: BOTH,
        start: |door, addresses, place| {
            let (options, now_ms) = (&place.options, place.clock.now_ms());
            let (aggregation, tell) = (options.aggregation.clone(), options.tell.clone());
            door.run(addresses, &place, statsd::Statsd::new(aggregation, place.sink.clone(), tell, now_ms))
        },
    },
    Door {
        name: "falcon_agent",
        summary: "Open-Falcon's agent: POST /v1/push",
        port: 1988,
        counters: &telemetry::FALCON_AGENT,
        ways: TCP,
        start: |door, addresses, place| door.run(addresses, &place, falcon_agent::service(&place)),
    },
    #[cfg(feature = "server")]
    Door {
        name: "graphite",
        summary: "Graphite's lines, by TCP and UDP",
        port: 2003,
        counters: &telemetry::GRAPHITE,
        ways: BOTH,
        start: |door, addresses, place| {
            let intake = Intake::new(place.clone(), &telemetry::GRAPHITE_TAKEN);
            door.run(addresses, &place, Text::new(Graphite::new(), intake))
        },
    },
    #[cfg(feature = "server")]
    Door {
        name: "pickle",
        summary: "Graphite's pickles, as carbon's relays send them",
        port: 2004,
        counters: &telemetry::PICKLE,
        ways: TCP,
        start: |door, addresses, place| {
            let intake = Intake::new(place.clone(), &telemetry::PICKLE_TAKEN);
            door.run(addresses, &place, Framed::new(Pickle::default(), intake))
        },
    },
    #[cfg(feature = "server")]
    Door {
        name: "opentsdb",
        summary: "OpenTSDB's port: lines and HTTP",
        port: 4242,
        counters: &telemetry::OPENTSDB,
        ways: TCP,
        start: |door, addresses, place| {
            let intake = Intake::new(place.clone(), &telemetry::OPENTSDB_TAKEN);
            door.run(addresses, &place, opentsdb::Port::new(place.clone(), intake))
        },
    },
    #[cfg(feature = "server")]
    Door {
        name: "zabbix",
        summary: "Zabbix' trapper: zabbix_sender and active agents",
        port: 10_051,
        counters: &telemetry::ZABBIX,
        ways: TCP,
        start: |door, addresses, place| {
            let intake = Intake::new(place.clone(), &telemetry::ZABBIX_TAKEN).forgetful();
            let zabbix = Zabbix::new(place.options.zabbix.clone());
            door.run(addresses, &place, Framed::new(zabbix, intake))
        },
    },
    #[cfg(feature = "server")]
    Door {
        name: "nsca",
        summary: "NSCA: results of passive checks",
        port: 5667,
        counters: &telemetry::NSCA,
        ways: TCP,
        start: |door, addresses, place| {
            let intake = Intake::new(place.clone(), &telemetry::NSCA_TAKEN).forgetful();
            door.run(addresses, &place, Framed::new(Results::new(place.options.nsca.clone()), intake))
        },
    },
    #[cfg(feature = "server")]
    Door {
        name: "collectd",
        summary: "collectd's network plugin, by UDP",
        port: 25_826,
        counters: &telemetry::COLLECTD,
        ways: UDP,
        start: |door, addresses, place| {
            let intake = Intake::new(place.clone(), &telemetry::COLLECTD_TAKEN);
            door.run(addresses, &place, Packets::new(&place.options.collectd, intake))
        },
    },
    #[cfg(feature = "server")]
    Door {
        name: "falcon_rpc",
        summary: "Open-Falcon's transfer and heartbeat service, by JSON-RPC",
        port: 8433,
        counters: &telemetry::FALCON_RPC,
        ways: TCP,
        start: |door, addresses, place| {
            let intake = Intake::new(place.clone(), &telemetry::FALCON_RPC_TAKEN).forgetful();
            let rpc = FalconRpc::new(place.options.heartbeat.clone());
            door.run(addresses, &place, Framed::new(rpc, intake))
        },
    },
    #[cfg(feature = "server")]
    Door {
        name: "falcon_telnet",
        summary: "Open-Falcon's transfer, by `update` lines",
        port: 4444,
        counters: &telemetry::FALCON_TELNET,
        ways: TCP,
        start: |door, addresses, place| {
            let intake = Intake::new(place.clone(), &telemetry::FALCON_TELNET_TAKEN);
            door.run(addresses, &place, Text::new(FalconTelnet::default(), intake))
        },
    },
];

#[cfg(feature = "server")]
const UDP: (bool, bool) = (true, false);
const TCP: (bool, bool) = (false, true);
const BOTH: (bool, bool) = (true, true);

impl Door {
    fn addresses(&self, options: &Options) -> Addresses {
        let (address, (udp, tcp)) = (options.listen(self), self.ways);
        let unix = options.statsd_socket.clone().filter(|_| self.name == "statsd");
        Addresses { udp: address.filter(|_| udp), tcp: address.filter(|_| tcp), unix }
    }

    /// Starts the thread of a door.
    fn run<S>(&self, addresses: Addresses, place: &Place, service: S) -> io::Result<Running>
    where
        S: Service + Send + 'static,
        S::Session: Send,
    {
        let (stop, stopped) = UnixStream::pair()?;
        let status = Arc::new(Status::new(self.name, place.options.watcher.clone()));
        let (told, clock, counters) = (status.clone(), place.clock.clone(), self.counters);
        let work = move || {
            let Some(bound) = bind(&addresses, &stopped, &told) else { return };
            told.listens(bound.addresses());
            match Reactor::new(service, bound, &stopped, clock, counters, told.clone()) {
                Ok(reactor) => reactor.run(),
                Err(e) => told.fail(format!("it cannot wait for its sockets: {e}")),
            }
        };
        let thread = std::thread::Builder::new().name(format!("door-{}", self.name)).spawn(work)?;
        Ok(Running { at_work: Mutex::new(Some((stop, thread))), status })
    }
}

/// Takes the addresses as soon as they can be had; `None` when it is time to stop.
fn bind(addresses: &Addresses, stopped: &UnixStream, status: &Status) -> Option<Bound> {
    // Without a limit the wait below would not end; with one of 0 it cannot fail.
    stopped.set_read_timeout(Some(RETRY)).ok()?;
    let mut stopped = stopped;
    loop {
        match Bound::bind(addresses) {
            Ok(bound) => return Some(bound),
            Err(error) => status.fail(error.to_string()),
        }
        match stopped.read(&mut [0]) {
            Err(e)
                if matches!(
                    e.kind(),
                    ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted
                ) => {}
            _ => return None,
        }
    }
}

/// Lets connections have all descriptors that this process may have.
fn raise_descriptors() {
    if let Ok((now, most)) = getrlimit(Resource::RLIMIT_NOFILE)
        && now < most
    {
        let _ = setrlimit(Resource::RLIMIT_NOFILE, most, most);
    }
}

/// A door at work. Dropping it ends it.
struct Running {
    at_work: Mutex<Option<(UnixStream, JoinHandle<()>)>>,
    status: Arc<Status>,
}

impl Running {
    fn stop(&self) {
        let at_work = self.at_work.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some((stop, thread)) = at_work {
            drop(stop);
            // A panic there has been reported by the thread itself.
            let _ = thread.join();
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop();
    }
}

/// The doors that are on. Dropping them ends them.
pub struct Doors {
    running: Vec<Running>,
}

impl Doors {
    /// Starts every door that has an address, each on a thread of its own. An address that is taken is no error: the
    /// door says so in its standing and tries again.
    ///
    /// # Errors
    /// A thread that cannot be started, or choices that contradict each other.
    pub fn start(options: Options, sink: Arc<dyn Sink>, clock: Arc<dyn Clock>) -> io::Result<Self> {
        options.aggregation.check().map_err(|why| io::Error::new(ErrorKind::InvalidInput, why))?;
        let place = Place { options: Arc::new(options), sink, clock };
        let wanted = DOORS.iter().map(|door| (door, door.addresses(&place.options)));
        let on = wanted.filter(|(_, addresses)| *addresses != Addresses::default());
        raise_descriptors();
        let running = on.map(|(door, addresses)| (door.start)(door, addresses, place.clone()));
        Ok(Self { running: running.collect::<io::Result<_>>()? })
    }

    /// Lets every door hand on what it has, and ends it, whoever still looks at its standing.
    pub fn stop(&self) {
        self.running.iter().for_each(Running::stop);
    }

    /// Where a door listens by TCP, once it does; with port 0 the kernel chose.
    pub fn tcp(&self, name: &str) -> Option<SocketAddr> {
        self.addresses(name)?.tcp
    }

    /// Where a door listens by UDP, once it does.
    pub fn udp(&self, name: &str) -> Option<SocketAddr> {
        self.addresses(name)?.udp
    }

    fn addresses(&self, name: &str) -> Option<Addresses> {
        let found = self.running.iter().find(|running| running.status.standing().name == name)?;
        Some(found.status.addresses())
    }
}

impl Standings for Doors {
    fn standings(&self) -> Vec<Standing> {
        self.running.iter().map(|running| running.status.standing()).collect()
    }
}

#[cfg(test)]
mod tests;
