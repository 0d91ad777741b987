//! How a request reached Slipway: from which address, and whether over https. What proxies say counts only where the
//! proxy is one that the setting `trusted_proxies` names.

use crate::slipway::Slipway;
use axum::{
    extract::{ConnectInfo, Request, State},
    middleware::Next,
    response::Response,
};
use http::{HeaderMap, HeaderName};
use ipnet::IpNet;
use std::net::{IpAddr, SocketAddr};

/// The addresses that a request passed, as proxies write them down, each adding the one it heard from.
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
/// What people speak with the proxy.
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// How a request reached Slipway.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reached {
    /// The address at the other end.
    pub address: Option<IpAddr>,
    /// Whether it came over https.
    pub is_secure: bool,
}

/// Gives a request its [`Reached`].
pub async fn tell(State(slipway): State<Slipway>, mut request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip());
    let mut reached = of(peer, request.headers(), &slipway.trusted_proxies);
    // Who set a public address with https serves nobody without.
    reached.is_secure |= slipway.is_secure;
    request.extensions_mut().insert(reached);
    next.run(request).await
}

/// How a request reached Slipway, by the peer of its connection and by what trusted proxies say.
fn of(peer: Option<IpAddr>, headers: &HeaderMap, trusted: &[IpNet]) -> Reached {
    let Some(peer) = peer.map(|peer| peer.to_canonical()) else { return Reached::default() };
    let is_trusted = |address: &IpAddr| trusted.iter().any(|network| network.contains(address));
    if !is_trusted(&peer) {
        return Reached { address: Some(peer), is_secure: false };
    }
    // From the right: what a trusted proxy added, up to the first address that is none.
    let mut address = peer;
    let passed: Vec<_> = headers.get_all(FORWARDED_FOR).iter().filter_map(|value| value.to_str().ok()).collect();
    for text in passed.iter().rev().flat_map(|value| value.rsplit(',')) {
        let Ok(before) = text.trim().parse::<IpAddr>() else { break };
        address = before.to_canonical();
        if !is_trusted(&address) {
            break;
        }
    }
    let scheme = headers.get_all(FORWARDED_PROTO).iter().next_back().and_then(|value| value.to_str().ok());
    let scheme = scheme.and_then(|schemes| schemes.rsplit(',').next()).map(str::trim);
    Reached { address: Some(address), is_secure: scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case("https")) }
}

/// Reads the setting: addresses and networks, with commas between.
pub fn networks(text: &str) -> Option<Vec<IpNet>> {
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    parts.map(|part| part.parse::<IpNet>().or_else(|_| part.parse::<IpAddr>().map(IpNet::from)).ok()).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
    use super::*;

    fn reached(peer: &str, headers: &[(HeaderName, &str)]) -> (String, bool) {
        let headers = headers.iter().map(|(name, value)| (name.clone(), value.parse().unwrap())).collect();
        let trusted = networks("10.0.0.0/8, 2001:db8::1").unwrap();
        let reached = of(peer.parse().ok(), &headers, &trusted);
        (reached.address.unwrap().to_string(), reached.is_secure)
    }

    #[test]
    fn only_a_trusted_proxy_is_believed_and_only_what_trusted_proxies_added() {
        let (from, scheme) = (FORWARDED_FOR, FORWARDED_PROTO);
        for (peer, headers, address, is_secure) in [
            ("203.0.113.9", vec![], "203.0.113.9", false),
            ("203.0.113.9", vec![(from.clone(), "192.0.2.1"), (scheme.clone(), "https")], "203.0.113.9", false),
            ("127.0.0.1", vec![(from.clone(), "192.0.2.1"), (scheme.clone(), "https")], "127.0.0.1", false),
            ("10.0.0.2", vec![(from.clone(), "203.0.113.9"), (scheme.clone(), "https")], "203.0.113.9", true),
            ("10.0.0.2", vec![(from.clone(), "192.0.2.1, 203.0.113.9")], "203.0.113.9", false),
            ("10.0.0.2", vec![(from.clone(), "192.0.2.1, 203.0.113.9, 10.0.0.7")], "203.0.113.9", false),
            ("10.0.0.2", vec![(from.clone(), "192.0.2.1"), (from.clone(), "203.0.113.9")], "203.0.113.9", false),
            ("::ffff:10.0.0.2", vec![(from.clone(), "2001:db8::7")], "2001:db8::7", false),
            ("2001:db8::1", vec![(scheme.clone(), "http, https")], "2001:db8::1", true),
            ("2001:db8::1", vec![(scheme.clone(), "https, http")], "2001:db8::1", false),
            ("10.0.0.2", vec![(from, "nonsense")], "10.0.0.2", false),
        ] {
            assert_eq!(reached(peer, &headers), (address.to_owned(), is_secure), "{peer} {headers:?}");
        }
        assert_eq!(of(None, &HeaderMap::new(), &[]), Reached::default());
    }

    #[test]
    fn proxies_are_addresses_and_networks() {
        assert_eq!(networks(""), Some(Vec::new()));
        assert_eq!(networks("127.0.0.1, 10.0.0.0/8,::1").map(|networks| networks.len()), Some(3));
        assert_eq!(networks("proxy.test"), None);
    }
}
