//! ICMP echo, asked and answered (RFC 792, RFC 4443 4.1 and 4.2). Pure.
//!
//! ```text
//! type (1)  code (1)  checksum (2)  identifier (2)  number (2)  cookie (8)  filling (48)
//! ```

/// Bytes of a packet without its IP header, as `ping` sends them.
pub(super) const PACKET_BYTES: usize = 64;

/// What tells our packets from those of others.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stamp {
    pub(super) is_v6: bool,
    /// The kernel puts its own here where it keeps the echoes of programs apart for us.
    pub(super) identifier: u16,
    pub(super) cookie: u64,
}

impl Stamp {
    /// A question with this number.
    pub(super) fn question(&self, number: u16) -> [u8; PACKET_BYTES] {
        let mut packet = [0; PACKET_BYTES];
        packet[0] = if self.is_v6 { 128 } else { 8 };
        packet[4..6].copy_from_slice(&self.identifier.to_be_bytes());
        packet[6..8].copy_from_slice(&number.to_be_bytes());
        packet[8..16].copy_from_slice(&self.cookie.to_be_bytes());
        packet[16..].iter_mut().zip(0..).for_each(|(byte, n)| *byte = n);
        // That of IPv6 covers the addresses, too, and is left to the kernel.
        if !self.is_v6 {
            let sum = checksum(&packet);
            packet[2..4].copy_from_slice(&sum.to_be_bytes());
        }
        packet
    }

    /// The number of the question that `packet` answers, if it answers one of ours.
    pub(super) fn answered(&self, packet: &[u8]) -> Option<u16> {
        // Raw sockets of IPv4 give the header of IP, too, which starts with its version.
        let packet = match packet.first()? {
            first if first >> 4 == 4 && !self.is_v6 => packet.get(usize::from(first & 15) * 4..)?,
            _ => packet,
        };
        let answer = if self.is_v6 { 129 } else { 0 };
        let is_ours = packet.len() == PACKET_BYTES
            && packet[..2] == [answer, 0]
            && packet[8..16] == self.cookie.to_be_bytes();
        is_ours.then(|| u16::from_be_bytes([packet[6], packet[7]]))
    }
}

/// The checksum of the Internet (RFC 1071).
fn checksum(bytes: &[u8]) -> u16 {
    let sum: u32 = bytes.chunks_exact(2).map(|pair| u32::from(u16::from_be_bytes([pair[0], pair[1]]))).sum();
    let sum = (sum & 0xffff) + (sum >> 16);
    !((sum & 0xffff) + (sum >> 16)) as u16
}

#[cfg(test)]
mod tests {
    use super::*;
    use stdx::random::Random;

    const V4: Stamp = Stamp { is_v6: false, identifier: 0x1234, cookie: 0x0102_0304_0506_0708 };

    fn answer(stamp: &Stamp, number: u16) -> Vec<u8> {
        let mut packet = stamp.question(number).to_vec();
        packet[0] = if stamp.is_v6 { 129 } else { 0 };
        packet
    }

    #[test]
    fn answers_are_told_from_everything_else() {
        let v6 = Stamp { is_v6: true, ..V4 };
        assert_eq!((V4.answered(&answer(&V4, 7)), v6.answered(&answer(&v6, 7))), (Some(7), Some(7)));
        let mut whole = vec![0x46; 24];
        whole.extend(answer(&V4, 300));
        assert_eq!(V4.answered(&whole), Some(300), "behind a header of 24 bytes");
        assert_eq!(V4.answered(&V4.question(7)), None, "our own question, seen on the way out");
        assert_eq!(V4.answered(&answer(&Stamp { cookie: 1, ..V4 }, 7)), None);
        assert_eq!(V4.answered(&answer(&v6, 7)), None);
        assert_eq!(V4.answered(&answer(&V4, 7)[..63]), None);
    }

    #[test]
    fn the_checksum_makes_the_sum_of_all_words_full() {
        let packet = V4.question(9);
        assert_eq!(checksum(&packet), 0);
        // The example of RFC 1071.
        assert_eq!(checksum(&[0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7]), !0xddf2);
    }

    #[test]
    fn nonsense_never_panics() {
        let mut random = Random::from_seed(1);
        for _ in 0..20_000 {
            let bytes: Vec<u8> = (0..random.below(90)).map(|_| random.next_u64() as u8).collect();
            let _ = V4.answered(&bytes);
        }
    }
}
