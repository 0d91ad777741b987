//! Where webhooks may go. Slipway stands inside of a network that others do not reach; a webhook must not become their
//! way in. So an address that is not out on the internet is called only where the settings allow its network.
//!
//! The rule is asked twice: when an address is entered, and for the address that a connection really goes to, so that a
//! name which leads elsewhere by then is of no use.

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use url::{Host, Url};

/// Characters of an address at most. Those of workflows are a few hundred.
const LONGEST_URL: usize = 2_000;

const fn v4(a: u8, b: u8, c: u8, d: u8, prefix: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), prefix)
}

const fn v6(first: u16, second: u16, prefix: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(first, second, 0, 0, 0, 0, 0, 0), prefix)
}

/// What is not the internet in IPv4, by the IANA registry of special-purpose addresses; and the address under which
/// virtual machines of Azure, and nobody else, reach their platform.
const SPECIAL_V4: [Ipv4Net; 16] = [
    v4(168, 63, 129, 16, 32),
    v4(0, 0, 0, 0, 8),
    v4(10, 0, 0, 0, 8),
    v4(100, 64, 0, 0, 10),
    v4(127, 0, 0, 0, 8),
    v4(169, 254, 0, 0, 16),
    v4(172, 16, 0, 0, 12),
    v4(192, 0, 0, 0, 24),
    v4(192, 0, 2, 0, 24),
    v4(192, 88, 99, 0, 24),
    v4(192, 168, 0, 0, 16),
    v4(198, 18, 0, 0, 15),
    v4(198, 51, 100, 0, 24),
    v4(203, 0, 113, 0, 24),
    v4(224, 0, 0, 0, 4),
    v4(240, 0, 0, 0, 4),
];

/// The internet in IPv6 is what is in here …
const GLOBAL_V6: Ipv6Net = v6(0x2000, 0, 3);
/// … and not in here: protocols, Teredo, documentation, 6to4.
const SPECIAL_V6: [Ipv6Net; 4] = [v6(0x2001, 0, 23), v6(0x2001, 0x0db8, 32), v6(0x2002, 0, 16), v6(0x3fff, 0, 20)];
/// Addresses of IPv4 as translators write them in IPv6 (RFC 6052).
const TRANSLATED: Ipv6Net = v6(0x0064, 0xff9b, 96);

/// Where webhooks may go, by the settings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reach {
    /// Whether an address may be one of http.
    pub http: bool,
    /// Networks that are not the internet and may be called all the same.
    pub networks: Vec<IpNet>,
}

impl Reach {
    /// Whether a connection may go to an address.
    pub fn permits(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.networks.iter().any(|network| network.contains(&address)) || is_internet(address)
    }

    /// Reads the address of a webhook, or says what is wrong with it.
    pub fn read(&self, text: &str) -> Result<Url, String> {
        let text = text.trim();
        if text.is_empty() {
            return Err("Enter an address, such as https://hooks.contoso.com/slipway.".to_owned());
        }
        if text.chars().count() > LONGEST_URL {
            return Err(format!("Use at most {LONGEST_URL} characters for the address."));
        }
        let url = Url::parse(text).map_err(|_| "Enter a whole address, beginning with https://.".to_owned())?;
        match url.scheme() {
            "https" => {}
            "http" if self.http => {}
            "http" => {
                return Err("Use an https address. Others are allowed by the setting webhook_http only.".to_owned());
            }
            _ => return Err("Enter an address that begins with https://.".to_owned()),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("Leave user name and password out of the address: the signature shows who calls.".to_owned());
        }
        let literal = match url.host() {
            None => return Err("Enter an address with the name of a machine.".to_owned()),
            Some(Host::Domain(_)) => None,
            Some(Host::Ipv4(address)) => Some(IpAddr::V4(address)),
            Some(Host::Ipv6(address)) => Some(IpAddr::V6(address)),
        };
        match literal.filter(|address| !self.permits(*address)) {
            Some(address) => Err(refused(address)),
            None => Ok(url),
        }
    }
}

/// Why an address is not called.
pub fn refused(address: IpAddr) -> String {
    format!(
        "{address} is not an address of the internet. An administrator of this machine allows its network with the \
         setting webhook_networks."
    )
}

