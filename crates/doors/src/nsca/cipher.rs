//! How NSCA enciphers: not at all, by XOR, or by a block cipher of libmcrypt in its `cfb` mode, which feeds back eight bits (NIST SP
//! 800-38A 6.3 with s = 8). Only methods whose ciphers have a well-kept implementation are here.

use super::Nsca;
use aes::Aes256;
use aes::cipher::{Array, BlockCipherEncrypt, BlockSizeUser, KeyInit};
use des::{Des, TdesEde3};
use wire::protocols::nsca::IV_BYTES;

/// How packets are enciphered; the numbers are those of send_nsca.cfg.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Method {
    /// 0: in the clear.
    Clear,
    /// 1: XOR with greeting and password, which hides nothing from who sees the greeting.
    #[default]
    Xor,
    /// 2: DES.
    Des,
    /// 3: Triple DES.
    TripleDes,
    /// 14: AES with keys of 256 bits (RIJNDAEL-128).
    Aes,
}

impl Method {
    /// The method with a number of send_nsca.cfg.
    pub fn of_number(number: &str) -> Option<Self> {
        Some(match number {
            "0" => Self::Clear,
            "1" => Self::Xor,
            "2" => Self::Des,
            "3" => Self::TripleDes,
            "14" => Self::Aes,
            _ => return None,
        })
    }
}

/// What a connection's packets are enciphered with; blocks go on from packet to packet.
#[derive(Clone)]
pub(crate) enum Cipher {
    Clear,
    Xor { iv: Box<[u8; IV_BYTES]>, password: Box<[u8]> },
    Des(Box<Feedback<Des>>),
    TripleDes(Box<Feedback<TdesEde3>>),
    Aes(Box<Feedback<Aes256>>),
}

impl Cipher {
    pub(super) fn new(nsca: &Nsca, iv: &[u8; IV_BYTES]) -> Self {
        let password = nsca.password.as_bytes();
        match nsca.method {
            Method::Clear => Self::Clear,
            Method::Xor => Self::Xor { iv: Box::new(*iv), password: password.into() },
            Method::Des => Self::Des(Box::new(Feedback::new(password, iv))),
            Method::TripleDes => Self::TripleDes(Box::new(Feedback::new(password, iv))),
            Method::Aes => Self::Aes(Box::new(Feedback::new(password, iv))),
        }
    }

    pub(super) fn decipher(&mut self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Self::Clear => bytes.to_vec(),
            Self::Xor { iv, password } => xor(bytes, &iv[..], password),
            Self::Des(feedback) => feedback.decipher(bytes),
            Self::TripleDes(feedback) => feedback.decipher(bytes),
            Self::Aes(feedback) => feedback.decipher(bytes),
        }
    }
}

/// Both again and again, from the start for each packet.
fn xor(bytes: &[u8], iv: &[u8], password: &[u8]) -> Vec<u8> {
    let mut out: Vec<_> = bytes.iter().zip(iv.iter().cycle()).map(|(byte, key)| byte ^ key).collect();
    out.iter_mut().zip(password.iter().cycle()).for_each(|(byte, key)| *byte ^= key);
    out
}

/// A block cipher with feedback of eight bits.
#[derive(Clone)]
pub(crate) struct Feedback<C: BlockSizeUser> {
    cipher: C,
    register: Array<u8, C::BlockSize>,
}

impl<C: BlockCipherEncrypt + KeyInit> Feedback<C> {
    /// The key is the password, cut or filled with zeros to the longest that the cipher takes.
    fn new(password: &[u8], iv: &[u8; IV_BYTES]) -> Self {
        let mut key = Array::<u8, C::KeySize>::default();
        key.iter_mut().zip(password).for_each(|(place, byte)| *place = *byte);
        let mut register = Array::<u8, C::BlockSize>::default();
        register.iter_mut().zip(iv).for_each(|(place, byte)| *place = *byte);
        Self { cipher: C::new(&key), register }
    }

    fn decipher(&mut self, bytes: &[u8]) -> Vec<u8> {
        let byte = |byte: &u8| {
            let mut block = self.register.clone();
            self.cipher.encrypt_block(&mut block);
            let plain = byte ^ block[0];
            self.register.rotate_left(1);
            if let Some(last) = self.register.last_mut() {
                *last = *byte;
            }
            plain
        };
        bytes.iter().map(byte).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(text: &str) -> Vec<u8> {
        text.as_bytes()
            .chunks(2)
            .map(|two| u8::from_str_radix(std::str::from_utf8(two).unwrap(), 16).unwrap())
            .collect()
    }

    /// NIST SP 800-38A, F.3.11: CFB8-AES256.
    #[test]
    fn feedback_is_that_of_the_standard() {
        let key = hex("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4");
        let mut iv = [0; IV_BYTES];
        iv[..16].copy_from_slice(&hex("000102030405060708090a0b0c0d0e0f"));
        let mut feedback = Feedback::<Aes256>::new(&key, &iv);
        assert_eq!(feedback.decipher(&hex("dc1f1a8520a64db5")), hex("6bc1bee22e409f96"));
        assert_eq!(feedback.decipher(&hex("5fcc8ac554844e8897")), hex("e93d7e117393172aae"));
    }

    #[test]
    fn xor_undoes_itself() {
        let iv: [u8; IV_BYTES] = std::array::from_fn(|at| at as u8);
        let bytes: Vec<u8> = (0..720u32).map(|at| (at * 7) as u8).collect();
        let twice = xor(&xor(&bytes, &iv, b"secret"), &iv, b"secret");
        assert_eq!(twice, bytes);
        assert_eq!(xor(&[0, 0, 0], &iv, b""), [0, 1, 2]);
    }
}
