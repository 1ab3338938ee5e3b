//! Reads definitions from the web.
//!
//! Servers are not trusted: they may stall, redirect without end, and send without end. Every compile therefore asks for a
//! limited number of things of limited size, each within a limited time, and a host that has failed is not asked again.

use flowcore::content::{Web, WebError};
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use ureq::http::{HeaderMap, Response, StatusCode, header};
use ureq::{Agent, Body};
use url::{Host, Url};

/// What a compile takes from the web at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The time until there is a connection.
    pub connect: Duration,
    /// The time until an answer is complete, redirects included.
    pub total: Duration,
    /// The bytes of one file.
    pub size: u64,
    /// The bytes of all files.
    pub all_sizes: u64,
    /// How often one question may be redirected.
    pub redirects: usize,
    /// How many questions there are.
    pub requests: usize,
}

impl Default for Limits {
    /// Far more than any flow needs.
    fn default() -> Limits {
        Limits {
            connect: Duration::from_secs(10),
            total: Duration::from_secs(30),
            size: 16 << 20,
            all_sizes: 256 << 20,
            redirects: 10,
            requests: 10_000,
        }
    }
}

/// A client that remembers what it has read.
#[derive(Debug)]
pub struct Client {
    limits: Limits,
    agent: Agent,
    known: Mutex<Known>,
}

/// What happened so far.
#[derive(Debug, Default)]
struct Known {
    files: HashMap<Url, Arc<[u8]>>,
    /// Hosts that have failed, and how.
    broken: HashMap<String, WebError>,
    requests: usize,
    bytes: u64,
}

/// How something is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Method {
    Head,
    Get,
}

/// An answer that is no redirect.
struct Answer {
    /// Where it came from in the end.
    url: Url,
    response: Response<Body>,
}

impl Client {
    /// A client with these limits.
    pub fn new(limits: Limits) -> Client {
        let agent = Agent::config_builder()
            .max_redirects(0)
            .http_status_as_error(false)
            .timeout_connect(Some(limits.connect))
            .user_agent(concat!("flowc/", env!("CARGO_PKG_VERSION")))
            .build()
            .new_agent();
        Client { limits, agent, known: Mutex::default() }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks, and follows redirects.
    fn ask(&self, method: Method, url: &Url) -> Result<Answer, WebError> {
        let deadline = Instant::now() + self.limits.total;
        let mut url = url.clone();
        for _ in 0..=self.limits.redirects {
            let response = self.ask_once(method, &url, deadline)?;
            match redirect(&response) {
                None => return Ok(Answer { url, response }),
                Some(target) => url = redirected(&url, target?)?,
            }
        }
        Err(error(format!("it is redirected more than {} times", self.limits.redirects)))
    }

    fn ask_once(&self, method: Method, url: &Url, deadline: Instant) -> Result<Response<Body>, WebError> {
        let host = url.origin().ascii_serialization();
        {
            let mut known = self.known();
            if let Some(broken) = known.broken.get(&host) {
                return Err(broken.clone());
            }
            known.requests += 1;
            if known.requests > self.limits.requests {
                return Err(error(format!(
                    "there were more than {} questions to the web",
                    self.limits.requests
                )));
            }
        }
        log::debug!("{method:?} {url}");
        let request = match method {
            Method::Head => self.agent.head(url.as_str()),
            Method::Get => self.agent.get(url.as_str()),
        };
        let left = deadline.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
        let mut config = request.config().timeout_global(Some(left));
        if is_here(url) {
            config = config.proxy(None);
        }
        config.build().call().map_err(|cause| self.broken(host, &cause))
    }

    /// Remembers that a host does not answer.
    fn broken(&self, host: String, cause: &ureq::Error) -> WebError {
        let reason = self.explain(cause);
        self.known().broken.insert(host, reason.clone());
        reason
    }

    fn explain(&self, cause: &ureq::Error) -> WebError {
        error(match cause {
            ureq::Error::Timeout(ureq::Timeout::Connect | ureq::Timeout::Resolve) => {
                format!("no connection within {:?}", self.limits.connect)
            }
            ureq::Error::Timeout(_) => format!("no complete answer within {:?}", self.limits.total),
            ureq::Error::HostNotFound => "the host is not known".to_owned(),
            ureq::Error::BodyExceedsLimit(_) => {
                format!("it is larger than {} bytes", self.limits.size)
            }
            ureq::Error::Io(cause) => match cause.kind() {
                std::io::ErrorKind::UnexpectedEof => "the answer ends too early".to_owned(),
                _ => cause.to_string(),
            },
            other => other.to_string(),
        })
    }

    /// Reads a file, which is then known.
    fn fetch(&self, url: &Url) -> Result<Answered, WebError> {
        let Answer { url: found, mut response } = self.ask(Method::Get, url)?;
        if !response.status().is_success() {
            return Ok(Answered { found, status: response.status(), body: Arc::default() });
        }
        let body = response.body_mut().with_config().limit(self.limits.size.saturating_add(1)).read_to_vec();
        let body: Arc<[u8]> = match body {
            Ok(body) => body.into(),
            Err(cause @ ureq::Error::Timeout(_)) => {
                return Err(self.broken(found.origin().ascii_serialization(), &cause));
            }
            Err(cause) => return Err(self.explain(&cause)),
        };
        let mut known = self.known();
        known.bytes += body.len() as u64;
        if known.bytes > self.limits.all_sizes {
            return Err(error(format!("all files together are larger than {} bytes", self.limits.all_sizes)));
        }
        known.files.insert(url.clone(), body.clone());
        known.files.insert(found.clone(), body.clone());
        Ok(Answered { found, status: response.status(), body })
    }
}

/// What a request for a file came to.
struct Answered {
    found: Url,
    status: StatusCode,
    body: Arc<[u8]>,
}

impl Web for Client {
    fn head(&self, url: &Url) -> Result<Option<Url>, WebError> {
        let Answer { url: found, response } = self.ask(Method::Head, url)?;
        match response.status() {
            StatusCode::METHOD_NOT_ALLOWED | StatusCode::NOT_IMPLEMENTED => {
                // The server knows only how to send files.
                let answered = self.fetch(url)?;
                Ok(answered.status.is_success().then_some(answered.found))
            }
            // Nobody knows whether it is there.
            status if status.is_server_error() => Err(refused(status)),
            status => Ok(status.is_success().then_some(found)),
        }
    }

