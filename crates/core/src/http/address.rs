//! Which addresses are private, and which must never be reached.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

/// Why an address is never reached: link-local, where the clouds' metadata services are, and the metadata services elsewhere.
pub(super) fn forbidden(ip: IpAddr) -> Option<&'static str> {
    const METADATA: &str = "where a cloud's metadata service is, which hands out credentials";
    match unmapped(ip) {
        IpAddr::V4(ip) if ip.is_link_local() => Some("a link-local address, where metadata services are"),
        // Alibaba Cloud, Azure's WireServer, Oracle's classic metadata.
        IpAddr::V4(ip) if [[100, 100, 100, 200], [168, 63, 129, 16], [192, 0, 0, 192]].contains(&ip.octets()) => {
            Some(METADATA)
        }
        IpAddr::V4(ip) if ip.is_unspecified() || ip.is_broadcast() || ip.is_multicast() => {
            Some("which is no host's address")
        }
        IpAddr::V6(ip) if ip.is_unicast_link_local() => Some("a link-local address, where metadata services are"),
        // Amazon's metadata service over IPv6.
        IpAddr::V6(ip) if ip == Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254) => Some(METADATA),
        IpAddr::V6(ip) if ip.is_unspecified() || ip.is_multicast() => Some("which is no host's address"),
        _ => None,
    }
}

/// Why the host of a URL is never asked, as the end of a sentence; a name may still resolve to a forbidden address.
pub fn forbidden_host(url: &Url) -> Option<String> {
    let at = |ip: IpAddr| forbidden(ip).map(|why| format!("is at {ip}, {why}"));
    match url.host()? {
        Host::Ipv4(ip) => at(ip.into()),
        Host::Ipv6(ip) => at(ip.into()),
        Host::Domain(name) => forbidden_name(name).map(Into::into),
    }
}

/// Why a host name is never asked, for the way through a proxy, where no address is known.
fn forbidden_name(name: &str) -> Option<&'static str> {
    let name = name.trim_end_matches('.');
    ["metadata.google.internal", "metadata.goog", "instance-data", "instance-data.ec2.internal"]
        .iter()
        .any(|forbidden| name.eq_ignore_ascii_case(forbidden))
        .then_some("is a cloud's metadata service, which hands out credentials")
}

/// Whether an address is loopback, private or otherwise not reachable from the public network.
pub(super) fn is_private(ip: IpAddr) -> bool {
    match unmapped(ip) {
        IpAddr::V4(ip) => {
            let [first, second, ..] = ip.octets();
            ip.is_loopback()
                || ip.is_private()
                || ip.is_link_local()
                || ip.is_unspecified()
                // RFC 6598, between a provider and its customers.
                || (first == 100 && (64..128).contains(&second))
        }
        IpAddr::V6(ip) => ip.is_loopback() || ip.is_unspecified() || ip.is_unique_local() || ip.is_unicast_link_local(),
    }
}

/// The IPv4 address inside an IPv6 one that only wraps it: mapped and compatible (RFC 4291), NAT64 (RFC 6052), 6to4 (RFC 3056).
fn unmapped(ip: IpAddr) -> IpAddr {
    let IpAddr::V6(v6) = ip else { return ip };
    if v6.is_loopback() || v6.is_unspecified() {
        return ip;
    }
    let (high, low) = match v6.segments() {
        [0, 0, 0, 0, 0, 0 | 0xffff, high, low] => (high, low),
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => (high, low),
        [0x2002, high, low, ..] => (high, low),
        _ => return ip,
    };
    Ipv4Addr::from(u32::from(high) << 16 | u32::from(low)).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_addresses_are_forbidden_in_every_spelling() {
        for ip in [
            "169.254.169.254",
            "::ffff:169.254.169.254",
            "64:ff9b::a9fe:a9fe",
            "2002:a9fe:a9fe::1",
            "::169.254.169.254",
            "fe80::1",
            "fd00:ec2::254",
            "100.100.100.200",
            "168.63.129.16",
            "0.0.0.0",
        ] {
            assert!(forbidden(ip.parse().unwrap()).is_some(), "{ip}");
        }
        for ip in ["127.0.0.1", "::1", "10.0.0.1", "192.168.1.1", "203.0.113.7", "fd12::1"] {
            assert!(forbidden(ip.parse().unwrap()).is_none(), "{ip}");
        }
    }

    #[test]
    fn private_addresses_are_known() {
        for (ip, private) in [
            ("127.0.0.1", true),
            ("10.1.2.3", true),
            ("100.64.0.1", true),
            ("::ffff:10.0.0.1", true),
            ("fd12::1", true),
            ("203.0.113.7", false),
            ("2606:4700::1", false),
        ] {
            assert_eq!(is_private(ip.parse().unwrap()), private, "{ip}");
        }
    }
}