fn is_internet(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => SPECIAL_V4.iter().all(|network| !network.contains(&address)),
        IpAddr::V6(address) if TRANSLATED.contains(&address) => {
            let [.., a, b, c, d] = address.octets();
            is_internet(IpAddr::V4(Ipv4Addr::new(a, b, c, d)))
        }
        IpAddr::V6(address) => {
            GLOBAL_V6.contains(&address) && SPECIAL_V6.iter().all(|network| !network.contains(&address))
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_addresses_of_the_internet_are_called() {
        let reach = Reach::default();
        for (address, expected) in [
            ("8.8.8.8", true),
            ("93.184.215.14", true),
            ("172.15.255.255", true),
            ("172.32.0.1", true),
            ("100.63.255.255", true),
            ("100.128.0.0", true),
            ("192.167.255.255", true),
            ("198.17.255.255", true),
            ("223.255.255.255", true),
            ("0.0.0.0", false),
            ("0.1.2.3", false),
            ("10.0.0.1", false),
            ("100.64.0.1", false),
            ("127.0.0.1", false),
            ("127.255.255.254", false),
            ("169.254.169.254", false),
            ("172.16.0.1", false),
            ("172.31.255.255", false),
            ("192.0.0.8", false),
            ("192.0.2.1", false),
            ("192.88.99.1", false),
            ("192.168.1.1", false),
            ("198.19.255.255", false),
            ("198.51.100.7", false),
            ("203.0.113.7", false),
            ("224.0.0.1", false),
            ("255.255.255.255", false),
            ("2606:2800:21f:cb07:6820:80da:af6b:8b2c", true),
            ("2a00:1450:4016:80b::200e", true),
            ("::", false),
            ("::1", false),
            ("::8.8.8.8", false),
            ("::ffff:8.8.8.8", true),
            ("::ffff:127.0.0.1", false),
            ("::ffff:10.0.0.1", false),
            ("::ffff:169.254.169.254", false),
            ("64:ff9b::8.8.8.8", true),
            ("64:ff9b::10.0.0.1", false),
            ("64:ff9b:1::1", false),
            ("100::1", false),
            ("2001::1", false),
            ("2001:db8::1", false),
            ("2002:7f00:1::1", false),
            ("3fff::1", false),
            ("fc00::1", false),
            ("fd12:3456::1", false),
            ("fe80::1", false),
            ("fec0::1", false),
            ("ff02::1", false),
        ] {
            assert_eq!(reach.permits(address.parse().unwrap()), expected, "{address}");
        }
    }

    #[test]
    fn a_network_that_the_settings_allow_is_called_however_its_addresses_are_written() {
        let networks = vec!["10.1.0.0/16".parse().unwrap(), "fd00::/8".parse().unwrap()];
        let reach = Reach { http: false, networks };
        for (address, expected) in [
            ("10.1.2.3", true),
            ("::ffff:10.1.2.3", true),
            ("10.2.0.1", false),
            ("fd12::1", true),
            ("fc00::1", false),
            ("127.0.0.1", false),
        ] {
            assert_eq!(reach.permits(address.parse().unwrap()), expected, "{address}");
        }
    }

    #[test]
    fn addresses_are_https_to_the_internet_unless_the_settings_say_otherwise() {
        let strict = Reach::default();
        let open = Reach { http: true, networks: vec!["127.0.0.0/8".parse().unwrap()] };
        for (text, by_default, allowed) in [
            ("https://hooks.contoso.com/x?y=1", true, true),
            (" https://hooks.contoso.com ", true, true),
            ("https://8.8.8.8/", true, true),
            ("http://hooks.contoso.com/x", false, true),
            ("http://127.0.0.1:8080/", false, true),
            ("https://127.1/", false, true),
            ("https://0x7f000001/", false, true),
            ("https://2130706433/", false, true),
            ("https://[::ffff:127.0.0.1]/", false, true),
            ("https://[::1]/", false, false),
            ("https://10.0.0.1/", false, false),
            ("ftp://hooks.contoso.com", false, false),
            ("file:///etc/passwd", false, false),
            ("javascript:alert(1)", false, false),
            ("https://user:password@hooks.contoso.com/", false, false),
            ("https://", false, false),
            ("hooks.contoso.com", false, false),
            ("", false, false),
        ] {
            assert_eq!(strict.read(text).is_ok(), by_default, "{text}");
            assert_eq!(open.read(text).is_ok(), allowed, "{text}");
        }
        assert!(strict.read(&format!("https://contoso.com/{}", "x".repeat(2_000))).is_err());
    }

    proptest! {
        #[test]
        fn an_ipv4_address_means_the_same_however_it_is_written_in_ipv6(bits in any::<u32>()) {
            let reach = Reach::default();
            let address = Ipv4Addr::from_bits(bits);
            let mapped = IpAddr::V6(address.to_ipv6_mapped());
            let [a, b, c, d] = address.octets();
            let pair = |high: u8, low: u8| u16::from_be_bytes([high, low]);
            let translated = IpAddr::V6(Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, pair(a, b), pair(c, d)));
            prop_assert_eq!(reach.permits(mapped), reach.permits(IpAddr::V4(address)));
            prop_assert_eq!(reach.permits(translated), reach.permits(IpAddr::V4(address)));
        }

        #[test]
        fn no_text_brings_reading_down(text in ".{0,200}") {
            let _ = Reach::default().read(&text);
        }
    }
}
