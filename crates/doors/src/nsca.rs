//! NSCA's port: results of passive checks from `send_nsca`, each packet enciphered with what the greeting brought.

mod cipher;

pub use cipher::Method;

use crate::framed::Messages;
use crate::intake::Intake;
use crate::service::Peer;
use cipher::Cipher;
use ring::rand::{SecureRandom, SystemRandom};
use std::time::Duration;
use wire::protocols::nsca::{IV_BYTES, PACKET_BYTES, Packet, greet};

/// How old the greeting may be that a packet answers, in seconds, as in nsca.cfg's `max_packet_age`.
const AGE_S_MAX: i64 = 30;

/// How packets are enciphered.
#[derive(Debug, Clone, Default)]
pub struct Nsca {
    /// By which method.
    pub method: Method,
    /// With which password.
    pub password: String,
}

/// See the module's text.
pub(crate) struct Results {
    nsca: Nsca,
    random: SystemRandom,
}

impl Results {
    pub(crate) fn new(nsca: Nsca) -> Self {
        Self { nsca, random: SystemRandom::new() }
    }
}

impl Messages for Results {
    /// The cipher of a connection; none where there was no randomness to greet with.
    type Memory = Option<Cipher>;

    const IDLE: Duration = Duration::from_secs(60);

    fn greet(&mut self, intake: &Intake, out: &mut Vec<u8>) -> Self::Memory {
        let mut iv = [0; IV_BYTES];
        self.random.fill(&mut iv).ok()?;
        let now_s = intake.now_ms().div_euclid(1000);
        greet(&iv, u32::try_from(now_s).unwrap_or(0), out);
        Some(Cipher::new(&self.nsca, &iv))
    }

    /// Nothing says which of the two lengths a packet has: it is the short one when its checksum is right.
    fn measure(&self, cipher: &mut Self::Memory, bytes: &[u8]) -> Result<Option<usize>, String> {
        let Some(cipher) = cipher else { return Err("no random numbers for a greeting".to_owned()) };
        let [short, long] = PACKET_BYTES;
        let is_short = |bytes: &[u8]| Packet::read(&cipher.clone().decipher(bytes)).is_ok();
        match bytes.len() {
            len if len >= long && !is_short(&bytes[..short]) => Ok(Some(long)),
            len if len >= short && is_short(&bytes[..short]) => Ok(Some(short)),
            _ => Ok(None),
        }
    }

    fn message(
        &mut self,
        cipher: &mut Self::Memory,
        message: &[u8],
        peer: Peer,
        intake: &mut Intake,
        _out: &mut Vec<u8>,
    ) -> bool {
        let Some(cipher) = cipher else { return false };
        let packet = Packet::read(&cipher.decipher(message)).and_then(|packet| {
            let age_s = intake.now_ms().div_euclid(1000) - i64::from(packet.greeted_s);
            match (0..=AGE_S_MAX).contains(&age_s) {
                true => Ok(packet),
                false => Err(format!("a packet that answers a greeting of {age_s} s ago")),
            }
        });
        match packet {
            Ok(packet) => {
                intake.take(peer, |context, out| packet.samples(context, out));
                true
            }
            Err(why) => {
                intake.refuse(peer, &why);
                false
            }
        }
    }
}

#[cfg(test)]
mod tests;
