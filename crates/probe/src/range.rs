//! Which addresses are believed: networks such as `192.168.10.0/24`, as socat's option `range` has them.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

/// A network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    address: IpAddr,
    bits: u8,
}

impl Range {
    /// Networks of which one has every address that only the link knows: `fe80::/10`.
    pub const LINK_LOCAL: Self =
        Self { address: IpAddr::V6(Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0)), bits: 10 };

    /// The network of an address by the length of its prefix; `None` where that is longer than the address.
    pub fn new(address: IpAddr, bits: u8) -> Option<Self> {
        let longest = if address.is_ipv4() { 32 } else { 128 };
        (bits <= longest).then_some(Self { address, bits })
    }

    /// The network of an address by its mask.
    pub fn by_mask(address: Ipv4Addr, mask: Ipv4Addr) -> Self {
        Self { address: address.into(), bits: mask.to_bits().leading_ones() as u8 }
    }

    /// Whether an address is in it. An IPv4 address in IPv6's clothes is one of IPv4.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                let differ = network.to_bits() ^ address.to_bits();
                differ.checked_shr(32 - u32::from(self.bits)).unwrap_or(0) == 0
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                let differ = network.to_bits() ^ address.to_bits();
                differ.checked_shr(128 - u32::from(self.bits)).unwrap_or(0) == 0
            }
            _ => false,
        }
    }
}

impl FromStr for Range {
    type Err = String;

    /// `192.168.10.0/24`, `2001:db8::/32`, `192.168.10.0:255.255.255.0` as socat writes it too, or one address.
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is not a network such as 192.168.10.0/24 or 2001:db8::/32");
        if let Some((address, bits)) = text.split_once('/') {
            let address = address.trim_matches(['[', ']']).parse().map_err(|_| wrong())?;
            return Self::new(address, bits.parse().map_err(|_| wrong())?).ok_or_else(wrong);
        }
        if let Some((address, mask)) = text.split_once(':')
            && let (Ok(address), Ok(mask)) = (address.parse(), mask.parse::<Ipv4Addr>())
        {
            let is_mask = mask.to_bits().leading_ones() == mask.to_bits().count_ones();
            return if is_mask { Ok(Self::by_mask(address, mask)) } else { Err(wrong()) };
        }
        let address: IpAddr = text.parse().map_err(|_| wrong())?;
        Self::new(address, if address.is_ipv4() { 32 } else { 128 }).ok_or_else(wrong)
    }
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.bits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_have_their_addresses_and_no_others() {
        for (range, inside, outside) in [
            ("192.168.10.255/24", "192.168.10.1", "192.168.11.1"),
            ("10.0.0.0:255.0.0.0", "10.9.8.7", "11.0.0.0"),
            ("192.0.2.7", "192.0.2.7", "192.0.2.6"),
            ("0.0.0.0/0", "255.1.2.3", "::1"),
            ("2001:db8::/32", "2001:db8:1::1", "2001:db9::1"),
            ("::/0", "fe80::1", "192.0.2.1"),
            ("192.0.2.0/24", "::ffff:192.0.2.9", "::ffff:192.0.3.9"),
        ] {
            let range: Range = range.parse().unwrap();
            assert!(range.contains(inside.parse().unwrap()), "{range} {inside}");
            assert!(!range.contains(outside.parse().unwrap()), "{range} {outside}");
        }
    }

    #[test]
    fn what_is_no_network_is_told() {
        for text in
            ["", "/", "192.0.2.0/33", "2001:db8::/129", "192.0.2.0:255.0.255.0", "localhost", "1.2.3.4/x"]
        {
            assert!(text.parse::<Range>().unwrap_err().contains("is not a network"), "{text}");
        }
    }
}
