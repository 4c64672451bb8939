//! Signed and encrypted packets.
//!
//! ```text
//! signed    := 0x200 length  HMAC-SHA-256 (32 bytes) user      rest of the packet      over user and rest, keyed by the password
//! encrypted := 0x210 length  user's length (2 bytes) user  IV (16 bytes)  AES-256-OFB( SHA-1 of the parts (20 bytes)  parts )
//! ```
//!
//! The key is the SHA-256 of the password. Nothing in them says when a packet was made, so one that was overheard can be sent again,
//! here as there.

use super::users::Users;
use aes::Aes256;
use aes::cipher::{BlockCipherEncrypt, KeyInit};
use ring::{digest, hmac};
use std::borrow::Cow;
use std::path::PathBuf;
use wire::protocols::collectd::{ENCRYPTION, Parts, SIGNATURE};

const MAC_BYTES: usize = 32;
const IV_BYTES: usize = 16;
const SHA1_BYTES: usize = 20;

/// What a packet must be at least.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Security {
    /// Anything.
    #[default]
    None,
    /// Signed or encrypted.
    Sign,
    /// Encrypted.
    Encrypt,
}

/// Opens packets.
#[derive(Debug)]
pub(super) struct Opener {
    security: Security,
    users: Option<Users>,
}

impl Opener {
    pub(super) fn new(security: Security, auth_file: Option<PathBuf>) -> Self {
        Self { security, users: auth_file.map(Users::of) }
    }

    /// Looks whether users or passwords were changed.
    pub(super) fn refresh(&mut self, now_ms: i64) -> Result<(), String> {
        self.users.as_mut().map_or(Ok(()), |users| users.refresh(now_ms))
    }

    /// A packet in the clear, if it is what it must be and was not tampered with.
    pub(super) fn open<'a>(&self, packet: &'a [u8]) -> Result<Cow<'a, [u8]>, String> {
        let mut parts = Parts::new(packet);
        match parts.next_part()? {
            Some(part) if part.kind == SIGNATURE => {
                self.verify(part.content, parts.rest())?;
                match self.security {
                    Security::Encrypt => Err("a packet that is signed where it must be encrypted".to_owned()),
                    Security::None | Security::Sign => Ok(parts.rest().into()),
                }
            }
            Some(part) if part.kind == ENCRYPTION => self.decrypt(part.content).map(Cow::Owned),
            _ if self.security == Security::None => Ok(packet.into()),
            _ => Err("a packet that is neither signed nor encrypted".to_owned()),
        }
    }

    fn password(&self, user: &[u8]) -> Result<&str, String> {
        let user = std::str::from_utf8(user).map_err(|_| "a user whose name is not UTF-8")?;
        let users = self.users.as_ref().ok_or("a packet of a user, and there is no file of users")?;
        users.password(user).ok_or_else(|| format!("a packet of user `{user}`, who is not known"))
    }

    fn verify(&self, content: &[u8], rest: &[u8]) -> Result<(), String> {
        let (mac, user) = content.split_at_checked(MAC_BYTES).ok_or("a signature that is cut off")?;
        if self.users.is_none() && self.security == Security::None {
            // Nobody asked for proof, and there is nothing to prove it by: as good as in the clear.
            return Ok(());
        }
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.password(user)?.as_bytes());
        let signed = [user, rest].concat();
        hmac::verify(&key, &signed, mac).map_err(|_| "a packet whose signature is wrong".to_owned())
    }

    fn decrypt(&self, content: &[u8]) -> Result<Vec<u8>, String> {
        let cut = || "an encrypted packet that is cut off".to_owned();
        let (len, rest) = content.split_first_chunk().ok_or_else(cut)?;
        let (user, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*len))).ok_or_else(cut)?;
        let (iv, rest) = rest.split_first_chunk::<IV_BYTES>().ok_or_else(cut)?;
        let mut plain = rest.to_vec();
        ofb(self.password(user)?, *iv, &mut plain);
        let (sum, parts) = plain.split_at_checked(SHA1_BYTES).ok_or_else(cut)?;
        if digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, parts).as_ref() != sum {
            return Err("an encrypted packet that cannot be read with the user's password".to_owned());
        }
        Ok(parts.to_vec())
    }
}