    fn get(&self, url: &Url) -> Result<Vec<u8>, WebError> {
        if let Some(body) = self.known().files.get(url) {
            return Ok(body.to_vec());
        }
        let answered = self.fetch(url)?;
        if answered.status.is_success() {
            return Ok(answered.body.to_vec());
        }
        Err(refused(answered.status))
    }
}

fn refused(status: StatusCode) -> WebError {
    error(format!("the server answers with status {status}"))
}

fn error(reason: String) -> WebError {
    WebError { reason }
}

/// Where an answer sends one to, if it does.
fn redirect(response: &Response<Body>) -> Option<Result<&str, WebError>> {
    let is_redirect = matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308);
    is_redirect.then(|| location(response.headers()))
}

fn location(headers: &HeaderMap) -> Result<&str, WebError> {
    let location = headers.get(header::LOCATION).and_then(|value| value.to_str().ok());
    location.ok_or_else(|| error("it is redirected to nowhere".to_owned()))
}

/// The URL that a redirect leads to. One that was asked for safely must not be answered unsafely, and nothing that is
/// not on the web is ever looked at because a server says so.
fn redirected(from: &Url, target: &str) -> Result<Url, WebError> {
    let to = from.join(target).map_err(|cause| error(format!("it is redirected to '{target}': {cause}")))?;
    match (from.scheme(), to.scheme()) {
        (_, "https") | ("http", "http") => Ok(to),
        ("https", "http") => Err(error(format!("it is redirected to {to}, which is not encrypted"))),
        _ => Err(error(format!("it is redirected to {to}, which is not on the web"))),
    }
}

/// Whether a URL is of this machine, which no proxy leads to.
fn is_here(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::V6(address).is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirects_stay_on_the_web_and_encrypted() {
        let url = |text: &str| Url::parse(text).unwrap();
        let to = |from: &str, target: &str| redirected(&url(from), target).map(String::from);
        assert_eq!(to("http://h/a/b", "c").unwrap(), "http://h/a/c");
        assert_eq!(to("http://h/a", "https://i/b").unwrap(), "https://i/b");
        assert_eq!(to("https://h/a", "//i/b").unwrap(), "https://i/b");
        for (from, target, reason) in [
            ("https://h/a", "http://h/a", "not encrypted"),
            ("http://h/a", "file:///etc/passwd", "not on the web"),
            ("https://h/a", "lib://l/a", "not on the web"),
            ("http://h/a", "http://[", "redirected to"),
        ] {
            assert!(to(from, target).unwrap_err().to_string().contains(reason), "{target}");
        }
    }
}
