//! The networks this host is on, and who is to be asked in them.

use crate::range::Range;
use nix::ifaddrs::getifaddrs;
use nix::net::if_::{InterfaceFlags, if_nametoindex};
use nix::sys::socket::SockaddrStorage;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// An IPv4 address of an interface with its network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Name of the interface.
    pub interface: String,
    /// The host's address there.
    pub address: Ipv4Addr,
    /// The network.
    pub range: Range,
    /// What all of the network hear.
    pub broadcast: Ipv4Addr,
    /// Whether it is the loopback.
    pub is_loopback: bool,
}

/// A network to ask in: where pings go, and from where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// As people write it: `192.168.10.255` or `ff12::6666%eth0`.
    pub name: String,
    /// A broadcast address or a multicast group.
    pub to: IpAddr,
    /// Interface of an IPv6 group.
    pub scope: u32,
    /// The host's own address there; unspecified when any will do.
    pub from: IpAddr,
    /// The networks that are believed.
    pub ranges: Vec<Range>,
}

/// The IPv4 networks of the interfaces that are up.
///
/// # Errors
/// The kernel does not tell.
pub fn links() -> Result<Vec<Link>, String> {
    let all = getifaddrs().map_err(|e| format!("the interfaces cannot be listed: {e}"))?;
    let up = all.filter(|found| found.flags.contains(InterfaceFlags::IFF_UP));
    let link = |found: nix::ifaddrs::InterfaceAddress| {
        let v4 = |address: Option<SockaddrStorage>| Some(address?.as_sockaddr_in()?.ip());
        let (address, mask) = (v4(found.address)?, v4(found.netmask)?);
        Some(Link {
            interface: found.interface_name,
            address,
            range: Range::by_mask(address, mask),
            broadcast: Ipv4Addr::from_bits(address.to_bits() | !mask.to_bits()),
            is_loopback: found.flags.contains(InterfaceFlags::IFF_LOOPBACK),
        })
    };
    Ok(up.filter_map(link).collect())
}

/// What is to be asked, from what people wrote: names of interfaces, broadcast addresses, IPv6 groups with their
/// interface. With none, every network but the loopback. With `ranges`, those are believed instead of the networks.
///
/// # Errors
/// In words, when a text is none of these or there is no such network here.
pub fn targets(wanted: &[String], ranges: &[Range], links: &[Link]) -> Result<Vec<Target>, String> {
    let mut targets = Vec::new();
    for text in wanted {
        targets.extend(target(text, links)?);
    }
    if wanted.is_empty() {
        targets.extend(links.iter().filter(|link| is_broadcast_net(link)).map(of_link));
        if targets.is_empty() {
            return Err("this host is on no network with a broadcast address; name where to ask".to_owned());
        }
    }
    if !ranges.is_empty() {
        targets.iter_mut().for_each(|target| target.ranges = ranges.to_vec());
    }
    match targets.iter().find(|target| target.ranges.is_empty()) {
        Some(target) => Err(format!(
            "{} is of no network of this host: say whose answers are believed, such as 192.168.10.0/24",
            target.name
        )),
        None => Ok(targets),
    }
}

fn is_broadcast_net(link: &Link) -> bool {
    !link.is_loopback && link.broadcast != link.address
}

fn of_link(link: &Link) -> Target {
    Target {
        name: link.broadcast.to_string(),
        to: link.broadcast.into(),
        scope: 0,
        from: link.address.into(),
        ranges: vec![link.range],
    }
}

fn target(text: &str, links: &[Link]) -> Result<Vec<Target>, String> {
    if let Ok(address) = text.parse::<Ipv4Addr>() {
        return Ok(vec![broadcast(text, address, links)]);
    }
    if text.contains(':') {
        return group(text).map(|target| vec![target]);
    }
    let found: Vec<Target> =
        links.iter().filter(|link| link.interface == text && is_broadcast_net(link)).map(of_link).collect();
    if found.is_empty() {
        return Err(format!(
            "`{text}` is neither a broadcast address such as 192.168.10.255, nor a group such as ff12::6666%eth0, nor \
             an interface that is up and has one"
        ));
    }
    Ok(found)
}