/// AES-256 in OFB mode (NIST SP 800-38A 6.4), which encrypts and decrypts alike.
fn ofb(password: &str, iv: [u8; IV_BYTES], data: &mut [u8]) {
    let key = digest::digest(&digest::SHA256, password.as_bytes());
    let Ok(cipher) = Aes256::new_from_slice(key.as_ref()) else { return };
    let mut stream = iv.into();
    for block in data.chunks_mut(IV_BYTES) {
        cipher.encrypt_block(&mut stream);
        block.iter_mut().zip(&stream).for_each(|(byte, key)| *byte ^= key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A packet as collectd would sign it.
    fn signed(user: &str, password: &str, rest: &[u8]) -> Vec<u8> {
        let mac = hmac::sign(
            &hmac::Key::new(hmac::HMAC_SHA256, password.as_bytes()),
            &[user.as_bytes(), rest].concat(),
        );
        let len = (4 + MAC_BYTES + user.len()) as u16;
        [&SIGNATURE.to_be_bytes()[..], &len.to_be_bytes(), mac.as_ref(), user.as_bytes(), rest].concat()
    }

    fn encrypted(user: &str, password: &str, parts: &[u8]) -> Vec<u8> {
        let sum = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, parts);
        let mut data = [sum.as_ref(), parts].concat();
        ofb(password, [7; IV_BYTES], &mut data);
        let len = (4 + 2 + user.len() + IV_BYTES + data.len()) as u16;
        let head = [ENCRYPTION.to_be_bytes(), len.to_be_bytes(), (user.len() as u16).to_be_bytes()].concat();
        [&head[..], user.as_bytes(), &[7; IV_BYTES], &data].concat()
    }

    fn opener(security: Security) -> Opener {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("auth");
        std::fs::write(&path, "ann: secret\n").unwrap();
        let mut opener = Opener::new(security, Some(path));
        opener.refresh(0).unwrap();
        opener
    }

    #[test]
    fn each_level_takes_what_it_must() {
        let parts = b"\0\0\0\x06h\0";
        let clear = parts.to_vec();
        let (sign, hide) = (signed("ann", "secret", parts), encrypted("ann", "secret", parts));
        for (security, taken) in [
            (Security::None, [true, true, true]),
            (Security::Sign, [false, true, true]),
            (Security::Encrypt, [false, false, true]),
        ] {
            let opener = opener(security);
            let seen =
                [&clear, &sign, &hide].map(|packet| opener.open(packet).is_ok_and(|plain| *plain == *parts));
            assert_eq!(seen, taken, "{security:?}");
        }
        let without = Opener::new(Security::None, None);
        assert!(without.open(&sign).is_ok());
        assert_eq!(without.open(&hide).unwrap_err(), "a packet of a user, and there is no file of users");
    }

    #[test]
    fn strangers_and_wrong_passwords_are_refused() {
        let opener = opener(Security::None);
        for (packet, why) in [
            (signed("bob", "secret", b""), "a packet of user `bob`, who is not known"),
            (signed("ann", "guess", b""), "a packet whose signature is wrong"),
            (encrypted("bob", "secret", b""), "a packet of user `bob`, who is not known"),
            (
                encrypted("ann", "guess", b""),
                "an encrypted packet that cannot be read with the user's password",
            ),
            (b"\x02\x00\x00\x05x".to_vec(), "a signature that is cut off"),
            (b"\x02\x10\x00\x06\x00\x09".to_vec(), "an encrypted packet that is cut off"),
            (b"\x02\x10\x00\x04".to_vec(), "an encrypted packet that is cut off"),
        ] {
            assert_eq!(opener.open(&packet).unwrap_err(), why);
        }
    }

    proptest! {
        #[test]
        fn no_changed_byte_is_overlooked(at in any::<prop::sample::Index>(), bit in 0..8u8, hidden in any::<bool>()) {
            let parts = b"\0\0\0\x06h\0\0\x02\0\x06p\0";
            let mut packet = if hidden { encrypted("ann", "secret", parts) } else { signed("ann", "secret", parts) };
            let at = at.index(packet.len());
            packet[at] ^= 1 << bit;
            prop_assert!(opener(Security::Sign).open(&packet).is_err());
        }

        #[test]
        fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..120)) {
            let _ = opener(Security::None).open(&bytes);
        }
    }
}
