//! The `network` of a profile: the proxy, where certificates are, and the client's time-outs.

use std::path::Path;

use located_yaml::Node;

use super::Reader;
use crate::profile::{Authority, Network, Proxy};

impl Reader<'_> {
    pub(super) fn network(&mut self, node: Node<'_>) -> Option<Network> {
        let known = ["proxy", "authorities", "connect_timeout", "answer_timeout"];
        let fields = node.fields(&known, &mut self.problems)?;
        let mut network = Network::default();
        if let Some(node) = fields.optional("proxy") {
            network.proxy = self.proxy(node);
        }
        if let Some(node) = fields.optional("authorities") {
            for node in node.items(&mut self.problems).unwrap_or_default() {
                let Some(path) = self.text(node) else { continue };
                let profile = Path::new(node.document().file());
                let path = profile.parent().unwrap_or(Path::new("")).join(path);
                network.authorities.push(Authority {
                    path,
                    at: node.location(),
                });
            }
        }
        if let Some(node) = fields.optional("connect_timeout") {
            network.connect_timeout = node.duration(&mut self.problems)?;
            if network.connect_timeout.is_zero() {
                self.problems.push(node.problem("no connection opens in no time"));
            }
        }
        if let Some(node) = fields.optional("answer_timeout") {
            network.answer_timeout = node.duration(&mut self.problems);
        }
        Some(network)
    }

    fn proxy(&mut self, node: Node<'_>) -> Option<Proxy> {
        let fields = node.fields(&["url", "user", "password", "except"], &mut self.problems)?;
        let url = fields.required("url", &mut self.problems)?;
        let text = self.url(url)?;
        let Some(authority) = text.strip_prefix("http://").filter(|rest| !rest.contains('/')) else {
            let problem = url.problem("a proxy is addressed as `http://HOST:PORT`");
            self.problems.push(
                problem.hint("the tunnel it opens is encrypted end to end; only the way to the proxy itself is not"),
            );
            return None;
        };
        let has_port = authority
            .rsplit_once(':')
            .is_some_and(|(_, port)| port.parse::<u16>().is_ok());
        let address = if has_port {
            authority.to_owned()
        } else {
            format!("{authority}:80")
        };
        let user = fields.optional("user").and_then(|node| self.text(node));
        let password = fields.optional("password").and_then(|node| self.secret(node));
        let credentials = match (user, password) {
            (Some(user), Some(password)) => Some((user, password)),
            (None, None) => None,
            _ if fields.optional("user").is_some() && fields.optional("password").is_some() => None,
            _ => {
                self.problems
                    .push(node.problem("`user` and `password` belong together: give both or none"));
                None
            }
        };
        let mut except = Vec::new();
        if let Some(node) = fields.optional("except") {
            for node in node.items(&mut self.problems).unwrap_or_default() {
                except.extend(self.text(node));
            }
        }
        Some(Proxy {
            address,
            credentials,
            except,
        })
    }
}
