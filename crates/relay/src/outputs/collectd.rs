//! collectd: its binary network protocol, in datagrams in the clear, signed or encrypted.

mod seal;

use super::tcp::{DOUBT, split};
use super::{Kind, Target};
use crate::output::{Failure, Output, Sent};
use model::Batch;
use net::{Interrupt, Patience, Resolve};
use seal::Seal;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::time::Duration;
use wire::protocols::collectd::Encoder;

/// The row in the table.
pub(super) const KIND: Kind = Kind {
    name: "collectd",
    summary: "collectd, by the port of its network plugin; with a token `USER:PASSWORD` for the signed and encrypted forms",
    address: "HOST:25826",
    forms: &["clear", "sign", "encrypt"],
    // A burst of datagrams must fit the receiver's buffer in the kernel.
    rows_max: 200,
    make,
};

/// Longest datagram: as much as collectd sends, and passes through networks whole.
const PACKET_BYTES_MAX: usize = 1452;

struct Collectd {
    host: String,
    port: u16,
    resolver: Arc<dyn Resolve>,
    interrupt: Interrupt,
    socket: Option<UdpSocket>,
    encoder: Encoder,
    seal: Seal,
}

fn make(target: Target) -> Result<Box<dyn Output>, String> {
    let (host, port) = split(&target.address, 25826)?;
    Ok(Box::new(Collectd {
        host,
        port,
        resolver: target.net.resolver.clone(),
        interrupt: Interrupt::default(),
        socket: None,
        encoder: Encoder::new(&target.host, target.step_s),
        seal: Seal::new(&target.form, target.token.as_deref(), target.random)?,
    }))
}

impl Collectd {
    fn connect(&self) -> Result<UdpSocket, String> {
        let patience = Patience { interrupt: &self.interrupt, deadline: None };
        let addresses = self.resolver.resolve(&self.host, self.port, patience).map_err(|e| e.to_string())?;
        let mut last = "no address".to_owned();
        for address in addresses {
            let local: SocketAddr = match address {
                SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
                SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
            };
            // Connected, so that it is told when nobody has the port.
            let made = UdpSocket::bind(local).and_then(|socket| socket.connect(address).map(|()| socket));
            match made {
                Ok(socket) => return Ok(socket),
                Err(e) => last = e.to_string(),
            }
        }
        Err(last)
    }

    fn fail(&mut self, why: &str) -> Failure {
        self.socket = None;
        Failure::Later(format!("{}:{}: {why}", self.host, self.port), None)
    }
}

impl Output for Collectd {
    fn send(&mut self, batch: &Batch) -> Result<Sent, Failure> {
        if self.socket.is_none() {
            self.socket = Some(self.connect().map_err(|why| self.fail(&why))?);
        }
        let Some(socket) = &self.socket else { return Err(self.fail("not connected")) };
        let (seal, mut bytes) = (&mut self.seal, 0);
        let most = PACKET_BYTES_MAX - seal.overhead_bytes();
        let sent = self.encoder.encode(batch, most, |packet| {
            bytes += socket.send(seal.close(packet))? as u64;
            std::io::Result::Ok(())
        });
        sent.map(|left_out| Sent { bytes, left_out }).map_err(|e| self.fail(&e.to_string()))
    }

    fn doubt(&self) -> Duration {
        DOUBT
    }

    fn is_alive(&mut self) -> bool {
        self.socket.as_ref().is_none_or(|socket| matches!(socket.take_error(), Ok(None)))
    }

    fn interrupt(&self) -> Arc<dyn Fn() + Send + Sync> {
        let interrupt = self.interrupt.clone();
        Arc::new(move || interrupt.interrupt())
    }
}
