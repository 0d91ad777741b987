//! Where a request came from, for the audit log.

use crate::{observation::REQUEST_ID, slipway::Slipway};
use axum::extract::ConnectInfo;
use http::{HeaderMap, HeaderName};
use model::audit::AuditThrough;
use pipelines::Origin;
use std::net::{IpAddr, SocketAddr};

/// The addresses that a request passed, as proxies write them down, each adding the one it heard from.
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Where a request came from. `session` is a name of the session that does not give access to it.
pub fn of(slipway: &Slipway, extensions: &http::Extensions, headers: &HeaderMap, session: Option<String>) -> Origin {
    let peer = extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip());
    let forwarded = headers.get_all(FORWARDED_FOR).iter().next_back().and_then(|value| value.to_str().ok());
    Origin {
        through: AuditThrough::Session,
        through_id: session,
        remote_address: remote_address(peer, forwarded.filter(|_| slipway.public_url.is_some())),
        request_id: headers.get(REQUEST_ID).and_then(|id| id.to_str().ok()).map(str::to_owned),
    }
}

/// The address at the other end: what the proxy says, where there is one (the setting `public_url`) and it is what is
/// connected, else the peer of the connection. Only the last address of the header is the proxy's own word.
fn remote_address(peer: Option<IpAddr>, forwarded: Option<&str>) -> Option<IpAddr> {
    let is_proxy = peer.is_none_or(|peer| match peer.to_canonical() {
        IpAddr::V4(peer) => peer.is_loopback() || peer.is_private(),
        IpAddr::V6(peer) => peer.is_loopback() || peer.is_unique_local(),
    });
    let told = forwarded.filter(|_| is_proxy).and_then(|addresses| addresses.rsplit(',').next()?.trim().parse().ok());
    told.or(peer).map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_proxy_nearby_is_believed_and_only_its_own_word() {
        let address = |text: &str| text.parse::<IpAddr>().ok();
        for (peer, forwarded, expected) in [
            ("203.0.113.9", None, "203.0.113.9"),
            ("127.0.0.1", Some("203.0.113.9"), "203.0.113.9"),
            ("10.0.0.2", Some("192.0.2.1, 203.0.113.9"), "203.0.113.9"),
            ("::ffff:10.0.0.2", Some("2001:db8::1"), "2001:db8::1"),
            ("203.0.113.9", Some("192.0.2.1"), "203.0.113.9"),
            ("127.0.0.1", Some("nonsense"), "127.0.0.1"),
        ] {
            assert_eq!(remote_address(address(peer), forwarded), address(expected), "{peer} {forwarded:?}");
        }
        assert_eq!(remote_address(None, None), None);
    }
}
