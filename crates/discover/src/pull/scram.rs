//! Proving a password without sending it: SCRAM (RFC 5802, RFC 7677), without channel binding.

use super::{Error, base64};
use ring::{digest, hmac, pbkdf2};
use std::num::NonZeroU32;
use stdx::random::Random;

/// Most rounds a server may ask for: more would only cost us time.
const ROUNDS_MAX: u32 = 600_000;

/// Which hash is used.
#[derive(Debug, Clone, Copy)]
pub(super) enum Hash {
    Sha1,
    Sha256,
}

impl Hash {
    fn hmac(self) -> hmac::Algorithm {
        match self {
            Self::Sha1 => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
            Self::Sha256 => hmac::HMAC_SHA256,
        }
    }

    fn digest(self) -> &'static digest::Algorithm {
        match self {
            Self::Sha1 => &digest::SHA1_FOR_LEGACY_USE_ONLY,
            Self::Sha256 => &digest::SHA256,
        }
    }

    fn pbkdf2(self) -> pbkdf2::Algorithm {
        match self {
            Self::Sha1 => pbkdf2::PBKDF2_HMAC_SHA1,
            Self::Sha256 => pbkdf2::PBKDF2_HMAC_SHA256,
        }
    }
}

/// A proof under way.
pub(super) struct Scram {
    hash: Hash,
    nonce: String,
    first_bare: String,
    /// What the server must say in the end.
    expected: Vec<u8>,
}

impl Scram {
    /// Starts a proof that `user` knows the password. PostgreSQL takes the user from elsewhere and wants it empty here. The
    /// nonce is sent in the clear; it has to be new, not secret.
    pub(super) fn new(hash: Hash, user: &str, random: &mut Random) -> Self {
        let bytes: Vec<u8> = (0..3).flat_map(|_| random.next_u64().to_le_bytes()).collect();
        let nonce = base64::encode(&bytes);
        let user = user.replace('=', "=3D").replace(',', "=2C");
        let first_bare = format!("n={user},r={nonce}");
        Self { hash, nonce, first_bare, expected: Vec::new() }
    }

    /// What is said first.
    pub(super) fn first(&self) -> String {
        format!("n,,{}", self.first_bare)
    }

    /// The proof, given what the server answered to that.
    pub(super) fn proof(&mut self, server_first: &[u8], password: &[u8]) -> Result<String, Error> {
        let server_first = text(server_first)?;
        let nonce = field(server_first, "r=")?;
        let salt = base64::decode(field(server_first, "s=")?).ok_or_else(malformed)?;
        let rounds: u32 = field(server_first, "i=")?.parse().map_err(|_| malformed())?;
        let rounds =
            NonZeroU32::new(rounds).filter(|rounds| rounds.get() <= ROUNDS_MAX).ok_or_else(malformed)?;
        if !nonce.starts_with(&self.nonce) || nonce.len() == self.nonce.len() {
            return Err(malformed());
        }
        let mut salted = vec![0; self.hash.digest().output_len()];
        pbkdf2::derive(self.hash.pbkdf2(), rounds, &salt, password, &mut salted);
        let client_key = self.sign(&salted, b"Client Key");
        let stored_key = digest::digest(self.hash.digest(), &client_key);
        let without_proof = format!("c=biws,r={nonce}");
        let message = format!("{},{server_first},{without_proof}", self.first_bare);
        let signature = self.sign(stored_key.as_ref(), message.as_bytes());
        let proof: Vec<u8> = client_key.iter().zip(&signature).map(|(a, b)| a ^ b).collect();
        self.expected = self.sign(&self.sign(&salted, b"Server Key"), message.as_bytes());
        Ok(format!("{without_proof},p={}", base64::encode(&proof)))
    }

    /// Whether the server knows the password as well.
    pub(super) fn verify(&self, server_final: &[u8]) -> Result<(), Error> {
        let signature = base64::decode(field(text(server_final)?, "v=")?);
        if !self.expected.is_empty() && signature.as_ref() == Some(&self.expected) {
            return Ok(());
        }
        Err(Error::Denied(
            "the server cannot prove that it knows the password: it is not the one it says it is".into(),
        ))
    }

    fn sign(&self, key: &[u8], message: &[u8]) -> Vec<u8> {
        hmac::sign(&hmac::Key::new(self.hash.hmac(), key), message).as_ref().to_vec()
    }
}

fn text(bytes: &[u8]) -> Result<&str, Error> {
    std::str::from_utf8(bytes).map_err(|_| malformed())
}

fn field<'t>(message: &'t str, name: &str) -> Result<&'t str, Error> {
    message.split(',').find_map(|field| field.strip_prefix(name)).ok_or_else(malformed)
}

fn malformed() -> Error {
    Error::malformed("SCRAM messages that make no sense")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of RFC 5802 and RFC 7677, with user `user` and password `pencil`.
    #[test]
    fn the_examples_of_the_rfcs_hold() {
        let cases = [
            (
                Hash::Sha1,
                "fyko+d2lbbFgONRv9qkxdawL",
                "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096",
                "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=",
                "v=rmF9pqV8S7suAoZWja4dJRkFsKQ=",
            ),
            (
                Hash::Sha256,
                "rOprNGfwEbeRWgbNEkqO",
                "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
                "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
                "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=",
            ),
        ];
        for (hash, nonce, server_first, proof, server_final) in cases {
            let mut scram = Scram::new(hash, "user", &mut Random::from_seed(0));
            scram.nonce = nonce.into();
            scram.first_bare = format!("n=user,r={nonce}");
            assert_eq!(scram.proof(server_first.as_bytes(), b"pencil").unwrap(), proof);
            scram.verify(server_final.as_bytes()).unwrap();
            assert!(scram.verify(b"v=AAAA").is_err());
            assert!(scram.proof(server_first.replace("r=", "r=x").as_bytes(), b"pencil").is_err());
        }
    }
}
