//! Packets signed or encrypted as collectd's network plugin reads them; the door's `security` has the layout.

use aes::Aes256;
use aes::cipher::{BlockCipherEncrypt, KeyInit};
use ring::{digest, hmac};
use stdx::random::Random;
use wire::protocols::collectd::{ENCRYPTION, SIGNATURE};

const HEAD_BYTES: usize = 4;
const MAC_BYTES: usize = 32;
const IV_BYTES: usize = 16;
const SHA1_BYTES: usize = 20;

/// What is done to a packet before it goes.
pub(super) enum Seal {
    /// Nothing.
    Clear,
    /// A signature is put in front.
    Sign { user: String, key: hmac::Key, out: Vec<u8> },
    /// It becomes the content of one part.
    Encrypt { user: String, cipher: Box<Aes256>, random: Random, out: Vec<u8> },
}

impl Seal {
    /// For a form; `token` is `user:password`.
    pub(super) fn new(form: &str, token: Option<&str>, random: Random) -> Result<Self, String> {
        if form.is_empty() || form == "clear" {
            return Ok(Self::Clear);
        }
        let pair = token.and_then(|token| token.split_once(':'));
        let (user, password) =
            pair.ok_or_else(|| format!("the form `{form}` needs a token_file with USER:PASSWORD in it"))?;
        let (user, password) = (user.trim().to_owned(), password.trim().as_bytes());
        if user.is_empty() || user.len() > 255 {
            return Err("a user's name has 1 to 255 bytes".to_owned());
        }
        let out = Vec::new();
        if form == "sign" {
            return Ok(Self::Sign { user, key: hmac::Key::new(hmac::HMAC_SHA256, password), out });
        }
        let key = digest::digest(&digest::SHA256, password);
        let cipher = Aes256::new_from_slice(key.as_ref()).map_err(|e| e.to_string())?;
        Ok(Self::Encrypt { user, cipher: Box::new(cipher), random, out })
    }

    /// By how much a packet grows.
    pub(super) fn overhead_bytes(&self) -> usize {
        match self {
            Self::Clear => 0,
            Self::Sign { user, .. } => HEAD_BYTES + MAC_BYTES + user.len(),
            Self::Encrypt { user, .. } => HEAD_BYTES + 2 + user.len() + IV_BYTES + SHA1_BYTES,
        }
    }

    /// The packet as it goes.
    pub(super) fn close<'a>(&'a mut self, packet: &'a [u8]) -> &'a [u8] {
        let overhead = self.overhead_bytes();
        match self {
            Self::Clear => packet,
            Self::Sign { user, key, out } => {
                let mut context = hmac::Context::with_key(key);
                context.update(user.as_bytes());
                context.update(packet);
                begin(SIGNATURE, overhead, out);
                out.extend_from_slice(context.sign().as_ref());
                out.extend_from_slice(user.as_bytes());
                out.extend_from_slice(packet);
                out
            }
            Self::Encrypt { user, cipher, random, out } => {
                begin(ENCRYPTION, overhead + packet.len(), out);
                out.extend_from_slice(&(user.len() as u16).to_be_bytes());
                out.extend_from_slice(user.as_bytes());
                let (high, low) = (random.next_u64(), random.next_u64());
                let iv = (u128::from(high) << 64 | u128::from(low)).to_be_bytes();
                out.extend_from_slice(&iv);
                let secret = out.len();
                out.extend_from_slice(digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, packet).as_ref());
                out.extend_from_slice(packet);
                // Output feedback (NIST SP 800-38A 6.4).
                let mut stream = iv.into();
                for block in out[secret..].chunks_mut(IV_BYTES) {
                    cipher.encrypt_block(&mut stream);
                    block.iter_mut().zip(&stream).for_each(|(byte, key)| *byte ^= key);
                }
                out
            }
        }
    }
}

fn begin(kind: u16, len: usize, out: &mut Vec<u8>) {
    out.clear();
    out.extend_from_slice(&kind.to_be_bytes());
    out.extend_from_slice(&(len as u16).to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_packet_has_the_length_that_was_foretold_and_hides_what_it_should() {
        for (form, grows, is_hidden) in [("", false, false), ("sign", true, false), ("encrypt", true, true)] {
            let mut seal = Seal::new(form, Some("ann: secret"), Random::from_seed(1)).unwrap();
            let overhead = seal.overhead_bytes();
            let closed = seal.close(b"what is in the packet").to_vec();
            assert_eq!((closed.len(), overhead > 0), (21 + overhead, grows));
            assert_eq!(!closed.ends_with(b"what is in the packet"), is_hidden);
            assert_ne!(is_hidden, seal.close(b"what is in the packet") == closed, "never the same twice");
        }
        assert!(Seal::new("sign", None, Random::from_seed(1)).is_err());
        assert!(Seal::new("encrypt", Some("nobody"), Random::from_seed(1)).is_err());
    }
}