fn broadcast(text: &str, address: Ipv4Addr, links: &[Link]) -> Target {
    let link = links.iter().find(|link| link.range.contains(address.into()));
    Target {
        name: text.to_owned(),
        to: address.into(),
        scope: 0,
        from: link.map_or(Ipv4Addr::UNSPECIFIED, |link| link.address).into(),
        ranges: link.map(|link| link.range).into_iter().collect(),
    }
}

fn group(text: &str) -> Result<Target, String> {
    let (address, scope) = scoped(text)?;
    if !address.is_multicast() || scope == 0 {
        return Err(format!("`{text}` is not a multicast group with its interface, such as ff12::6666%eth0"));
    }
    Ok(Target {
        name: text.to_owned(),
        to: address.into(),
        scope,
        from: Ipv6Addr::UNSPECIFIED.into(),
        ranges: vec![Range::LINK_LOCAL],
    })
}

/// An IPv6 address and its interface: `ff12::6666%eth0`; 0 without one.
///
/// # Errors
/// In words.
pub fn scoped(text: &str) -> Result<(Ipv6Addr, u32), String> {
    let (address, interface) = text.split_once('%').unwrap_or((text, ""));
    let address =
        address.trim_matches(['[', ']']).parse().map_err(|_| format!("`{text}` is not an IPv6 address"))?;
    let scope = match interface {
        "" => 0,
        name => if_nametoindex(name).map_err(|_| format!("`{text}`: there is no interface {name}"))?,
    };
    Ok((address, scope))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(interface: &str, address: [u8; 4], bits: u8) -> Link {
        let mask = Ipv4Addr::from_bits(u32::MAX << (32 - u32::from(bits)));
        let address = Ipv4Addr::from(address);
        Link {
            interface: interface.into(),
            address,
            range: Range::by_mask(address, mask),
            broadcast: Ipv4Addr::from_bits(address.to_bits() | !mask.to_bits()),
            is_loopback: interface == "lo",
        }
    }

    fn here() -> Vec<Link> {
        vec![link("lo", [127, 0, 0, 1], 8), link("eth0", [192, 0, 2, 7], 24), link("wg0", [10, 1, 1, 1], 32)]
    }

    fn names(wanted: &[&str]) -> Result<Vec<String>, String> {
        let wanted: Vec<String> = wanted.iter().map(|text| (*text).to_owned()).collect();
        Ok(targets(&wanted, &[], &here())?
            .into_iter()
            .map(|t| format!("{} {}", t.name, t.ranges[0]))
            .collect())
    }

    #[test]
    fn every_network_but_the_loopback_and_those_without_broadcast() {
        assert_eq!(names(&[]).unwrap(), ["192.0.2.255 192.0.2.7/24"]);
        assert_eq!(names(&["eth0"]).unwrap(), ["192.0.2.255 192.0.2.7/24"]);
        assert_eq!(names(&["127.255.255.255"]).unwrap(), ["127.255.255.255 127.0.0.1/8"]);
        assert_eq!(names(&["ff12::6666%lo"]).unwrap(), ["ff12::6666%lo fe80::/10"]);
    }

    #[test]
    fn what_cannot_be_asked_is_told() {
        for (text, reason) in [
            ("eth9", "neither a broadcast address"),
            ("wg0", "neither a broadcast address"),
            ("198.51.100.255", "of no network of this host"),
            ("ff12::6666", "not a multicast group with its interface"),
            ("fe80::1%lo", "not a multicast group"),
            ("ff12::6666%nope", "there is no interface nope"),
            ("ff12:::%lo", "not an IPv6 address"),
        ] {
            let error = names(&[text]).unwrap_err();
            assert!(error.contains(reason), "{text}: {error}");
        }
    }
}
