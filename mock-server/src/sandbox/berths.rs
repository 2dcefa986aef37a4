//! Where sandboxes listen that are made at run time: on which interface, and on which ports.
//!
//! Binds and hands out; what is served there is the sandbox's.

use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::str::FromStr;
use std::sync::atomic::{AtomicUsize, Ordering};

use thiserror::Error;
use tokio::net::TcpListener;

/// Ports that sandboxes may take, the first and the last of them included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ports {
    first: u16,
    last: u16,
}

/// A text that is no range of ports.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{0}` is no range of ports; write the first and the last one, such as 7100-7119")]
pub struct PortsError(String);

impl FromStr for Ports {
    type Err = PortsError;

    fn from_str(text: &str) -> Result<Self, PortsError> {
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        match (first.parse(), last.parse()) {
            (Ok(first), Ok(last)) if 0 < first && first <= last => Ok(Self { first, last }),
            _ => Err(PortsError(text.to_owned())),
        }
    }
}

impl Ports {
    const fn count(self) -> usize {
        (self.last - self.first) as usize + 1
    }
}

/// Where sandboxes listen.
#[derive(Debug)]
pub(crate) struct Berths {
    /// The interface.
    ip: IpAddr,
    /// The ports; any free one without them.
    ports: Option<Ports>,
    /// How many were handed out. The next one is looked for behind the last, so that a port that was given back rests for a
    /// while: a client that has not noticed that its sandbox is gone does not find another one there.
    handed_out: AtomicUsize,
}

/// Why a sandbox gets no port.
#[derive(Debug, Error)]
pub(crate) enum NoBerth {
    /// Those it might have are taken.
    #[error("all ports from {} to {} are taken; delete a sandbox, or give --sandbox-ports more", .0.first, .0.last)]
    Taken(Ports),
    /// The system gives none.
    #[error("no port could be had: {0}")]
    Refused(#[from] io::Error),
}

impl Berths {
    pub(crate) const fn new(ip: IpAddr, ports: Option<Ports>) -> Self {
        Self {
            ip,
            ports,
            handed_out: AtomicUsize::new(0),
        }
    }

    /// A listener of its own for another sandbox.
    pub(crate) async fn next(&self) -> Result<TcpListener, NoBerth> {
        let Some(ports) = self.ports else {
            return Ok(TcpListener::bind((self.ip, 0)).await?);
        };
        for _ in 0..ports.count() {
            let place = self.handed_out.fetch_add(1, Ordering::Relaxed) % ports.count();
            // The range is made of ports, so its places are.
            let port = ports.first.saturating_add(u16::try_from(place).unwrap_or(u16::MAX));
            match TcpListener::bind((self.ip, port)).await {
                Ok(listener) => return Ok(listener),
                Err(error) if error.kind() == io::ErrorKind::AddrInUse => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(NoBerth::Taken(ports))
    }
}

/// Any free port of loopback.
impl Default for Berths {
    fn default() -> Self {
        Self::new(Ipv4Addr::LOCALHOST.into(), None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_and_others_refused() {
        assert_eq!(
            "7100-7119".parse(),
            Ok(Ports {
                first: 7100,
                last: 7119
            })
        );
        assert_eq!("7100".parse::<Ports>().map(Ports::count), Ok(1));
        assert_eq!("1-65535".parse::<Ports>().map(Ports::count), Ok(65_535));
        for wrong in [
            "",
            "0",
            "0-5",
            "7119-7100",
            "7100-",
            "-7100",
            "a-b",
            "1-65536",
            "7100..7119",
        ] {
            let refused = wrong.parse::<Ports>().expect_err(wrong);
            assert!(refused.to_string().contains("such as 7100-7119"), "{refused}");
        }
    }

    /// Ports next to each other that are free. They lie below those that are given to whoever asks for any, so that no other test
    /// takes one of them meanwhile.
    async fn free(count: u16) -> Ports {
        let begin = 20_000 + std::process::id() % 4_000 * 3;
        let mut first = u16::try_from(begin).expect("at most 31,997");
        loop {
            let last = first + count - 1;
            let mut bound = Vec::new();
            for port in first..=last {
                bound.extend(TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.ok());
            }
            if bound.len() == usize::from(count) {
                return Ports { first, last };
            }
            first += count;
        }
    }

    #[tokio::test]
    async fn ports_are_handed_out_in_turn_and_rest_when_they_are_given_back() {
        let ports = free(3).await;
        let berths = Berths::new(Ipv4Addr::LOCALHOST.into(), Some(ports));
        let port = |listener: &TcpListener| listener.local_addr().expect("it has one").port();
        let first = berths.next().await.expect("one is free");
        assert_eq!(port(&first), ports.first);
        drop(first);
        let (second, third) = (berths.next().await.expect("free"), berths.next().await.expect("free"));
        assert_eq!((port(&second), port(&third)), (ports.first + 1, ports.last));
        let again = berths.next().await.expect("the first is free again");
        assert_eq!(port(&again), ports.first);
        let none = berths.next().await.expect_err("all are taken");
        assert!(none.to_string().contains("--sandbox-ports"), "{none}");
        drop(third);
        assert_eq!(port(&berths.next().await.expect("one is free")), ports.last);
    }
}
