//! Who is there: runners, servers and workers on the network.

use flowrlib::discovery::{DiscoveryError, Lookout, Offer, Role, Sighting};
use flowrlib::keys::{Key, KeyId, Trust};
use serde_json::json;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// How long to listen. Everybody answers sooner, but not to two who ask within a second: then the second question, after
/// a second, is answered.
const LISTENING: Duration = Duration::from_millis(1500);

/// The kinds of programs there are, as they are shown.
const KINDS: [(Role, &str); 3] =
    [(Role::Jobs, "runners"), (Role::Submissions, "servers"), (Role::Worker, "workers")];

/// Prints who is on a network.
pub(crate) fn print(network: &str, as_json: bool) -> Result<(), DiscoveryError> {
    let found = look(network)?;
    // Whoever has no key that can be used has none that anybody shares.
    let ours = match Trust::of_this_user() {
        Ok(Trust::User(path)) => flowrlib::keys::file::read(&path).ok().map(|named| named.key),
        Ok(trust) => trust.key().ok().flatten(),
        Err(_) => None,
    };
    let ours = ours.as_ref().map(Key::id);
    let text = if as_json { json_of(network, &found, ours) } else { text_of(network, &found, ours) };
    // A terminal that cannot be written to leaves nobody to tell.
    io::stdout().lock().write_all(text.as_bytes()).ok();
    Ok(())
}

fn look(network: &str) -> Result<Vec<Offer>, DiscoveryError> {
    let lookout = Lookout::open_for_all(network)?;
    let deadline = Instant::now() + LISTENING;
    let mut found = BTreeMap::new();
    while let Ok(sighting) =
        lookout.sightings.recv_timeout(deadline.saturating_duration_since(Instant::now()))
    {
        match sighting {
            Sighting::Found(offer) => {
                found.insert((offer.role, offer.run), offer);
            }
            Sighting::Gone(role, run) => {
                found.remove(&(role, run));
            }
            Sighting::PassedOver(_) | Sighting::OtherVersion(_) => {}
        }
    }
    let mut found: Vec<Offer> = found.into_values().collect();
    found.sort_by(|one, other| one.about.name.cmp(&other.about.name));
    Ok(found)
}

/// Whose key somebody has, seen from here.
fn whose(key: Option<KeyId>, ours: Option<KeyId>) -> &'static str {
    match key {
        None => "insecure",
        Some(_) if key == ours => "our key",
        Some(_) => "another key",
    }
}

fn text_of(network: &str, found: &[Offer], ours: Option<KeyId>) -> String {
    if found.is_empty() {
        return format!("Nobody is on network '{network}'.\n");
    }
    let mut text = String::new();
    for (role, title) in KINDS {
        let offers: Vec<&Offer> = found.iter().filter(|offer| offer.role == role).collect();
        if offers.is_empty() {
            continue;
        }
        // A text takes whatever is written to it.
        writeln!(text, "{title}:").ok();
        for offer in offers {
            writeln!(text, "  {}", line_of(offer, ours)).ok();
        }
    }
    text
}

fn line_of(offer: &Offer, ours: Option<KeyId>) -> String {
    let about = &offer.about;
    let mut line = format!("{}: version {}, {}", about.name, about.version, count(about.threads, "thread"));
    let more = match offer.role {
        Role::Jobs => format!(", {}", count(about.partners, "worker")),
        Role::Worker => format!(", works for {}", count(about.partners, "runner")),
        Role::Submissions => String::new(),
    };
    line.push_str(&more);
    if !about.labels.is_empty() {
        let verb = if offer.role == Role::Worker { "has" } else { "wants" };
        write!(line, ", {verb} {}", about.labels.join(" ")).ok();
    }
    if !offer.is_understood() {
        write!(line, ", protocol {}", offer.protocol).ok();
    }
    write!(line, ", {}", whose(offer.key, ours)).ok();
    if !addresses(offer).is_empty() {
        write!(line, ", at {}", addresses(offer).join(" ")).ok();
    }
    line
}

/// Where it can be connected to. Nobody connects to a worker, so of that only the machine is of interest.
fn addresses(offer: &Offer) -> Vec<String> {
    let text = |address: &SocketAddr| match offer.role {
        Role::Worker => address.ip().to_string(),
        Role::Jobs | Role::Submissions => address.to_string(),
    };
    offer.addresses.iter().map(text).collect()
}

fn count(number: usize, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}

fn json_of(network: &str, found: &[Offer], ours: Option<KeyId>) -> String {
    let one = |offer: &Offer| {
        let about = &offer.about;
        let mut one = json!({
            "name": about.name,
            "id": format!("{:016x}", offer.run),
            "version": about.version,
            "protocol": offer.protocol,
            "threads": about.threads,
            "labels": about.labels,
            "key": offer.key.map(|key| key.to_string()),
            "is_ours": offer.key.is_some() && offer.key == ours,
            "addresses": addresses(offer),
        });
        let load = match offer.role {
            Role::Jobs => Some("workers"),
            Role::Worker => Some("runners"),
            Role::Submissions => None,
        };
        if let (Some(load), Some(fields)) = (load, one.as_object_mut()) {
            fields.insert(load.to_owned(), about.partners.into());
        }
        one
    };
    let mut all = serde_json::Map::from_iter([("network".to_owned(), json!(network))]);
    for (role, title) in KINDS {
        let offers: Vec<_> = found.iter().filter(|offer| offer.role == role).map(one).collect();
        all.insert(title.to_owned(), offers.into());
    }
    format!("{}\n", serde_json::Value::from(all))
}

#[cfg(test)]
mod tests {
    use super::*;
    use flowrlib::discovery::About;

    fn offer(role: Role, name: &str) -> Offer {
        let about = About { partners: 2, ..About::new(name, 4, &["gpu".to_owned()]) };
        Offer::new(role, ([127, 0, 0, 1], 7).into(), 255, "net", Some(Key::new([1; 32]).id()), about)
    }

    #[test]
    fn nobody_is_said_to_be_there() {
        assert_eq!(text_of("net", &[], None), "Nobody is on network 'net'.\n");
    }

    #[test]
    fn everybody_is_a_line() {
        let version = env!("CARGO_PKG_VERSION");
        let ours = Some(Key::new([1; 32]).id());
        let found = [
            offer(Role::Worker, "w"),
            offer(Role::Jobs, "r"),
            Offer { key: None, ..offer(Role::Submissions, "s") },
        ];
        let expected = format!(
            "runners:\n  r: version {version}, 4 threads, 2 workers, wants gpu, our key, at 127.0.0.1:7\n\
             servers:\n  s: version {version}, 4 threads, wants gpu, insecure, at 127.0.0.1:7\n\
             workers:\n  w: version {version}, 4 threads, works for 2 runners, has gpu, our key, at 127.0.0.1\n"
        );
        assert_eq!(text_of("net", &found, ours), expected);
        assert!(text_of("net", &found, None).contains("another key"));
    }

    #[test]
    fn programs_get_an_object() {
        let text = json_of("net", &[offer(Role::Jobs, "r")], None);
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(value["runners"][0]["name"], "r");
        assert_eq!(value["runners"][0]["workers"], 2);
        assert_eq!(value["runners"][0]["is_ours"], false);
        assert_eq!(value["workers"], json!([]));
    }
}
