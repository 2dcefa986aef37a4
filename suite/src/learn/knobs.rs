//! One knob: what the facts, or the profile, say its value is.

use serde_json::{Map, Value as Json};

use super::{Facts, Untold, order, quoted};
use crate::profile::{Algorithm, Encoding, Hmac, Profile};
use crate::run::PAYLOAD_LIMIT;
use crate::spec::model::{ProfilePlace, Told};

/// What stands for no keys at all.
const NO_KEYS: &str = "none";

/// The value as YAML, and what told it.
pub(super) fn value(told: &Told, facts: &Facts, profile: &Profile) -> Result<(String, String), Untold> {
    match told {
        Told::ByWords {
            facts: names,
            or,
            values,
        } => {
            let (name, seen) = match (joint(names, facts), or) {
                (Ok(seen), _) => (names.join(", "), seen),
                (Err(_), Some(or)) => (or.clone(), known(or, facts)?.to_owned()),
                (Err(untold), None) => return Err(untold),
            };
            let begins = |key: &str| key.strip_suffix('*').is_some_and(|start| seen.starts_with(start));
            let value = values.get(&seen).or_else(|| {
                let mut values = values.iter();
                values.find(|(key, _)| begins(key)).map(|(_, value)| value)
            });
            let value = value.ok_or_else(|| no_such_value(&name, &seen))?;
            Ok((quoted(value), format!("{name}: {seen}")))
        }
        Told::ByStatus { fact, or, phrase } => {
            let seen = known(fact, facts)?;
            let other = || or.as_ref().and_then(|or| refusal(facts.get(or)?));
            let status = refusal(seen).or_else(other).ok_or_else(|| no_such_value(fact, seen))?;
            Ok((quoted(&format!("{status} {phrase}")), format!("{fact}: {seen}")))
        }
        Told::ByKeys { fact, id, texts } => {
            let keys = known(fact, facts)?;
            let id = id.as_ref().and_then(|id| facts.get(id));
            let mut body = Map::new();
            for key in keys.split(", ").filter(|key| !key.is_empty() && *key != NO_KEYS) {
                let text = texts.get(key).or_else(|| texts.get("*"));
                let text = if id.is_some_and(|id| id == key) {
                    Some("{execution_id}")
                } else {
                    text.map(String::as_str)
                };
                body.insert(key.to_owned(), Json::from(text.unwrap_or_default()));
            }
            let body = if keys == NO_KEYS {
                String::new()
            } else {
                Json::Object(body).to_string()
            };
            Ok((quoted(&body), format!("{fact}: {keys}")))
        }
        Told::ByOrder { gates, pairs } => {
            let seen = pairs
                .iter()
                .filter_map(|(fact, meanings)| meanings.get(facts.get(fact)?));
            let seen: Vec<_> = seen.collect();
            if seen.is_empty() {
                let first = pairs.keys().next().cloned().unwrap_or_default();
                return Err(Untold::NotSeen(first));
            }
            let order = order::keeping(gates, &seen);
            let order = order.ok_or_else(|| no_such_value("order of checks", "in no order"))?;
            Ok((
                format!("[{}]", order.join(", ")),
                format!("{} facts about the order of checks", seen.len()),
            ))
        }
        Told::ByProfile(place) => of_profile(*place, facts, profile),
    }
}

fn of_profile(place: ProfilePlace, facts: &Facts, profile: &Profile) -> Result<(String, String), Untold> {
    let hmac = || {
        let mut all = profile.integrations.iter();
        let found = all.find_map(|(name, it)| Some((name, it.hmac.as_ref()?)));
        found.ok_or_else(|| Untold::NotSeen("an integration with `hmac` in the profile".to_owned()))
    };
    let of_hmac = |text: fn(&Hmac) -> &str| {
        let (name, hmac) = hmac()?;
        Ok((quoted(text(hmac)), format!("integrations.{name}.hmac of the profile")))
    };
    match place {
        ProfilePlace::HmacAlgorithm => of_hmac(|hmac| match hmac.algorithm {
            Algorithm::Sha1 => "sha1",
            Algorithm::Sha256 => "sha256",
            Algorithm::Sha512 => "sha512",
        }),
        ProfilePlace::HmacHeader => of_hmac(|hmac| &hmac.header),
        ProfilePlace::HmacEncoding => of_hmac(|hmac| match hmac.encoding {
            Encoding::Hex => "hex",
            Encoding::Base64 => "base64",
        }),
        ProfilePlace::HmacPrefix => of_hmac(|hmac| &hmac.prefix),
        ProfilePlace::PayloadLimit => match (facts.get(PAYLOAD_LIMIT), profile.limits.payload) {
            (Some(found), _) => Ok((found.clone(), format!("{PAYLOAD_LIMIT}: {found}"))),
            (None, Some(limit)) => Ok((limit.to_string(), "limits.payload of the profile".to_owned())),
            (None, None) => Err(Untold::NotSeen(PAYLOAD_LIMIT.to_owned())),
        },
    }
}

/// The status of a refusal that a fact is, or names, as in `other (status 422)`.
fn refusal(fact: &str) -> Option<u16> {
    let named = fact
        .strip_prefix("other (status ")
        .and_then(|rest| rest.strip_suffix(')'));
    let status = named.unwrap_or(fact).parse().ok()?;
    (400..600).contains(&status).then_some(status)
}

/// What several facts come to, one after the other.
fn joint(names: &[String], facts: &Facts) -> Result<String, Untold> {
    let seen: Result<Vec<&str>, Untold> = names.iter().map(|name| known(name, facts)).collect();
    Ok(seen?.join(", "))
}

fn known<'f>(name: &str, facts: &'f Facts) -> Result<&'f str, Untold> {
    let value = facts.get(name).map(String::as_str);
    value.ok_or_else(|| Untold::NotSeen(name.to_owned()))
}

fn no_such_value(fact: &str, value: &str) -> Untold {
    Untold::NoSuchValue {
        fact: fact.to_owned(),
        value: value.to_owned(),
    }
}
