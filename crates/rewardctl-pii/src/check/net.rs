//! Network addresses: which may lead to somebody.

use std::net::{Ipv4Addr, Ipv6Addr};

/// Whose address it may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// Somebody's, in the open net.
    Public,
    /// One in a house, a test or a manual.
    Local,
    /// Everyone's: this machine, all machines, a public name server.
    Everyone,
}

/// Public name servers: everyone's address is no one's.
const NAME_SERVERS: [[u8; 4]; 6] =
    [[1, 0, 0, 1], [1, 1, 1, 1], [8, 8, 4, 4], [8, 8, 8, 8], [9, 9, 9, 9], [208, 67, 222, 222]];

/// Tells whose an IPv4 address may be (IANA special-purpose registry, RFC 6890).
pub(crate) fn reach_v4(ip: Ipv4Addr) -> Reach {
    let [a, b, c, _] = ip.octets();
    let is_mask = a == 255 || a == 0;
    if ip.is_loopback() || is_mask || NAME_SERVERS.contains(&ip.octets()) {
        return Reach::Everyone;
    }
    let shared = a == 100 && (64..128).contains(&b);
    let benchmark = a == 198 && (b == 18 || b == 19);
    let protocol = [a, b, c] == [192, 0, 0];
    let reserved = ip.is_private() || ip.is_link_local() || ip.is_documentation() || a >= 224;
    if shared || benchmark || protocol || reserved { Reach::Local } else { Reach::Public }
}

/// Tells the same of an IPv6 address: public is what is global unicast and outside the range for documentation.
pub(crate) fn reach_v6(ip: Ipv6Addr) -> Reach {
    let [first, second, ..] = ip.segments();
    if ip.is_loopback() || ip.is_unspecified() {
        return Reach::Everyone;
    }
    let public = (0x2000..0x4000).contains(&first) && (first, second) != (0x2001, 0x0db8);
    let local = ip.is_unique_local() || ip.is_unicast_link_local() || first == 0x2001;
    match (public, local) {
        (true, _) => Reach::Public,
        (false, true) => Reach::Local,
        // `a::b`, `std::fmt` cut at a letter, and the like.
        (false, false) => Reach::Everyone,
    }
}
