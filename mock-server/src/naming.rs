//! What this server is called in the URLs it tells: where it listens is not always where clients find it.
//!
//! Only names. An address that stands for every interface is no place to go to, so it never stands in a URL.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

use thiserror::Error;

/// The host name under which clients reach the data listeners, where the address itself would not do: behind TLS made for a
/// name, in a container, behind a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicHost(Box<str>);

/// A text that is no host name.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{0}` is no host name; write one such as hooks.torq.test, without a scheme, a port or a path")]
pub struct PublicHostError(String);

impl FromStr for PublicHost {
    type Err = PublicHostError;

    fn from_str(text: &str) -> Result<Self, PublicHostError> {
        if is_host(text) {
            Ok(Self(text.into()))
        } else {
            Err(PublicHostError(text.to_owned()))
        }
    }
}

/// Host and port of a URL that leads to a listener: under its public name if it has one, under its address if that is one, or else
/// under the name by which the machine was called when somebody asked.
pub fn authority(address: SocketAddr, public: Option<&PublicHost>, called: Option<&str>) -> String {
    let port = address.port();
    match (public, called.filter(|name| is_host(name)), address.ip()) {
        (Some(PublicHost(name)), ..) => format!("{name}:{port}"),
        (None, Some(name), ip) if ip.is_unspecified() => format!("{name}:{port}"),
        (None, None, IpAddr::V4(ip)) if ip.is_unspecified() => {
            SocketAddr::from((Ipv4Addr::LOCALHOST, port)).to_string()
        }
        (None, None, IpAddr::V6(ip)) if ip.is_unspecified() => {
            SocketAddr::from((Ipv6Addr::LOCALHOST, port)).to_string()
        }
        (None, ..) => address.to_string(),
    }
}

/// The name in a `Host`, without its port.
pub(crate) fn host_of(authority: &str) -> &str {
    match authority.rsplit_once(':') {
        Some((name, port)) if !port.ends_with(']') => name,
        Some(_) | None => authority,
    }
}

/// Whether a text can be the host of a URL: a name, an IPv4 address, or an IPv6 address in brackets.
fn is_host(text: &str) -> bool {
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    match text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        Some(address) => address.parse::<Ipv6Addr>().is_ok(),
        None => (1..=253).contains(&text.len()) && text.bytes().all(is_name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_leads_where_its_reader_can_go() {
        for (address, public, called, told) in [
            ("127.0.0.1:80", None, None, "127.0.0.1:80"),
            ("127.0.0.1:80", None, Some("localhost"), "127.0.0.1:80"),
            ("10.0.0.7:80", None, Some("mock"), "10.0.0.7:80"),
            ("0.0.0.0:80", None, None, "127.0.0.1:80"),
            ("0.0.0.0:80", None, Some("torq-mock"), "torq-mock:80"),
            ("0.0.0.0:80", None, Some("[::1]"), "[::1]:80"),
            ("0.0.0.0:80", None, Some("a b"), "127.0.0.1:80"),
            ("0.0.0.0:80", None, Some("evil/path"), "127.0.0.1:80"),
            ("0.0.0.0:80", None, Some(""), "127.0.0.1:80"),
            ("[::]:80", None, None, "[::1]:80"),
            ("[::]:80", None, Some("torq-mock"), "torq-mock:80"),
            ("[::1]:80", None, None, "[::1]:80"),
            (
                "0.0.0.0:80",
                Some("hooks.torq.test"),
                Some("torq-mock"),
                "hooks.torq.test:80",
            ),
            ("127.0.0.1:80", Some("hooks.torq.test"), None, "hooks.torq.test:80"),
        ] {
            let address = address.parse().expect("an address");
            let public = public.map(|name| name.parse::<PublicHost>().expect("a name"));
            assert_eq!(
                authority(address, public.as_ref(), called),
                told,
                "{address} {called:?}"
            );
        }
    }

    #[test]
    fn what_is_no_host_is_none() {
        for wrong in ["", "a b", "http://a", "a:80", "a/b", "[::1", "[x]", "a\"", "a\r\nb"] {
            let refused = wrong.parse::<PublicHost>().expect_err(wrong);
            assert!(refused.to_string().contains("such as hooks.torq.test"), "{refused}");
        }
        for (authority, host) in [
            ("a:1", "a"),
            ("a", "a"),
            ("[::1]:1", "[::1]"),
            ("[::1]", "[::1]"),
            ("", ""),
        ] {
            assert_eq!(host_of(authority), host);
        }
    }
}
